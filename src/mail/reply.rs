//! What a person wrote, told from the conversation quoted with it and from the signature.
//!
//! Knows how mail clients quote, in nine languages, French first, and how people sign. Does not know MIME or HTML
//! (`letter` tells what the structure says, in [`Body::spans`]), nor what the words mean (`demande::command` does).
//! Nothing is deleted: every line of the body is in one of the three parts. When unsure, a line is shown.
//!
//! One pass cuts the body in blocks (`cut`), then each of the person's blocks loses its footers (`footers`) and its
//! signature (`signature`). Every look around a line is bounded, so the whole is linear.

mod attribution;
mod cut;
mod fold;
mod footers;
mod headers;
mod ours;
mod page;
mod signature;

use crate::demande::command::Said;
use crate::mail::body::Body;
use page::{Page, Part};
use std::ops::Range;

/// What we know besides the body. All of it is optional: an empty string or `None` says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The text of our marker line ("Répondez au-dessus de cette ligne").
    pub marker: &'a str,
    /// Our mail domain: an attribution that names an address at it introduces one of our own mails.
    pub domain: &'a str,
    /// The very text that we sent.
    pub sent: Option<&'a str>,
    /// The display name of the sender.
    pub sender_name: Option<&'a str>,
    /// The address of the sender.
    pub sender_address: Option<&'a str>,
    /// The subject of the mail: "TR :" and "Fwd:" say that something is passed on.
    pub subject: Option<&'a str>,
}

/// The three parts of a body, and where it was cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// What the person wrote, command line included. With answers typed between quoted lines, those lines too.
    pub said: String,
    /// The earlier conversation, with banners that filters added.
    pub quoted: String,
    /// Signature, mobile footer, disclaimer.
    pub signature: String,
    /// Byte ranges of `said` that are shown but are not the person's words (lines that an answer quotes, a mail
    /// passed on): they give no commands.
    pub context: Vec<Range<usize>>,
    /// Which rule cut where, for `relais extract --explain`.
    pub cuts: Vec<Cut>,
}

/// One cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The rule that cut.
    pub rule: &'static str,
    /// The line of the body, from 1.
    pub line: usize,
    /// What was there, in a few words, without the person's text.
    pub why: String,
}

/// Splits a body into what was said, what was quoted and the signature.
pub fn extract(body: &Body, evidence: &Evidence<'_>) -> Reply {
    let mut page = Page::of(body);
    let mut cuts = cut::apply(&mut page, evidence);
    if body.spans.is_empty() && !cuts.is_empty() {
        settle(&mut page, evidence, &mut cuts);
    }
    let (said, context) = page.part(Part::Said);
    Reply { said, quoted: page.part(Part::Quoted).0, signature: page.part(Part::Signature).0, context, cuts }
}

/// A cut can bring lines together that mean something else side by side: what is left is read again until nothing
/// changes, so that reading what was said a second time changes nothing either.
fn settle(page: &mut Page<'_>, evidence: &Evidence<'_>, cuts: &mut Vec<Cut>) {
    for _ in 0..ROUNDS {
        let mut rest = page.remaining();
        let more = cut::apply(&mut rest, evidence);
        if more.is_empty() {
            return;
        }
        page.adopt(&rest);
        cuts.extend(more.into_iter().map(|cut| Cut { line: rest.number(cut.line - 1), ..cut }));
    }
}

/// Mails settle in one or two rounds; a page made to be odd may take more, and stays as it then is.
const ROUNDS: usize = 8;

/// A text as this module compares it: lower case, no accents, single plain spaces.
pub(crate) fn folded(text: &str) -> String {
    fold::fold(text)
}

impl<'a> From<&'a Reply> for Said<'a> {
    fn from(reply: &'a Reply) -> Self {
        Said { text: &reply.said, others: &reply.context }
    }
}

#[cfg(test)]
mod tests;
