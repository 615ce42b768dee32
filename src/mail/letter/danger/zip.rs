//! The directory of a ZIP archive (APPNOTE 4.3.12): names and flags, read where they stand. Nothing is decompressed.

use memchr::memmem;

/// Entries read at most: more names change nothing.
const MOST: usize = 10_000;
/// The end record lies in the last 22 octets and a comment of 64 KiB at most (APPNOTE 4.3.16).
const END: usize = 22 + 65_535;

/// What the directory says of one entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) encrypted: bool,
}

/// The entries, also of an archive behind something else (tools find it by its end); none when it is no archive.
pub(super) fn entries(bytes: &[u8]) -> Vec<Entry> {
    let tail = &bytes[bytes.len().saturating_sub(END)..];
    if memmem::rfind(tail, b"PK\x05\x06").is_none() {
        return Vec::new();
    }
    memmem::find_iter(bytes, b"PK\x01\x02").take(MOST).filter_map(|at| entry(bytes.get(at..)?)).collect()
}

fn entry(header: &[u8]) -> Option<Entry> {
    let length = u16::from_le_bytes([*header.get(28)?, *header.get(29)?]);
    let name = header.get(46..46 + usize::from(length))?;
    Some(Entry { name: String::from_utf8_lossy(name).into_owned(), encrypted: header.get(8)? & 1 == 1 })
}
