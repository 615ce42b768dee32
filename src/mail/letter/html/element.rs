//! A start tag as the tokenizer gives it, piece by piece, in buffers that are used again.

use super::rules;

/// Longest attribute value that is kept, in bytes.
const LONGEST: usize = 4096;

/// How an element lays out its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Layout {
    #[default]
    Inline,
    Link,
    Block,
    Paragraph,
    Heading,
    Quote,
    Pre,
    Bullets,
    Numbers,
    Item,
    Table,
    Row,
    Cell,
    /// Never shown: scripts, styles, titles…
    Hidden,
    Break,
    Rule,
    Image,
    /// Other elements without an end tag.
    Void,
}

impl Layout {
    pub(super) fn of(name: &[u8]) -> Layout {
        match name {
            b"a" => Layout::Link,
            b"p" => Layout::Paragraph,
            b"br" => Layout::Break,
            b"hr" => Layout::Rule,
            b"img" => Layout::Image,
            b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Layout::Heading,
            b"blockquote" => Layout::Quote,
            b"pre" | b"xmp" | b"plaintext" | b"listing" => Layout::Pre,
            b"ul" | b"menu" | b"dir" => Layout::Bullets,
            b"ol" => Layout::Numbers,
            b"li" => Layout::Item,
            b"table" => Layout::Table,
            b"tr" => Layout::Row,
            b"td" | b"th" => Layout::Cell,
            b"div" | b"body" | b"html" | b"center" | b"section" | b"article" | b"header" | b"footer"
            | b"main" | b"nav" | b"aside" | b"figure" | b"figcaption" | b"address" | b"form"
            | b"fieldset" | b"dl" | b"dt" | b"dd" | b"caption" | b"details" | b"summary" | b"option"
            | b"legend" => Layout::Block,
            b"script" | b"style" | b"title" | b"noscript" | b"template" | b"svg" | b"math" | b"iframe"
            | b"object" | b"audio" | b"video" | b"canvas" | b"noembed" | b"noframes" | b"noframe"
            | b"xml" => Layout::Hidden,
            b"area" | b"base" | b"col" | b"embed" | b"input" | b"link" | b"meta" | b"param" | b"source"
            | b"track" | b"wbr" | b"basefont" | b"frame" | b"keygen" => Layout::Void,
            _ => Layout::Inline,
        }
    }

    pub(super) fn is_void(self) -> bool {
        matches!(self, Layout::Break | Layout::Rule | Layout::Image | Layout::Void)
    }

    /// Closes an open paragraph, and ends the search for the start of a badly nested inline element.
    pub(super) fn is_block(self) -> bool {
        !matches!(self, Layout::Inline | Layout::Link | Layout::Hidden) && !self.is_void()
            || self == Layout::Rule
    }
}

/// The start tag being read; only the attributes that mean something here.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) layout: Layout,
    pub(super) key: u64,
    pub(super) id: String,
    pub(super) class: String,
    /// Lower case.
    pub(super) style: String,
    pub(super) href: String,
    pub(super) src: String,
    pub(super) alt: String,
    pub(super) kind: String,
    pub(super) cite: String,
    pub(super) marker: String,
    pub(super) name_attribute: String,
    pub(super) start: String,
    /// Values of `data-relais…` attributes, separated by spaces.
    pub(super) relais: String,
    pub(super) hidden: bool,
    /// `data-bm-signature` stands there.
    pub(super) bluemind: bool,
    attribute: Attribute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Attribute {
    #[default]
    Other,
    Id,
    Class,
    Style,
    Href,
    Src,
    Alt,
    Kind,
    Cite,
    Marker,
    Name,
    Start,
    Relais,
}

impl Element {
    pub(super) fn begin(&mut self, name: &[u8]) {
        self.layout = Layout::of(name);
        self.key = key(name);
        let buffers = [
            &mut self.id,
            &mut self.class,
            &mut self.style,
            &mut self.href,
            &mut self.src,
            &mut self.alt,
            &mut self.kind,
            &mut self.cite,
            &mut self.marker,
            &mut self.name_attribute,
            &mut self.start,
            &mut self.relais,
        ];
        buffers.into_iter().for_each(String::clear);
        self.hidden = false;
        self.bluemind = false;
        self.attribute = Attribute::Other;
    }

