//! The cut itself: one pass finds the blocks (the person's own lines, quotations, the history under a header), then
//! their order decides. A quotation with answers under it and more before or after stays as context; one with all
//! the text above or all of it below goes; what is passed on for information stays whole.

use super::fold::{fold, words};
use super::ours::Ours;
use super::page::{Page, Part};
use super::{Cut, Evidence, attribution, footers, headers, signature};
use crate::mail::body::SpanKind;
use headers::Separator;
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

/// The pass over the lines.
struct Scan<'p, 'a> {
    page: &'p Page<'a>,
    ours: Ours,
    forwarding_subject: bool,
    blocks: Vec<Block>,
    own_start: usize,
    folded: String,
}

impl<'p, 'a> Scan<'p, 'a> {
    fn new(page: &'p Page<'a>, evidence: &Evidence<'_>) -> Self {
        let forwarding_subject = evidence.subject.is_some_and(passes_on_subject);
        Self {
            page,
            ours: Ours::of(evidence),
            forwarding_subject,
            blocks: Vec::new(),
            own_start: 0,
            folded: String::new(),
        }
    }

    fn run(mut self) -> Vec<Block> {
        let mut i = 0;
        while i < self.page.len() {
            i = if self.skips(i) { i + 1 } else { self.step(i) };
        }
        self.close_own(self.page.len());
        self.blocks
    }

    /// Nothing on the line, and nothing that the structure says starts there.
    fn skips(&self, i: usize) -> bool {
        self.page.blank(i) && !self.page.quoted(i) && self.page.told(i).is_none()
    }

    /// Looks at a line with something on it; returns the next line to look at.
    fn step(&mut self, i: usize) -> usize {
        if let Some(rule) = self.told_by_structure(i) {
            return self.history(i, rule);
        }
        if self.in_forward() {
            return self.step_in_forward(i);
        }
        if attribution::is_groupwise(self.page, i) {
            return self.history(i, "GroupWise attribution");
        }
        if self.page.quoted(i) {
            return self.quote(i, i, false, "quoted lines");
        }
        if self.is_sent(i) {
            return self.history(i, "the text that we sent");
        }
        if let Some((end, ours, kind, rule)) = self.introduction(i) {
            return self.introduced(i, end, ours, kind, rule);
        }
        i + 1
    }

    /// In a mail passed on, only what introduces our own mail cuts.
    fn step_in_forward(&mut self, i: usize) -> usize {
        if self.marker(i) {
            return self.history(i, "our marker");
        }
        match self.introduction(i) {
            Some((_, true, _, rule)) => self.history(i, rule),
            Some((end, ..)) => end,
            None => i + 1,
        }
    }

    fn in_forward(&self) -> bool {
        self.blocks.last().is_some_and(|b| b.kind == Kind::Forward)
    }

