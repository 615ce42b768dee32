//! Outlook's `winmail.dat` (MS-OXTNEF): the files in it, and the text when the mail has no other.
//!
//! The crate `tnef` 0.1.1 gives up at the first wrong checksum or second code page, and reads no MAPI property, where
//! long names and HTML stand; this reads on, and stops only where lengths make no sense.

use encoding_rs::{Encoding, WINDOWS_1252};

use super::charset;
use super::tree::Part;

const SIGNATURE: [u8; 4] = [0x78, 0x9f, 0x3e, 0x22];
const ATTACH_REND_DATA: u32 = 0x0006_9002;
const ATTACH_TITLE: u32 = 0x0001_8010;
const ATTACH_DATA: u32 = 0x0006_800f;
const ATTACHMENT: u32 = 0x0006_9005;
const BODY: u32 = 0x0002_800c;
const MAPI_PROPS: u32 = 0x0006_9003;
const CODE_PAGE: u32 = 0x0006_9007;

const PR_BODY: u16 = 0x1000;
const PR_HTML: u16 = 0x1013;
const PR_ATTACH_DATA: u16 = 0x3701;
const PR_ATTACH_FILENAME: u16 = 0x3704;
const PR_ATTACH_LONG_FILENAME: u16 = 0x3707;

/// Most files of one package.
const MOST_FILES: usize = 200;

/// What a package holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// The package ends in the middle of something: the package itself must be kept.
    pub(super) cut: bool,
}

/// By declared type, or by name.
pub(super) fn is_tnef(part: &Part<'_>) -> bool {
    matches!(part.kind.sub.as_str(), "ms-tnef" | "vnd.ms-tnef")
        || part.file_name().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"))
}

/// Reads a package, or `None` when it is none.
pub(super) fn read(bytes: &[u8]) -> Option<Package> {
    let mut rest = Bytes(bytes);
    if rest.take(4)? != SIGNATURE {
        return None;
    }
    rest.take(2)?;
    let mut package = Package::default();
    let mut encoding = WINDOWS_1252;
    while let Some((id, data, whole)) = attribute(&mut rest) {
        package.cut |= !whole;
        match id {
            CODE_PAGE => encoding = Bytes(data).u32().map_or(encoding, code_page),
            BODY => package.text = Some(string8(data, encoding)),
            MAPI_PROPS => package.message(data, encoding),
            ATTACH_REND_DATA if package.files.len() < MOST_FILES => {
                package.files.push((String::new(), Vec::new()));
            }
            ATTACH_TITLE | ATTACH_DATA | ATTACHMENT => package.file(id, data, encoding),
            _ => {}
        }
    }
    package.files.retain(|(name, bytes)| !(name.is_empty() && bytes.is_empty()));
    Some(package)
}

/// Level, id, length, data, checksum; the checksum is not believed.
fn attribute<'a>(rest: &mut Bytes<'a>) -> Option<(u32, &'a [u8], bool)> {
    rest.take(1)?;
    let id = rest.u32()?;
    let length = rest.u32()? as usize;
    let data = rest.take_up_to(length);
    rest.take(2);
    Some((id, data, data.len() == length))
}

fn code_page(number: u32) -> &'static Encoding {
    let label = if number == 65001 { "utf-8".to_owned() } else { format!("windows-{number}") };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

fn string8(data: &[u8], encoding: &'static Encoding) -> String {
    let text = charset::decode(data, Some(encoding.name()));
    text.trim_end_matches('\0').to_owned()
}

impl Package {
    fn message(&mut self, data: &[u8], encoding: &'static Encoding) {
        for (id, value) in properties(data) {
            match id {
                PR_BODY => self.text = Some(value.text(encoding)),
                PR_HTML => self.html = Some(string8(value.bytes, encoding)),
                _ => {}
            }
        }
    }

