//! Images: their size in pixels by their first bytes, and whether they look like a signature's decoration.

use super::files::Attachment;

/// A decoration weighs less than this, in bytes.
const LIGHT: usize = 40 * 1024;

/// One mail's opinion. `places`: for each time the HTML shows it, whether inside a signature or quotation.
pub(super) fn is_logo(file: &Attachment, places: &[bool]) -> bool {
    if !file.kind.starts_with("image/") || file.size > 4 * LIGHT {
        return false;
    }
    if !file.inline && file.content_id.is_none() {
        return false;
    }
    let shown = !places.is_empty();
    let foreign = shown && places.iter().all(|foreign| *foreign);
    match dimensions(&file.bytes) {
        Some((width, height)) if foreign => height <= 400 && width <= 1200,
        Some((width, height)) if shown => width <= 2 || height <= 24,
        Some((width, height)) => {
            width <= 2 || height <= 2 || (height <= 130 && width <= 700 && file.size <= LIGHT)
        }
        None => foreign || file.size <= 4 * 1024,
    }
}

/// Width and height in pixels of a PNG, GIF, BMP or JPEG.
fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let be = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
    let le16 = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes).map(u32::from);
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be(16)?, be(20)?));
    }
    if bytes.starts_with(b"GIF8") {
        return Some((le16(6)?, le16(8)?));
    }
    if bytes.starts_with(b"BM") {
        return Some((le16(18)?, le16(22)?));
    }
    jpeg(bytes)
}

/// The start-of-frame segment; segments say their own length.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    if !bytes.starts_with(b"\xff\xd8") {
        return None;
    }
    let be16 = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes);
    let mut at = 2;
    loop {
        let [0xff, code] = *bytes.get(at..at + 2)? else { return None };
        if matches!(code, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) {
            return Some((be16(at + 7)?.into(), be16(at + 5)?.into()));
        }
        at += 2 + usize::from(be16(at + 2)?.max(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend(120u32.to_be_bytes());
        png.extend(40u32.to_be_bytes());
        assert_eq!(dimensions(&png), Some((120, 40)));
        assert_eq!(dimensions(b"GIF89a\x01\0\x02\0"), Some((1, 2)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x10\0\x20";
        assert_eq!(dimensions(jpeg), Some((32, 16)));
        assert_eq!(dimensions(b"\xff\xd8\xff\xe0\0\0"), None);
    }
}
