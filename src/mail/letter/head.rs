//! A block of header fields: where it ends, what each field says.
//!
//! Knows RFC 5322 folding and what real mails do to it. Addresses, dates and parameters are parsed by `mail-parser`;
//! its whole-message parser is not used (see `tree`).

use std::borrow::Cow;

use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use super::{Mailbox, charset, words};

/// Longest value handed to a structured parser, in bytes: no honest field comes near.
const LONGEST: usize = 32 * 1024;

/// Most encoded words in one structured field: `mail-parser` rescans after each that is broken.
const MOST_WORDS: usize = 200;

/// One header field, as it stands in the mail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: &'a [u8],
}

/// A block of header fields, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head<'a> {
    fields: Vec<Field<'a>>,
    /// From fields seen, kept or not: a second one must not hide behind a long header.
    from_fields: usize,
}

impl<'a> Head<'a> {
    /// Reads the block that begins at `start`; returns it with the offset of what follows.
    ///
    /// At most `budget` bytes of fields are kept (and taken from it); the rest is skipped, not refused.
    pub(crate) fn read(raw: &'a [u8], start: usize, budget: &mut usize) -> (Head<'a>, usize) {
        let mut fields: Vec<(usize, Field<'a>)> = Vec::new();
        let mut at = start;
        while at < raw.len() {
            let end = line_end(raw, at);
            let line = trim_eol(&raw[at..end]);
            match classify(line) {
                Line::Blank => return (close(fields, budget), end),
                Line::Continued => {
                    if let Some((from, last)) = fields.last_mut() {
                        last.value = trim_eol(&raw[*from..end]);
                    }
                }
                Line::Field(colon) => {
                    let from = at + colon + 1;
                    let name = line[..colon].trim_ascii_end();
                    fields.push((from, Field { name, value: &line[colon + 1..] }));
                }
                // An mbox separator, or one damaged line between two good ones.
                Line::Foreign if line.starts_with(b"From ") || line.starts_with(b">From ") => {}
                Line::Foreign if !line.starts_with(b"--") && is_field_at(raw, end) => {}
                Line::Foreign => return (close(fields, budget), at),
            }
            at = end;
        }
        (close(fields, budget), raw.len())
    }

    /// How many From fields stand there, kept or not.
    pub(crate) fn count_from(&self) -> usize {
        self.from_fields
    }

    /// No field at all was read.
    pub(crate) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The raw values of every field of this name, topmost first.
    pub(crate) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'a [u8]> + use<'h, 'a> {
        self.fields.iter().filter(|f| f.name.eq_ignore_ascii_case(name.as_bytes())).map(|f| f.value)
    }

    /// The raw value of the topmost field of this name.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The topmost field of this name, unfolded, trimmed, its encoded words left alone.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.raw(name).map(unfold)
    }

    /// The first word of the topmost field, lower case: what comes before `;`, a space or a comment.
    pub(crate) fn token(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let word = text.split([';', ' ', '\t', '(']).next().unwrap_or_default();
        Some(word.to_ascii_lowercase())
    }

    /// Whether a field of this name stands there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Whether a field whose name begins so stands there.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.fields.iter().any(|f| {
            f.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
        })
    }

    /// Encoded words decoded, one line.
    pub(crate) fn decoded(&self, name: &str) -> String {
        self.raw(name).map(|value| words::decode(&unfold(value))).unwrap_or_default()
    }

    /// Every address of every field of this name, in order; groups are opened.
    pub(crate) fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        self.all(name).flat_map(addresses).collect()
    }

    /// Message-IDs of every field of this name, without `<>`, in the order written.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(|value| ids(&unfold(value))).collect()
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn date(&self) -> Option<i64> {
        let value = line_for_parser(self.raw("date")?);
        match MessageStream::new(&value).parse_date() {
            HeaderValue::DateTime(date) if date.is_valid() => date.to_timestamp().checked_mul(1000),
            _ => None,
        }
    }

    /// A `Content-Type` or `Content-Disposition` field with its parameters (RFC 2231 joined, RFC 2047 decoded).
    pub(crate) fn kind(&self, name: &str) -> Option<Kind> {
        let value = line_for_parser(self.raw(name)?);
        let HeaderValue::ContentType(parsed) = MessageStream::new(&value).parse_content_type() else {
            return None;
        };
        let params = parsed.attributes.unwrap_or_default();
        Some(Kind {
            top: parsed.c_type.trim().to_ascii_lowercase(),
            sub: parsed.c_subtype.unwrap_or_default().trim().to_ascii_lowercase(),
            params: params.into_iter().map(|p| (p.name.into_owned(), p.value.into_owned())).collect(),
        })
    }
}

