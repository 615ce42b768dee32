//! What somebody else must not read in a text that quotes our mails: reply addresses, tokens, Message-IDs, our marker
//! line, and the addresses of the people of a demande in quoted headers (mail.md §6).
//!
//! Pure and linear. Knows how clients and relays damage an address (wrapped, percent-encoded, upper case). Does not
//! open tokens: what has the form of one goes, whoever made it. The raw mail stays as it came.

mod flat;
mod headers;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::reply::Reply;
use flat::Flat;

/// Stands where an address stood.
pub const MASKED: &str = "[adresse masquée]";

/// What has the form of a token, with the line breaks that a client put in it (`\x01`, see [`Flat`]).
const TOKEN: &str = r"(?:[a-z2-7]\x01?){41}[a-z2-7]";
/// Between a word and its token: the separators of relays, `+` percent-encoded (again by link protections), or in
/// quoted-printable that was not decoded; `.` in our Message-IDs.
const SEPARATOR: &str = r"(?:[+.=_#~\-]|%(?:25)*2B|=2B)\x01?";
const WORD: &str = r"[a-z0-9\-]+\x01?";
const AT: &str = r"\x01?(?:@|%(?:25)*40|=40)\x01?";
const DOMAIN: &str = r"[a-z0-9]+(?:[.\-][a-z0-9]+)*";
/// The subject and body of a button's link.
const QUERY: &str = r#"(?:\?(?u:[^\s<>"')\]\x01])*)?"#;

/// An address of ours, or one that lost its domain.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let whole = format!(
        "(?:mailto(?::|%(?:25)*3A)\\x01?)?(?:{WORD}{SEPARATOR})?[a-z2-7]*{TOKEN}{AT}{DOMAIN}{QUERY}\
         |{WORD}{SEPARATOR}(?:[a-z2-7]{{42,}}|{TOKEN})\\b"
    );
    Regex::new(&format!("(?i-u){whole}")).ok()
});

/// A token alone, as an attribute or a log shows it.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u)\b[a-z2-7]{42,}\b").ok());

/// A text without our addresses and tokens.
pub fn text(text: &str) -> Cow<'_, str> {
    let found = tokens(text);
    if found.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(replaced(text, &found, &mut [])) }
}

/// Longest file that is also read as a text, in octets.
const READ_AS_TEXT: usize = 2 << 20;

/// True when something in these bytes has the form of an address of ours: one of our mails attached as a file, as
/// `.eml`, `.msg` (UTF-16) or printed to a PDF with its links. What is compressed is not opened.
pub fn carries_token(bytes: &[u8]) -> bool {
    let before = |at: usize, width: usize| {
        let start = at.checked_sub(width * super::token::TOKEN_CHARS)?;
        let token = bytes[start..at].iter().step_by(width).map(|byte| char::from(*byte)).collect::<String>();
        Some(super::token::has_form(&token))
    };
    let plain = memchr::memchr_iter(b'@', bytes)
        .any(|at| before(at, 1).unwrap_or_default() || before(at, 2).unwrap_or_default());
    let text = bytes.len() <= READ_AS_TEXT && !bytes.contains(&0);
    plain || text && !tokens(&String::from_utf8_lossy(bytes)).is_empty()
}

/// A reply that may be shown to others: none of its parts holds an address of ours or the `marker` line, and its
/// quoted part none of `known` (the people of the demande) nor any address of a quoted header.
#[must_use]
pub fn reply(mut reply: Reply, marker: &str, known: &[&str]) -> Reply {
    let mut found = tokens(&reply.said);
    found.extend(headers::marker_lines(&reply.said, marker));
    reply.said = replaced(&reply.said, &sorted(found), &mut reply.context);
    reply.signature = text(&reply.signature).into_owned();
    reply.quoted = quoted(&reply.quoted, marker, known);
    reply
}

/// The quoted part, for people of either side.
fn quoted(quoted: &str, marker: &str, known: &[&str]) -> String {
    let mut found = tokens(quoted);
    found.extend(headers::marker_lines(quoted, marker));
    let without = replaced(quoted, &sorted(found), &mut []);
    let people = headers::addresses(&without, known);
    replaced(&without, &people, &mut [])
}

/// A stretch of a text, and what stands there instead.
type Edit = (Range<usize>, &'static str);

/// Where the addresses and tokens are.
fn tokens(text: &str) -> Vec<Edit> {
    if text.len() < super::token::TOKEN_CHARS {
        return Vec::new();
    }
    let flat = Flat::of(text);
    let mut found: Vec<Edit> = Vec::new();
    for pattern in [&ADDRESS, &BARE] {
        let Some(pattern) = pattern.as_ref() else { continue };
        let bare = std::ptr::eq(pattern, BARE.as_ref().unwrap_or(pattern));
        let matches = pattern.find_iter(&flat.text).filter(|m| !bare || has_digit(m.as_str()));
        found.extend(matches.map(|m| (flat.origin(m.range()), MASKED)));
    }
    sorted(found)
}

/// A long word has the letters of a token; hardly a token is without one of its digits (1 in 6 000).
fn has_digit(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
}

/// By place, the longer first; what lies within another is left out.
fn sorted(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    edits.retain(|(range, _)| {
        let free = range.start >= end;
        end = end.max(range.end);
        free
    });
    edits
}

/// The text with its edits, which are in order; `marks` are ranges of it and move along.
fn replaced(text: &str, edits: &[Edit], marks: &mut [Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, instead) in edits {
        out.push_str(&text[from..range.start]);
        out.push_str(instead);
        from = range.end;
    }
    out.push_str(&text[from..]);
    for mark in marks {
        *mark = moved(mark.start, edits)..moved(mark.end, edits);
    }
    out
}

/// Where a place of the text is after its edits; a place within an edit is at its end.
fn moved(at: usize, edits: &[Edit]) -> usize {
    let mut now = at;
    for (range, instead) in edits.iter().take_while(|(range, _)| range.start < at) {
        let gone = range.end.min(at).max(range.start) - range.start;
        now = now + instead.len() - gone;
    }
    now
}

#[cfg(test)]
mod tests;
