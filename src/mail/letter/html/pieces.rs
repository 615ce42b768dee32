//! Characters of HTML text as the eye has them: space, no-break space, nothing, something.

/// What a run of bytes is for the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Space,
    Nbsp,
    /// Zero-width fillers of preheaders, soft hyphens, byte order marks, control characters.
    Nothing,
    Visible,
}

/// What begins here and how many bytes it takes.
pub(super) fn classify(bytes: &[u8]) -> (Piece, usize) {
    match bytes {
        [b' ' | b'\t' | b'\n' | b'\r' | 0x0c, ..] => (Piece::Space, 1),
        [0xc2, 0xa0, ..] => (Piece::Nbsp, 2),
        [0xc2, 0xad, ..] | [0xcd, 0x8f, ..] => (Piece::Nothing, 2),
        [0xe2, 0x80, 0x8b, ..] | [0xef, 0xbb, 0xbf, ..] => (Piece::Nothing, 3),
        [0..=0x1f | 0x7f, ..] => (Piece::Nothing, 1),
        _ => (Piece::Visible, visible_length(bytes)),
    }
}

fn visible_length(bytes: &[u8]) -> usize {
    let stop = |b: &u8| matches!(b, 0..=b' ' | 0x7f | 0xc2 | 0xcd | 0xe2 | 0xef);
    // The first byte was judged already; its continuation bytes never stop.
    let first = bytes.first().map_or(1, |b| match b {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    });
    let rest = bytes.get(first..).unwrap_or_default();
    (first + rest.iter().position(stop).unwrap_or(rest.len())).min(bytes.len())
}

/// A no-break space means something before `: ; ! ? » % €`, after `«` and between digits.
pub(super) fn french(before: &str, next: &str) -> bool {
    let next = next.chars().next().unwrap_or(' ');
    let before = before.chars().next_back().unwrap_or(' ');
    matches!(next, ':' | ';' | '!' | '?' | '»' | '%' | '€')
        || before == '«'
        || (before.is_ascii_digit() && next.is_ascii_digit())
}
