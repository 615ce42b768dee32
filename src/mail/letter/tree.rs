//! The MIME structure of a mail as a flat list of parts, in one pass over its lines.
//!
//! `mail-parser` is not used for this: it drops nested `message/rfc822` recursively (1 MB of them aborts the process),
//! rescans the rest of the mail for every multipart whose boundary is missing (quadratic), and decodes the charset
//! before one can doubt it. Here depth and number are bounded, and a wrong boundary is found again.

use super::head::{Head, Kind, line_end, trim_eol};
use super::{Limits, transfer};

/// A part: a leaf with its still encoded bytes, or a multipart with children.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) head: Head<'a>,
    pub(crate) kind: Kind,
    /// `attachment`, `inline` or empty.
    pub(crate) disposition: Kind,
    pub(crate) children: Vec<usize>,
    pub(crate) body: &'a [u8],
    pub(crate) multipart: bool,
}

impl Part<'_> {
    /// The bytes without their transfer encoding.
    pub(crate) fn decoded(&self) -> std::borrow::Cow<'_, [u8]> {
        let encoding = self.head.token("content-transfer-encoding").unwrap_or_default();
        transfer::decode(self.body, &encoding)
    }

    /// The name its sender gave, if any, not cleaned.
    pub(crate) fn file_name(&self) -> Option<&str> {
        self.disposition.param("filename").or_else(|| self.kind.param("name"))
    }

    /// `Content-ID` without `<>`.
    pub(crate) fn content_id(&self) -> Option<String> {
        self.head.ids("content-id").into_iter().next().or_else(|| self.head.text("content-id"))
    }
}

/// Reads all parts; the first is the mail itself. Past the limits, the rest is left alone.
pub(crate) fn read<'a>(raw: &'a [u8], limits: &Limits) -> Vec<Part<'a>> {
    let mut walk =
        Walk { raw, limits, budget: limits.headers_bytes, parts: Vec::new(), open: Vec::new(), leaf: None };
    let mut at = walk.begin(0, None);
    while let Some(line) = walk.next_delimiter(at) {
        at = walk.delimiter(line);
    }
    walk.end_leaf(raw.len());
    while let Some(open) = walk.open.pop() {
        walk.end_multipart(&open, raw.len());
    }
    walk.parts
}

/// A multipart whose end was not seen yet.
struct Open {
    part: usize,
    /// `None` until one is known: no parameter, or an empty one.
    boundary: Option<Vec<u8>>,
    body: usize,
    /// A delimiter of it was seen.
    met: bool,
}

struct Walk<'a, 'l> {
    raw: &'a [u8],
    limits: &'l Limits,
    budget: usize,
    parts: Vec<Part<'a>>,
    open: Vec<Open>,
    /// The leaf being read and where its body begins.
    leaf: Option<(usize, usize)>,
}

enum Found {
    /// Level in the stack, and whether it closes the multipart.
    Delimiter(usize, bool),
    Text,
}

impl Walk<'_, '_> {
    /// Reads a part's header; returns where its body begins.
    fn begin(&mut self, at: usize, parent: Option<usize>) -> usize {
        let (head, body) = Head::read(self.raw, at, &mut self.budget);
        let digest = parent.is_some_and(|p| self.parts[p].kind.is("multipart", "digest"));
        let kind = head.kind("content-type").unwrap_or_else(|| default_kind(digest));
        let disposition = head.kind("content-disposition").unwrap_or_default();
        let index = self.parts.len();
        if let Some(parent) = parent {
            self.parts[parent].children.push(index);
        }
        let multipart = kind.top == "multipart" && self.open.len() < self.limits.depth;
        if multipart {
            let boundary = kind.param("boundary").unwrap_or_default().trim_end().as_bytes().to_vec();
            let boundary = (!boundary.is_empty()).then_some(boundary);
            self.open.push(Open { part: index, boundary, body, met: false });
        } else {
            self.leaf = Some((index, body));
        }
        self.parts.push(Part { head, kind, disposition, children: Vec::new(), body: &[], multipart });
        body
    }

    /// The start of the next line that begins with `--`, from a line start on.
    fn next_delimiter(&self, at: usize) -> Option<usize> {
        if self.open.is_empty() || at >= self.raw.len() {
            return None;
        }
        if self.raw[at..].starts_with(b"--") {
            return Some(at);
        }
        memchr::memmem::find(&self.raw[at..], b"\n--").map(|n| at + n + 1)
    }

    /// Deals with the line at `at`, which begins with `--`; returns where reading goes on.
    fn delimiter(&mut self, at: usize) -> usize {
        let next = line_end(self.raw, at);
        let Found::Delimiter(level, closing) = self.look_up(at, next) else { return next };
        self.end_leaf(before_line(self.raw, at));
        while self.open.len() > level + 1 {
            if let Some(open) = self.open.pop() {
                self.end_multipart(&open, at);
            }
        }
        if closing {
            self.open.pop();
            return next;
        }
        let Some(top) = self.open.last_mut() else { return next };
        top.met = true;
        if self.parts.len() >= self.limits.parts {
            return next;
        }
        let parent = top.part;
        self.begin(next, Some(parent))
    }

