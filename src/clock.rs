//! Now and new ids, real or scripted: the only place that reads the machine's clock.
//!
//! Leases do not use it: they use the database's own `now()`, which all daemons share.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::UNIX_EPOCH;

use uuid::{NoContext, Timestamp, Uuid};

use crate::demande::Millis;

/// Tells the time and makes ids. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A file that holds the time (`clock.file`): RFC 3339, or milliseconds since the epoch. Read at every call, so
    /// that a test can move it under a running daemon; unreadable, the machine's clock is used.
    File(PathBuf),
    /// A clock that a test moves by hand.
    Scripted(Arc<AtomicI64>),
}

impl Clock {
    /// A scripted clock that starts there.
    pub fn scripted(at: Millis) -> Self {
        Clock::Scripted(Arc::new(AtomicI64::new(at)))
    }

    /// Milliseconds since the Unix epoch.
    pub fn now(&self) -> Millis {
        match self {
            Clock::System => system(),
            Clock::File(path) => read(path).unwrap_or_else(system),
            Clock::Scripted(at) => at.load(Ordering::SeqCst),
        }
    }

    /// Moves a scripted clock forward; no effect on the others.
    pub fn advance(&self, by: Millis) {
        if let Clock::Scripted(at) = self {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// A new `UUIDv7`, ordered by this clock.
    pub fn new_id(&self) -> Uuid {
        let now = self.now();
        let seconds = u64::try_from(now.div_euclid(1000)).unwrap_or(0);
        let nanos = u32::try_from(now.rem_euclid(1000)).unwrap_or(0) * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos))
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
fn system() -> Millis {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
}

fn read(path: &std::path::Path) -> Option<Millis> {
    let text = std::fs::read_to_string(path).ok()?;
    let text = text.trim();
    text.parse().ok().or_else(|| parse_rfc3339(text))
}

fn parse_rfc3339(text: &str) -> Option<Millis> {
    let at = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
    Millis::try_from(at.unix_timestamp_nanos() / 1_000_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_either_form() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let clock = Clock::File(file.path().to_owned());
        std::fs::write(file.path(), "1700000000123\n").unwrap();
        assert_eq!(clock.now(), 1_700_000_000_123);
        std::fs::write(file.path(), "2026-05-12T14:03:00+02:00").unwrap();
        assert_eq!(clock.now(), 1_778_587_380_000);
    }

    #[test]
    fn ids_follow_the_clock() {
        let clock = Clock::scripted(1_000_000);
        let first = clock.new_id();
        clock.advance(1);
        assert!(first < clock.new_id());
    }
}
