//! Documents that run something when they are opened: Office files with macros, pages with scripts.
//!
//! PDF is passed on even with scripts: the forms of the administration (Cerfa) have them, and readers confine them.

use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

use super::super::names;
use super::zip::Entry;

/// Extensions that Office gives to files with macros, and to its add-ins.
const WITH_MACROS: [&str; 12] =
    ["docm", "dotm", "xlsm", "xltm", "xlam", "xla", "pptm", "potm", "ppsm", "ppam", "sldm", "xlm"];
const PAGES: [&str; 10] = ["htm", "html", "xhtml", "xht", "shtml", "mht", "mhtml", "svg", "svgz", "xml"];

/// What runs, sends or goes elsewhere in a page: a false password form needs one of these.
static ACTIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?i-u)<(?:script|iframe|frame|object|embed|applet|form|base|portal|handler)[\s/>]|(?:java|vb)script:|data:text/html|<[^>]{0,2000}[\s/"']on[a-z]{3,30}\s*=|http-equiv\s*=\s*["']?refresh"#,
    )
    .ok()
});

/// Macros, told by the extension, by the part of an Office Open XML or `OpenDocument` file, or by the stream of an
/// older one (MS-OVBA 2.3.4.1).
pub(super) fn has_macros(extension: &str, bytes: &[u8], entries: &[Entry]) -> bool {
    let part = |entry: &Entry| {
        let name = entry.name.to_lowercase();
        name.ends_with("vbaproject.bin")
            || name.starts_with("basic/") && names::extension(&name).as_deref() == Some("xml")
    };
    WITH_MACROS.contains(&extension) || entries.iter().any(part) || has_old_macros(bytes)
}

fn has_old_macros(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "_VBA_PROJECT".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(b"\xd0\xcf\x11\xe0") && memmem::find(bytes, &name).is_some()
}

/// A page, by its name or its first octets, with something active in it; UTF-16 is read too.
pub(super) fn is_active_page(extension: &str, bytes: &[u8]) -> bool {
    let Some(active) = ACTIVE.as_ref() else { return true };
    if !(PAGES.contains(&extension) || looks_like_a_page(bytes)) {
        return false;
    }
    // What is compressed (svgz) cannot be looked at.
    if bytes.starts_with(b"\x1f\x8b") {
        return true;
    }
    if !bytes.contains(&0) {
        return active.is_match(bytes);
    }
    let narrow: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    active.is_match(&narrow)
}

fn looks_like_a_page(bytes: &[u8]) -> bool {
    let start: Vec<u8> = bytes
        .iter()
        .take(1024)
        .copied()
        .filter(|byte| *byte != 0)
        .map(|byte| byte.to_ascii_lowercase())
        .collect();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start).trim_ascii_start();
    let marks: [&[u8]; 6] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<svg", b"<script"];
    marks.iter().any(|mark| start.starts_with(mark)) || memmem::find(start, b"<html").is_some()
}