    fn look_up(&mut self, at: usize, next: usize) -> Found {
        let line = trim_eol(&self.raw[at + 2..next]);
        for (level, open) in self.open.iter().enumerate().rev() {
            let Some(boundary) = open.boundary.as_deref() else { continue };
            let Some(rest) = line.strip_prefix(boundary) else { continue };
            if boundary.is_empty() && !matches!(line, b"" | b"--") {
                continue;
            }
            let (closing, rest) = rest.strip_prefix(b"--").map_or((false, rest), |rest| (true, rest));
            if rest.trim_ascii().is_empty() {
                return Found::Delimiter(level, closing && open.met);
            }
        }
        self.adopt(line, next)
    }

    /// The declared boundary never came, and here is a line that does its work: it stands for it.
    fn adopt(&mut self, line: &[u8], next: usize) -> Found {
        let level = self.open.len().wrapping_sub(1);
        let Some(open) = self.open.last_mut().filter(|open| !open.met) else { return Found::Text };
        let follows = self.raw[next..].get(..8).is_some_and(|w| w.eq_ignore_ascii_case(b"content-"));
        let unknown = open.boundary.is_none();
        if !follows || (line.len() < 2 && !(unknown && line.is_empty())) {
            return Found::Text;
        }
        open.boundary = Some(line.trim_ascii_end().to_vec());
        Found::Delimiter(level, false)
    }

    fn end_leaf(&mut self, end: usize) {
        if let Some((index, body)) = self.leaf.take() {
            self.parts[index].body = &self.raw[body..end.max(body)];
        }
    }

    /// A multipart without any part is text: what stands in it must not be lost.
    fn end_multipart(&mut self, open: &Open, end: usize) {
        let part = &mut self.parts[open.part];
        if part.children.is_empty() {
            part.multipart = false;
            part.kind = default_kind(false);
            part.body = &self.raw[open.body..end.max(open.body)];
        }
    }
}

fn default_kind(digest: bool) -> Kind {
    let (top, sub) = if digest { ("message", "rfc822") } else { ("text", "plain") };
    Kind::new(top, sub)
}

/// The line break before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
fn before_line(raw: &[u8], at: usize) -> usize {
    let end = at.saturating_sub(1);
    if end > 0 && raw[end - 1] == b'\r' { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(raw: &str) -> Vec<(String, String)> {
        let read = read(raw.as_bytes(), &Limits::default());
        read.iter().map(|p| (p.kind.essence(), String::from_utf8_lossy(p.body).into_owned())).collect()
    }

    fn leaves(raw: &str) -> Vec<String> {
        let read = read(raw.as_bytes(), &Limits::default());
        read.iter().filter(|p| !p.multipart).map(|p| String::from_utf8_lossy(p.body).into_owned()).collect()
    }

    #[test]
    fn nested() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\npre\n--a\nContent-Type: multipart/alternative; boundary=a-b\n\n--a-b\n\nun\n--a-b\nContent-Type: text/html\n\n<p>un\n--a-b--\n--a\nContent-Type: application/pdf\n\nPDF\n--a--\npost";
        let all = parts(raw);
        let kinds: Vec<_> = all.iter().map(|(k, _)| k.as_str()).collect();
        assert_eq!(
            kinds,
            ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "application/pdf"]
        );
        assert_eq!(leaves(raw), ["un", "<p>un", "PDF"]);
    }

    #[test]
    fn a_wrong_boundary_is_found_again() {
        let raw = "Content-Type: multipart/mixed; boundary=faux\n\n--vrai\nContent-Type: text/plain\n\nun\n--vrai\nContent-Type: text/plain\n\ndeux\n--vrai--\n";
        assert_eq!(leaves(raw), ["un", "deux"]);
    }

    #[test]
    fn a_missing_end_loses_nothing() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nun";
        assert_eq!(leaves(raw), ["un"]);
        let raw = "Content-Type: multipart/mixed; boundary=a\n\nrien que du texte\n";
        assert_eq!(leaves(raw), ["rien que du texte\n"]);
    }

    #[test]
    fn signature_dashes_are_text() {
        let raw = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nun\n-- \nJean\n--a--\n";
        assert_eq!(leaves(raw), ["un\n-- \nJean"]);
    }

    #[test]
    fn parts_and_depth_are_bounded() {
        let limits = Limits::default();
        let flat = format!("Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n\nx\n".repeat(5000));
        assert_eq!(read(flat.as_bytes(), &limits).len(), limits.parts);
        let level = |n: u32| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
        let deep: String = (0..1000).map(level).collect();
        let read = read(deep.as_bytes(), &limits);
        assert!(read.len() <= limits.depth + 1);
        assert!(read.iter().filter(|p| p.multipart).count() <= limits.depth);
    }
}
