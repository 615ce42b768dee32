//! Cells of exports that spreadsheets open: a text never becomes a formula.

use std::borrow::Cow;

/// A cell as it may be written to a CSV file: one line, and an apostrophe before what a spreadsheet would calculate
/// (`=`, `+`, `-`, `@`, a tabulation or a line end first, also behind blanks or in their full-width forms). Quoting is the
/// writer's.
pub fn csv_cell(text: &str) -> Cow<'_, str> {
    let blank = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{feff}' | '\u{200b}');
    let first = text.trim_start_matches(blank).chars().next();
    let formula = first
        .is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'));
    let broken = text.chars().any(char::is_control);
    if !formula && !broken {
        return Cow::Borrowed(text);
    }
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Cow::Owned(if formula { format!("'{line}") } else { line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_a_formula() {
        for (text, cell) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+33 6", "'+33 6"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            ("  =1", "'  =1"),
            ("\u{feff}=1", "'\u{feff}=1"),
            ("＝1", "'＝1"),
            ("a\r\n=1", "a  =1"),
            ("a\u{0}b\u{1b}[31m", "a b [31m"),
            ("Léa Martin; \"CAF\" = ok", "Léa Martin; \"CAF\" = ok"),
            ("", ""),
        ] {
            assert_eq!(csv_cell(text), cell, "{text:?}");
        }
    }
}
