//! Loops and floods.

/// How the reason of a capped arrival begins.
pub(super) const CAP: &str = "cap";
