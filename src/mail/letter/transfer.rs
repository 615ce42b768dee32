//! Content-Transfer-Encoding, as damaged as it comes.
//!
//! `mail-parser`, `data-encoding` and `quoted_printable` give up or drop the part at the first wrong byte; a person's
//! words must come through, so these read on. Every function is linear and never fails.

use std::borrow::Cow;

/// Decodes a body by its declared encoding; a declaration that the bytes contradict is not followed.
pub(crate) fn decode<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    match encoding.trim_matches(['"', '\'', ' ']) {
        "base64" if looks_base64(body) => Cow::Owned(base64(body)),
        "quoted-printable" => Cow::Owned(quoted_printable(body)),
        "x-uuencode" | "uuencode" | "x-uue" | "uue" => uudecode(body).map_or(Cow::Borrowed(body), Cow::Owned),
        "" if looks_quoted_printable(body) => Cow::Owned(quoted_printable(body)),
        _ => Cow::Borrowed(body),
    }
}

/// Almost no byte outside the alphabet in the first 2 000 (CR not counted, so that LF and CRLF agree): else it is text
/// with a wrong declaration.
fn looks_base64(body: &[u8]) -> bool {
    let (mut solid, mut foreign, mut spaces) = (0, 0, 0);
    for &byte in body.iter().filter(|byte| **byte != b'\r').take(2000) {
        match byte {
            b' ' => spaces += 1,
            b'\n' | b'\t' => {}
            _ => {
                solid += 1;
                foreign += usize::from(sextet(byte).is_none() && byte != b'=');
            }
        }
    }
    foreign * 20 <= solid && spaces * 10 <= solid.max(10)
}

/// Quoted-printable without its header (seen after naive gateways): only ASCII, and at least three escaped bytes
/// above 0x7F.
fn looks_quoted_printable(body: &[u8]) -> bool {
    let sample = &body[..body.len().min(20_000)];
    if !sample.is_ascii() {
        return false;
    }
    let high =
        |w: &[u8]| w[0] == b'=' && matches!(w[1], b'8' | b'9' | b'A'..=b'F') && w[2].is_ascii_hexdigit();
    sample.windows(3).filter(|w| high(w)).take(3).count() == 3
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// RFC 2045 §6.8; foreign bytes are skipped, padding in the middle begins anew, a cut end gives what is whole.
pub(crate) fn base64(body: &[u8]) -> Vec<u8> {
    let body = without_footer(body);
    let mut out = Vec::with_capacity(body.len() / 4 * 3 + 3);
    let (mut acc, mut bits) = (0u32, 0u32);
    for &byte in body {
        if let Some(six) = sextet(byte) {
            acc = (acc << 6) | u32::from(six);
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                out.push(low_byte(acc >> bits));
                acc &= (1 << bits) - 1;
            }
        } else if byte == b'=' {
            (acc, bits) = (0, 0);
        }
    }
    out
}

/// A list's footer was added on the way, in clear, after a blank line.
fn without_footer(body: &[u8]) -> &[u8] {
    let blank = memchr::memmem::find(body, b"\n\n").or_else(|| memchr::memmem::find(body, b"\n\r\n"));
    match blank {
        Some(at) if body[at..].trim_ascii_start().starts_with(b"-- ") || !looks_base64(&body[at..]) => {
            &body[..at]
        }
        _ => body,
    }
}

fn low_byte(value: u32) -> u8 {
    value.to_le_bytes()[0]
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(low_byte)
}

/// RFC 2045 §6.7; an `=` that means nothing stays as it is written.
pub(crate) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let next = memchr::memchr2(b'=', b'\n', &body[at..]).map_or(body.len(), |n| at + n);
        out.extend_from_slice(&body[at..next]);
        at = next;
        match body.get(at) {
            Some(b'\n') => {
                trim_transport_spaces(&mut out);
                out.push(b'\n');
                at += 1;
            }
            Some(_) => at += escape(&body[at..], &mut out),
            None => break,
        }
    }
    out
}