    fn told_by_structure(&self, i: usize) -> Option<&'static str> {
        let span = self.page.told(i)?;
        let ends = matches!(span.kind, SpanKind::History | SpanKind::Marker);
        (ends && !self.page.quoted(i)).then_some(span.rule)
    }

    fn marker(&mut self, i: usize) -> bool {
        self.page.fold(i, &mut self.folded);
        self.ours.is_marker(&self.folded)
    }

    /// What introduces an earlier mail at line `i`: where it ends, whether it names us, how it reads.
    fn introduction(&mut self, i: usize) -> Option<(usize, bool, Separator, &'static str)> {
        let page = self.page;
        if let Some(span) = page.told(i).filter(|s| s.kind == SpanKind::Attribution) {
            let lines = page.span_lines(span);
            headers::fold_lines(page, lines.start..lines.end.min(i + 8), &mut self.folded);
            let end = lines.end.max(i + 1);
            return Some((end, self.ours.named(&self.folded), Separator::Original, span.rule));
        }
        let (known, folded) = (&self.ours, &mut self.folded);
        let ours = |text: &str| known.named(text);
        page.fold(i, folded);
        if known.is_marker(folded) {
            return Some((i + 1, true, Separator::Original, "our marker"));
        }
        if headers::worth_a_look(page.bare(i)) {
            if let Some((separator, dressed)) = headers::separator(folded) {
                let next = page.next_text(i + 1).filter(|n| n - i <= 4);
                let block =
                    next.and_then(|n| headers::block(page, n, separator != Separator::Rule, &ours, folded));
                return match block {
                    Some(block) => Some((block.end, block.ours, separator, "separator and header")),
                    None if separator != Separator::Rule && dressed => {
                        Some((i + 1, false, separator, "separator"))
                    }
                    None => None,
                };
            }
            if let Some(block) = headers::block(page, i, false, &ours, folded) {
                return Some((block.end, block.ours, Separator::Original, "header block"));
            }
        }
        if !attribution::worth_a_look(page, i) {
            return None;
        }
        let found = attribution::at(page, i, &ours, folded)?;
        Some((found.end, found.ours, Separator::Original, "attribution"))
    }

    /// An earlier mail starts here: a quotation, the history, or something passed on.
    fn introduced(
        &mut self,
        start: usize,
        end: usize,
        ours: bool,
        separator: Separator,
        rule: &'static str,
    ) -> usize {
        if !ours && self.passed_on(start, separator, rule) {
            self.close_own(start);
            self.blocks.push(Block {
                kind: Kind::Forward,
                lines: start..end,
                rule: "passed on",
                body: start,
            });
            self.own_start = end;
            return end;
        }
        match self.page.next_text(end) {
            Some(next) if self.page.quoted(next) && next - end <= 4 => self.quote(start, next, true, rule),
            _ => self.history(start, rule),
        }
    }

    /// Is the mail that starts here given as information?
    fn passed_on(&mut self, start: usize, separator: Separator, rule: &'static str) -> bool {
        if separator == Separator::Forward || self.forwarding_subject {
            return true;
        }
        if self
            .page
            .previous_text(start)
            .is_some_and(|p| !self.page.quoted(p) && self.page.bare(p).ends_with(':'))
        {
            return true;
        }
        let quoted_follows = self.page.next_text(start).is_some_and(|_| rule == "attribution");
        let (mut any, mut points) = (false, false);
        for i in self.own_start..start {
            if self.page.blank(i) || self.page.quoted(i) {
                continue;
            }
            self.page.fold(i, &mut self.folded);
            any |= !footers::is_mobile_footer(&self.folded);
            points |= points_below(&self.folded);
        }
        let earlier = self.blocks.iter().any(|b| matches!(b.kind, Kind::Own | Kind::Quote { .. }));
        if quoted_follows {
            return false;
        }
        points || !any && !earlier
    }

    /// Takes a run of quoted lines, with blank and broken lines inside it.
    fn quote(&mut self, start: usize, first: usize, introduced: bool, rule: &'static str) -> usize {
        let page = self.page;
        let (mut end, mut i) = (first, first);
        while i < page.len() {
            if page.quoted(i) || page.blank(i) {
                end = if page.quoted(i) { i + 1 } else { end };
            } else if !self.is_broken_line(i) {
                break;
            }
            i += 1;
        }
        let (mut introduced, mut body) = (introduced, first);
        if let Some((at, after)) = self.introduced_inside(first, end) {
            let leads = (first..at).all(|i| page.blank(i));
            let after = page.next_text(after).unwrap_or(end).min(end);
            (introduced, body) = (true, if leads { after } else { first });
        }
        self.close_own(start);
        self.blocks.push(Block { kind: Kind::Quote { introduced }, lines: start..end, rule, body });
        self.own_start = end;
        end.max(first + 1)
    }

    /// The rest of a quoted line that some server wrapped: short, lower case, after a long line that did not end.
    fn is_broken_line(&self, i: usize) -> bool {
        let page = self.page;
        let (Some(before), Some(after)) = (i.checked_sub(1), page.lines.get(i + 1)) else { return false };
        let (long, short) = (page.raw(before), page.bare(i));
        page.quoted(before)
            && after.depth > 0
            && long.len() >= 65
            && !long.trim_end().ends_with(['.', '?', '!', ':', ';'])
            && short.len() <= 30
            && short.starts_with(char::is_lowercase)
    }

    /// Among the first quoted lines, something that only a client writes: where it starts and ends.
    fn introduced_inside(&mut self, first: usize, end: usize) -> Option<(usize, usize)> {
        (first..end.min(first + 8))
            .filter(|&i| !self.page.blank(i))
            .find_map(|i| Some((i, self.introduction(i)?.0)))
    }

    fn history(&mut self, start: usize, rule: &'static str) -> usize {
        if !self.in_forward() && self.answers_inside(start) {
            return self.answered_history(start);
        }
        let above = self.blocks.iter().any(|b| b.kind == Kind::Own);
        self.close_own(start);
        let wrote_above = above || self.blocks.iter().any(|b| b.kind == Kind::Own);
        // Under a whole mail of ours, with nothing above it, stands the answer.
        let end = self.sent_end(start).filter(|_| !wrote_above).unwrap_or(self.page.len());
        self.blocks.push(Block { kind: Kind::History, lines: start..end, rule, body: start });
        self.own_start = end;
        end.max(start + 1)
    }

    /// Two lines of the text that we sent, one soon after the other: our mail stands here, whatever the client
    /// left out above it.
    fn is_sent(&mut self, i: usize) -> bool {
        if !self.ours.knows_sent() {
            return false;
        }
        let next = self.page.next_text(i + 1).filter(|n| n - i <= 3);
        next.into_iter().chain([i]).filter(|&n| self.sent_line(n)).count() == 2
    }

    fn sent_line(&mut self, i: usize) -> bool {
        self.page.fold(i, &mut self.folded);
        self.ours.sent(&self.folded)
    }

    /// One past the last line of the text that we sent, from `start` on.
    fn sent_end(&mut self, start: usize) -> Option<usize> {
        (self.ours.knows_sent())
            .then(|| (start..self.page.len()).rev().find(|&i| self.sent_line(i)))?
            .map(|i| i + 1)
    }

    /// The header goes, the history with the answers in it stays, as context: whose line is whose, nobody can tell.
    fn answered_history(&mut self, start: usize) -> usize {
        let after = self.introduction(start).map_or(start, |(end, ..)| end);
        self.close_own(start);
        if after > start {
            self.blocks.push(Block {
                kind: Kind::History,
                lines: start..after,
                rule: "header block",
                body: start,
            });
        }
        let rule = "answers in the history";
        self.blocks.push(Block { kind: Kind::Forward, lines: after..self.page.len(), rule, body: after });
        self.own_start = self.page.len();
        self.page.len()
    }

    /// "Mes réponses en rouge dans votre message": the text above says so, in a few lines.
    fn answers_inside(&mut self, start: usize) -> bool {
        let (mut seen, mut says) = (0, false);
        for i in self.own_start..start {
            if !self.page.blank(i) {
                seen += 1;
                if seen > 12 {
                    return false;
                }
                self.page.fold(i, &mut self.folded);
                says |= answers_there(&self.folded);
            }
        }
        says
    }

    /// Ends the person's (or the passed-on) lines before `end`.
    fn close_own(&mut self, end: usize) {
        if self.own_start >= end {
            return;
        }
        if self.in_forward() {
            if let Some(block) = self.blocks.last_mut() {
                block.lines.end = end;
            }
        } else if (self.own_start..end).any(|i| !self.page.blank(i)) {
            self.blocks.push(Block { kind: Kind::Own, lines: self.own_start..end, rule: "", body: end });
        }
        self.own_start = end;
    }
}

