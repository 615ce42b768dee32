//! The cut itself: one pass finds the blocks (the person's own lines, quotations, the history under a header), then
//! their order decides. A quotation with answers under it and more before or after stays as context; one with all
//! the text above or all of it below goes; what is passed on for information stays whole.

mod own;
mod scan;

use super::fold::fold;
use super::page::{Page, Part};
use super::{Cut, Evidence, signature};
use own::own_parts;
use scan::Scan;
use std::ops::Range;

/// What a run of lines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The person's own lines.
    Own,
    /// Quoted lines with the attribution above them; `introduced` when something but the `>` says so.
    Quote { introduced: bool },
    /// Everything from a header or an attribution without `>` on.
    History,
    /// Somebody else's mail, passed on.
    Forward,
}

/// A run of lines.
#[derive(Debug, Clone)]
struct Block {
    kind: Kind,
    lines: Range<usize>,
    rule: &'static str,
    /// Where the quoted words start, after the attribution: with an answer in between, that goes and they stay.
    body: usize,
}

/// Finds the blocks and puts every line in its part.
pub(super) fn apply(page: &mut Page<'_>, evidence: &Evidence<'_>) -> Vec<Cut> {
    let blocks = Scan::new(page, evidence).run();
    let mut cuts = Vec::new();
    let real = own_parts(page, &blocks, evidence, &mut cuts);
    quotes(page, &blocks, &real, &mut cuts);
    cuts.sort_by_key(|c| c.line);
    cuts
}

/// Decides which quotations stay as context.
fn quotes(page: &mut Page<'_>, blocks: &[Block], real: &[bool], cuts: &mut Vec<Cut>) {
    let order = Order::of(page, blocks, real);
    let keep: Vec<bool> = (0..blocks.len()).map(|n| order.keeps(page, blocks, n)).collect();
    for (n, block) in blocks.iter().enumerate().filter(|(_, b)| b.kind != Kind::Own) {
        if keep[n] {
            page.lend(block.lines.clone());
            if is_quote(block) && block.body > block.lines.start {
                page.put(block.lines.start..block.body, Part::Quoted);
                cuts.push(Cut {
                    rule: block.rule,
                    line: block.lines.start + 1,
                    why: "what follows is answered".to_owned(),
                });
            }
            continue;
        }
        page.put(block.lines.clone(), Part::Quoted);
        cuts.push(Cut {
            rule: block.rule,
            line: block.lines.start + 1,
            why: format!("{} lines", block.lines.len()),
        });
    }
}

fn is_quote(block: &Block) -> bool {
    matches!(block.kind, Kind::Quote { .. })
}

/// How the person's blocks and the quotations follow each other.
struct Order {
    /// The last block with words of the person.
    last_own: Option<usize>,
    /// The words stand between quoted lines.
    answered: bool,
    /// One answer in the middle of one quotation: all of it stays.
    inside: bool,
}

impl Order {
    fn of(page: &Page<'_>, blocks: &[Block], real: &[bool]) -> Self {
        let strong = |n: usize| real[n] && !(n > 0 && only_closes(page, &blocks[n].lines));
        let first_own = (0..blocks.len()).find(|&n| real[n]);
        let last_own = (0..blocks.len()).rev().find(|&n| strong(n)).or(first_own);
        let (Some(first), Some(last)) = (first_own, last_own) else {
            return Self { last_own, answered: false, inside: false };
        };
        let bare = |b: &Block| b.kind == Kind::Quote { introduced: false };
        let between = blocks[first..last].iter().any(is_quote);
        // Once answers stand between, a closing under the last quoted lines is one more of the person's blocks.
        let last = if between { (0..blocks.len()).rev().find(|&n| real[n]).unwrap_or(last) } else { last };
        let inside =
            !between && blocks[..first].iter().any(is_quote) && blocks.get(last + 1).is_some_and(bare);
        Self { last_own: Some(last), answered: between || inside, inside }
    }

    /// Does block `n` stay with the person's words?
    fn keeps(&self, page: &Page<'_>, blocks: &[Block], n: usize) -> bool {
        let Kind::Quote { introduced } = blocks[n].kind else { return blocks[n].kind == Kind::Forward };
        let Some(last) = self.last_own else { return false };
        if n < last {
            return self.answered || !introduced;
        }
        !introduced && (self.inside && n == last + 1 || looks_like_a_list(page, blocks, n))
    }
}

/// Lines that start with `>` and are the person's: bullets ("> la carte d’identité"), thresholds ("> 18 ans"). No
/// client announced them, and the text before runs into them or ends with a colon.
fn looks_like_a_list(page: &Page<'_>, blocks: &[Block], n: usize) -> bool {
    let lines = &blocks[n].lines;
    let Some(before) = page.previous_text(lines.start) else { return false };
    before + 1 == lines.start || page.bare(before).ends_with(':')
}

/// Nothing but "Cordialement" and a name.
fn only_closes(page: &Page<'_>, lines: &Range<usize>) -> bool {
    let mut said = lines.clone().filter(|&i| page.lines[i].part == Part::Said && !page.blank(i));
    let first = said.next();
    first.is_some_and(|i| signature::is_closing(&fold(page.bare(i)))) && said.count() <= 2
}