/// A media type (or a disposition) with its parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kind {
    pub(crate) top: String,
    pub(crate) sub: String,
    params: Vec<(String, String)>,
}

impl Kind {
    pub(crate) fn new(top: &str, sub: &str) -> Kind {
        Kind { top: top.to_owned(), sub: sub.to_owned(), params: Vec::new() }
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    pub(crate) fn is(&self, top: &str, sub: &str) -> bool {
        self.top == top && self.sub == sub
    }

    pub(crate) fn essence(&self) -> String {
        if self.sub.is_empty() { self.top.clone() } else { format!("{}/{}", self.top, self.sub) }
    }
}

enum Line {
    Blank,
    Continued,
    /// Offset of the colon.
    Field(usize),
    Foreign,
}

fn classify(line: &[u8]) -> Line {
    match line.first() {
        None => Line::Blank,
        Some(b' ' | b'\t') if line.trim_ascii().is_empty() && line.len() > 200 => Line::Blank,
        Some(b' ' | b'\t') => Line::Continued,
        Some(_) => field_colon(line).map_or(Line::Foreign, Line::Field),
    }
}

/// Offset of the colon when the line begins with a field name (RFC 5322 §3.6.8; a space before the colon is obsolete
/// but seen).
fn field_colon(line: &[u8]) -> Option<usize> {
    let colon = line.iter().take(200).position(|&b| b == b':')?;
    let name = line[..colon].trim_ascii_end();
    let good = !name.is_empty() && !name.starts_with(b"--") && name.iter().all(|b| (33..=126).contains(b));
    good.then_some(colon)
}

fn is_field_at(raw: &[u8], at: usize) -> bool {
    at < raw.len() && field_colon(trim_eol(&raw[at..line_end(raw, at)])).is_some()
}

fn close<'a>(fields: Vec<(usize, Field<'a>)>, budget: &mut usize) -> Head<'a> {
    let from_fields = fields.iter().filter(|(_, field)| field.name.eq_ignore_ascii_case(b"from")).count();
    let kept = fields.into_iter().map(|(_, field)| field).take_while(|field| {
        let cost = field.name.len() + field.value.len();
        let fits = cost <= *budget;
        *budget = budget.saturating_sub(cost);
        fits
    });
    Head { from_fields, fields: kept.collect() }
}

/// The offset after the line that begins at `at` (its LF included).
pub(crate) fn line_end(raw: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n + 1)
}