    pub(super) fn attribute(&mut self, name: &[u8]) {
        self.attribute = match name {
            b"id" => Attribute::Id,
            b"class" => Attribute::Class,
            b"style" => Attribute::Style,
            b"href" => Attribute::Href,
            b"src" => Attribute::Src,
            b"alt" => Attribute::Alt,
            b"type" => Attribute::Kind,
            b"cite" => Attribute::Cite,
            b"data-marker" => Attribute::Marker,
            b"name" => Attribute::Name,
            b"start" | b"value" => Attribute::Start,
            _ if name.starts_with(b"data-relais") => Attribute::Relais,
            _ => Attribute::Other,
        };
        self.hidden |= name == b"hidden";
        self.bluemind |= name == b"data-bm-signature";
    }

    pub(super) fn value(&mut self, value: &[u8]) {
        let slot = match self.attribute {
            Attribute::Other => return,
            Attribute::Id => &mut self.id,
            Attribute::Class => &mut self.class,
            Attribute::Style => &mut self.style,
            Attribute::Href => &mut self.href,
            Attribute::Src => &mut self.src,
            Attribute::Alt => &mut self.alt,
            Attribute::Kind => &mut self.kind,
            Attribute::Cite => &mut self.cite,
            Attribute::Marker => &mut self.marker,
            Attribute::Name => &mut self.name_attribute,
            Attribute::Start => &mut self.start,
            Attribute::Relais => &mut self.relais,
        };
        // The first of two attributes counts (HTML §13.2.5.33); ours are several, and all count.
        let several = self.attribute == Attribute::Relais && slot.len() < LONGEST;
        if several && !slot.is_empty() {
            slot.push(' ');
        }
        if (slot.is_empty() || several) && value.len() <= LONGEST {
            slot.push_str(&String::from_utf8_lossy(value));
        }
        if self.attribute == Attribute::Style {
            self.style.make_ascii_lowercase();
        }
    }

    /// Class names, without Outlook's prefixes.
    pub(super) fn classes(&self) -> impl Iterator<Item = &str> {
        self.class.split_ascii_whitespace().take(20).map(rules::strip)
    }

    /// Not shown to the person. Our own marker is looked at even when hidden.
    pub(super) fn is_hidden(&self) -> bool {
        let style = self.style.as_str();
        let styled = !style.is_empty()
            && (declares(style, "display", "none")
                || declares(style, "visibility", "hidden")
                || declares(style, "mso-hide", "all")
                || ["font-size", "max-height", "opacity"]
                    .iter()
                    .any(|name| declares(style, name, "0") || declares(style, name, "0px")));
        (self.layout == Layout::Hidden || self.hidden || styled) && self.relais.is_empty()
    }

    /// A paragraph that its client shows without a blank line before and after.
    pub(super) fn is_tight(&self) -> bool {
        let style = self.style.as_str();
        self.classes()
            .any(|class| class.starts_with("Mso") || matches!(class, "p1" | "p2" | "p3" | "elementToProof"))
            || declares_start(style, "margin", "0")
            || (declares_start(style, "margin-top", "0") && declares_start(style, "margin-bottom", "0"))
    }

    /// The sign of a list item in Outlook's HTML, which has no lists.
    pub(super) fn is_word_bullet(&self) -> bool {
        declares_start(&self.style, "mso-list", "ignore")
    }

    pub(super) fn is_preformatted(&self) -> bool {
        self.layout == Layout::Pre || declares_start(&self.style, "white-space", "pre")
    }
}

fn declarations(style: &str) -> impl Iterator<Item = (&str, &str)> {
    style.split(';').filter_map(|d| d.split_once(':')).map(|(name, value)| (name.trim(), value.trim()))
}

fn declares(style: &str, name: &str, value: &str) -> bool {
    declarations(style).any(|(n, v)| n == name && v.trim_end_matches("!important").trim_end() == value)
}

fn declares_start(style: &str, name: &str, value: &str) -> bool {
    declarations(style).any(|(n, v)| n == name && v.starts_with(value))
}

/// The first eight bytes of a tag name as a number: enough to tell elements apart.
pub(super) fn key(name: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = name.len().min(8);
    bytes[..length].copy_from_slice(&name[..length]);
    u64::from_le_bytes(bytes)
}
