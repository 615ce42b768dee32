//! Folding: one spelling for what people and clients write in many ways (case, accents composed or not, the many
//! spaces, curly apostrophes, invisible marks), and the few patterns looked for in it. Only compares: what is shown
//! is never changed.

/// How much of a line is folded, in bytes of the original: the longest attribution or header is far below.
pub(super) const FOLD_LIMIT: usize = 1_200;

/// Appends the folded form of `line` to `out`: lower case, no accents, single plain spaces, none at the ends.
pub(super) fn fold_into(line: &str, out: &mut String) {
    let base = out.len();
    for c in line[..floor_boundary(line, FOLD_LIMIT)].chars() {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            'A'..='Z' => out.push(c.to_ascii_lowercase()),
            ' ' | '\t' | '\r' | '\n' => push_space(out, base),
            _ if c.is_ascii() => out.push(c),
            _ => fold_char(c, out, base),
        }
    }
    while out.len() > base && out.ends_with(' ') {
        out.pop();
    }
}

/// The folded form of `line`, for tables and tests; loops reuse a buffer with [`fold_into`].
pub(super) fn fold(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    fold_into(line, &mut out);
    out
}

fn push_space(out: &mut String, base: usize) {
    if out.len() > base && !out.ends_with(' ') {
        out.push(' ');
    }
}

fn fold_char(c: char, out: &mut String, base: usize) {
    match c {
        _ if is_invisible(c) => {}
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ą' | 'À' | 'Á' | 'Â' | 'Ã' | 'Ä' | 'Å' | 'Ą' => {
            out.push('a');
        }
        'ç' | 'ć' | 'č' | 'Ç' | 'Ć' => out.push('c'),
        'è' | 'é' | 'ê' | 'ë' | 'ę' | 'È' | 'É' | 'Ê' | 'Ë' | 'Ę' => out.push('e'),
        'ì' | 'í' | 'î' | 'ï' | 'Ì' | 'Í' | 'Î' | 'Ï' => out.push('i'),
        'ñ' | 'ń' | 'Ñ' | 'Ń' => out.push('n'),
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ö' | 'Ø' => out.push('o'),
        'ù' | 'ú' | 'û' | 'ü' | 'Ù' | 'Ú' | 'Û' | 'Ü' => out.push('u'),
        'ý' | 'ÿ' | 'Ý' | 'Ÿ' => out.push('y'),
        'ł' | 'Ł' => out.push('l'),
        'ś' | 'š' | 'Ś' | 'Š' => out.push('s'),
        'ź' | 'ż' | 'ž' | 'Ź' | 'Ż' | 'Ž' => out.push('z'),
        'œ' | 'Œ' => out.push_str("oe"),
        'æ' | 'Æ' => out.push_str("ae"),
        'ß' => out.push_str("ss"),
        '’' | '‘' | 'ʼ' | '´' | '′' => out.push('\''),
        '–' | '—' | '‐' | '‑' | '−' | '―' => out.push('-'),
        '«' | '»' | '“' | '”' | '„' => out.push('"'),
        '：' => out.push(':'),
        '…' => out.push_str("..."),
        _ if c.is_whitespace() => push_space(out, base),
        _ => out.extend(c.to_lowercase()),
    }
}

/// Marks that take no room: byte-order mark, zero-width and bidirectional marks, soft hyphen, combining accents.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Nothing a reader would see.
pub(super) fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || is_invisible(c) || c == '\0')
}

