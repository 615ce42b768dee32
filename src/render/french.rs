//! Dates, sizes and lists as French writes them, with the spaces that must not break.

use time::{OffsetDateTime, UtcOffset};

use crate::demande::Millis;

const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// The moment in a zone; out of range, the epoch.
pub(super) fn local(at: Millis, offset_minutes: i32) -> OffsetDateTime {
    let utc = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let offset = UtcOffset::from_whole_seconds(offset_minutes.saturating_mul(60)).unwrap_or(UtcOffset::UTC);
    utc.checked_to_offset(offset).unwrap_or(utc)
}

/// "12 mai 2026".
pub(super) fn jour(at: OffsetDateTime) -> String {
    let day = if at.day() == 1 { "1er".to_owned() } else { at.day().to_string() };
    let month = MONTHS.get(usize::from(u8::from(at.month())) - 1).copied().unwrap_or_default();
    format!("{day}\u{a0}{month} {}", at.year())
}

/// "14 h 03".
pub(super) fn heure(at: OffsetDateTime) -> String {
    format!("{}\u{202f}h\u{202f}{:02}", at.hour(), at.minute())
}

/// "12 mai 2026 à 14 h 03".
pub(super) fn moment(at: OffsetDateTime) -> String {
    format!("{} à {}", jour(at), heure(at))
}

/// "850 octets", "120 Ko", "1,4 Mo" (decimal, as mail clients count).
pub(super) fn taille(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes}\u{a0}octets"),
        1_000..1_000_000 => format!("{}\u{a0}Ko", bytes.div_ceil(1_000)),
        _ => format!("{},{}\u{a0}Mo", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// "Léa, Karim et Sophie".
pub(super) fn liste(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} et {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_in_the_zone() {
        let plain = |at, offset| moment(local(at, offset)).replace(['\u{a0}', '\u{202f}'], " ");
        assert_eq!(plain(1_778_587_380_000, 120), "12 mai 2026 à 14 h 03");
        assert_eq!(plain(1_767_222_000_000, 60), "1er janvier 2026 à 0 h 00");
        assert_eq!(plain(Millis::MAX, 0), "1er janvier 1970 à 0 h 00");
    }

    #[test]
    fn sizes_and_lists() {
        assert_eq!(taille(850), "850\u{a0}octets");
        assert_eq!(taille(119_001), "120\u{a0}Ko");
        assert_eq!(taille(1_449_000), "1,4\u{a0}Mo");
        assert_eq!(liste(&["Léa".into(), "Karim".into(), "Zoé".into()]), "Léa, Karim et Zoé");
    }
}
