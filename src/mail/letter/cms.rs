//! The content of an opaque S/MIME signature (RFC 5652), found by walking its BER.
//!
//! `cms` 0.2 and its `der` accept only DER, and OpenSSL, Thunderbird and Outlook write indefinite lengths and cut octet
//! strings; `cms` 0.3 is a release candidate that does not compile here. So: the few tags on the way, nothing else.

/// What a `.p7m` holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opaque {
    /// The MIME entity that was signed.
    Signed(Vec<u8>),
    /// Encrypted.
    Enveloped,
}

const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const OCTETS_CUT: u8 = 0x24;
const OBJECT: u8 = 0x06;
const EXPLICIT_0: u8 = 0xa0;
/// 1.2.840.113549.1.7: signedData is .2, envelopedData .3; authEnvelopedData is 1.9.16.1.23.
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
const AUTH_ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];

/// Reads a CMS structure, or `None` when it is none.
pub(super) fn open(bytes: &[u8]) -> Option<Opaque> {
    let mut info = Reader(enter(&mut Reader(bytes), SEQUENCE)?);
    let (tag, kind) = info.next()?;
    if tag != OBJECT {
        return None;
    }
    match kind.strip_prefix(PKCS7) {
        Some([2]) => {}
        Some([3]) => return Some(Opaque::Enveloped),
        _ if kind == AUTH_ENVELOPED => return Some(Opaque::Enveloped),
        _ => return None,
    }
    let mut signed = Reader(enter(&mut Reader(enter(&mut info, EXPLICIT_0)?), SEQUENCE)?);
    signed.next()?; // version
    signed.next()?; // digestAlgorithms
    let mut content = Reader(enter(&mut signed, SEQUENCE)?);
    content.next()?; // eContentType
    let mut wrapped = Reader(enter(&mut content, EXPLICIT_0)?);
    let (tag, value) = wrapped.next()?;
    match tag {
        OCTETS => Some(Opaque::Signed(value.to_vec())),
        OCTETS_CUT => Some(Opaque::Signed(join(value))),
        _ => None,
    }
}

/// The chunks of a constructed octet string.
fn join(chunks: &[u8]) -> Vec<u8> {
    let mut reader = Reader(chunks);
    let mut out = Vec::with_capacity(chunks.len());
    while let Some((OCTETS, chunk)) = reader.next() {
        out.extend_from_slice(chunk);
    }
    out
}

fn enter<'a>(reader: &mut Reader<'a>, wanted: u8) -> Option<&'a [u8]> {
    reader.next().filter(|(tag, _)| *tag == wanted).map(|(_, value)| value)
}

/// Elements in a row. An element of indefinite length runs to its end mark, or to what is left.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, header, length) = header(self.0)?;
        if tag == 0 && length == Some(0) {
            return None;
        }
        let rest = &self.0[header..];
        let (value, after) = match length {
            // A cut file gives what it still has.
            Some(length) => rest.split_at(length.min(rest.len())),
            None => split_indefinite(rest),
        };
        self.0 = after;
        Some((tag, value))
    }
}

/// Tag, length of the header, length of the value (`None`: indefinite). Tags above 30 do not occur here.
fn header(bytes: &[u8]) -> Option<(u8, usize, Option<usize>)> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    if first < 0x80 {
        return Some((tag, 2, Some(usize::from(first))));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Some((tag, 2, None));
    }
    if count > 4 {
        return None;
    }
    let length = bytes.get(2..2 + count)?.iter().fold(0, |n, b| n << 8 | usize::from(*b));
    Some((tag, 2 + count, Some(length)))
}

/// Where an indefinite value ends: its end mark at its own level. A flat walk with a depth counter, no recursion.
fn split_indefinite(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    let mut depth = 1usize;
    while let Some((tag, size, length)) = header(bytes.get(at..).unwrap_or_default()) {
        match length {
            Some(0) if tag == 0 => {
                depth -= 1;
                if depth == 0 {
                    return (&bytes[..at], &bytes[at + 2..]);
                }
                at += 2;
            }
            Some(length) => at = at.saturating_add(size).saturating_add(length).min(bytes.len()),
            None => {
                depth += 1;
                at += size;
            }
        }
    }
    (bytes, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An element of definite length.
    fn element(tag: u8, value: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, 0x82];
        out.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        out.extend(value);
        out
    }

    /// The same with indefinite length.
    fn open_ended(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], value, &[0, 0]].concat()
    }

    fn signed(content: &[u8], wrap: fn(u8, &[u8]) -> Vec<u8>) -> Vec<u8> {
        let data = element(OBJECT, &[PKCS7, &[1]].concat());
        let encap = wrap(SEQUENCE, &[data, wrap(EXPLICIT_0, content)].concat());
        let body =
            wrap(SEQUENCE, &[element(0x02, &[1]), element(0x31, &[]), encap, element(0x31, &[])].concat());
        wrap(SEQUENCE, &[element(OBJECT, &[PKCS7, &[2]].concat()), wrap(EXPLICIT_0, &body)].concat())
    }

    #[test]
    fn der_and_ber() {
        let inside = Opaque::Signed(b"Content-Type: text/plain\n\nOui".to_vec());
        let whole = element(OCTETS, b"Content-Type: text/plain\n\nOui");
        assert_eq!(open(&signed(&whole, element)), Some(inside));
        let cut = open_ended(
            OCTETS_CUT,
            &[element(OCTETS, b"Content-Type: "), element(OCTETS, b"x\n\nOui")].concat(),
        );
        assert_eq!(open(&signed(&cut, open_ended)), Some(Opaque::Signed(b"Content-Type: x\n\nOui".to_vec())));
    }

    #[test]
    fn others() {
        let enveloped = element(SEQUENCE, &element(OBJECT, &[PKCS7, &[3]].concat()));
        assert_eq!(open(&enveloped), Some(Opaque::Enveloped));
        assert_eq!(open(b"MIME"), None);
        assert_eq!(open(&[0x30, 0x80].repeat(100_000)), None);
        assert_eq!(open(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x06]), None);
    }
}
