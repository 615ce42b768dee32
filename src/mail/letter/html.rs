//! HTML to readable text with spans, in one pass of a streaming tokenizer, without a tree.
//!
//! Knows how block elements lay out their lines and, through `rules`, what the mail clients' structures mean. Depth
//! is capped, every step is linear. The HTML for display is made by `safe`.

mod after;
mod element;
mod links;
mod page;
mod pieces;
mod regions;
mod rules;
pub(crate) mod safe;

use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span as Place, Tokenizer};

use self::element::{Element, Layout, key};
use self::page::{Bullet, Page};
use self::regions::{Mark, Role};
use self::rules::Proof;
use crate::mail::body::{Body, SpanKind};

/// Deepest nesting that is followed; what is deeper is read as if it stood there.
const DEEPEST: usize = 128;

/// Most `data-relais` values and image references kept.
const MOST_NOTES: usize = 200;

/// What the HTML of a mail says.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) body: Body,
    /// Content-IDs that it shows, and whether they stand in a quotation, a signature, or below the closing.
    pub(crate) images: Vec<(String, bool)>,
    /// Values of our `data-relais` attributes.
    pub(crate) relais: Vec<String>,
}

/// Reads HTML; never fails.
pub(crate) fn read(html: &str) -> Reading {
    let mut reader = Reader::new(html.len());
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Place<()>| -> Option<Infallible> {
        reader.event(&event);
        None
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(html, emitter).finish();
    reader.finish()
}

/// An element whose end was not seen yet.
#[derive(Debug)]
struct Open {
    key: u64,
    layout: Layout,
    tight: bool,
    hidden: bool,
    preformatted: bool,
    region: Option<usize>,
    /// Where a link's text, or a row, began.
    start: usize,
    href: String,
    /// The next number of a list, 0 for bullets; how many cells of a row.
    count: u32,
}

struct Reader {
    element: Element,
    page: Page,
    open: Vec<Open>,
    /// Elements opened beyond the cap.
    beyond: usize,
    hidden: usize,
    preformatted: usize,
    /// How deep stands the sign of one of Word's list items; 0 for nowhere.
    bullet: usize,
    /// The next block is the signature (iOS writes a `<br id=lineBreakAtBeginningOfSignature>` before it).
    signature_next: bool,
    /// Content-IDs, where in the text, and whether inside a quotation or a signature.
    images: Vec<(String, usize, bool)>,
    relais: Vec<String>,
}

impl Reader {
    fn new(size: usize) -> Reader {
        Reader {
            element: Element::default(),
            page: Page::new(size / 4),
            open: Vec::with_capacity(32),
            beyond: 0,
            hidden: 0,
            preformatted: 0,
            bullet: 0,
            signature_next: false,
            images: Vec::new(),
            relais: Vec::new(),
        }
    }

    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.element.begin(name),
            CallbackEvent::AttributeName { name } => self.element.attribute(name),
            CallbackEvent::AttributeValue { value } => self.element.value(value),
            CallbackEvent::CloseStartTag { .. } => self.start(),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } => self.text(value),
            _ => {}
        }
    }

    fn text(&mut self, value: &[u8]) {
        if self.hidden > 0 {
            return;
        }
        let text = String::from_utf8_lossy(value);
        let sign = self.bullet > 0 && self.open.len() == self.bullet && is_bullet(text.trim());
        self.page.push(if sign { "-" } else { &text }, self.preformatted > 0);
    }

    fn start(&mut self) {
        let layout = self.element.layout;
        if layout.is_block() {
            self.imply_ends(layout);
        }
        if layout.is_void() {
            self.void(layout);
        } else if self.open.len() >= DEEPEST {
            self.beyond += 1;
            if layout.is_block() && self.hidden == 0 {
                self.page.block();
            }
        } else {
            self.push(layout);
        }
    }

    fn push(&mut self, layout: Layout) {
        let hidden = self.hidden > 0 && self.element.relais.is_empty() || self.element.is_hidden();
        let mut open = Open {
            key: self.element.key,
            layout,
            tight: layout == Layout::Paragraph && self.element.is_tight(),
            hidden,
            preformatted: self.element.is_preformatted(),
            region: None,
            start: 0,
            href: String::new(),
            count: 0,
        };
        self.hidden += usize::from(hidden);
        self.preformatted += usize::from(open.preformatted);
        if self.hidden == 0 {
            self.edge(layout, open.tight);
            open.region = self.region(layout);
            self.begin(&mut open);
        }
        self.open.push(open);
        if self.element.is_word_bullet() {
            self.bullet = self.open.len();
        }
    }

    /// The line structure at the start and at the end of an element.
    fn edge(&mut self, layout: Layout, tight: bool) {
        match layout {
            Layout::Paragraph if !tight => self.page.margin(),
            Layout::Heading | Layout::Pre => self.page.margin(),
            Layout::Bullets | Layout::Numbers if self.list_depth() == 0 => self.page.margin(),
            Layout::Cell => {}
            _ if layout.is_block() => self.page.block(),
            _ => {}
        }
    }

    fn list_depth(&self) -> usize {
        self.open.iter().filter(|o| matches!(o.layout, Layout::Bullets | Layout::Numbers)).count()
    }

    /// What a list, an item, a row, a cell or a link must know of its beginning.
    fn begin(&mut self, open: &mut Open) {
        open.start = self.page.position();
        match open.layout {
            Layout::Numbers => open.count = self.element.start.parse().unwrap_or(1).max(1),
            Layout::Item => self.item(),
            Layout::Cell => self.cell(),
            Layout::Link => std::mem::swap(&mut open.href, &mut self.element.href),
            _ => {}
        }
    }

    fn item(&mut self) {
        let depth = self.list_depth().saturating_sub(1);
        let list = self.open.iter_mut().rev().find(|o| matches!(o.layout, Layout::Bullets | Layout::Numbers));
        let number = list.filter(|list| list.layout == Layout::Numbers).map(|list| {
            let number = self.element.start.parse().unwrap_or(list.count);
            list.count = number.saturating_add(1);
            number
        });
        self.page.list_marker(Bullet { depth, number });
    }

    fn cell(&mut self) {
        let row = self.open.iter_mut().rev().take_while(|o| o.layout != Layout::Table);
        let Some(row) = row.into_iter().find(|o| o.layout == Layout::Row) else { return };
        row.count += 1;
        if row.count > 1 {
            self.page.next_cell(row.start);
        } else {
            row.start = self.page.position();
        }
    }

    /// Opens the region that the element marks.
    fn region(&mut self, layout: Layout) -> Option<usize> {
        let announced = std::mem::take(&mut self.signature_next) && layout != Layout::Quote;
        let signature = announced && layout.is_block();
        self.signature_next = announced && !signature;
        if !self.element.relais.is_empty() && self.relais.len() < MOST_NOTES {
            self.relais.extend(self.element.relais.split_ascii_whitespace().map(str::to_owned));
        }
        if signature {
            let rule = "lineBreakAtBeginningOfSignature";
            return self.page.open(Mark { role: Role::Is(SpanKind::Signature), rule }, false);
        }
        if layout == Layout::Quote {
            let mark = self.quotation()?;
            return self.page.open(mark, false);
        }
        let mark = rules::mark_of(&self.element)?;
        let lasting = mark.role == Role::Is(SpanKind::History);
        let region = self.page.open(mark, lasting)?;
        (!lasting).then_some(region)
    }

    /// The rule by which a block quote is a quotation of an earlier mail, if one proves it.
    fn quotation(&self) -> Option<Mark> {
        let quoted = |rule| Some(Mark { role: Role::Is(SpanKind::Quoted), rule });
        let introduced = || rules::is_attribution(self.page.last_line());
        match rules::blockquote(&self.element) {
            Proof::Given(rule) => quoted(rule),
            Proof::Wrapper(rule) if self.page.is_wrapped() || introduced() => quoted(rule),
            Proof::Attribution if self.page.is_wrapped() => quoted("blockquote in wrapper"),
            Proof::Attribution if introduced() => quoted("blockquote after attribution"),
            // Orange writes "Message du …" and the header block inside it.
            Proof::Attribution if self.element.style.contains("border-left") => {
                Some(Mark { role: Role::Suspect(SpanKind::Quoted), rule: "blockquote with an introduction" })
            }
            _ => None,
        }
    }

    fn void(&mut self, layout: Layout) {
        if self.hidden > 0 {
            return;
        }
        match layout {
            Layout::Break => {
                self.page.line_break();
                self.signature_next |= self.element.id.starts_with("lineBreakAtBeginningOfSignature");
            }
            Layout::Rule => {
                self.page.margin();
                if let Some(mark) = rules::mark_of(&self.element) {
                    self.page.open(mark, true);
                }
            }
            Layout::Image if !self.element.is_hidden() => self.image(),
            _ => {}
        }
    }

    /// Emoji drawn as images are text; images of the mail itself are noted.
    fn image(&mut self) {
        let alt = self.element.alt.as_str();
        let emoji = !alt.is_empty()
            && alt.chars().count() <= 8
            && alt.chars().all(|c| !c.is_alphanumeric() && !c.is_ascii() || c == '\u{fe0f}');
        if emoji {
            self.page.push(alt, false);
        }
        if let Some(cid) = self.element.src.strip_prefix("cid:")
            && self.images.len() < MOST_NOTES
        {
            let at = self.page.position();
            self.images.push((links::percent_decoded(cid), at, self.page.is_foreign()));
        }
    }

    /// Ends that HTML leaves out: a block ends a paragraph, an item ends an item, a cell a cell, a row a row.
    fn imply_ends(&mut self, layout: Layout) {
        let (ends, stops): (&[Layout], &[Layout]) = match layout {
            Layout::Item => (&[Layout::Item], &[Layout::Bullets, Layout::Numbers, Layout::Cell]),
            Layout::Cell => (&[Layout::Cell], &[Layout::Row, Layout::Table]),
            Layout::Row => (&[Layout::Row], &[Layout::Table]),
            _ => (&[Layout::Paragraph], &[]),
        };
        for at in (0..self.open.len()).rev() {
            let found = self.open[at].layout;
            if ends.contains(&found) {
                return self.pop_to(at);
            }
            let barrier = if stops.is_empty() { found.is_block() } else { stops.contains(&found) };
            if barrier {
                return;
            }
        }
    }

    fn end(&mut self, name: &[u8]) {
        let layout = Layout::of(name);
        if layout == Layout::Break && self.hidden == 0 {
            return self.page.line_break();
        }
        if self.beyond > 0 && !layout.is_void() {
            self.beyond -= 1;
            return;
        }
        let key = key(name);
        for at in (0..self.open.len()).rev() {
            if self.open[at].key == key {
                return self.pop_to(at);
            }
            if is_barrier(self.open[at].layout, layout) {
                return;
            }
        }
    }

    fn pop_to(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(open) = self.open.pop() else { return };
            self.close(&open);
            if self.open.len() < self.bullet {
                self.bullet = 0;
            }
        }
    }

    fn close(&mut self, open: &Open) {
        if self.hidden == 0 {
            if open.layout == Layout::Link {
                self.link(open);
            }
            if open.layout == Layout::Item {
                self.page.drop_list_marker();
            }
            if open.layout == Layout::Cell {
                self.page.end_cell();
            }
            if let Some(region) = open.region {
                self.page.close(region);
            }
            self.edge(open.layout, open.tight);
        }
        self.hidden -= usize::from(open.hidden);
        self.preformatted -= usize::from(open.preformatted);
    }

    fn link(&mut self, open: &Open) {
        if self.page.is_foreign() {
            return;
        }
        if let Some(address) = links::worth_saying(self.page.since(open.start), &open.href) {
            self.page.append(&format!(" <{address}>"));
        }
    }

    fn finish(mut self) -> Reading {
        self.pop_to(0);
        let mut body = self.page.finish();
        after::zimbra_without_quotation(&mut body);
        let closed = after::closing(&body.text).unwrap_or(usize::MAX);
        let images =
            self.images.into_iter().map(|(cid, at, foreign)| (cid, foreign || at > closed)).collect();
        Reading { body, images, relais: self.relais }
    }
}

/// Word writes its bullets as letters of symbol fonts.
fn is_bullet(text: &str) -> bool {
    matches!(text, "·" | "•" | "o" | "§" | "Ø" | "ü" | "v" | "q" | "-" | "–" | "\u{f0b7}" | "\u{f0a7}")
}

/// What an end tag may not reach across: inline ends stop at blocks, other ends at the cell they stand in.
fn is_barrier(passed: Layout, ending: Layout) -> bool {
    match ending {
        Layout::Inline | Layout::Link | Layout::Hidden => passed.is_block(),
        Layout::Cell | Layout::Row | Layout::Table => passed == Layout::Table,
        _ => matches!(passed, Layout::Cell | Layout::Table),
    }
}

#[cfg(test)]
mod tests;
