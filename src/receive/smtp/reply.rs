//! Answers as they go on the wire: three digits, an enhanced code (RFC 2034), ASCII text, CRLF.
//!
//! Knows how to write one safely (no text can make a second answer); knows nothing of the dialogue.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A reply line may hold 512 octets (RFC 5321 §4.5.3.1.5); this leaves room for the codes.
const LINE: usize = 480;

/// One answer, of one or several lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// The SMTP code.
    pub(super) code: u16,
    /// The enhanced code, empty for the greeting and answers to EHLO (RFC 2034 §3).
    pub(super) enhanced: &'static str,
    /// The text; line breaks separate lines.
    pub(super) text: String,
}

impl Reply {
    pub(super) fn new(code: u16, enhanced: &'static str, text: impl Into<String>) -> Self {
        Self { code, enhanced, text: text.into() }
    }

    /// Whether this answer counts against the client.
    pub(super) fn is_error(&self) -> bool {
        self.code >= 400
    }

    /// Writes it, CRLF included, at the end of `out`.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let lines: Vec<String> = self.text.split('\n').map(ascii).filter(|line| !line.is_empty()).collect();
        let last = lines.len().saturating_sub(1);
        for (at, line) in lines.iter().enumerate() {
            let mark = if at == last { ' ' } else { '-' };
            let space = if self.enhanced.is_empty() { "" } else { " " };
            out.extend_from_slice(
                format!("{}{mark}{}{space}{line}\r\n", self.code, self.enhanced).as_bytes(),
            );
        }
        if lines.is_empty() {
            out.extend_from_slice(format!("{} {}\r\n", self.code, self.enhanced).as_bytes());
        }
    }
}

/// Text fit for a reply line: without accents, because answers may hold UTF-8 only under SMTPUTF8 and bounces
/// of many relays garble it; without control characters; cut at [`LINE`].
fn ascii(line: &str) -> String {
    let plain = line.nfkd().filter(|&c| !is_combining_mark(c)).map(|c| match c {
        '\u{2019}' | '\u{2018}' => '\'',
        '«' | '»' | '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        c if c.is_control() || c.is_whitespace() => ' ',
        c if c.is_ascii() => c,
        _ => '?',
    });
    let text: String = plain.take(LINE).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_text_cannot_make_a_second_answer() {
        let reply = Reply::new(550, "5.7.1", "non\r\n250 2.0.0 oui");
        assert_eq!(written(&reply), "550-5.7.1 non\r\n550 5.7.1 250 2.0.0 oui\r\n");
    }

    #[test]
    fn french_becomes_ascii() {
        let reply = Reply::new(550, "5.1.1", "Adresse inconnue\u{202f}: vérifiez l’adresse «\u{a0}À\u{a0}»");
        assert_eq!(written(&reply), "550 5.1.1 Adresse inconnue : verifiez l'adresse \" A \"\r\n");
    }

    #[test]
    fn a_line_stays_under_512_octets() {
        assert!(written(&Reply::new(550, "5.1.1", "x".repeat(5000))).len() <= 512);
        assert_eq!(written(&Reply::new(250, "", "")), "250 \r\n");
    }
}
