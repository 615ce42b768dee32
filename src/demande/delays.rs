//! Working days of France and the delays counted in them (domain.md §3: "en souffrance").
//!
//! Dates are those of Europe/Paris's civil calendar as the caller gives them; no clock, no time zone database.

use std::collections::BTreeSet;

use time::{Date, Duration, Month, OffsetDateTime, Weekday};

use super::{Demande, Entry, Etat, Kind, Millis, Side};

/// Working days after creation without an instructeur's answer before a demande is en souffrance.
pub const FIRST_ANSWER: u32 = 3;
/// Working days since the last instructeur's answer before it is again.
pub const NEXT_ANSWER: u32 = 15;

/// The eleven public holidays of metropolitan France in that year (code du travail, L3133-1).
pub fn holidays(year: i32) -> BTreeSet<Date> {
    const FIXED: [(Month, u8); 8] = [
        (Month::January, 1),
        (Month::May, 1),
        (Month::May, 8),
        (Month::July, 14),
        (Month::August, 15),
        (Month::November, 1),
        (Month::November, 11),
        (Month::December, 25),
    ];
    /// Easter Monday, Ascension, Whit Monday: days after Easter Sunday.
    const AFTER_EASTER: [i64; 3] = [1, 39, 50];
    let fixed = FIXED.into_iter().filter_map(|(month, day)| Date::from_calendar_date(year, month, day).ok());
    let moving = AFTER_EASTER.into_iter().filter_map(|days| easter(year)?.checked_add(Duration::days(days)));
    fixed.chain(moving).collect()
}

fn easter(year: i32) -> Option<Date> {
    let easter = computus::gregorian(year).ok()?;
    let month = Month::try_from(u8::try_from(easter.month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(easter.day).ok()?).ok()
}

/// True on Monday to Friday, public holidays excepted.
pub fn is_working_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !holidays(date.year()).contains(&date)
}

/// The date `days` working days after `from` (which itself does not count); the calendar's last day at its end.
pub fn add_working_days(from: Date, days: u32) -> Date {
    let mut date = from;
    for _ in 0..days {
        date = next_working_day(date);
    }
    date
}

fn next_working_day(date: Date) -> Date {
    let mut date = date.next_day().unwrap_or(Date::MAX);
    while date != Date::MAX && !is_working_day(date) {
        date = date.next_day().unwrap_or(Date::MAX);
    }
    date
}

/// The civil date in Paris at that moment: UTC+2 from the last Sunday of March, 01:00 UTC, to that of October.
pub fn paris_date(at: Millis) -> Date {
    let utc = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    (utc + Duration::minutes(paris_offset(at))).date()
}

/// Minutes that Paris is ahead of UTC at that moment (directive 2000/84/CE).
pub fn paris_offset(at: Millis) -> i64 {
    let utc = OffsetDateTime::from_unix_timestamp(at.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let change = |month| Some(last_sunday(utc.year(), month)?.with_hms(1, 0, 0).ok()?.assume_utc());
    let summer =
        change(Month::March).zip(change(Month::October)).is_some_and(|(from, to)| utc >= from && utc < to);
    if summer { 120 } else { 60 }
}

fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    last.checked_sub(Duration::days(i64::from(last.weekday().number_days_from_sunday())))
}

impl Demande {
    /// En souffrance at `now`: neither handled nor closed, and no instructeur's answer for
    /// [`FIRST_ANSWER`] working days after creation, or [`NEXT_ANSWER`] since the last one.
    pub fn en_souffrance(&self, now: Millis) -> bool {
        if matches!(self.etat_complet(), Etat::Traitee | Etat::Archivee) {
            return false;
        }
        let (since, days) = match self.entries.iter().rev().find(|entry| is_answer(entry)) {
            Some(answer) => (answer.at, NEXT_ANSWER),
            None => (self.created_at, FIRST_ANSWER),
        };
        paris_date(now) > add_working_days(paris_date(since), days)
    }
}

/// An instructeur's answer: what the author can read of it counts, a note or a look does not.
fn is_answer(entry: &Entry) -> bool {
    let answers = matches!(
        entry.kind,
        Kind::Texte
            | Kind::PriseEnCharge
            | Kind::MauvaisInterlocuteur
            | Kind::PlusPersonne
            | Kind::NonPertinente
            | Kind::Traitee
    );
    answers && entry.withdrawn_at.is_none() && entry.author.side == Some(Side::Instructeurs)
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    fn at(moment: OffsetDateTime) -> Millis {
        moment.unix_timestamp() * 1000
    }

    #[test]
    fn holidays_of_any_year() {
        let of_2026 = holidays(2026);
        assert_eq!(of_2026.len(), 11);
        for day in
            [date!(2026 - 04 - 06), date!(2026 - 05 - 14), date!(2026 - 05 - 25), date!(2026 - 07 - 14)]
        {
            assert!(of_2026.contains(&day), "{day}");
        }
        assert!(holidays(2038).contains(&date!(2038 - 04 - 26)), "the latest Easter of the century");
    }

    #[test]
    fn working_days_pass_over_long_weekends() {
        // Ascension (Thursday 14 May 2026) and the week-end.
        assert_eq!(add_working_days(date!(2026 - 05 - 13), 3), date!(2026 - 05 - 19));
        assert_eq!(add_working_days(date!(2026 - 12 - 24), 1), date!(2026 - 12 - 28));
        assert_eq!(add_working_days(date!(2026 - 05 - 13), 0), date!(2026 - 05 - 13));
    }

    #[test]
    fn paris_changes_hour() {
        assert_eq!(paris_offset(at(datetime!(2026-03-29 00:59 UTC))), 60);
        assert_eq!(paris_offset(at(datetime!(2026-03-29 01:00 UTC))), 120);
        assert_eq!(paris_offset(at(datetime!(2026-10-25 01:00 UTC))), 60);
        assert_eq!(paris_date(at(datetime!(2026-06-30 22:30 UTC))), date!(2026 - 07 - 01));
    }
}
