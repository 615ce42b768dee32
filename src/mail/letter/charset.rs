//! Bytes to text: the declared charset, then UTF-8, then windows-1252, and what the bytes themselves contradict.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Decodes a text part; never fails, and a wrong declaration does not win against valid UTF-8.
pub(crate) fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    let text = decode_declared(bytes, declared.map(|label| label.trim_matches(['"', '\'', ' '])));
    match unscramble(&text) {
        Some(repaired) => Cow::Owned(repaired),
        None => text,
    }
}

/// Header bytes without a declaration: UTF-8 (RFC 6532), what is not is windows-1252.
pub(crate) fn loose(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(patchwork(bytes)),
    }
}

fn decode_declared<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    if declared.is_some_and(is_utf7) {
        return utf7(bytes);
    }
    let encoding = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    match Encoding::for_bom(bytes) {
        Some((bom, length)) => return bom.decode_without_bom_handling(&bytes[length..]).0,
        None if encoding.is_none_or(|e| e == UTF_8) => return loose(bytes),
        None => {}
    }
    let encoding = encoding.unwrap_or(WINDOWS_1252);
    if !encoding.is_ascii_compatible() {
        return stateful(bytes, encoding);
    }
    // Valid UTF-8 beyond ASCII is UTF-8, whatever was declared: other text is not so by chance.
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding.decode_without_bom_handling(bytes).0,
    }
}

/// ISO-2022-JP and UTF-16 are not supersets of ASCII: followed, unless the bytes are plainly not in them.
fn stateful<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    let (text, errors) = encoding.decode_without_bom_handling(bytes);
    let wide = encoding.name().starts_with("UTF-16");
    if errors || (wide && !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()) {
        return loose(bytes);
    }
    text
}

/// Each run of valid UTF-8 as it is, each byte that is not as windows-1252: right for Latin-1 under a wrong
/// declaration, for a UTF-8 text cut in a character, and for a mix of both.
fn patchwork(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    out
}

/// "traitÃ©e": UTF-8 that somebody read as windows-1252 and encoded again. Undone only if the whole text says so.
fn unscramble(text: &str) -> Option<String> {
    let suspect = ["Ã©", "Ã¨", "Ã\u{a0}", "Ãª", "Ã§", "â€™", "Ã´", "Ã®", "Ã»", "Ã¢", "Ã‰", "Ã€"];
    if memchr::memmem::find(text.as_bytes(), "Ã".as_bytes()).is_none()
        && memchr::memmem::find(text.as_bytes(), "â€".as_bytes()).is_none()
    {
        return None;
    }
    if !suspect.iter().any(|s| text.contains(s)) {
        return None;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    String::from_utf8(bytes.into_owned()).ok()
}

fn is_utf7(label: &str) -> bool {
    label.eq_ignore_ascii_case("utf-7") || label.eq_ignore_ascii_case("unicode-1-1-utf-7")
}

/// RFC 2152 is no WHATWG encoding: by `mail-parser`.
fn utf7(bytes: &[u8]) -> Cow<'_, str> {
    match mail_parser::decoders::charsets::map::charset_decoder(b"utf-7") {
        Some(decoder) => Cow::Owned(decoder(bytes)),
        None => loose(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_or_not() {
        assert_eq!(decode(b"trait\xE9e", Some("iso-8859-1")), "traitée");
        assert_eq!(decode(b"50 \xA4", Some("iso-8859-15")), "50 €");
        assert_eq!(decode(b"l\x92agent", Some("iso-8859-1")), "l’agent");
        assert_eq!(decode(b"trait\xE9e", None), "traitée");
        assert_eq!(decode(b"trait\xE9e", Some("utf-8")), "traitée");
        assert_eq!(decode("traitée".as_bytes(), Some("us-ascii")), "traitée");
        assert_eq!(decode("traitée".as_bytes(), Some("windows-1252")), "traitée");
        assert_eq!(decode("traitée".as_bytes(), Some("x-inconnu")), "traitée");
        assert_eq!(decode(b"\x1b$B%O%m!<\x1b(B", Some("iso-2022-jp")), "ハロー");
        assert_eq!(decode(b"d+AOk-j+AOA-", Some("utf-7")), "déjà");
        assert_eq!(decode(b"\xFF\xFEo\0k\0", Some("utf-16")), "ok");
        assert_eq!(decode(b"bonjour", Some("utf-16")), "bonjour");
    }

    #[test]
    fn a_cut_character_costs_only_itself() {
        assert_eq!(decode(b"\xC3\xA9t\xC3\xA9 coup\xC3", Some("utf-8")), "été coupÃ");
    }

    #[test]
    fn twice_encoded() {
        assert_eq!(
            decode("La demande est traitÃ©e, câ€™est fait.".as_bytes(), Some("utf-8")),
            "La demande est traitée, c’est fait."
        );
        assert_eq!(decode("São Paulo, Ãrea".as_bytes(), None), "São Paulo, Ãrea");
    }
}
