//! The words people write (placeholder until the `reply` branch lands).

/// A mere thanks changes nothing.
pub fn is_mere_thanks(_prose: &str) -> bool {
    false
}
