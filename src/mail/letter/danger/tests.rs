use super::*;

/// An archive with these entries, nothing in them, flags as given.
fn archive(entries: &[(&str, u8)]) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0".to_vec();
    for (name, flags) in entries {
        let mut header = [0u8; 46];
        header[..4].copy_from_slice(b"PK\x01\x02");
        header[8] = *flags;
        header[28] = u8::try_from(name.len()).unwrap();
        bytes.extend(header);
        bytes.extend(name.as_bytes());
    }
    bytes.extend(b"PK\x05\x06");
    bytes.extend([0; 18]);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    [&b"\xff\xfe"[..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
}

#[test]
fn programs_by_name_or_bytes() {
    for name in [
        "facture.pdf.EXE",
        "photo.jpg .scr",
        "a.lnk",
        "disque.iso",
        "disque.vhdx",
        "a.js",
        "a.vbs",
        "a.hta",
        "a.ps1",
        "a.cmd",
        "a.url",
        "lien.desktop",
        "a.exe. .",
        "a.settingcontent-ms",
    ] {
        assert_eq!(reason(name, b"x"), Some(EXECUTABLE), "{name}");
    }
    let mut dos = vec![0; 80];
    dos[..2].copy_from_slice(b"MZ");
    let mut disk = vec![0; 0x8800];
    disk[0x8001..0x8006].copy_from_slice(b"CD001");
    for bytes in [
        b"\x7fELF...".to_vec(),
        dos,
        disk,
        b"#!/bin/sh\n".to_vec(),
        b"\xef\xbb\xbf@ECHO OFF\r\n".to_vec(),
        b"MSCF\0\0\0\0".to_vec(),
        b"L\0\0\0\x01\x14\x02\0".to_vec(),
    ] {
        assert_eq!(reason("facture.pdf", &bytes), Some(EXECUTABLE), "{:?}", &bytes[..4]);
    }
    for (name, bytes) in [
        ("a.txt", &b"MZ est un sigle"[..]),
        ("a.pdf", b"%PDF-1.7"),
        ("exe", b"x"),
        ("programme.exe.pdf", b"%PDF-1.7"),
        ("cabinet.docx", b"PK\x03\x04"),
        ("@echo.txt", b"@echo"),
        ("", b""),
    ] {
        assert_eq!(reason(name, bytes), None, "{name}");
    }
}

#[test]
fn encrypted_archives() {
    assert_eq!(reason("dossier.zed", b"x"), Some(ENCRYPTED));
    assert_eq!(reason("a.zip", b"PK\x03\x04\x14\0\x01\0"), Some(ENCRYPTED), "cut short");
    assert_eq!(reason("a.zip", b"PK\x03\x04\x14\0\0\0"), None);
    assert_eq!(reason("a.zip", &archive(&[("a.pdf", 0), ("b.pdf", 1)])), Some(ENCRYPTED));
    assert_eq!(reason("a.pdf", &archive(&[("b.pdf", 9)])), Some(ENCRYPTED), "whatever its name");
    let behind = [&b"GIF89a"[..], &archive(&[("b.pdf", 1)])].concat();
    assert_eq!(reason("a.gif", &behind), Some(ENCRYPTED), "behind an image");
}

#[test]
fn an_archive_is_told_by_its_names_and_not_opened() {
    assert_eq!(reason("a.zip", &archive(&[("a.pdf", 0), ("b/photo.jpg", 0)])), None);
    assert_eq!(reason("a.zip", &archive(&[("a.pdf", 0), ("b/facture.pdf.exe", 0)])), Some(EXECUTABLE));
    assert_eq!(reason("a.zip", &archive(&[("lien.LNK", 0)])), Some(EXECUTABLE));
    assert_eq!(
        reason("a.zip", &archive(&[("autre.zip", 0)])),
        None,
        "an archive within is the scanner's business"
    );
}

#[test]
fn a_bomb_costs_nothing() {
    let names: Vec<String> = (0..60_000).map(|i| format!("{i}")).collect();
    let entries: Vec<(&str, u8)> = names.iter().map(|name| (name.as_str(), 0)).collect();
    assert_eq!(reason("a.zip", &archive(&entries)), None);
    assert_eq!(reason("a.html", &b"<a ".repeat(500_000)), None);
}

#[test]
fn documents_with_macros() {
    assert_eq!(reason("a.xlsm", b"PK\x03\x04"), Some(SCRIPT));
    assert_eq!(reason("a.docx", &archive(&[("word/document.xml", 0)])), None);
    assert_eq!(
        reason("a.docx", &archive(&[("word/document.xml", 0), ("word/vbaProject.bin", 0)])),
        Some(SCRIPT)
    );
    assert_eq!(reason("a.odt", &archive(&[("Basic/Standard/Module1.xml", 0)])), Some(SCRIPT));
    let old = [&b"\xd0\xcf\x11\xe0"[..], &wide("_VBA_PROJECT")].concat();
    assert_eq!(reason("a.doc", &old), Some(SCRIPT));
    assert_eq!(reason("a.doc", b"\xd0\xcf\x11\xe0 WordDocument"), None);
}

#[test]
fn pages_that_do_something() {
    for page in [
        "<html><script>x</script>",
        "<HTML><body ONLOAD = 'x'>",
        "<!DOCTYPE html><form action=https://x.example>",
        "<svg xmlns='x'><a href='javascript:x'/></svg>",
        "<html><img src=x/onerror=alert(1)>",
        "<html><meta http-equiv=\"Refresh\" content='0;url=x'>",
        "<?xml version='1.0'?>\n<html><iframe src=x>",
    ] {
        assert_eq!(reason("courrier.html", page.as_bytes()), Some(SCRIPT), "{page}");
        assert_eq!(reason("courrier.pdf", page.as_bytes()), Some(SCRIPT), "by its octets: {page}");
        assert_eq!(reason("courrier.htm", &wide(page)), Some(SCRIPT), "UTF-16: {page}");
    }
    for page in
        ["<html><body><p>Bonjour, once upon a time = 3</p></body></html>", "<svg><path d='M0'/></svg>", ""]
    {
        assert_eq!(reason("courrier.html", page.as_bytes()), None, "{page}");
    }
    assert_eq!(reason("script.txt", b"le mot <script> dans un texte"), None);
    assert_eq!(reason("dessin.svgz", b"\x1f\x8b\x08"), Some(SCRIPT));
}
