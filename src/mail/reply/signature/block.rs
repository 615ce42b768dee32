//! A block of lines that may be a signature: what each of them is, and whether together they sign.

use super::super::Evidence;
use super::super::fold::{fold, has_address, has_phone, words};
use super::super::footers::is_privacy_notice;
use super::super::page::{Page, Part};
use super::is_closing;
use super::kinds::{Kind, has_civility, is_name, is_office_hours, is_service, is_slogan, kind};
use crate::demande::command::is_order;
use std::ops::Range;

/// A candidate: its lines, and what each of them is.
pub(super) struct Block {
    pub(super) lines: Range<usize>,
    pub(super) seen: Vec<Kind>,
    pub(super) name_line: Option<usize>,
    pub(super) reached_end: bool,
}

impl Block {
    /// Reads on until words to somebody, or the end.
    pub(super) fn read(page: &Page<'_>, lines: Range<usize>) -> Self {
        let start = lines.clone().find(|&i| !page.blank(i)).unwrap_or(lines.end);
        let mut block = Block { lines: start..start, seen: Vec::new(), name_line: None, reached_end: true };
        let mut folded = String::new();
        for i in (start..lines.end).filter(|&i| !page.blank(i)) {
            if page.lines[i].part != Part::Said {
                continue;
            }
            page.fold(i, &mut folded);
            let mut kind = kind(page.bare(i), &folded);
            if kind == Kind::Prose && block.stands(page, i, &folded) {
                kind = Kind::Filler;
            }
            if kind == Kind::Prose || is_closing(&folded) || is_order(page.bare(i)) {
                block.seen.push(kind);
                block.reached_end = false;
                break;
            }
            if kind == Kind::Name && block.name_line.is_none() {
                block.name_line = Some(i);
            }
            block.seen.push(kind);
            block.lines.end = i + 1;
        }
        block
    }

    /// A saying, a call to follow an office on its network, or its hours: under a name with a contact these belong
    /// to the signature. Hours only when they run on from it.
    fn stands(&self, page: &Page<'_>, i: usize, folded: &str) -> bool {
        let solid = self.score() >= 1 && self.score() + self.count(Kind::Name) >= 2;
        solid
            && (is_slogan(folded)
                || is_privacy_notice(folded)
                || i == self.lines.end && !page.blank(i - 1) && is_office_hours(folded))
    }

    pub(super) fn count(&self, kind: Kind) -> usize {
        self.seen.iter().filter(|k| **k == kind).count()
    }

    pub(super) fn score(&self) -> usize {
        [Kind::Service, Kind::Contact, Kind::Place, Kind::Image].iter().map(|k| self.count(*k)).sum()
    }

    /// Two lines that sign, one of them more than a name, and nothing that says it is somebody else's.
    pub(super) fn signs(&self, page: &Page<'_>, evidence: &Evidence<'_>) -> bool {
        let total = self.score() + self.count(Kind::Name);
        let one_line = total == 1 && self.lines.len() == 1 && {
            let raw = page.bare(self.lines.start);
            rich(raw) || titled(raw, evidence) || named_contact(raw, evidence)
        };
        if self.lines.is_empty() || !(total >= 2 && self.score() >= 1 || one_line) {
            return false;
        }
        let Some(name) = self.name_line else { return true };
        let raw = page.bare(name);
        let known = evidence.sender_name.is_some() || evidence.sender_address.is_some();
        let theirs = matches_sender(raw, evidence);
        theirs || self.count(Kind::Service) > 0 || !known && !has_civility(raw)
    }
}

/// One line that bears a name, a service and a telephone or an address.
fn rich(raw: &str) -> bool {
    let folded = fold(raw);
    (has_phone(&folded) || has_address(&folded))
        && (is_service(&folded) || raw.contains([',', '|', '–', '•']) || raw.contains(" - "))
        && words(&folded) <= 22
}

/// "Sylvie Moreau, secrétaire de mairie": a whole name and what they are.
///
/// "Mme Anne Roux, conseillère" from somebody else is a contact that they give.
fn titled(raw: &str, evidence: &Evidence<'_>) -> bool {
    let cut = raw.find([',', '|', '–', '—', '•']).or_else(|| raw.find(" - "));
    cut.is_some_and(|at| {
        let (name, title) = raw.split_at(at);
        let whole = is_name(name) && name.trim().contains(' ') && is_service(&fold(title));
        whole && (!has_civility(name) || matches_sender(name, evidence))
    })
}

/// "S. AMRANI 06 00 00 00 64": the sender's name and a telephone or an address.
fn named_contact(raw: &str, evidence: &Evidence<'_>) -> bool {
    let folded = fold(raw);
    let figures = raw.find(|c: char| c.is_ascii_digit() || matches!(c, '+' | '@')).unwrap_or(raw.len());
    let name = raw[..figures].trim_end_matches(|c: char| !c.is_alphabetic());
    has_phone(&folded) && is_name(name) && matches_sender(name, evidence)
}

/// A word of the line stands in the sender's name, or in the address before the `@`: what
/// follows names an administration, as an answer may.
pub(super) fn matches_sender(raw: &str, evidence: &Evidence<'_>) -> bool {
    let line = fold(raw);
    let local = evidence.sender_address.and_then(|address| address.split('@').next()).unwrap_or_default();
    let sender = fold(&[evidence.sender_name.unwrap_or_default(), local].join(" "));
    line.split(|c: char| !c.is_alphanumeric()).any(|w| w.chars().count() >= 3 && sender.contains(w))
}
