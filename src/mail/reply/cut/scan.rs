//! The pass over the lines of a page that finds its blocks: the person's own lines, quotations, the history under a
//! header, mails passed on.

use super::super::fold::fold;
use super::super::headers::{self, Separator};
use super::super::ours::Ours;
use super::super::page::Page;
use super::super::{Evidence, attribution, footers};
use super::{Block, Kind};
use crate::mail::body::SpanKind;

/// The pass over the lines.
pub(super) struct Scan<'p, 'a> {
    page: &'p Page<'a>,
    ours: Ours,
    forwarding_subject: bool,
    blocks: Vec<Block>,
    own_start: usize,
    folded: String,
}

impl<'p, 'a> Scan<'p, 'a> {
    pub(super) fn new(page: &'p Page<'a>, evidence: &Evidence<'_>) -> Self {
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

    pub(super) fn run(mut self) -> Vec<Block> {
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
        if page.bare(i).contains('@')
            && let Some(end) = headers::column(page, i, folded)
        {
            headers::fold_lines(page, i..end, folded);
            return Some((end, ours(folded), Separator::Original, "header in a column"));
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
