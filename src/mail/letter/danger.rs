//! Files that are not passed on: programs, and archives that no virus scanner can open. Archives are not opened.

use memchr::memmem;

use super::names;

const EXECUTABLE: &str = "executable";
const ENCRYPTED: &str = "encrypted archive";

/// Windows and macOS start these with a double click.
const PROGRAMS: [&str; 42] = [
    "ade", "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "gadget", "hta", "img",
    "inf", "iso", "jar", "js", "jse", "lnk", "msc", "msi", "msix", "msp", "pif", "ps1", "psm1", "reg", "scf",
    "scr", "sct", "sh", "sys", "url", "vb", "vbe", "vbs", "vhd", "wsc", "wsf", "wsh", "xll",
];

/// Why the file must not be passed on.
pub(super) fn reason(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let extension = names::extension(name).unwrap_or_default();
    if PROGRAMS.contains(&extension.as_str()) || is_program(bytes) {
        return Some(EXECUTABLE);
    }
    let encrypted = matches!(extension.as_str(), "zed" | "7zaes" | "pgp" | "gpg" | "axx")
        || is_encrypted_zip(bytes)
        || is_encrypted_7z(bytes)
        || is_encrypted_rar(bytes)
        || is_encrypted_office(bytes);
    encrypted.then_some(ENCRYPTED)
}

/// DOS/Windows, ELF, Mach-O, Java, scripts with an interpreter line.
fn is_program(bytes: &[u8]) -> bool {
    const MAGIC: [&[u8]; 8] = [
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
        b"#!/",
        b"L\0\0\0\x01\x14\x02\0",
    ];
    MAGIC.iter().any(|magic| bytes.starts_with(magic)) || is_dos(bytes)
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

/// A local file header (APPNOTE 4.3.7) whose flags say "encrypted"; one entry is enough.
fn is_encrypted_zip(bytes: &[u8]) -> bool {
    if !bytes.starts_with(b"PK\x03\x04") {
        return false;
    }
    let local = bytes.get(6).is_some_and(|flags| flags & 1 == 1);
    // The central directory tells of all entries.
    local
        || memmem::find_iter(bytes, b"PK\x01\x02")
            .any(|at| bytes.get(at + 8).is_some_and(|flags| flags & 1 == 1))
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
mod tests {
    use super::*;

    #[test]
    fn programs_by_name_or_bytes() {
        assert_eq!(reason("facture.pdf.EXE", b"x"), Some(EXECUTABLE));
        assert_eq!(reason("facture.pdf", b"\x7fELF..."), Some(EXECUTABLE));
        let mut dos = vec![0; 80];
        dos[..2].copy_from_slice(b"MZ");
        assert_eq!(reason("a.pdf", &dos), Some(EXECUTABLE));
        assert_eq!(reason("a.txt", b"MZ est un sigle"), None);
        assert_eq!(reason("a.pdf", b"%PDF-1.7"), None);
    }

    #[test]
    fn encrypted_archives() {
        assert_eq!(reason("dossier.zed", b"x"), Some(ENCRYPTED));
        assert_eq!(reason("a.zip", b"PK\x03\x04\x14\0\x01\0"), Some(ENCRYPTED));
        assert_eq!(reason("a.zip", b"PK\x03\x04\x14\0\0\0"), None);
        assert_eq!(reason("a.zip", b"PK\x03\x04\x14\0\0\0..PK\x01\x02\x14\0\x14\0\x01\0"), Some(ENCRYPTED));
    }
}
