//! The lines that a reader of the HTML saw, built piece by piece, and the spans of them that a structure marks.
//!
//! White space and line breaks wait until the next visible character, as in a browser: no line ends with a space and
//! a block that shows nothing makes no line. Knows nothing of tags.

use super::pieces::{Piece, classify, french};
use super::regions::{Mark, Region, Role, is_introduction, join_signatures};
use crate::mail::body::{Body, Span, SpanKind};

/// Most line ends in a row: two blank lines say as much as twenty.
const MOST_BREAKS: usize = 3;

/// White space that waits for the next visible character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    /// Exactly one no-break space: French typography, perhaps.
    Nbsp,
    Tab,
}

/// What the current line shows so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    /// A no-break space stands alone on it: the line exists.
    Ghost,
    Open,
}

/// The sign of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bullet {
    /// How many lists around its own.
    pub(super) depth: usize,
    /// `None`: "- ".
    pub(super) number: Option<u32>,
}

/// Builds a [`Body`].
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    spans: Vec<Span>,
    regions: Vec<Region>,
    gap: Gap,
    breaks: usize,
    line: Line,
    line_start: usize,
    marker: Option<Bullet>,
    /// A region began or ended here: the line end is certain.
    firm: bool,
    /// A cell continues the line of its row: blocks that begin in it do not break it.
    joining: bool,
}

impl Page {
    pub(super) fn new(capacity: usize) -> Page {
        Page {
            text: String::with_capacity(capacity),
            spans: Vec::new(),
            regions: Vec::new(),
            gap: Gap::None,
            breaks: 0,
            line: Line::Empty,
            line_start: 0,
            marker: None,
            firm: false,
            joining: false,
        }
    }

