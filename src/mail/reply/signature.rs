//! The signature block at the end of a person's text: after "-- ", or after a closing when it bears a name with a
//! job, a service, a telephone or an address. A telephone or an address given in a sentence, introduced by "… :" or
//! standing for somebody else is content and stays; so does a bare name.

mod block;
mod kinds;

use super::Evidence;
use super::fold::words;
use super::footers;
use super::page::{Page, Part};
use crate::demande::command::is_order;
use crate::mail::body::SpanKind;
use block::{Block, matches_sender};
use kinds::{Kind, has_civility, is_name, is_postscript, kind};
use std::ops::Range;

/// How many lines from the end of a text a signature may start.
const REACH: usize = 60;

/// Puts the signature of the text in `lines` into its part; says which rule and from which line.
/// `above`: other words of the person stand before, so that these lines may be nothing but a signature.
pub(super) fn mark(
    page: &mut Page<'_>,
    lines: Range<usize>,
    above: bool,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, usize)> {
    let found = spanned(page, &lines)
        .or_else(|| whole(page, &lines, above, evidence))
        .or_else(|| dashed(page, &lines, above))
        .or_else(|| ruled(page, &lines, evidence))
        .or_else(|| after_closing(page, &lines, evidence))
        .or_else(|| unannounced(page, &lines, evidence));
    let (rule, block) = found?;
    let (start, end) = (block.start, block.end);
    page.put(start..end, Part::Signature);
    Some((rule, start))
}

/// What the HTML says is one, unless nothing else was written (people do type inside it).
fn spanned(page: &Page<'_>, lines: &Range<usize>) -> Option<(&'static str, Range<usize>)> {
    let span = page
        .spans
        .iter()
        .filter(|s| s.kind == SpanKind::Signature)
        .find(|s| lines.contains(&page.span_lines(s).start))?;
    let block = page.span_lines(span);
    let block = block.start..block.end.min(lines.end);
    let elsewhere =
        lines.clone().any(|i| !block.contains(&i) && !page.blank(i) && page.lines[i].part == Part::Said);
    elsewhere.then_some((span.rule, block))
}

/// After a line of two dashes alone: RFC 3676 §4.3 wants "-- ", many write "--". Those that are no standard must
/// have a signature's lines under them: people fence lists with dashes too.
fn dashed(page: &Page<'_>, lines: &Range<usize>, above: bool) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let at = (from..lines.end)
        .rev()
        .find(|&i| matches!(page.raw(i).trim(), "--" | "—" | "__" | "-- *" | "*--*"))?;
    let exact = page.raw(at).starts_with("-- ");
    let mut folded = String::new();
    let (mut filled, mut end, mut named, mut signs) = (0, lines.end, false, exact);
    for i in (at + 1..lines.end).filter(|&i| !page.blank(i)) {
        page.fold(i, &mut folded);
        if filled > 0 && is_postscript(&folded) {
            end = i;
            break;
        }
        filled += 1;
        named |= filled == 1 && is_name(page.bare(i));
        let kind = kind(page.bare(i), &folded);
        if !exact && !named && kind == Kind::Prose && !footers::is_disclaimer(&folded) {
            return None;
        }
        signs |= filled == 1 && !is_closing(&folded) || !matches!(kind, Kind::Prose | Kind::Filler);
    }
    let listed = !exact && page.previous_text(at).is_some_and(|p| page.bare(p).ends_with(':'));
    let above = above || (lines.start..at).any(|i| !page.blank(i));
    (above && signs && !listed && filled <= if exact { 25 } else { 14 } && filled > 0)
        .then_some(("signature after two dashes", at..end))
}

/// A block that opens with a name, under a rule of dashes, underscores or stars, down to the end: Roundcube's users
/// and others draw one where RFC 3676 has "-- ".
fn ruled(
    page: &Page<'_>,
    lines: &Range<usize>,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let filled = |i: usize| !page.blank(i) && !is_rule(page.bare(i));
    let last = (from..lines.end).rev().find(|&i| filled(i))?;
    let at = (from..last).rev().find(|&i| is_rule(page.bare(i)))?;
    let before = page.previous_text(at).filter(|&i| i >= lines.start)?;
    let block = Block::read(page, at + 1..lines.end);
    let opens = block.name_line == Some(block.lines.start);
    let name = page.raw(block.lines.start.min(page.len() - 1));
    let above = page.bare(before);
    let ends = is_name(above) || is_closing(&super::fold::fold(above));
    let theirs = matches_sender(name, evidence) || ends && !has_civility(name);
    let signed = block.reached_end && opens && theirs && block.signs(page, evidence);
    (signed && !above.ends_with(':')).then_some(("contact block under a rule", at..lines.end))
}

