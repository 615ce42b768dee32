//! `relais trace`: where is my mail? Every hop of a demande, a mail or an address, in the order of time.

use clap::Args;
use serde_json::{Value, json};

use super::demande::rfc3339;
use super::people::Format;
use super::{Exit, Outcome, office};
use crate::config::Config;
use crate::demande::Millis;
use crate::store::trace::{Subject, Trace, trace};
use crate::store::{Role, inbox, outbox};

/// What to follow.
#[derive(Debug, Args)]
pub(super) struct Follow {
    /// A demande's number, a Message-ID, or an address
    #[arg(value_name = "NUMBER|MESSAGE-ID|ADDRESS")]
    subject: String,
    #[command(flatten)]
    format: Format,
}

/// One hop.
struct Hop {
    at: Millis,
    step: &'static str,
    told: String,
    detail: Value,
}

/// Follows it.
pub(super) async fn run(config: &Config, follow: &Follow) -> Outcome {
    let office = office::open(config, Role::Command).await?;
    let found = trace(&mut office.db.read().await?, &subject(&follow.subject)).await?;
    let hops = hops(&found);
    if hops.is_empty() {
        eprintln!("nothing is known of {}: it never arrived here, or it was wiped", follow.subject);
        return Ok(Exit::No);
    }
    if follow.format.json {
        let rows =
            hops.iter().map(|hop| json!({ "at": rfc3339(hop.at), "step": hop.step, "detail": hop.detail }));
        println!("{}", rows.collect::<Value>());
        return Ok(Exit::Ok);
    }
    for hop in &hops {
        println!("{} {:<10} {}", rfc3339(hop.at), hop.step, hop.told);
    }
    Ok(Exit::Ok)
}

/// `12` or `#12` is a demande; `<…@…>` a Message-ID; `…@…` an address, unless its local part looks like one of ours.
fn subject(text: &str) -> Subject {
    if let Ok(number) = text.trim_start_matches('#').parse() {
        return Subject::Demande(number);
    }
    let local = text.split('@').next().unwrap_or_default();
    let is_id = text.starts_with('<') || !text.contains('@') || local.len() > 64;
    if is_id { Subject::MessageId(text.to_owned()) } else { Subject::Address(text.to_owned()) }
}

fn hops(found: &Trace) -> Vec<Hop> {
    let mut hops: Vec<Hop> =
        found.received.iter().flat_map(received).chain(found.sent.iter().flat_map(sent)).collect();
    hops.sort_by_key(|hop| hop.at);
    hops
}

fn received(row: &inbox::Row) -> Vec<Hop> {
    let door = row.envelope.pointer("/peer/door").and_then(Value::as_str).unwrap_or(row.kind.code());
    let arrived = Hop {
        at: row.received_at,
        step: "received",
        told: format!("{} by {door}, {} bytes, {} time(s)", row.id, row.size, row.seen),
        detail: json!({ "inbox": row.id, "door": door, "size": row.size, "seen": row.seen, "message_id": row.message_id }),
    };
    let settled = row.settled_at.map(|at| Hop {
        at,
        step: "decided",
        told: decided(row),
        detail: json!({
            "inbox": row.id, "state": row.state.code(), "reason": row.reason, "demande": row.demande,
            "entry": row.entry, "trace": row.trace,
        }),
    });
    std::iter::once(arrived).chain(settled).collect()
}

/// "done: demande 12, entry 3 · verdict pass by dkim · person · traitee".
fn decided(row: &inbox::Row) -> String {
    let text = |path: &str| row.trace.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let mut parts = vec![row.state.code().to_owned()];
    parts.extend(row.demande.map(|number| format!("demande {number}")));
    parts.extend(row.entry.map(|n| format!("entry {n}")));
    parts.extend(row.reason.clone());
    if let Some(alignment) = row.trace.pointer("/verdict/alignment").and_then(Value::as_str) {
        parts.push(format!("verdict {alignment} by {}", text("/verdict/via")));
    }
    parts.extend(Some(text("/admission")).filter(|admission| !admission.is_empty()).map(ToOwned::to_owned));
    let commands = row.trace.pointer("/understood/commands").and_then(Value::as_array);
    parts.extend(commands.into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned));
    parts.join(" · ")
}

fn sent(row: &outbox::Row) -> Vec<Hop> {
    let (what, to) = (row.order.what.code(), &row.to_key);
    let posted = Hop {
        at: row.created_at,
        step: "queued",
        told: format!(
            "{} {what} to {to}, not before {}",
            row.id,
            rfc3339(row.not_before.max(row.created_at))
        ),
        detail: super::outbox::as_json(row),
    };
    let ended = row.sent_at.map(|at| Hop {
        at,
        step: "sent",
        told: format!("{} {what} to {to}: {}", row.id, row.answer.as_deref().unwrap_or("handed over")),
        detail: super::outbox::as_json(row),
    });
    let stuck = (row.sent_at.is_none() && row.answer.is_some()).then(|| Hop {
        at: row.created_at.max(row.not_before),
        step: row.state.code(),
        told: format!("{} {what} to {to}: {}", row.id, row.answer.as_deref().unwrap_or_default()),
        detail: super::outbox::as_json(row),
    });
    std::iter::once(posted).chain(ended).chain(stuck).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for() {
        assert_eq!(subject("12"), Subject::Demande(12));
        assert_eq!(subject("#12"), Subject::Demande(12));
        assert_eq!(subject("<a@b.example>"), Subject::MessageId("<a@b.example>".to_owned()));
        assert_eq!(subject("lea@caf54.example"), Subject::Address("lea@caf54.example".to_owned()));
    }
}