    /// Text between tags.
    pub(super) fn push(&mut self, text: &str, preformatted: bool) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (class, length) = classify(&bytes[at..]);
            match class {
                Piece::Space if preformatted && bytes[at] == b'\n' => self.line_break(),
                Piece::Space => self.space(Gap::Space),
                Piece::Nbsp => self.nbsp(),
                Piece::Nothing => {}
                Piece::Visible => self.visible(&text[at..at + length]),
            }
            at += length;
        }
    }

    fn visible(&mut self, run: &str) {
        self.settle(run);
        self.text.push_str(run);
        self.line = Line::Open;
    }

    fn space(&mut self, kind: Gap) {
        if self.line == Line::Open && self.gap != Gap::Tab {
            self.gap = if self.gap == Gap::None { kind } else { Gap::Space };
        }
    }

    fn nbsp(&mut self) {
        if self.line == Line::Empty {
            self.line = Line::Ghost;
        }
        self.space(Gap::Nbsp);
    }

    /// Writes what waited, now that a visible character comes.
    fn settle(&mut self, next: &str) {
        if self.breaks > 0 || self.text.is_empty() {
            self.start_line();
        }
        match self.gap {
            Gap::None => {}
            Gap::Space => self.text.push(' '),
            Gap::Tab => self.text.push('\t'),
            Gap::Nbsp if french(&self.text, next) => self.text.push('\u{a0}'),
            Gap::Nbsp => self.text.push(' '),
        }
        self.gap = Gap::None;
        self.firm = false;
        self.joining = false;
    }

    fn start_line(&mut self) {
        if !self.text.is_empty() {
            self.text.extend(std::iter::repeat_n('\n', self.breaks.min(MOST_BREAKS)));
        }
        self.breaks = 0;
        self.line_start = self.text.len();
        self.gap = Gap::None;
        for region in self.regions.iter_mut().rev().take_while(|r| r.start.is_none()) {
            region.start = Some(self.line_start);
        }
        // As its text part would write it: an answer between two quotations shows which lines it answers.
        if self.regions.iter().any(|r| r.role == Role::Is(SpanKind::Quoted)) {
            self.text.push_str("> ");
        }
        if let Some(Bullet { depth, number }) = self.marker.take() {
            self.text.extend(std::iter::repeat_n("  ", depth.min(8)));
            match number {
                Some(number) => self.text.extend([number.to_string().as_str(), ". "]),
                None => self.text.push_str("- "),
            }
        }
    }

    /// `<br>`: ends the line, be it empty.
    pub(super) fn line_break(&mut self) {
        self.joining = false;
        self.breaks += 1;
        self.end_line();
    }

    /// The edge of a block: ends the line if there is one.
    pub(super) fn block(&mut self) {
        if self.joining {
            return;
        }
        match self.line {
            Line::Empty => {}
            Line::Ghost => self.breaks += 1,
            Line::Open => self.breaks = self.breaks.max(1),
        }
        self.end_line();
    }

    fn end_line(&mut self) {
        self.line = Line::Empty;
        self.gap = Gap::None;
    }

    /// The edge of a paragraph with margins: a blank line.
    pub(super) fn margin(&mut self) {
        if self.joining {
            return;
        }
        self.block();
        self.breaks = self.breaks.max(2);
    }

    /// A list item's sign, written when the item shows something.
    pub(super) fn list_marker(&mut self, marker: Bullet) {
        self.marker = Some(marker);
    }

    /// An item that showed nothing leaves no sign behind.
    pub(super) fn drop_list_marker(&mut self) {
        self.marker = None;
    }

    /// The next cell of a row goes on in the same line if the cells before it took no more than one.
    pub(super) fn next_cell(&mut self, row_start: usize) {
        let shown = self.text.len() > row_start.max(self.line_start);
        if shown && !self.firm && self.line_start <= row_start + MOST_BREAKS {
            self.breaks = 0;
            self.line = Line::Open;
            self.gap = Gap::Tab;
            self.joining = true;
        }
    }

    /// The end of a cell, even of an empty one.
    pub(super) fn end_cell(&mut self) {
        self.joining = false;
        self.block();
    }

    /// Where the text stands, with the line end that waits.
    pub(super) fn position(&self) -> usize {
        self.text.len()
    }

    /// What was written since `position`.
    pub(super) fn since(&self, position: usize) -> &str {
        self.text.get(position..).unwrap_or_default()
    }

    /// Adds to the line that was just written, without the white space that waits.
    pub(super) fn append(&mut self, text: &str) {
        if self.breaks == 0 && self.line == Line::Open {
            self.text.push_str(text);
        }
    }

    /// The last line that shows something.
    pub(super) fn last_line(&self) -> &str {
        &self.text[self.line_start..]
    }

    /// Inside a proven quotation, history or signature: nothing in it counts any more.
    pub(super) fn is_foreign(&self) -> bool {
        self.regions.iter().any(|r| matches!(r.role, Role::Is(kind) if kind != SpanKind::Banner))
    }

    fn is_earlier(&self) -> bool {
        let earlier = |r: &Region| matches!(r.role, Role::Is(SpanKind::Quoted | SpanKind::History));
        self.regions.iter().any(earlier)
    }

    /// Inside a wrapper of a client's quotation.
    pub(super) fn is_wrapped(&self) -> bool {
        self.regions.iter().any(|r| r.role == Role::Wrapper)
    }

    /// Opens a region; the number to close it with.
    pub(super) fn open(&mut self, mark: Mark, lasting: bool) -> Option<usize> {
        let Mark { role, .. } = mark;
        if self.is_earlier() && role != Role::Is(SpanKind::Marker) {
            return None;
        }
        self.joining = false;
        self.block();
        self.firm = true;
        match role {
            Role::Is(SpanKind::Quoted) => self.attribute_wrapper(),
            Role::Is(SpanKind::Attribution) => self.wrappers_are_attributed(),
            _ => {}
        }
        if matches!(role, Role::Is(SpanKind::Quoted | SpanKind::History)) {
            self.end_signatures();
        }
        self.regions.push(Region { role, rule: mark.rule, start: None, lasting, attributed: false });
        Some(self.regions.len() - 1)
    }

    /// Text of a wrapper before its first quotation introduces it.
    fn attribute_wrapper(&mut self) {
        let end = self.text.len();
        let Some(wrapper) = self.regions.iter_mut().rev().find(|r| r.role == Role::Wrapper) else { return };
        if std::mem::replace(&mut wrapper.attributed, true) {
            return;
        }
        let (Some(start), rule) = (wrapper.start, wrapper.rule) else { return };
        if self.text[start..end].lines().count() <= 6 {
            self.spans.push(Span { range: start..end, kind: SpanKind::Attribution, rule });
        }
    }

    fn wrappers_are_attributed(&mut self) {
        for region in &mut self.regions {
            region.attributed |= region.role == Role::Wrapper;
        }
    }

    /// A signature ends where a quotation begins inside its element.
    fn end_signatures(&mut self) {
        let end = self.text.len();
        for region in self.regions.iter_mut().filter(|r| r.role == Role::Is(SpanKind::Signature)) {
            if let Some(start) = region.start {
                self.spans.push(Span { range: start..end, kind: SpanKind::Signature, rule: region.rule });
            }
            region.role = Role::Is(SpanKind::Banner);
            region.start = None;
        }
    }

    /// Closes a region and those inside it; a history that began in a mere wrapper goes on after it.
    pub(super) fn close(&mut self, number: usize) {
        self.block();
        self.firm = true;
        let mut inner = self.regions.split_off(number.min(self.regions.len()));
        if inner.is_empty() {
            return;
        }
        let closed = inner.remove(0);
        let encloses = matches!(closed.role, Role::Is(kind) if kind != SpanKind::Banner);
        let (lasting, ended): (Vec<_>, Vec<_>) = inner.into_iter().partition(|r| r.lasting && !encloses);
        for region in ended.into_iter().rev() {
            self.finish_region(&region);
        }
        self.finish_region(&closed);
        self.regions.extend(lasting);
    }

    fn finish_region(&mut self, region: &Region) {
        let Some(start) = region.start else { return };
        let end = self.text.len();
        let lines = &self.text[start..end];
        let kind = match region.role {
            Role::Is(SpanKind::Banner) | Role::Wrapper => return,
            Role::Is(SpanKind::Attribution) if lines.starts_with("-----") => SpanKind::History,
            Role::Is(kind) => kind,
            Role::Suspect(kind) if is_introduction(lines) => kind,
            Role::Suspect(_) => return,
        };
        if kind == SpanKind::History && !region.lasting && !self.is_earlier() {
            let role = Role::Is(SpanKind::History);
            self.regions.push(Region { role, start: Some(start), lasting: true, ..*region });
            return;
        }
        if end > start {
            self.spans.push(Span { range: start..end, kind, rule: region.rule });
        }
    }

    /// The body, its spans sorted and stretched to whole lines.
    pub(super) fn finish(mut self) -> Body {
        while let Some(region) = self.regions.pop() {
            self.finish_region(&Region { lasting: true, ..region });
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        for span in &mut self.spans {
            let rest = &self.text.as_bytes()[span.range.end..];
            span.range.end += memchr::memchr(b'\n', rest).map_or(rest.len(), |n| n + 1);
        }
        self.spans.sort_by_key(|span| (span.range.start, std::cmp::Reverse(span.range.end)));
        let spans = join_signatures(&self.text, self.spans);
        Body { text: self.text, spans }
    }
}