/// The largest index ≤ `at` that is a character boundary of `text`.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// An `@` between two things that can stand in an address (Notes writes `Nom/SERVICE@DOMAINE`).
pub(super) fn has_address(folded: &str) -> bool {
    let bytes = folded.as_bytes();
    bytes.iter().enumerate().any(|(i, &b)| {
        b == b'@'
            && i > 0
            && bytes[i - 1].is_ascii_alphanumeric()
            && bytes.get(i + 1).is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// A date: 12/05/2026, 12-05-26, 2026.05.12, or a month's name near a number.
pub(super) fn has_date(folded: &str) -> bool {
    has_numeric_date(folded) || has_month(folded)
}

fn has_numeric_date(folded: &str) -> bool {
    let bytes = folded.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if !bytes[i].is_ascii_digit() {
            i += 1;
            continue;
        }
        let (a, b, c, end) = three_numbers(bytes, i);
        let day_first = (1..=2).contains(&a) && (c == 2 || c == 4);
        if (1..=2).contains(&b) && (day_first || a == 4 && (1..=2).contains(&c)) {
            return true;
        }
        i = end.max(i + 1);
    }
    false
}

/// Lengths of up to three digit runs joined by one of `/ - .` from `i`, and where the first run ends.
fn three_numbers(bytes: &[u8], i: usize) -> (usize, usize, usize, usize) {
    let run = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let joined = |at: usize| bytes.get(at).is_some_and(|b| matches!(b, b'/' | b'-' | b'.'));
    let a = run(i);
    if !joined(i + a) {
        return (a, 0, 0, i + a);
    }
    let b = run(i + a + 1);
    if b == 0 || !joined(i + a + 1 + b) || bytes[i + a] != bytes[i + a + 1 + b] {
        return (a, b, 0, i + a);
    }
    let c = run(i + a + b + 2);
    let end = i + a + b + 2 + c;
    let goes_on = joined(end) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    if goes_on { (0, 0, 0, end) } else { (a, b, c, i + a) }
}

fn has_month(folded: &str) -> bool {
    let mut number = false;
    let mut month = false;
    for token in folded.split(|c: char| !c.is_alphanumeric()).filter(|t| !t.is_empty()) {
        number |= token.len() <= 4 && token.bytes().next().is_some_and(|b| b.is_ascii_digit());
        month |= is_month(token);
        if number && month {
            return true;
        }
    }
    false
}

#[rustfmt::skip]
fn is_month(token: &str) -> bool {
    matches!(token,
        "janvier" | "janv" | "jan" | "fevrier" | "fevr" | "fev" | "mars" | "avril" | "avr" | "mai" | "juin" | "juillet" | "juil"
        | "aout" | "septembre" | "sept" | "sep" | "octobre" | "oct" | "novembre" | "nov" | "decembre" | "dec"
        | "january" | "february" | "feb" | "march" | "april" | "apr" | "may" | "june" | "jun" | "july" | "jul" | "august" | "aug"
        | "september" | "october" | "november" | "december"
        | "januar" | "februar" | "marz" | "juni" | "juli" | "oktober" | "okt" | "dezember" | "dez"
        | "enero" | "ene" | "febrero" | "marzo" | "abril" | "abr" | "mayo" | "junio" | "julio" | "agosto" | "ago" | "septiembre" | "octubre" | "noviembre" | "diciembre" | "dic"
        | "gennaio" | "gen" | "febbraio" | "aprile" | "maggio" | "mag" | "giugno" | "giu" | "luglio" | "lug" | "settembre" | "set" | "ottobre" | "ott" | "dicembre"
        | "janeiro" | "fevereiro" | "marco" | "maio" | "junho" | "julho" | "setembro" | "outubro" | "out" | "novembro" | "dezembro"
        | "januari" | "februari" | "maart" | "mrt" | "mei" | "augustus"
        | "stycznia" | "sty" | "lutego" | "lut" | "marca" | "kwietnia" | "kwi" | "maja" | "maj" | "czerwca" | "cze" | "lipca" | "lip" | "sierpnia" | "sie" | "wrzesnia" | "wrz"
        | "pazdziernika" | "paz" | "listopada" | "lis" | "grudnia" | "gru"
        | "يناير" | "فبراير" | "مارس" | "أبريل" | "ابريل" | "مايو" | "ماي" | "يونيو" | "يوليو" | "أغسطس" | "سبتمبر" | "أكتوبر" | "نوفمبر" | "ديسمبر")
}

/// A time of day: 14:03, 9h05.
pub(super) fn has_time(folded: &str) -> bool {
    let bytes = folded.as_bytes();
    bytes.iter().enumerate().any(|(i, &b)| {
        (b == b':' || b == b'h')
            && i > 0
            && bytes[i - 1].is_ascii_digit()
            && bytes.get(i + 1).is_some_and(u8::is_ascii_digit)
            && bytes.get(i + 2).is_some_and(u8::is_ascii_digit)
    })
}

/// The longest run of at least nine digits written as a telephone number, `+` and separators allowed.
pub(super) fn has_phone(folded: &str) -> bool {
    let (mut digits, mut gap) = (0, 0);
    for b in folded.bytes() {
        match b {
            b'0'..=b'9' => (digits, gap) = (digits + 1, 0),
            b' ' | b'.' | b'-' | b'/' | b'(' | b')' | b'+' if digits > 0 && gap < 3 => gap += 1,
            _ => (digits, gap) = (0, 0),
        }
        if digits >= 9 {
            return true;
        }
    }
    false
}

/// How many words stand in a folded line.
pub(super) fn words(folded: &str) -> usize {
    folded.split(' ').filter(|w| w.bytes().any(|b| b.is_ascii_alphanumeric() || b >= 0x80)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_what_people_and_clients_vary() {
        assert_eq!(
            fold("  Le\u{a0}Dossier\u{202f}: É\u{300}crit\u{feff} L’Été "),
            "le dossier : ecrit l'ete"
        );
        assert_eq!(fold("e\u{301}crit"), fold("écrit"));
    }

    #[test]
    fn finds_dates_and_times() {
        for yes in
            ["le 12/05/2026", "12-05-26", "2026-05-12", "mar. 12 mai 2026", "may 12, 2026", "12.05.2026"]
        {
            assert!(has_date(yes), "{yes}");
        }
        for no in ["le dossier", "mai", "12/05", "1.2", "01 23 45 67 89", "01.23.45.67.89", "art. l.123-4-5"]
        {
            assert!(!has_date(no), "{no}");
        }
        assert!(has_time("a 14:03") && has_time("9h05") && !has_time("12 h") && !has_time("a : 03"));
    }

    #[test]
    fn finds_addresses_and_phones() {
        assert!(
            has_address("x <a@b.fr>")
                && has_address("jean/pref@mi")
                && !has_address("@ bientot")
                && !has_address("a @ b")
        );
        assert!(
            has_phone("tel. 01 23 45 67 89") && has_phone("+33 (0)1.23.45.67.89") && !has_phone("n 1234567")
        );
    }
}
