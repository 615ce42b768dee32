//! Invitations and answers to them (RFC 5546): a calendar part that is the mail, not a file beside it.

use super::{Evidence, Machine, MachineKind};
use crate::mail::letter::tree::Part;

/// A calendar part with a method, not attached as a file by a person.
pub(super) fn judge(evidence: &Evidence<'_>) -> Option<Machine> {
    let part = evidence.parts.iter().find(|part| is_calendar(part))?;
    let method = method(part)?;
    let answer = matches!(method.as_str(), "REPLY" | "CANCEL" | "COUNTER" | "DECLINECOUNTER" | "REFRESH");
    let attached = part.disposition.top == "attachment";
    let whole = evidence.parts.len() == 1 || in_alternative(evidence.parts, part);
    if answer && (whole || !attached) {
        return Some(Machine::new(MachineKind::Calendar, "calendar answer"));
    }
    (method == "REQUEST" && whole && !attached)
        .then(|| Machine::new(MachineKind::Calendar, "calendar request"))
}

fn is_calendar(part: &Part<'_>) -> bool {
    part.kind.is("text", "calendar")
}

fn in_alternative(parts: &[Part<'_>], calendar: &Part<'_>) -> bool {
    let index = parts.iter().position(|part| std::ptr::eq(part, calendar));
    let parent = parts.iter().find(|part| index.is_some_and(|i| part.children.contains(&i)));
    parent.is_some_and(|parent| parent.kind.sub == "alternative")
}

/// The `method` parameter, or the METHOD line.
fn method(part: &Part<'_>) -> Option<String> {
    if let Some(method) = part.kind.param("method") {
        return Some(method.to_ascii_uppercase());
    }
    let bytes = part.decoded();
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64 * 1024)]);
    let line = text.lines().find_map(|line| line.trim().strip_prefix("METHOD:").map(str::to_owned))?;
    Some(line.trim().to_ascii_uppercase())
}
