//! File names that are safe to show, to save and to send on.

use unicode_normalization::UnicodeNormalization;

/// Longest name, in characters; the extension survives.
const LONGEST: usize = 200;

/// NFKC, no path, no control or bidirectional character, no leading dot; `fallback` when nothing is left.
pub(super) fn clean(name: &str, fallback: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let good: String = last.chars().take(4 * LONGEST).nfkc().filter(|c| !is_trick(*c)).map(tame).collect();
    let good = good.split_whitespace().collect::<Vec<_>>().join(" ");
    let good = good.trim_matches(['.', ' ']);
    if good.is_empty() { fallback.to_owned() } else { shorten(good) }
}

/// Characters that hide or reorder what a name shows ("facture\u{202e}fdp.exe").
fn is_trick(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

fn tame(c: char) -> char {
    match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() => ' ',
        c => c,
    }
}

fn shorten(name: &str) -> String {
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let extension = extension(name).map(|e| format!(".{e}")).unwrap_or_default();
    let stem: String = name.chars().take(LONGEST - extension.chars().count()).collect();
    stem + &extension
}

/// What follows the last dot, lower case, at most ten characters.
pub(super) fn extension(name: &str) -> Option<String> {
    let (_, extension) = name.rsplit_once('.')?;
    (!extension.is_empty() && extension.chars().count() <= 10).then(|| extension.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tamed() {
        assert_eq!(clean("../../etc/passwd", "x"), "passwd");
        assert_eq!(clean("C:\\Temp\\re\u{301}ponse.pdf", "x"), "réponse.pdf");
        assert_eq!(clean("facture\u{202e}fdp.exe", "x"), "facturefdp.exe");
        assert_eq!(clean("a\r\nb: c?.txt", "x"), "a b_ c_.txt");
        assert_eq!(clean(" ...", "piece-jointe-1"), "piece-jointe-1");
        assert_eq!(clean(".htaccess", "x"), "htaccess");
        assert_eq!(clean("ﬁche.pdf", "x"), "fiche.pdf");
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = clean(&format!("{}.pdf", "é".repeat(500)), "x");
        assert_eq!(name.chars().count(), 200);
        assert_eq!(extension(&name).as_deref(), Some("pdf"));
    }
}
