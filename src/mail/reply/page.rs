//! The page being read: the lines of a body, how deep each is quoted, and which part each ends up in. Lines are
//! slices of the body's text; nothing is copied before the end.

use super::fold::{fold_into, is_blank};
use crate::mail::body::{Body, Span, SpanKind};

/// Where a line ends up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// What the person wrote.
    Said,
    /// The earlier conversation, banners.
    Quoted,
    /// Signature, footers, disclaimers.
    Signature,
}

/// One line, as offsets into the text (a mail is far below 4 GB; beyond, the last line grows).
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    start: u32,
    end: u32,
    /// How many `>` stand before it, or 1 when the HTML says that it is quoted.
    pub(super) depth: u8,
    /// Nothing to see on it once the `>` are off.
    pub(super) blank: bool,
    /// Its part, [`Part::Said`] until something tells otherwise.
    pub(super) part: Part,
    /// Shown, but not the person's words: context of an answer, a mail passed on.
    pub(super) theirs: bool,
}

/// The lines of one body.
pub(super) struct Page<'a> {
    text: &'a str,
    pub(super) spans: &'a [Span],
    pub(super) lines: Vec<Line>,
    /// For each line, one more than the index of the span that marks it; empty without spans.
    told: Vec<u32>,
    /// For a page made of another's lines: which they were.
    origin: Vec<usize>,
}

impl<'a> Page<'a> {
    pub(super) fn of(body: &'a Body) -> Self {
        let mut lines = Vec::with_capacity(body.text.len() / 24 + 1);
        let mut start = 0;
        for raw in body.text.split('\n') {
            lines.push(Line::read(raw, start));
            start += raw.len() + 1;
        }
        let mut page =
            Page { text: &body.text, spans: &body.spans, lines, told: Vec::new(), origin: Vec::new() };
        if !body.spans.is_empty() {
            page.mark_spans();
        }
        page
    }

    /// Tells the lines what the structure says of them, in one sweep however the spans nest.
    fn mark_spans(&mut self) {
        let spans = self.spans;
        let mut depth = vec![0_i32; self.len() + 1];
        self.told = vec![0; self.len()];
        for (n, span) in spans.iter().enumerate() {
            let lines = self.span_lines(span);
            if span.kind == SpanKind::Quoted {
                depth[lines.start] += 1;
                depth[lines.end] -= 1;
            } else if let Some(told) = self.told.get_mut(lines.start) {
                *told = u32::try_from(n + 1).unwrap_or(0);
            }
        }
        let mut open = 0;
        for (line, change) in self.lines.iter_mut().zip(depth) {
            open += change;
            line.depth = line.depth.max(u8::from(open > 0));
        }
    }

