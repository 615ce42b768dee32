//! RFC 2047 encoded words in unstructured fields.
//!
//! Adjacent words of one charset are joined before they are decoded: many clients cut in the middle of a character.

use super::{charset, head, transfer};

/// Decodes the words of an unfolded value; the result is one line without control characters.
pub(crate) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut held = Held::default();
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let Some((word, after)) = word(&rest[at..]) else {
            held.flush(&mut out);
            out.push_str(&rest[..at + 2]);
            rest = &rest[at + 2..];
            continue;
        };
        // White space between two encoded words is not text (RFC 2047 §6.2).
        if !held.open || !rest[..at].trim().is_empty() {
            held.flush(&mut out);
            out.push_str(&rest[..at]);
        }
        held.add(&word, &mut out);
        rest = &rest[at + after..];
    }
    held.flush(&mut out);
    out.push_str(rest);
    head::one_line(&out)
}

struct Word<'a> {
    charset: &'a str,
    bytes: Vec<u8>,
}

/// Bytes of words that belong together.
#[derive(Default)]
struct Held {
    open: bool,
    charset: String,
    bytes: Vec<u8>,
}

impl Held {
    fn add(&mut self, word: &Word<'_>, out: &mut String) {
        if self.open && !self.charset.eq_ignore_ascii_case(word.charset) {
            self.flush(out);
        }
        self.open = true;
        word.charset.clone_into(&mut self.charset);
        self.bytes.extend_from_slice(&word.bytes);
    }

    fn flush(&mut self, out: &mut String) {
        if self.open {
            out.push_str(&charset::decode(&self.bytes, Some(&self.charset)));
            self.bytes.clear();
            self.open = false;
        }
    }
}

/// `=?charset*lang?q?…?=` at the start of `text`; how long it is.
fn word(text: &str) -> Option<(Word<'_>, usize)> {
    let inner = &text[2..];
    // RFC 2047 §2 allows 75 characters; real ones go further, none that is honest passes 4 000.
    let bound = inner.len().min(4000);
    let scan = &inner.as_bytes()[..bound];
    let first = memchr::memchr(b'?', &scan[..bound.min(60)])?;
    let charset = inner[..first].split('*').next().unwrap_or_default();
    let encoding = *scan.get(first + 1)?;
    if scan.get(first + 2) != Some(&b'?') {
        return None;
    }
    let data = first + 3;
    let end = memchr::memchr(b'?', scan.get(data..)?).map(|n| data + n);
    // An unencoded "?" inside a Q word: go on to the real "?=".
    let end = match end {
        Some(end) if scan.get(end + 1) == Some(&b'=') => end,
        Some(_) => data + memchr::memmem::find(scan.get(data..)?, b"?=")?,
        None => return None,
    };
    let coded = &scan[data..end];
    let bytes = match encoding {
        b'q' | b'Q' => transfer::q_word(coded),
        b'b' | b'B' => transfer::base64(coded),
        _ => return None,
    };
    Some((Word { charset, bytes }, 2 + end + 2))
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn words() {
        assert_eq!(decode("=?utf-8?Q?R=C3=A9ponse_=C3=A0?= suivre"), "Réponse à suivre");
        assert_eq!(decode("=?iso-8859-1?q?a=E9?=  =?iso-8859-1?q?b?="), "aéb");
        assert_eq!(decode("=?UTF-8?B?w6k=?= =?UTF-8?B?w6k=?="), "éé");
        assert_eq!(decode("Re: =?x"), "Re: =?x");
    }

    #[test]
    fn a_character_cut_between_two_words() {
        assert_eq!(decode("=?utf-8?Q?trait=C3?= =?utf-8?Q?=A9e?="), "traitée");
    }

    #[test]
    fn control_characters_go() {
        assert_eq!(decode("=?utf-8?Q?a=0D=0ABcc:_x?="), "a  Bcc: x");
    }
}
