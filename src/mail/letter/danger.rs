//! Files that are not passed on: programs, documents with a program in them, and archives that no virus scanner can
//! open. Nothing is decompressed; of a ZIP archive the names in its directory are read, archives within it are not.

mod active;
mod zip;

use memchr::memmem;

use super::names;

const EXECUTABLE: &str = "executable";
const ENCRYPTED: &str = "encrypted archive";
const SCRIPT: &str = "script";

/// Windows, macOS and Linux desktops start these with a double click, or mount them as a disk of programs.
const PROGRAMS: &[&str] = &[
    "ade",
    "apk",
    "app",
    "appimage",
    "application",
    "appref-ms",
    "appx",
    "appxbundle",
    "bat",
    "cab",
    "chm",
    "cmd",
    "com",
    "command",
    "cpl",
    "crx",
    "deb",
    "desktop",
    "diagcab",
    "dll",
    "dmg",
    "elf",
    "exe",
    "gadget",
    "hlp",
    "hta",
    "img",
    "inf",
    "ins",
    "iso",
    "jar",
    "jnlp",
    "js",
    "jse",
    "ksh",
    "lib",
    "library-ms",
    "lnk",
    "mde",
    "mjs",
    "msc",
    "msi",
    "msix",
    "msixbundle",
    "msp",
    "mst",
    "msu",
    "nsh",
    "osd",
    "pif",
    "pkg",
    "pl",
    "ppkg",
    "ps1",
    "ps1xml",
    "psc1",
    "psd1",
    "psm1",
    "py",
    "pyc",
    "pyw",
    "reg",
    "rpm",
    "run",
    "scf",
    "scpt",
    "scr",
    "sct",
    "search-ms",
    "settingcontent-ms",
    "sh",
    "shb",
    "shs",
    "sys",
    "theme",
    "themepack",
    "url",
    "vb",
    "vbe",
    "vbs",
    "vhd",
    "vhdx",
    "vxd",
    "website",
    "wim",
    "wsc",
    "wsf",
    "wsh",
    "xbap",
    "xll",
    "xnk",
];

/// Why the file must not be passed on.
pub(super) fn reason(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let extension = names::extension(name).unwrap_or_default();
    if is_program_name(name) || is_program(bytes) {
        return Some(EXECUTABLE);
    }
    let entries = zip::entries(bytes);
    let encrypted = matches!(extension.as_str(), "zed" | "7zaes" | "pgp" | "gpg" | "axx")
        || is_encrypted_zip(bytes)
        || entries.iter().any(|entry| entry.encrypted)
        || is_encrypted_7z(bytes)
        || is_encrypted_rar(bytes)
        || is_encrypted_office(bytes);
    if encrypted {
        return Some(ENCRYPTED);
    }
    if entries.iter().any(|entry| is_program_name(&entry.name)) {
        return Some(EXECUTABLE);
    }
    (active::has_macros(&extension, bytes, &entries) || active::is_active_page(&extension, bytes))
        .then_some(SCRIPT)
}

/// By the last extension, the one that systems go by.
fn is_program_name(name: &str) -> bool {
    let last = name.trim_end_matches(['.', ' ', '/']).rsplit('.').next().unwrap_or_default().to_lowercase();
    name.contains('.') && PROGRAMS.contains(&last.as_str())
}

/// DOS/Windows, ELF, Mach-O, Java, scripts with an interpreter line, batch files, Windows links, help and cabinets,
/// images of disks.
fn is_program(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 12] = [
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"#!/",
        b"#! /",
        b"ITSF\x03\0\0\0",
        b"MSCF\0\0\0\0",
        b"MSWIM\0\0\0",
        b"L\0\0\0\x01\x14\x02\0",
    ];
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let batch = text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"@echo off"));
    // ISO 9660 §8.1: the first volume descriptor is in sector 16.
    let disk = bytes.get(0x8001..0x8006) == Some(b"CD001");
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || batch || disk || is_dos(bytes)
}

/// "MZ" begins texts too: the pointer to the PE header must lead somewhere, or the size be a DOS program's.
fn is_dos(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"MZ") {
        return false;
    }
    let Some(Ok(pointer)) = bytes.get(60..64).map(<[u8; 4]>::try_from) else { return false };
    let at = u32::from_le_bytes(pointer) as usize;
    bytes.get(at..at.saturating_add(2)) == Some(b"PE") || bytes[2..64].contains(&0)
}

/// A local file header (APPNOTE 4.3.7) whose flags say "encrypted": a truncated archive has no directory.
fn is_encrypted_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") && bytes.get(6).is_some_and(|flags| flags & 1 == 1)
}

/// 7z: the AES coder's id in the header, which stands at the end.
fn is_encrypted_7z(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(64 * 1024)..];
    bytes.starts_with(b"7z\xbc\xaf\x27\x1c") && memmem::find(tail, b"\x06\xf1\x07\x01").is_some()
}

/// RAR 4: encrypted headers or first file; RAR 5: a first header of type 4.
fn is_encrypted_rar(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"Rar!\x1a\x07\x01\0") {
        return bytes.get(13) == Some(&4);
    }
    let main = bytes.get(10).is_some_and(|flags| flags & 0x80 != 0);
    let file = bytes.get(22) == Some(&0x74) && bytes.get(23).is_some_and(|flags| flags & 0x04 != 0);
    bytes.starts_with(b"Rar!\x1a\x07\0") && (main || file)
}

/// An Office document with a password is an OLE file with a stream of this name (MS-OFFCRYPTO 2.3.4.4).
fn is_encrypted_office(bytes: &[u8]) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.starts_with(b"\xd0\xcf\x11\xe0") && memmem::find(bytes, &name).is_some()
}

#[cfg(test)]
mod tests;