/// White space at the end of an encoded line was added on the way (RFC 2045 §6.7 rule 3).
fn trim_transport_spaces(out: &mut Vec<u8>) {
    let cr = out.last() == Some(&b'\r');
    let mut end = out.len() - usize::from(cr);
    while end > 0 && matches!(out[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    out.truncate(end);
    if cr {
        out.push(b'\r');
    }
}

/// What an `=` at the start of `rest` stands for; returns how many bytes it took.
fn escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    if let (Some(high), Some(low)) = (rest.get(1).and_then(|b| hex(*b)), rest.get(2).and_then(|b| hex(*b))) {
        out.push(high << 4 | low);
        return 3;
    }
    let spaces = rest[1..].iter().take(80).take_while(|b| matches!(b, b' ' | b'\t')).count();
    match (rest.get(1 + spaces), rest.get(2 + spaces)) {
        (Some(b'\n'), _) => 2 + spaces,
        (Some(b'\r'), Some(b'\n')) => 3 + spaces,
        (None, _) => 1 + spaces,
        _ => {
            out.push(b'=');
            1
        }
    }
}

/// The Q encoding of RFC 2047 §4.2.
pub(crate) fn q_word(coded: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = coded.iter().map(|&b| if b == b'_' { b' ' } else { b }).collect();
    let mut out = Vec::with_capacity(spaced.len());
    let mut at = 0;
    while at < spaced.len() {
        if spaced[at] == b'=' {
            at += escape(&spaced[at..], &mut out);
        } else {
            out.push(spaced[at]);
            at += 1;
        }
    }
    out
}

/// The first file of a uuencoded body, or `None` when there is no `begin` line.
pub(crate) fn uudecode(body: &[u8]) -> Option<Vec<u8>> {
    let mut lines = body.split(|b| *b == b'\n');
    lines.by_ref().find(|line| line.starts_with(b"begin "))?;
    let mut out = Vec::with_capacity(body.len() / 4 * 3);
    for line in lines {
        let line = line.trim_ascii_end();
        let Some((&first, coded)) = line.split_first() else { continue };
        if line == b"end" || first == b'`' {
            break;
        }
        let length = usize::from(first.wrapping_sub(b' ') & 0x3f);
        let start = out.len();
        for quad in coded.chunks(4) {
            let six = |n: usize| u32::from(quad.get(n).map_or(0, |b| b.wrapping_sub(b' ') & 0x3f));
            let word = six(0) << 18 | six(1) << 12 | six(2) << 6 | six(3);
            out.extend_from_slice(&word.to_be_bytes()[1..]);
        }
        out.truncate(start + length);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_printable_damaged() {
        assert_eq!(quoted_printable(b"trait=C3=A9e =\r\nfin"), "traitée fin".as_bytes());
        assert_eq!(quoted_printable(b"a = b, 100=% =Z"), b"a = b, 100=% =Z");
        assert_eq!(quoted_printable(b"coup=C3"), b"coup\xC3");
        assert_eq!(quoted_printable(b"coup="), b"coup");
        assert_eq!(quoted_printable(b"a  \r\nb"), b"a\r\nb");
    }

    #[test]
    fn base64_damaged() {
        assert_eq!(base64(b"Qm9u\r\nam91*cg=="), b"Bonjour");
        assert_eq!(base64(b"Qm9uam9"), b"Bonjo");
        assert_eq!(base64(b"Qm9u=Qm9u"), b"BonBon");
        assert_eq!(base64(b"Qm9uIQ==\n\nListe : pour se d\xe9sabonner, \xe9crire ici"), b"Bon!");
    }

    #[test]
    fn a_wrong_declaration_is_not_followed() {
        assert_eq!(
            &*decode("La demande est traitée.".as_bytes(), "base64"),
            "La demande est traitée.".as_bytes()
        );
        assert_eq!(&*decode(b"=C3=A9t=C3=A9 =C3=A0", ""), "été à".as_bytes());
        assert_eq!(&*decode(b"a=b", ""), b"a=b");
    }

    #[test]
    fn uuencoded() {
        assert_eq!(uudecode(b"begin 644 a.txt\n#0V%T\n`\nend\n").as_deref(), Some(&b"Cat"[..]));
    }
}