/// Three or more dashes, underscores, stars or equal signs, and nothing else.
fn is_rule(bare: &str) -> bool {
    bare.len() >= 3 && bare.bytes().all(|b| matches!(b, b'-' | b'_' | b'*' | b'=' | b'~'))
}

/// A block with a name and a service, a telephone or a place, right after "Cordialement," and the like.
fn after_closing(
    page: &Page<'_>,
    lines: &Range<usize>,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let mut folded = String::new();
    for i in (from..lines.end).rev().filter(|&i| !page.blank(i)) {
        page.fold(i, &mut folded);
        if !is_closing(&folded) && !is_order(page.bare(i)) {
            continue;
        }
        let block = Block::read(page, after_typed_name(page, i + 1..lines.end)..lines.end);
        if block.signs(page, evidence) {
            return Some(("contact block after a closing", block.lines));
        }
        if block.seen.contains(&Kind::Prose) {
            return None;
        }
    }
    None
}

/// Where the block starts under a closing: after a first name that was typed in a paragraph of its own, or that
/// the block repeats.
fn after_typed_name(page: &Page<'_>, lines: Range<usize>) -> usize {
    let Some(first) = lines.clone().find(|&i| !page.blank(i)) else { return lines.start };
    let Some(next) = (first + 1..lines.end).find(|&i| !page.blank(i)) else { return lines.start };
    let typed = page.bare(first).trim_end_matches(['.', ',']);
    let single = is_name(typed) && !typed.contains(char::is_whitespace);
    let apart = next > first + 1 || page.told(next).is_some_and(|s| s.kind == SpanKind::Signature);
    if is_name(typed) && apart && (single || is_name(page.bare(next)) || shares(page.bare(next), typed))
        || single && repeats(page.bare(next), typed)
    {
        return next;
    }
    lines.start
}

/// "Léa" above "Léa MARTIN".
fn repeats(line: &str, name: &str) -> bool {
    let (folded, name) = (super::fold::fold(line), super::fold::fold(name));
    is_name(line) && folded.contains(' ') && folded.split(' ').any(|word| word == name)
}

/// "P. Caron" above "Pierre CARON – Inspecteur".
fn shares(line: &str, name: &str) -> bool {
    let (folded, name) = (super::fold::fold(line), super::fold::fold(name));
    let long = |w: &&str| w.chars().count() >= 3;
    name.split(' ').filter(long).any(|n| folded.split(' ').any(|w| w == n))
}

/// All of the lines: under a quotation that has the text above it, or, when they bear the sender's name with a
/// service and a contact, in a mail that says nothing else.
fn whole(
    page: &Page<'_>,
    lines: &Range<usize>,
    above: bool,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let first = lines.clone().find(|&i| !page.blank(i))?;
    let may_be = above || is_name(page.bare(first)) && matches_sender(page.bare(first), evidence);
    if lines.len() > REACH || !may_be {
        return None;
    }
    let block = Block::read(page, lines.clone());
    if answers_first(page, &block, evidence) {
        return None;
    }
    let theirs = block.name_line == Some(block.lines.start)
        && matches_sender(page.bare(block.lines.start), evidence)
        && block.count(Kind::Service) > 0
        && block.count(Kind::Contact) > 0;
    let found = block.reached_end && (above || theirs) && block.signs(page, evidence);
    found.then_some((if above { "contact block under the quotation" } else { ALONE }, block.lines))
}

/// The first line is an answer above the signature: words that no signature opens with ("210 €", an address), or
/// anything above the sender's name.
fn answers_first(page: &Page<'_>, block: &Block, evidence: &Evidence<'_>) -> bool {
    let theirs = |i: usize| opens_with_sender(page.bare(i), evidence);
    let first = block.lines.start;
    let opens = match block.seen.first() {
        Some(Kind::Name | Kind::Service | Kind::Image) => true,
        Some(Kind::Filler) => words(&super::fold::fold(page.bare(first))) == 0,
        _ => false,
    };
    let signs_below = || block.lines.clone().skip(1).filter(|&i| !page.blank(i)).any(theirs);
    let says = matches!(block.seen.first(), Some(Kind::Name | Kind::Service));
    !theirs(first) && (!opens || says && signs_below())
}

