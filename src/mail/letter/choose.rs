//! Text or HTML, when a mail says the same twice.
//!
//! The text decides when it is good: it is what the person's client made of it, and three times cheaper. It is not
//! good when it is empty, a placeholder, one endless line, or when it lost a quotation that the HTML still shows.

use memchr::memmem;

/// Structures that only a quotation has.
const QUOTATIONS: [&[u8]; 8] = [
    b"gmail_quote",
    b"type=\"cite\"",
    b"type=cite",
    b"yahoo_quoted",
    b"protonmail_quote",
    b"__QUOTED_TEXT__",
    b"moz-cite-prefix",
    b"reply-intro",
];

/// Structures before a header block ("De : … Envoyé : …").
const HISTORIES: [&[u8]; 4] =
    [b"divRplyFwdMsg", b"border-top:solid", b"zwchr", b"mail-editor-reference-message"];

/// Whether the text part is as good as the HTML.
pub(super) fn text_decides(text: &str, html: &str) -> bool {
    let shown = text.trim();
    if shown.is_empty() || is_placeholder(shown) {
        return html.trim().is_empty();
    }
    !(lost_lines(shown, html) || lost_quotation(shown, html))
}

/// "Votre client de messagerie ne lit pas le HTML": a sentence about HTML, and little else.
fn is_placeholder(text: &str) -> bool {
    if text.len() > 500 {
        return false;
    }
    let lower = text.to_lowercase();
    let about = lower.contains("html") || lower.contains("ne prend pas en charge") || lower.contains("mime");
    let about_reader =
        ["client", "messagerie", "logiciel", "viewer", "reader", "version", "navigateur", "format"];
    let gestures =
        ["affich", "visuali", "lire", "lit ", "lisez", "view", "display", "see ", "support", "compatible"];
    about && about_reader.iter().any(|w| lower.contains(w)) && gestures.iter().any(|w| lower.contains(w))
}

/// One endless line where the HTML has several blocks.
fn lost_lines(text: &str, html: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    if lines > 1 || text.len() < 300 {
        return false;
    }
    let breaks = [&b"<br"[..], b"<BR", b"<p", b"<P", b"<div", b"<DIV"];
    let count: usize = breaks.iter().map(|tag| memmem::find_iter(html.as_bytes(), tag).take(8).count()).sum();
    count >= 8
}

/// The HTML shows a quotation; the text has no quote mark, no separator and no header block.
fn lost_quotation(text: &str, html: &str) -> bool {
    let shows = |structures: &[&[u8]]| structures.iter().any(|s| memmem::find(html.as_bytes(), s).is_some());
    let quoted = text.lines().any(|line| line.trim_start().starts_with('>'));
    if quoted {
        return false;
    }
    let block = text.lines().any(is_separator);
    (shows(&QUOTATIONS) || shows(&HISTORIES)) && !block
}

/// A line that introduces an earlier mail in plain text.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("----") || line.starts_with("____") {
        return true;
    }
    let labels = ["De", "From", "Von", "Da", "Van", "Od", "Expéditeur"];
    line.split_once(':').is_some_and(|(label, rest)| {
        let label = label.trim().trim_matches('*').trim();
        labels.contains(&label) && !rest.trim().is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::text_decides;

    #[test]
    fn a_good_text_decides() {
        assert!(text_decides("Oui\n\nLe 12, X a écrit :\n> vieux\n", "<div class=\"gmail_quote\">"));
        assert!(text_decides("Oui", "<p>Oui</p>"));
        assert!(text_decides("Oui\n\nDe : X\nEnvoyé : lundi\n", "<div id=\"divRplyFwdMsg\">"));
    }

    #[test]
    fn a_poor_text_does_not() {
        assert!(!text_decides(" \n", "<p>Oui</p>"));
        assert!(!text_decides("Votre logiciel de messagerie ne peut pas afficher le HTML.", "<p>Oui</p>"));
        assert!(!text_decides("Oui\nLe 12, X a écrit :\nvieux\n", "<blockquote type=\"cite\">"));
        assert!(!text_decides(&"mot ".repeat(100), &"<p>mot</p>".repeat(20)));
    }
}
