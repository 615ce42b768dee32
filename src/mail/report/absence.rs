//! The date of return that an absence states, in the writer's words.

use std::sync::LazyLock;

use regex::Regex;

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
        r"(?:{DAY},?\s+)?(?:\d{{1,2}}(?:er)?(?:\s+{MONTH}(?:\s+\d{{4}})?)?|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?)"
    );
    Regex::new(&format!(r"(?i)\b(?:du|from)\s+{date}\s+(?:au|to|until)\s+(?P<date>{date})")).ok()
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

#[cfg(test)]
mod tests {
    use super::until;

    #[test]
    fn dates_of_return() {
        for (text, date) in [
            ("Je suis absente jusqu’au lundi 15 juin 2026 inclus.", "lundi 15 juin 2026"),
            ("Absent jusqu'au 3 juin. Merci", "3 juin"),
            ("Je serai de retour le 01/07/2026.", "01/07/2026"),
            ("en congés du 12 au 23 mai 2026", "23 mai 2026"),
            ("absent du lundi 12 mai au vendredi 16 mai inclus", "vendredi 16 mai"),
            ("I am out of the office until 12 June 2026", "12 June 2026"),
            ("I will be back on June 3rd, 2026.", "June 3rd, 2026"),
            ("de retour lundi prochain", "lundi prochain"),
            ("Mon retour est prévu le 1er septembre", "1er septembre"),
        ] {
            assert_eq!(until(text).as_deref(), Some(date), "{text}");
        }
        assert_eq!(until("Je suis absente. Merci de contacter le service."), None);
    }
}