    /// What the structure says of the line, when a span other than a quotation starts on it.
    pub(super) fn told(&self, i: usize) -> Option<&'a Span> {
        let n = *self.told.get(i)?;
        self.spans.get((n as usize).checked_sub(1)?)
    }

    /// The lines that a span covers.
    pub(super) fn span_lines(&self, span: &Span) -> std::ops::Range<usize> {
        let first = self.lines.partition_point(|l| (l.start as usize) < span.range.start);
        let last = self.lines.partition_point(|l| (l.start as usize) < span.range.end);
        first..last.max(first)
    }

    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The line as it stands, without its end.
    pub(super) fn raw(&self, i: usize) -> &'a str {
        let line = self.lines[i];
        self.text.get(line.start as usize..line.end as usize).unwrap_or_default()
    }

    /// The line without its `>` marks and the white space around.
    pub(super) fn bare(&self, i: usize) -> &'a str {
        unquoted(self.raw(i)).trim()
    }

    pub(super) fn blank(&self, i: usize) -> bool {
        self.lines[i].blank
    }

    /// A line of a quotation, by its `>` or by the HTML's word.
    pub(super) fn quoted(&self, i: usize) -> bool {
        self.lines[i].depth > 0
    }

    /// Replaces `out` by the folded form of the line without its `>` marks.
    pub(super) fn fold(&self, i: usize, out: &mut String) {
        out.clear();
        fold_into(self.bare(i), out);
    }

    /// The first line from `i` on that is not blank.
    pub(super) fn next_text(&self, i: usize) -> Option<usize> {
        (i..self.len()).find(|&j| !self.blank(j))
    }

    /// The last line before `i` that is not blank, looked for at most 40 lines away.
    pub(super) fn previous_text(&self, i: usize) -> Option<usize> {
        (i.saturating_sub(40)..i).rev().find(|&j| !self.blank(j))
    }

    /// Puts lines that were still the person's into another part.
    pub(super) fn put(&mut self, lines: std::ops::Range<usize>, part: Part) {
        for line in &mut self.lines[lines] {
            line.part = part;
        }
    }

    /// Says that lines which are shown are somebody else's.
    pub(super) fn lend(&mut self, lines: std::ops::Range<usize>) {
        for line in &mut self.lines[lines] {
            line.theirs = true;
        }
    }

    /// A page of the lines that are still the person's, read without what the structure said.
    pub(super) fn remaining(&self) -> Self {
        let mut origin: Vec<usize> = (0..self.len()).filter(|&i| self.lines[i].part == Part::Said).collect();
        let empty = |i: usize| self.blank(i) && !self.quoted(i);
        while origin.last().is_some_and(|&i| empty(i)) {
            origin.pop();
        }
        let lead = origin.iter().take_while(|&&i| empty(i)).count();
        origin.drain(..lead);
        let lines = origin.iter().map(|&i| self.lines[i]).collect();
        Self { text: self.text, spans: &[], lines, told: Vec::new(), origin }
    }

    /// Takes over what a page of [`Page::remaining`] lines has put elsewhere.
    pub(super) fn adopt(&mut self, page: &Self) {
        for (line, &i) in page.lines.iter().zip(&page.origin) {
            self.lines[i] = *line;
        }
    }

    /// The number, from 1, that line `i` has in the body.
    pub(super) fn number(&self, i: usize) -> usize {
        self.origin.get(i).copied().unwrap_or(i) + 1
    }

    /// The lines of a part, joined, blank lines at both ends off, and the ranges of it that are somebody else's.
    pub(super) fn part(&self, part: Part) -> (String, Vec<std::ops::Range<usize>>) {
        let (mut out, mut theirs) = (String::new(), Vec::<std::ops::Range<usize>>::new());
        for i in (0..self.len()).filter(|&i| self.lines[i].part == part) {
            if out.is_empty() && self.blank(i) && self.lines[i].depth == 0 {
                continue;
            }
            let start = out.len();
            out.push_str(self.raw(i));
            out.push('\n');
            match theirs.last_mut() {
                _ if !self.lines[i].theirs => {}
                Some(last) if last.end == start => last.end = out.len(),
                _ => theirs.push(start..out.len()),
            }
        }
        out.truncate(out.trim_end().len());
        theirs.retain_mut(|range| {
            range.end = range.end.min(out.len());
            range.start < range.end
        });
        (out, theirs)
    }
}

impl Line {
    fn read(raw: &str, start: usize) -> Self {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        let rest = unquoted(raw);
        let depth = raw[..raw.len() - rest.len()].bytes().filter(|&b| b == b'>').count();
        Line {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(start + raw.len()).unwrap_or(u32::MAX),
            depth: u8::try_from(depth).unwrap_or(u8::MAX),
            blank: is_blank(rest),
            part: Part::Said,
            theirs: false,
        }
    }
}

/// What follows the `>` marks of a line (at most three spaces before the first).
fn unquoted(raw: &str) -> &str {
    let bytes = raw.as_bytes();
    let lead = bytes.iter().take(4).take_while(|b| **b == b' ').count();
    if lead > 3 || bytes.get(lead) != Some(&b'>') {
        return raw;
    }
    let end = bytes[lead..].iter().take_while(|b| matches!(b, b'>' | b' ' | b'\t')).count() + lead;
    &raw[end..]
}
