//! What an element can say of its lines, and what the lines themselves must confirm.

use crate::mail::body::{Span, SpanKind};

/// What an element begins, and the rule that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) role: Role,
    pub(super) rule: &'static str,
}

/// What an open region is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its lines are of this kind.
    Is(SpanKind),
    /// A wrapper around attribution and quotation: a quote directly in it is proven, its own text is not quoted.
    Wrapper,
    /// Of this kind if its first lines introduce an earlier mail (Outlook's border-top, Orange's vertical bar).
    Suspect(SpanKind),
}

/// A run of lines that an element encloses.
#[derive(Debug, Clone, Copy)]
pub(super) struct Region {
    pub(super) role: Role,
    pub(super) rule: &'static str,
    pub(super) start: Option<usize>,
    /// Runs to the end of what encloses it, not to the end of its element.
    pub(super) lasting: bool,
    /// A wrapper whose attribution was seen.
    pub(super) attributed: bool,
}

/// Gmail marks "-- " and what follows it apart: one signature.
pub(super) fn join_signatures(text: &str, spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        if let Some(last) = joined.last_mut()
            && (last.kind, span.kind) == (SpanKind::Signature, SpanKind::Signature)
            && text.get(last.range.end..span.range.start).is_some_and(|gap| gap.trim().is_empty())
        {
            last.range.end = last.range.end.max(span.range.end);
            last.rule = span.rule;
            continue;
        }
        joined.push(span);
    }
    joined
}

/// "Message du 12/05/26", an attribution, or a header block within the first lines.
pub(super) fn is_introduction(lines: &str) -> bool {
    let first: Vec<&str> = lines.lines().filter(|l| !l.trim().is_empty()).take(4).collect();
    let bare = |line: &str| line.trim_start_matches(['>', ' ']).to_owned();
    let message = first.first().is_some_and(|line| bare(line).starts_with("Message du "));
    let attributed = first.iter().any(|line| super::rules::is_attribution(line));
    message || attributed || (0..first.len()).any(|at| is_header_block(&first[at..]))
}

/// "De : …", "From: …": a short label and a colon, and a second line.
fn is_header_block(lines: &[&str]) -> bool {
    let mut lines = lines.iter().copied();
    let first = lines.next().unwrap_or_default();
    let label = first.split(':').next().unwrap_or_default();
    let short = label.len() < first.len() && label.chars().count() <= 14;
    let labelled = |line: &str| line.find(':').is_some_and(|at| at <= 24);
    short && label.chars().any(char::is_alphabetic) && lines.next().is_some_and(labelled)
}