/// "TR : …", "Fwd: …".
fn passes_on_subject(subject: &str) -> bool {
    let folded = fold(subject);
    ["tr:", "tr :", "fwd:", "fwd :", "fw:", "fw :", "wg:", "rv:", "enc:", "i:", "doorst:", "pd:"]
        .iter()
        .any(|p| folded.starts_with(p))
}

/// "Mes réponses en rouge / dans le texte / ci-dessous": an answer, and a place in somebody's mail.
fn answers_there(folded: &str) -> bool {
    #[rustfmt::skip]
    const PLACES: [&str; 22] = [
        "en rouge", "en bleu", "en vert", "en gras", "en couleur", "en orange", "en violet", "en surligne", "surlign", "dans votre mail", "dans votre message", "dans votre courriel", "dans le corps", "dans le texte", "au fil du", "dans ton mail", "dans le mail", "in red", "in blue", "inline", "dans votre texte", "directement dans",
    ];
    const ANSWERS: [&str; 6] =
        ["mes reponses", "ma reponse", "je reponds", "my answers", "j'ai repondu", "nos reponses"];
    let below = ["reponses ci-dessous", "reponses plus bas", "reponses ci-apres", "answers below"];
    ANSWERS.iter().any(|a| folded.contains(a)) && PLACES.iter().any(|p| folded.contains(p))
        || below.iter().any(|b| folded.contains(b))
}

/// The person's text speaks of what stands under it.
fn points_below(folded: &str) -> bool {
    #[rustfmt::skip]
    const BELOW: [&str; 23] = [
        "ci-dessous", "ci dessous", "ci-apres", "ci apres", "plus bas", "je vous transfere", "je vous transmets", "je vous fais suivre", "pour info", "fyi", "see below", "forwarding", "message suivant", "mail suivant", "reponse suivante", "voir le mail", "voir mail", "voici la reponse", "voici le mail", "voici le retour",
        "voici le message", "en dessous", "retour du service",
    ];
    BELOW.iter().any(|b| folded.contains(b))
}

/// Takes footers, banners and signatures out of the person's blocks. Says which blocks still hold words of theirs.
fn own_parts(
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
