//! Text from people made harmless: no control character, no bidirectional override, lines of a readable length.

/// Columns of the text part.
const WIDTH: usize = 78;

/// One line: controls and runs of blanks become one space.
pub(super) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_trick(*c)) {
        let blank = c == ' ' || is_break(c) || c.is_control();
        if !blank {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// At most `max` characters, cut with an ellipsis.
pub(super) fn short(text: &str, max: usize) -> String {
    let mut chars = text.char_indices();
    match chars.nth(max) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
    }
}

/// Several lines, LF: no other control, no trailing blank, at most one empty line in a row.
pub(super) fn text(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let text: String = text
        .chars()
        .filter(|c| !is_trick(*c))
        .map(|c| if is_break(c) { '\n' } else { c })
        .map(|c| if c == '\t' { ' ' } else { c })
        .filter(|c| *c == '\n' || !c.is_control())
        .collect();
    squeeze(&text)
}

/// A rendered text part: squeezed, and wrapped at a space where a line is too long; a quoted or indented line goes on
/// with the same prefix.
pub(super) fn page(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for line in squeeze(text).lines() {
        wrap(line, &mut out);
    }
    out
}

/// A rendered HTML part without the blank lines that template code leaves.
pub(super) fn markup(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for line in html.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn squeeze(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && empty {
            continue;
        }
        empty = line.is_empty();
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

fn wrap(line: &str, out: &mut String) {
    let rest = line.trim_start_matches(['>', ' ']);
    let prefix = &line[..line.len() - rest.len()];
    let start = prefix.chars().count();
    let mut column = start;
    out.push_str(prefix);
    for (i, word) in rest.split(' ').enumerate() {
        let width = word.chars().count();
        if i > 0 && column + 1 + width > WIDTH && column > start {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(prefix);
            column = start;
        } else if i > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out.push('\n');
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that reorder or hide what a reader sees (Trojan Source): never legitimate in a name or a subject, and a
/// right-to-left text is readable without them.
fn is_trick(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_control_and_no_override() {
        assert_eq!(line(" a\r\nBcc: x\u{202e}@y\t\u{0}b  "), "a Bcc: x@y b");
        assert_eq!(line("14\u{202f}h\u{a0}03"), "14\u{202f}h\u{a0}03", "narrow spaces stay");
    }

    #[test]
    fn a_text_keeps_its_lines() {
        assert_eq!(text("a\r\n\r\n\r\n\r\nb \rc\u{1b}[1m\u{2028}d\n\n"), "a\n\nb\nc[1m\nd");
    }

    #[test]
    fn a_page_wraps_at_spaces_and_repeats_the_quote() {
        let long = format!("> {}", "mot ".repeat(40));
        let page = page(&long);
        assert!(page.lines().count() > 1);
        assert!(page.lines().all(|l| l.starts_with("> mot") && l.chars().count() <= WIDTH), "{page}");
        let one = "x".repeat(300);
        assert_eq!(super::page(&one), format!("{one}\n"), "a word is never cut");
    }

    #[test]
    fn short_cuts_by_characters() {
        assert_eq!(short("été", 3), "été");
        assert_eq!(short("été là", 4), "été…");
    }
}
