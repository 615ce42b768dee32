//! What stands around the words in a block of the person's own: banners above, footers and the signature below.

use super::super::fold::words;
use super::super::page::{Page, Part};
use super::super::{Cut, Evidence, footers, headers, signature};
use super::{Block, Kind};
use std::ops::Range;

/// Takes footers, banners and signatures out of the person's blocks. Says which blocks still hold words of theirs.
pub(super) fn own_parts(
    page: &mut Page<'_>,
    blocks: &[Block],
    evidence: &Evidence<'_>,
    cuts: &mut Vec<Cut>,
) -> Vec<bool> {
    let first = blocks.iter().position(|b| b.kind == Kind::Own);
    let last = blocks.iter().rposition(|b| b.kind == Kind::Own);
    let mut real = vec![false; blocks.len()];
    let mut signed = Vec::new();
    for (n, block) in blocks.iter().enumerate().filter(|(_, b)| b.kind == Kind::Own) {
        if first == Some(n) {
            banners(page, &block.lines, cuts);
        }
        trailing_footers(page, &block.lines, cuts);
        if first == Some(n) || last == Some(n) {
            let above = real.iter().any(|r| *r);
            if let Some((rule, from)) = signature::mark(page, block.lines.clone(), above, evidence) {
                cuts.push(Cut { rule, line: from + 1, why: "signature".to_owned() });
                if rule != signature::ALONE {
                    signed.push(n);
                }
            }
        }
        real[n] = says_something(page, &block.lines);
    }
    if !real.iter().any(|r| *r) && !blocks.iter().any(|b| b.kind == Kind::Forward) {
        for n in signed {
            give_back(page, &blocks[n].lines);
            real[n] = true;
        }
    }
    real
}

/// A text that is nothing but a signature is shown after all.
fn give_back(page: &mut Page<'_>, lines: &Range<usize>) {
    let mut folded = String::new();
    for i in lines.clone() {
        page.fold(i, &mut folded);
        if page.lines[i].part == Part::Signature && !footers::is_mobile_footer(&folded) {
            page.lines[i].part = Part::Said;
        }
    }
}

fn says_something(page: &Page<'_>, lines: &Range<usize>) -> bool {
    lines.clone().any(|i| page.lines[i].part == Part::Said && !page.blank(i))
}

/// Warnings that filters set above the text.
fn banners(page: &mut Page<'_>, lines: &Range<usize>, cuts: &mut Vec<Cut>) {
    let mut folded = String::new();
    let mut start = lines.start;
    for _ in 0..3 {
        let Some(first) = (start..lines.end).find(|&i| !page.blank(i)) else { return };
        let end =
            (first..lines.end.min(first + 10)).find(|&i| page.blank(i)).unwrap_or(lines.end.min(first + 10));
        headers::fold_lines(page, first..end, &mut folded);
        let whole = footers::is_banner(&folded);
        page.fold(first, &mut folded);
        let end = if whole { end } else { first + 1 };
        if !whole && !footers::is_banner(&folded) {
            return;
        }
        page.put(first..end, Part::Quoted);
        cuts.push(Cut { rule: "banner", line: first + 1, why: "a warning added on the way".to_owned() });
        start = end;
    }
}

/// Mobile footers, antivirus notes and disclaimers, from the end up.
fn trailing_footers(page: &mut Page<'_>, lines: &Range<usize>, cuts: &mut Vec<Cut>) {
    let mut folded = String::new();
    let (mut end, mut took) = (lines.end, false);
    while let Some(last) = (lines.start..end).rev().find(|&i| !page.blank(i)) {
        page.fold(last, &mut folded);
        if footers::is_mobile_footer(&folded)
            || footers::is_antivirus(&folded)
            || footers::is_disclaimer(&folded)
            || took && words(&folded) == 0
        {
            took_one(page, last..last + 1, cuts);
            (end, took) = (last, true);
            continue;
        }
        let from = (lines.start.max(last.saturating_sub(14))..last)
            .rev()
            .find(|&i| page.blank(i))
            .map_or(lines.start.max(last.saturating_sub(14)), |i| i + 1);
        headers::fold_lines(page, from..last + 1, &mut folded);
        if from == last
            || from == lines.start
            || !(footers::is_disclaimer(&folded) || footers::is_antivirus(&folded))
        {
            break;
        }
        took_one(page, from..last + 1, cuts);
        (end, took) = (from, true);
    }
    lone_footers(page, lines, &mut folded, cuts);
}

/// A mobile footer that stands as a paragraph of its own above a signature.
fn lone_footers(page: &mut Page<'_>, lines: &Range<usize>, folded: &mut String, cuts: &mut Vec<Cut>) {
    for i in lines.end.saturating_sub(30).max(lines.start)..lines.end {
        let alone = (i == lines.start || page.blank(i - 1)) && (i + 1 >= lines.end || page.blank(i + 1));
        if !alone || page.blank(i) || page.lines[i].part != Part::Said {
            continue;
        }
        page.fold(i, folded);
        if footers::is_mobile_footer(folded) {
            took_one(page, i..i + 1, cuts);
        }
    }
}

fn took_one(page: &mut Page<'_>, lines: Range<usize>, cuts: &mut Vec<Cut>) {
    cuts.push(Cut {
        rule: "footer",
        line: lines.start + 1,
        why: "a client's or an office's standing line".to_owned(),
    });
    page.put(lines, Part::Signature);
}
