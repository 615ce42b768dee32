//! From the parts of a mail to its text, its HTML and its files.
//!
//! Knows what multiparts mean (RFC 2046, 2387, 1847, 6522). Does not know clients.

use std::borrow::Cow;

use super::files::{self, Attachment};
use super::protect::{self, Protection};
use super::tree::{self, Part};
use super::{Limits, charset, choose, flowed, html, tnef};
use crate::mail::body::{Body, Span};

/// What a mail holds.
#[derive(Debug, Default)]
pub(super) struct Content {
    pub(super) body: Body,
    pub(super) relais: Vec<String>,
    pub(super) html: Option<String>,
    pub(super) attachments: Vec<Attachment>,
    pub(super) protection: Protection,
}

/// What stands in the body, in order.
#[derive(Debug)]
enum Piece {
    Text(usize),
    Html(usize),
    /// The same said twice (multipart/alternative).
    Either(Vec<Piece>, Vec<Piece>),
}

/// Reads the parts, and what an opaque signature wraps.
pub(super) fn gather(parts: &[Part<'_>], limits: &Limits) -> Content {
    gather_within(parts, limits, 3)
}

/// Only the text, without files: for a mail inside a mail.
pub(super) fn text_only(parts: &[Part<'_>], limits: &Limits) -> String {
    let mut gathering = Gathering { parts, limits, content: Content::default() };
    let pieces = gathering.pieces(0);
    gathering.fill(&pieces);
    gathering.content.body.text
}

fn gather_within(parts: &[Part<'_>], limits: &Limits, unwraps: usize) -> Content {
    let protection = protect::of(parts);
    if unwraps > 0
        && let Some(wrapped) = protect::unwrap(parts)
    {
        let inner = tree::read(&wrapped, limits);
        let content = gather_within(&inner, limits, unwraps - 1);
        return Content { protection: Protection::SmimeOpaque, ..content };
    }
    let mut gathering = Gathering { parts, limits, content: Content { protection, ..Content::default() } };
    let pieces = gathering.pieces(0);
    let mut used = Vec::new();
    mark_used(&pieces, &mut used);
    let images = gathering.fill(&pieces);
    gathering.files(&used, &images);
    let mut content = gathering.content;
    if let Some(inline) = protect::inline(&mut content.body) {
        content.protection = inline;
    }
    content
}

fn mark_used(pieces: &[Piece], used: &mut Vec<usize>) {
    for piece in pieces {
        match piece {
            Piece::Text(part) | Piece::Html(part) => used.push(*part),
            Piece::Either(text, html) => {
                mark_used(text, used);
                mark_used(html, used);
            }
        }
    }
}

struct Gathering<'p, 'a> {
    parts: &'p [Part<'a>],
    limits: &'p Limits,
    content: Content,
}

impl Gathering<'_, '_> {
    /// The pieces of a part. Recursion is as deep as `Limits::depth`.
    fn pieces(&self, index: usize) -> Vec<Piece> {
        let Some(part) = self.parts.get(index) else { return Vec::new() };
        if !part.multipart {
            return leaf(part, index);
        }
        let children = part.children.iter().map(|child| self.pieces(*child));
        match part.kind.sub.as_str() {
            "alternative" => alternative(children.collect()),
            "signed" | "report" => children.take(1).flatten().collect(),
            "encrypted" => Vec::new(),
            _ => children.flatten().collect(),
        }
    }

    /// Writes the body; returns the images that its HTML shows.
    fn fill(&mut self, pieces: &[Piece]) -> Vec<(String, bool)> {
        let mut images = Vec::new();
        for piece in pieces {
            self.fill_one(piece, &mut images);
        }
        images
    }

    fn fill_one(&mut self, piece: &Piece, images: &mut Vec<(String, bool)>) {
        match piece {
            Piece::Text(part) => {
                let text = self.text(*part);
                self.append(Body { text, spans: Vec::new() });
            }
            Piece::Html(part) => {
                let source = self.html_source(*part);
                self.append_html(&source, images);
                self.show(&source);
            }
            Piece::Either(text, html) => self.either(text, html, images),
        }
    }

    fn either(&mut self, text: &[Piece], html: &[Piece], images: &mut Vec<(String, bool)>) {
        let plain = self.joined(text, Self::text);
        let source = self.joined(html, Self::html_source);
        if choose::text_decides(&plain, &source) {
            self.append(Body { text: plain, spans: Vec::new() });
            if self.has_images() {
                let reading = html::read(&source);
                images.extend(reading.images);
                self.content.relais.extend(reading.relais);
            }
        } else {
            self.append_html(&source, images);
        }
        self.show(&source);
    }

    fn joined(&self, pieces: &[Piece], read: impl Fn(&Self, usize) -> String) -> String {
        let mut parts = Vec::new();
        mark_used(pieces, &mut parts);
        let texts: Vec<String> = parts.into_iter().map(|part| read(self, part)).collect();
        texts.join("\n")
    }

    fn has_images(&self) -> bool {
        self.parts.iter().any(|part| part.kind.top == "image")
    }

    fn append_html(&mut self, source: &str, images: &mut Vec<(String, bool)>) {
        let reading = html::read(source);
        images.extend(reading.images);
        self.content.relais.extend(reading.relais);
        self.append(reading.body);
    }

    /// Adds to the body; the same text again (a mail in `mixed` that should be `alternative`) is not added.
    fn append(&mut self, more: Body) {
        let body = &mut self.content.body;
        if more.text.trim().is_empty() || same_words(&body.text, &more.text) {
            return;
        }
        if !body.text.is_empty() {
            body.text.push('\n');
        }
        let offset = body.text.len();
        body.text.push_str(&more.text);
        let moved = more.spans.into_iter().map(|span| {
            let range = span.range.start + offset..span.range.end + offset;
            Span { range, ..span }
        });
        body.spans.extend(moved);
    }

    fn show(&mut self, source: &str) {
        if self.limits.display && !source.trim().is_empty() {
            let clean = html::safe::clean(source);
            self.content.html.get_or_insert_default().push_str(&clean);
        }
    }

    /// A text part, decoded, its line ends LF.
    fn text(&self, index: usize) -> String {
        let part = &self.parts[index];
        let bytes = part.decoded();
        let text = charset::decode(&bytes, part.kind.param("charset"));
        let is =
            |name, value| part.kind.param(name).is_some_and(|v: &str| v.trim().eq_ignore_ascii_case(value));
        if is("format", "flowed") { flowed::unflow(&text, is("delsp", "yes")) } else { flowed::plain(&text) }
    }

    fn html_source(&self, index: usize) -> String {
        let part = &self.parts[index];
        let bytes = part.decoded();
        let declared =
            part.kind.param("charset").map(Cow::Borrowed).or_else(|| meta_charset(&bytes).map(Cow::Owned));
        charset::decode(&bytes, declared.as_deref()).into_owned()
    }

    fn files(&mut self, used: &[usize], images: &[(String, bool)]) {
        let report = self.parts.first().is_some_and(|root| root.kind.is("multipart", "report"));
        if report || self.content.protection == Protection::Encrypted {
            return;
        }
        let mut room = self.limits.decoded_bytes;
        for (index, part) in self.parts.iter().enumerate() {
            if part.multipart || used.contains(&index) || !files::is_file(part) {
                continue;
            }
            if tnef::is_tnef(part) && self.unpack(part, &mut room) {
                continue;
            }
            let file = files::attachment(part, images, self.content.attachments.len() + 1, &mut room);
            self.content.attachments.push(file);
        }
    }

    /// Outlook's `winmail.dat`: its files instead of it, and its text when there is no other.
    fn unpack(&mut self, part: &Part<'_>, room: &mut usize) -> bool {
        let Some(package) = tnef::read(&part.decoded()) else { return false };
        if self.content.body.text.trim().is_empty() {
            match (&package.html, &package.text) {
                (Some(source), _) => {
                    self.append_html(&source.clone(), &mut Vec::new());
                    self.show(source);
                }
                (None, Some(text)) => self.append(Body { text: flowed::plain(text), spans: Vec::new() }),
                (None, None) => {}
            }
        }
        if package.cut {
            return false;
        }
        for (name, bytes) in package.files {
            let number = self.content.attachments.len() + 1;
            self.content.attachments.push(files::from_bytes(&name, bytes, number, room));
        }
        true
    }
}

/// The last of each sort is the best (RFC 2046 §5.1.4); AMP and calendars are neither.
fn alternative(children: Vec<Vec<Piece>>) -> Vec<Piece> {
    let (mut text, mut html) = (None, None);
    for pieces in children.into_iter().filter(|pieces| !pieces.is_empty()) {
        let plain = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
        let slot = if plain { &mut text } else { &mut html };
        *slot = Some(pieces);
    }
    match (text, html) {
        (Some(text), Some(html)) => vec![Piece::Either(text, html)],
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => Vec::new(),
    }
}

fn leaf(part: &Part<'_>, index: usize) -> Vec<Piece> {
    let alone = index == 0;
    let attached = part.disposition.top == "attachment" || part.file_name().is_some();
    if part.kind.top != "text" || (attached && !alone) {
        return Vec::new();
    }
    match part.kind.sub.as_str() {
        "plain" | "" | "enriched" | "markdown" => vec![Piece::Text(index)],
        "html" | "xhtml" => vec![Piece::Html(index)],
        _ => Vec::new(),
    }
}

/// `<meta charset=…>` in the first kilobyte, when the part's header declares none.
fn meta_charset(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let after = &start[start.find("charset=")? + 8..];
    let label: String =
        after.trim_start_matches(['"', '\'']).chars().take_while(|c| !"\"'>; /".contains(*c)).collect();
    (!label.is_empty()).then_some(label)
}

fn same_words(one: &str, other: &str) -> bool {
    !one.is_empty() && one.split_whitespace().eq(other.split_whitespace())
}