/// The sender's name, alone or before what they are: "Lucie MEUNIER | MSA".
fn opens_with_sender(raw: &str, evidence: &Evidence<'_>) -> bool {
    let head = raw.split(['|', ',', '–', '—', '•']).next().and_then(|h| h.split(" - ").next()).unwrap_or(raw);
    is_name(head) && matches_sender(head, evidence)
}

/// The rule of a signature with no text at all.
pub(super) const ALONE: &str = "nothing but the signature";

/// Without any closing: a last paragraph that opens with the sender's name and bears a service and a contact.
fn unannounced(
    page: &Page<'_>,
    lines: &Range<usize>,
    evidence: &Evidence<'_>,
) -> Option<(&'static str, Range<usize>)> {
    let from = lines.end.saturating_sub(REACH).max(lines.start);
    let mut folded = String::new();
    let paragraphs = (from.max(lines.start + 1)..lines.end).filter(|&i| !page.blank(i) && page.blank(i - 1));
    for start in paragraphs {
        let raw = page.bare(start);
        let titled = !is_name(raw) && opens_with_sender(raw, evidence);
        let named = is_name(raw) || titled;
        // Without a name, only a block that stands well apart.
        let apart = start >= 2 && page.blank(start - 2);
        if !named && !apart {
            continue;
        }
        page.fold(start, &mut folded);
        let kind = kind(raw, &folded);
        let opens = match kind {
            Kind::Name => named,
            Kind::Service => true,
            Kind::Contact => titled,
            _ => false,
        };
        if !opens || page.previous_text(start).is_none_or(|p| p < lines.start || page.bare(p).ends_with(':'))
        {
            continue;
        }
        let block = Block::read(page, after_typed_name(page, start..lines.end)..lines.end);
        if answers_first(page, &block, evidence) {
            continue;
        }
        let strong = block.count(Kind::Service) >= 1 && block.count(Kind::Contact) >= 1;
        let theirs = named && matches_sender(raw, evidence) && block.score() >= 1;
        if block.reached_end && (strong || theirs) && block.signs(page, evidence) {
            return Some(("contact block of the sender", block.lines));
        }
    }
    None
}

/// "Cordialement,", "Bonne journée": what a person ends with. Takes a folded line.
pub(super) fn is_closing(folded: &str) -> bool {
    #[rustfmt::skip]
    const CLOSINGS: [&str; 52] = [
        "cordialement", "bien cordialement", "tres cordialement", "cdt", "cdlt", "cldt", "bien a vous", "bien a toi", "salutations", "sinceres salutations", "respectueusement", "bonne journee", "bonne fin de journee", "belle journee", "bonne soiree", "bonne reception", "bon week-end", "bon weekend",
        "bonne apres-midi", "bon apres-midi", "a bientot", "amicalement", "sincerement", "regards", "best regards", "kind regards", "best", "sincerely", "thanks", "thank you", "cheers", "mit freundlichen", "viele gruse", "beste gruse", "saludos", "un saludo", "cordiali saluti", "distinti saluti", "atenciosamente",
        "met vriendelijke", "pozdrawiam", "z powazaniem", "bonne continuation", "excellente journee", "slts", "cordlt", "crdlt", "crdt", "bien cdt", "bien cdlt", "bav", "b.a.v",
    ];
    #[rustfmt::skip]
    const MERCI: [&str; 12] = ["merci", "merci d'avance", "merci beaucoup", "merci par avance", "merci bien", "merci a vous", "merci et bonne journee", "en vous remerciant", "avec mes remerciements", "vous en remerciant", "merci, cordialement", "merci pour votre retour"];
    let line = folded.trim_matches(|c: char| !c.is_alphanumeric());
    if line.is_empty() || folded.ends_with(':') {
        return false;
    }
    MERCI.contains(&line)
        || words(line) <= 7
            && CLOSINGS
                .iter()
                .any(|c| line.strip_prefix(c).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
        || line.len() < 200
            && (line.contains("salutations")
                || line.contains("sentiments")
                || line.contains("souhaite une")
                || line.contains("souhaitant une")
                || line.contains("consideration distinguee"))
}