/// The line without its LF or CRLF.
pub(crate) fn trim_eol(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// One line: folds become one space, 8-bit bytes become text (RFC 6532, or windows-1252).
pub(crate) fn unfold(value: &[u8]) -> String {
    let text = charset::loose(value);
    if !text.contains(['\n', '\r']) {
        return text.trim().to_owned();
    }
    let lines = text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// What a `mail-parser` field parser wants: UTF-8, ended, bounded. Folds stay: it reads words across them apart, and
/// `verdict` must read the same From.
fn line_for_parser(value: &[u8]) -> Vec<u8> {
    let mut text = charset::loose(value).into_owned();
    let mut cut = text.len().min(LONGEST);
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.truncate(cut);
    if text.matches("=?").count() > MOST_WORDS {
        text = text.replace("=?", "");
    }
    text.push('\n');
    text.into_bytes()
}

fn addresses(value: &[u8]) -> Vec<Mailbox> {
    let line = line_for_parser(value);
    let HeaderValue::Address(parsed) = MessageStream::new(&line).parse_address() else { return Vec::new() };
    let boxes = parsed.iter().filter_map(|addr| {
        let address = addr.address.as_deref()?.trim().to_owned();
        let name = addr.name.as_deref().map(one_line).filter(|n| !n.is_empty());
        Some(Mailbox { name, address })
    });
    boxes.collect()
}

/// No control character survives in what people read.
pub(crate) fn one_line(text: &str) -> String {
    let clean: Cow<'_, str> = if text.contains(char::is_control) {
        text.replace(char::is_control, " ").into()
    } else {
        text.into()
    };
    clean.trim().to_owned()
}

/// What stands between `<` and `>`, or bare words with an `@`; comments and commas do not count.
fn ids(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>') else { break };
        let id = rest[open + 1..open + close].trim();
        // `<<a@b>`: some gateways double the bracket.
        let id = id.rsplit('<').next().unwrap_or(id);
        if !id.is_empty() {
            found.push(id.replace([' ', '\t'], ""));
        }
        rest = &rest[open + close + 1..];
    }
    if found.is_empty() {
        let bare = text.split([' ', '\t', ',', '(', ')']).filter(|w| w.contains('@'));
        found.extend(bare.map(|w| w.trim_matches(['<', '>']).to_owned()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(raw: &str) -> (Head<'_>, usize) {
        Head::read(raw.as_bytes(), 0, &mut 10_000)
    }

    #[test]
    fn folds_and_ends() {
        let (h, body) = head("Subject: un\r\n deux\r\nTo: a@b.test\r\n\r\ntexte");
        assert_eq!(h.text("subject").as_deref(), Some("un deux"));
        assert_eq!(body, "Subject: un\r\n deux\r\nTo: a@b.test\r\n\r\n".len());
    }

    #[test]
    fn a_missing_blank_line_begins_the_body() {
        let raw = "Subject: un\nBonjour tout le monde\n";
        let (_, body) = head(raw);
        assert_eq!(&raw[body..], "Bonjour tout le monde\n");
    }

    #[test]
    fn one_damaged_line_is_passed_over() {
        let (h, _) = head("Subject: un\n?? dommage\nTo: a@b.test\n\nx");
        assert!(h.has("to"));
    }

    #[test]
    fn ids_with_commas_and_comments() {
        let (h, _) = head("References: (vieux) <a@x>,<b@y>\n\t<c@z>\nIn-Reply-To: d@w\n\n");
        assert_eq!(h.ids("references"), ["a@x", "b@y", "c@z"]);
        assert_eq!(h.ids("in-reply-to"), ["d@w"]);
    }

    #[test]
    fn mailboxes_with_words_and_groups() {
        let (h, _) = head("From: =?utf-8?Q?Zo=C3=A9?= <z@a.test>, \"B, C\" <b@a.test>\n\n");
        let boxes = h.mailboxes("from");
        assert_eq!(boxes.len(), 2);
        assert_eq!(boxes[0].name.as_deref(), Some("Zoé"));
        assert_eq!(boxes[1].address, "b@a.test");
    }

    #[test]
    fn the_budget_bounds_what_is_kept() {
        let raw = format!("A: 1\n{}\n\n", "B: xxxxxxxxxxxxxxxx\n".repeat(1000));
        let (h, body) = Head::read(raw.as_bytes(), 0, &mut 200);
        assert!(h.fields.len() < 20);
        let hidden = format!("From: a@b\n{}From: c@d\n\n", "B: xxxxxxxxxxxxxxxx\n".repeat(1000));
        assert_eq!(Head::read(hidden.as_bytes(), 0, &mut 200).0.count_from(), 2);
        assert!(h.has("a"));
        assert_eq!(body, raw.len() - 1);
    }

    #[test]
    fn names_in_parameters() {
        let (h, _) =
            head("Content-Disposition: attachment; filename*0*=UTF-8''pi%C3%A8; filename*1=ce.pdf\n\n");
        assert_eq!(h.kind("content-disposition").unwrap().param("filename"), Some("pièce.pdf"));
        let (h, _) = head("Content-Type: application/pdf; name=\"=?iso-8859-1?Q?re=E7u.pdf?=\"\n\n");
        assert_eq!(h.kind("content-type").unwrap().param("name"), Some("reçu.pdf"));
    }
}
