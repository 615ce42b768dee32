//! A text as it was before clients wrapped it: no invisible character, no soft line break, each other line break with
//! the quote marks around it as one `\x01`. Leads back to the places of the text.

use std::ops::Range;

/// The flat text, and where its stretches come from.
pub(super) struct Flat {
    pub(super) text: String,
    /// Places where the two differ from there on: in the flat text, in the original.
    steps: Vec<(usize, usize)>,
}

impl Flat {
    pub(super) fn of(text: &str) -> Self {
        let mut flat = Flat { text: String::with_capacity(text.len()), steps: vec![(0, 0)] };
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let skipped = skipped(&text[at..], c);
            if skipped == 0 {
                flat.text.push(c);
                at += c.len_utf8();
                continue;
            }
            if c != '=' && !is_invisible(c) {
                flat.text.push('\x01');
            }
            at += skipped;
            flat.steps.push((flat.text.len(), at));
        }
        flat
    }

    /// The stretch of the original that a stretch of the flat text comes from.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        // The end is that of its last character: what was skipped behind it stays.
        self.place(range.start)..self.place(range.end.saturating_sub(1)) + 1
    }

    fn place(&self, at: usize) -> usize {
        let step = self.steps.partition_point(|(flat, _)| *flat <= at).saturating_sub(1);
        self.steps.get(step).map_or(at, |(flat, original)| original + (at - flat))
    }
}

/// Length of what does not count at the beginning of `rest`, whose first character is `c`.
fn skipped(rest: &str, c: char) -> usize {
    match c {
        '=' => {
            // A soft line break of quoted-printable that nobody decoded (RFC 2045 §6.7).
            let after = &rest[1..];
            let feed = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n'));
            feed.map_or(0, |feed| rest.len() - feed.len())
        }
        ' ' | '\t' | '\r' | '\n' => line_break(rest),
        '\x01' => 1,
        c if is_invisible(c) => c.len_utf8(),
        _ => 0,
    }
}

/// Length of a line break with the blanks before it and the quote marks behind it; 0 when there is none.
fn line_break(rest: &str) -> usize {
    let after = rest.trim_start_matches([' ', '\t']);
    let Some(next) = after.strip_prefix("\r\n").or_else(|| after.strip_prefix('\n')) else { return 0 };
    rest.len() - next.trim_start_matches([' ', '\t', '>', '|']).len()
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}
