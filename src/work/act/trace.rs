//! What the operator can read of a mail's way: verdict, token, admission, what was understood. Never its text.

use serde_json::{Value, json};

use super::About;
use crate::demande::admission::Admission;
use crate::demande::command::Speech;
use crate::demande::rights::Refusal;
use crate::work::mail::Mail;

/// The trace of a mail that a person wrote.
pub(super) fn of(mail: &Mail, about: &About<'_>, admission: Admission, understood: &Value) -> Value {
    json!({
        "verdict": mail.trust,
        "token": token(mail, about),
        "admission": admission_code(admission),
        "understood": understood,
    })
}

/// The trace of a machine's mail.
pub(super) fn machine(mail: &Mail, about: &About<'_>, machine: &str) -> Value {
    json!({ "verdict": mail.trust, "token": token(mail, about), "machine": machine })
}

fn token(mail: &Mail, about: &About<'_>) -> Value {
    let forged = mail.tokens.forged;
    match about.carried {
        Some(carried) => json!({
            "carrier": format!("{:?}", carried.carrier).to_lowercase(),
            "purpose": carried.token.purpose,
            "forged": forged,
        }),
        None => json!({ "forged": forged }),
    }
}

/// The commands by name; the answer to the archiving question stays out of every trace (domain.md §3).
pub(super) fn commands(speech: &Speech, sealed: bool) -> Value {
    let names: Vec<&str> = speech.commands.iter().map(|spoken| spoken.command.as_json_name()).collect();
    if sealed { json!({ "commands": ["archiver"] }) } else { json!({ "commands": names }) }
}

/// The name of a refusal, without what it holds.
pub(super) fn refusal(refusal: &Refusal) -> String {
    match serde_json::to_value(refusal) {
        Ok(Value::String(name)) => name,
        Ok(Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}

fn admission_code(admission: Admission) -> &'static str {
    match admission {
        Admission::Person { joins: false, .. } => "person",
        Admission::Person { joins: true, .. } => "person joins",
        Admission::Group(_) => "group",
        Admission::Confirm(_) => "confirm",
        Admission::Ask(_) => "ask the owner",
        Admission::Transmit(_) => "passed on",
        Admission::Held => "held",
        Admission::Help(_) => "help",
        Admission::DeadToken(_) => "dead token",
        Admission::Disabled(_) => "disabled",
        Admission::Refuse => "refused",
        Admission::Later => "later",
    }
}
