//! HTML that may be shown: no script, no form, nothing loaded from elsewhere, no tracking pixel.
//!
//! A streaming pass writes balanced, shallow HTML of known elements (html5ever is quadratic on nested ones), then
//! `ammonia` decides what is allowed. Images stay only as `cid:`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::LazyLock;

use ammonia::Builder;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span as Place, Tokenizer};

/// Deepest nesting and most elements that are shown; the text of the rest stays.
const DEEPEST: usize = 48;
const MOST_ELEMENTS: usize = 20_000;
/// Most bytes that are shown as HTML, and most characters in them that must be escaped.
const LONGEST: usize = 1024 * 1024;
const MOST_ESCAPES: usize = 100_000;
/// html5ever's serialiser is quadratic in the escapes of one text node: longer ones are cut by a `<wbr>`.
const ESCAPES_IN_A_NODE: usize = 500;

/// Elements that are kept, and those that hide what they contain.
const KEPT: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "small",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "tr",
    "ul",
];
const SILENT: &[&str] = &[
    "script", "style", "title", "noscript", "template", "svg", "math", "iframe", "object", "audio", "video",
    "canvas", "noembed", "xml",
];
const ATTRIBUTES: &[&str] = &[
    "href", "src", "alt", "title", "style", "dir", "lang", "colspan", "rowspan", "align", "valign", "start",
    "type", "width",
];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .add_tags(["font", "big"])
        .rm_tags(["map", "area", "figure", "figcaption"])
        .add_generic_attributes(["style", "dir", "align"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .filter_style_properties(HashSet::from([
            "color",
            "background-color",
            "font-weight",
            "font-style",
            "text-decoration",
            "text-align",
            "border-left",
            "padding-left",
        ]))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("img", "src") => value.starts_with("cid:").then_some(Cow::Borrowed(value)),
            (_, "href") if value.starts_with("cid:") => None,
            (_, "style") if value.contains("url") || value.contains('\\') => None,
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

/// Sanitises the HTML of a mail for display.
pub(crate) fn clean(html: &str) -> String {
    let mut cut = html.len().min(LONGEST);
    while !html.is_char_boundary(cut) {
        cut -= 1;
    }
    let mut writer = Writer { out: String::with_capacity(cut), ..Writer::default() };
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, _: Place<()>| -> Option<Infallible> {
        writer.event(&event);
        None
    });
    emitter.naively_switch_states(true);
    let Ok(()) = Tokenizer::new_with_emitter(&html[..cut], emitter).finish();
    let balanced = writer.finish();
    CLEANER.clean(&balanced).to_string()
}

#[derive(Debug, Default)]
struct Writer {
    out: String,
    open: Vec<&'static str>,
    elements: usize,
    /// The start tag being read, when it is kept.
    tag: Option<&'static str>,
    attribute: Option<&'static str>,
    /// Attributes already written.
    seen: Vec<&'static str>,
    attributes: String,
    escapes: usize,
    silent: usize,
    silent_tag: Option<&'static str>,
}

impl Writer {
    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.begin(name),
            CallbackEvent::AttributeName { name } => self.attribute(name),
            CallbackEvent::AttributeValue { value } => self.value(value),
            CallbackEvent::CloseStartTag { self_closing } => self.start(*self_closing),
            CallbackEvent::EndTag { name } => self.end(name),
            CallbackEvent::String { value } if self.silent == 0 => self.text(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\u{a0}');
        let mut in_node = 0;
        let mut rest = text;
        while let Some(at) = rest.find(special) {
            let next = at + rest[at..].chars().next().map_or(1, char::len_utf8);
            escape(&rest[..next], &mut self.out);
            rest = &rest[next..];
            self.escapes += 1;
            in_node += 1;
            if self.escapes > MOST_ESCAPES {
                return;
            }
            if in_node % ESCAPES_IN_A_NODE == 0 {
                self.out.push_str("<wbr>");
            }
        }
        self.out.push_str(rest);
    }

    fn begin(&mut self, name: &[u8]) {
        self.tag = known(KEPT, name);
        self.silent_tag = known(SILENT, name);
        self.attribute = None;
        self.attributes.clear();
        self.seen.clear();
    }

    fn attribute(&mut self, name: &[u8]) {
        self.attribute =
            known(ATTRIBUTES, name).filter(|name| self.tag.is_some() && !self.seen.contains(name));
    }

    fn value(&mut self, value: &[u8]) {
        let Some(name) = self.attribute.take().filter(|_| value.len() <= 4096) else { return };
        self.seen.push(name);
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape(&String::from_utf8_lossy(value), &mut self.attributes);
        self.attributes.push('"');
    }

    fn start(&mut self, self_closing: bool) {
        if self.silent_tag.is_some() {
            self.silent += usize::from(!self_closing);
            return;
        }
        let Some(tag) = self.tag.take().filter(|_| self.silent == 0) else { return };
        let void = is_void(tag);
        self.elements += 1;
        if self.elements > MOST_ELEMENTS || (!void && self.open.len() >= DEEPEST) {
            self.out.push(' ');
            return;
        }
        self.out.push('<');
        self.out.push_str(tag);
        self.out.push_str(&self.attributes);
        self.out.push('>');
        if !void {
            self.open.push(tag);
        }
    }

    fn end(&mut self, name: &[u8]) {
        if known(SILENT, name).is_some() {
            self.silent = self.silent.saturating_sub(1);
            return;
        }
        let Some(tag) = known(KEPT, name) else { return };
        let Some(at) = self.open.iter().rposition(|open| *open == tag) else { return };
        self.close_to(at);
    }

    fn close_to(&mut self, at: usize) {
        while self.open.len() > at {
            let Some(tag) = self.open.pop() else { return };
            self.out.push_str("</");
            self.out.push_str(tag);
            self.out.push('>');
        }
    }

    fn finish(mut self) -> String {
        self.close_to(0);
        self.out
    }
}

fn known(list: &[&'static str], name: &[u8]) -> Option<&'static str> {
    list.iter().copied().find(|known| known.as_bytes() == name)
}

fn is_void(tag: &str) -> bool {
    matches!(tag, "br" | "hr" | "img" | "col")
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_active_and_nothing_remote() {
        let dirty = "<p onclick=x>a<script>b</script><img src=https://t.test/p.gif width=1><img src='cid:i@x' alt=i>\
                     <a href='javascript:x'>c</a><a href='https://a.test/'>d</a><form action=x><input></form>\
                     <div style='background:url(http://t.test/x);color:red'>e</div><iframe src=x></iframe>";
        let clean = clean(dirty);
        for gone in ["script", "onclick", "t.test", "javascript", "form", "input", "iframe"] {
            assert!(!clean.contains(gone), "{gone} in {clean}");
        }
        for kept in ["cid:i@x", "https://a.test/", ">d</a>", "e</div>"] {
            assert!(clean.contains(kept), "{kept} not in {clean}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let clean = clean(&format!("{}x{}", "<div>".repeat(30_000), "</div>".repeat(30_000)));
        assert!(clean.matches("<div>").count() <= DEEPEST);
        assert!(clean.contains('x'));
    }

    #[test]
    fn escapes_are_bounded_and_cut() {
        let clean = clean(&format!("{}fin", "&nbsp;".repeat(3000)));
        assert_eq!(clean.matches("<wbr>").count(), 6);
        assert!(clean.ends_with("fin"));
    }

    #[test]
    fn what_was_left_open_is_closed() {
        assert_eq!(clean("<b>a<i>b"), "<b>a<i>b</i></b>");
        assert_eq!(clean("1 &lt; 2 & 3"), "1 &lt; 2 &amp; 3");
    }
}
