//! When a mail that could not be handed over is tried again.

use crate::demande::Millis;
use crate::store::outbox::Leased;

/// The first wait; each further one doubles.
const FIRST: Millis = 60_000;
/// The longest wait.
const LONGEST: Millis = 4 * 3_600_000;

/// Doubling from a minute to four hours, spread by up to a quarter so that a relay that comes back is not flooded;
/// `None` once `give_up` milliseconds have passed since the mail was posted.
pub(super) fn next(row: &Leased, now: Millis, give_up: Millis) -> Option<Millis> {
    let doubled = FIRST.checked_shl(row.attempts.saturating_sub(1).min(16)).unwrap_or(LONGEST);
    let wait = doubled.min(LONGEST);
    let spread = i64::from(row.id.as_bytes()[15]) * (wait / 4) / 255;
    let at = now + wait + spread;
    (at < row.created_at + give_up).then_some(at)
}