    fn file(&mut self, id: u32, data: &[u8], encoding: &'static Encoding) {
        let Some((name, bytes)) = self.files.last_mut() else { return };
        match id {
            ATTACH_TITLE if name.is_empty() => *name = string8(data, encoding),
            ATTACH_DATA => *bytes = data.to_vec(),
            ATTACHMENT => {
                for (id, value) in properties(data) {
                    match id {
                        PR_ATTACH_LONG_FILENAME => *name = value.text(encoding),
                        PR_ATTACH_FILENAME if name.is_empty() => *name = value.text(encoding),
                        PR_ATTACH_DATA if bytes.is_empty() => *bytes = value.bytes.to_vec(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// A MAPI property's first value.
#[derive(Debug, Clone, Copy)]
struct Value<'a> {
    unicode: bool,
    bytes: &'a [u8],
}

impl Value<'_> {
    fn text(&self, encoding: &'static Encoding) -> String {
        if !self.unicode {
            return string8(self.bytes, encoding);
        }
        let units = self.bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let text: String = char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect();
        text.trim_end_matches('\0').to_owned()
    }
}

/// The properties of a block, as far as it can be followed (MS-OXTNEF 2.1.3.4).
fn properties(data: &[u8]) -> Vec<(u16, Value<'_>)> {
    let mut rest = Bytes(data);
    let mut found = Vec::new();
    let count = rest.u32().unwrap_or(0);
    for _ in 0..count.min(2000) {
        let Some(property) = property(&mut rest) else { break };
        found.push(property);
    }
    found
}

fn property<'a>(rest: &mut Bytes<'a>) -> Option<(u16, Value<'a>)> {
    let kind = rest.u16()?;
    let id = rest.u16()?;
    if id >= 0x8000 {
        skip_name(rest)?;
    }
    let bytes = match kind & 0x0fff {
        0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b if kind & 0x1000 == 0 => rest.take(4)?,
        0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 if kind & 0x1000 == 0 => rest.take(8)?,
        0x0048 if kind & 0x1000 == 0 => rest.take(16)?,
        0x000d | 0x001e | 0x001f | 0x0102 => many(rest)?,
        _ => return None,
    };
    Some((id, Value { unicode: kind & 0x0fff == 0x001f, bytes }))
}

/// The first of the values, each with its length, padded to four bytes.
fn many<'a>(rest: &mut Bytes<'a>) -> Option<&'a [u8]> {
    let count = rest.u32()?;
    let mut first = None;
    for _ in 0..count.min(1000) {
        let length = rest.u32()? as usize;
        let value = rest.take(length)?;
        rest.take((4 - length % 4) % 4);
        first.get_or_insert(value);
    }
    Some(first.unwrap_or_default())
}

/// A named property carries a GUID and a number or a name.
fn skip_name(rest: &mut Bytes<'_>) -> Option<()> {
    rest.take(16)?;
    if rest.u32()? == 0 {
        rest.take(4)?;
    } else {
        let length = rest.u32()? as usize;
        rest.take(length.checked_add((4 - length % 4) % 4)?)?;
    }
    Some(())
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn take_up_to(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn record(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).unwrap();
        [&[level][..], &id.to_le_bytes(), &length.to_le_bytes(), data, &[0, 0]].concat()
    }

    /// A package with one file, its long name in a property, and a text.
    pub(in crate::mail::letter) fn sample() -> Vec<u8> {
        let name: Vec<u8> = "réponse longue.txt\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut props =
            [1u32.to_le_bytes(), (u32::from(PR_ATTACH_LONG_FILENAME) << 16 | 0x1f).to_le_bytes()].concat();
        props.extend(1u32.to_le_bytes());
        props.extend(u32::try_from(name.len()).unwrap().to_le_bytes());
        props.extend(&name);
        props.extend([0, 0]);
        [
            SIGNATURE.to_vec(),
            vec![1, 0],
            record(1, BODY, b"La demande est trait\xe9e\0"),
            record(2, ATTACH_REND_DATA, &[0; 14]),
            record(2, ATTACH_TITLE, b"REPONS~1.TXT\0"),
            record(2, ATTACH_DATA, b"contenu"),
            record(2, ATTACHMENT, &props),
        ]
        .concat()
    }

    #[test]
    fn files_and_text() {
        let package = read(&sample()).unwrap();
        assert_eq!(package.text.as_deref(), Some("La demande est traitée"));
        assert_eq!(package.files, [("réponse longue.txt".to_owned(), b"contenu".to_vec())]);
    }

    #[test]
    fn damage_costs_only_what_follows() {
        let bytes = sample();
        for cut in 0..bytes.len() {
            let _ = read(&bytes[..cut]);
        }
        let cut = read(&bytes[..bytes.len() - 20]).unwrap();
        assert!(cut.cut && cut.files.len() == 1);
        assert_eq!(read(b"autre chose"), None);
    }
}
