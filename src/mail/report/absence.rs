//! The date of return that an absence states, in the writer's words.

use std::sync::LazyLock;

use regex::Regex;
use time::{Date, Month, OffsetDateTime, Weekday};

const DAY: &str = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|sunday)";
const MONTH: &str = r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre|january|february|march|april|may|june|july|august|september|october|november|december|janv?|f[ée]vr?|avr|juil|sept?|oct|nov|d[ée]c|jan|feb|mar|apr|jun|jul|aug|dec)\.?";

static RETURN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = format!(
        r"(?:{DAY},?\s+)?(?:\d{{1,2}}(?:er|st|nd|rd|th)?\s+{MONTH}(?:,?\s+\d{{4}})?|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|\d{{4}}-\d{{2}}-\d{{2}}|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?)"
    );
    let weekday = format!(r"{DAY}(?:\s+(?:prochain|matin|inclus))?");
    let lead = r"(?:jusqu[’'`´]?\s?(?:au|à|en)|jusqu[’'`´]a[ux]?|de\s+retour(?:\s+au\s+bureau)?(?:\s+à\s+partir)?|(?:mon\s+)?retour(?:\s+est)?(?:\s+pr[ée]vu)?|serai\s+(?:de\s+retour|pr[ée]sente?)|reviens|reprise|reprendrai|rentre(?:rai)?|until|till|back(?:\s+in\s+(?:the\s+)?office)?|return(?:ing)?|through)";
    let link = r"(?:\s+(?:au|le|du|à\s+compter\s+du|à\s+partir\s+du|on|the|est|inclus|for|of|at\s+the\s+office))*\s*:?\s+(?:the\s+)?";
    Regex::new(&format!(r"(?i){lead}{link}(?P<date>{date}|{weekday})")).ok()
});

static PERIOD: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let date = format!(
        r"(?:{DAY},?\s+)?(?:\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|\d{{1,2}}(?:er|st|nd|rd|th)?(?:\s+{MONTH}(?:,?\s+\d{{4}})?)?|{MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?)"
    );
    let ends = r"(?:(?:inclus|matin|soir)\s+)?(?:au|to|until|through|jusqu[’'`´]?au|et\s+le|and)";
    Regex::new(&format!(r"(?i)\b(?:du|from|entre\s+le|between)\s+{date}\s+{ends}\s+(?P<date>{date})")).ok()
});

/// The date as written, without what surrounds it.
pub(super) fn until(text: &str) -> Option<String> {
    // Automatic answers say it at their beginning; what follows is the mail they answer.
    let mut cut = text.len().min(4000);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    let start = text[..cut].replace(['\u{a0}', '\u{202f}', '\n'], " ");
    let found = [&PERIOD, &RETURN].iter().find_map(|regex| regex.as_ref()?.captures(&start));
    let date = found?.name("date")?.as_str().trim().trim_end_matches('.').to_owned();
    Some(date)
}

/// The same as a date, "2026-06-15". Without a year it is the first such day from when the mail was sent (`sent`, in
/// milliseconds); a bare day of the week too. `None` when it is no date, or no year can be told.
pub(super) fn iso(stated: &str, sent: Option<i64>) -> Option<String> {
    let sent =
        sent.and_then(|ms| OffsetDateTime::from_unix_timestamp(ms / 1000).ok()).map(OffsetDateTime::date);
    let lower = stated.to_lowercase();
    let words: Vec<&str> = lower.split([' ', ',', '/', '-', '.']).filter(|word| !word.is_empty()).collect();
    let numbers: Vec<i32> = words.iter().filter_map(|word| number(word)).collect();
    let named = words.iter().find_map(|word| month(word));
    let (year, month, day) = match (named, numbers.as_slice()) {
        (Some(month), [day, year]) => (Some(*year), month, *day),
        (Some(month), [day]) => (None, month, *day),
        (None, [year, month, day]) if *year > 31 => (Some(*year), *month, *day),
        (None, [day, month, year]) => (Some(*year), *month, *day),
        (None, [day, month]) => (None, *month, *day),
        (None, []) => return weekday(words.first()?, sent?).map(|date| date.to_string()),
        _ => return None,
    };
    let year = year.map(|year| if year < 100 { year + 2000 } else { year });
    let at = |year| date(year, month, day);
    let found = match (year, sent) {
        (Some(year), _) => at(year),
        (None, Some(sent)) => at(sent.year()).filter(|date| *date >= sent).or_else(|| at(sent.year() + 1)),
        (None, None) => None,
    };
    found.map(|date| date.to_string())
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

/// "15", "1er", "3rd".
fn number(word: &str) -> Option<i32> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    (digits.len() <= 4).then(|| digits.parse().ok()).flatten()
}

