//! What only the whole text can tell, once it is read.

use crate::mail::body::{Body, SpanKind};

/// Where the text takes its leave: an image after it stands with the signature.
pub(super) fn closing(text: &str) -> Option<usize> {
    const LEAVES: &[&str] = &[
        "cordialement",
        "bien cordialement",
        "bien à vous",
        "sincères salutations",
        "salutations",
        "respectueusement",
        "cdlt",
        "kind regards",
        "best regards",
    ];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start: String = line.trim().chars().take(24).collect::<String>().to_lowercase();
        if LEAVES.iter().any(|leave| start.starts_with(leave)) {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Older Zimbra writes the headers without the container of what they introduce: then all that follows is history.
pub(super) fn zimbra_without_quotation(body: &mut Body) {
    if body.spans.iter().any(|span| span.rule == "zimbra quoted text") {
        return;
    }
    let end = body.text.len();
    let Some(at) = body.spans.iter().position(|span| span.rule == "zimbra headers") else { return };
    body.spans[at].kind = SpanKind::History;
    body.spans[at].range.end = end;
    body.spans.truncate(at + 1);
}