/// Months by their first letters, in French and English.
fn month(word: &str) -> Option<i32> {
    const MONTHS: &[(&str, i32)] = &[
        ("jan", 1),
        ("fév", 2),
        ("fev", 2),
        ("feb", 2),
        ("mars", 3),
        ("mar", 3),
        ("avr", 4),
        ("apr", 4),
        ("mai", 5),
        ("may", 5),
        ("juin", 6),
        ("jun", 6),
        ("juil", 7),
        ("jul", 7),
        ("aoû", 8),
        ("aou", 8),
        ("aug", 8),
        ("sep", 9),
        ("oct", 10),
        ("nov", 11),
        ("déc", 12),
        ("dec", 12),
    ];
    if day_of_week(word).is_some() {
        return None;
    }
    MONTHS.iter().find(|(start, _)| word.starts_with(start)).map(|(_, number)| *number)
}

fn day_of_week(word: &str) -> Option<Weekday> {
    Some(match word {
        "lundi" | "monday" => Weekday::Monday,
        "mardi" | "tuesday" => Weekday::Tuesday,
        "mercredi" | "wednesday" => Weekday::Wednesday,
        "jeudi" | "thursday" => Weekday::Thursday,
        "vendredi" | "friday" => Weekday::Friday,
        "samedi" | "saturday" => Weekday::Saturday,
        "dimanche" | "sunday" => Weekday::Sunday,
        _ => return None,
    })
}

fn weekday(word: &str, sent: Date) -> Option<Date> {
    let day = day_of_week(word)?;
    (1..=7).filter_map(|n| sent.checked_add(time::Duration::days(n))).find(|date| date.weekday() == day)
}

#[cfg(test)]
mod tests {
    use super::{iso, until};

    #[test]
    fn dates_of_return() {
        for (text, date) in [
            ("Je suis absente jusqu’au lundi 15 juin 2026 inclus.", "lundi 15 juin 2026"),
            ("Absent jusqu'au 3 juin. Merci", "3 juin"),
            ("Je serai de retour le 01/07/2026.", "01/07/2026"),
            ("en congés du 12 au 23 mai 2026", "23 mai 2026"),
            ("absent du lundi 12 mai au vendredi 16 mai inclus", "vendredi 16 mai"),
            ("en congés du 11/05/2026 au 22/05/2026 et sans accès", "22/05/2026"),
            ("absente entre le 11 mai et le 22 mai 2026", "22 mai 2026"),
            ("I am away from May 12 to May 20, 2026.", "May 20, 2026"),
            ("I am out of the office until 12 June 2026", "12 June 2026"),
            ("I will be back on June 3rd, 2026.", "June 3rd, 2026"),
            ("de retour lundi prochain", "lundi prochain"),
            ("Mon retour est prévu le 1er septembre", "1er septembre"),
        ] {
            assert_eq!(until(text).as_deref(), Some(date), "{text}");
        }
        assert_eq!(until("Je suis absente. Merci de contacter le service."), None);
    }

    #[test]
    fn dates_of_return_as_dates() {
        // 2026-05-12, a Tuesday.
        let sent = Some(1_778_587_380_000);
        for (stated, date) in [
            ("lundi 15 juin 2026", Some("2026-06-15")),
            ("3 juin", Some("2026-06-03")),
            ("1er mars", Some("2027-03-01")),
            ("01/07/2026", Some("2026-07-01")),
            ("23/05", Some("2026-05-23")),
            ("mardi 16 mai 26", Some("2026-05-16")),
            ("June 3rd, 2026", Some("2026-06-03")),
            ("2026-08-20", Some("2026-08-20")),
            ("lundi prochain", Some("2026-05-18")),
            ("31 février 2026", None),
        ] {
            assert_eq!(iso(stated, sent).as_deref(), date, "{stated}");
        }
        assert_eq!(iso("3 juin", None), None);
    }
}
