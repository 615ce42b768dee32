//! Did a person write this mail, or a machine? And what does the machine say.
//!
//! Header fields and structure first; words only where nothing else tells, and only words that nobody writes by hand.
//! A person who mentions an absence is a person; `X-Auto-Response-Suppress` says nothing of its own mail.

mod absence;
mod bounce;
mod calendar;
mod challenge;
mod list;
mod phrases;

pub use self::bounce::Bounce;

use super::letter::head::Head;
use super::letter::tree::Part;
use super::letter::{Letter, Mailbox};

/// What sort of machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MachineKind {
    /// Out of office.
    Vacation,
    /// A delivery report: not delivered, or not yet.
    Bounce,
    /// Read receipt, or a report of success.
    Receipt,
    /// A mailing list or a newsletter.
    List,
    /// An invitation or an answer to one.
    Calendar,
    /// "Prove that you are no robot" (Mailinblack, Vade): to be unblocked by hand.
    Challenge,
    /// An emoji sent as a mail.
    Reaction,
    /// Outlook's attempt to take a mail back.
    Recall,
    /// Something automatic.
    Other,
}

impl MachineKind {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            MachineKind::Vacation => "vacation",
            MachineKind::Bounce => "bounce",
            MachineKind::Receipt => "receipt",
            MachineKind::List => "list",
            MachineKind::Calendar => "calendar",
            MachineKind::Challenge => "challenge",
            MachineKind::Reaction | MachineKind::Recall | MachineKind::Other => "other",
        }
    }
}

/// A mail that no person wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// What sort.
    pub kind: MachineKind,
    /// The date of return as an absence states it ("lundi 15 juin 2026").
    pub until: Option<String>,
    /// The same as a date, "2026-06-15", when it can be told.
    pub until_date: Option<String>,
    /// What a delivery report says.
    pub bounce: Option<Bounce>,
    /// The rule that told, for `relais extract --explain`.
    pub rule: &'static str,
}

impl Machine {
    fn new(kind: MachineKind, rule: &'static str) -> Machine {
        Machine { kind, until: None, until_date: None, bounce: None, rule }
    }
}

/// What is known of a mail when it is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) head: &'a Head<'a>,
    pub(crate) parts: &'a [Part<'a>],
    pub(crate) subject: &'a str,
    /// The readable text.
    pub(crate) text: &'a str,
    pub(crate) from: &'a [Mailbox],
    /// In-Reply-To or References stand there.
    pub(crate) threaded: bool,
}

/// Machine, or `None` for a person.
pub(crate) fn judge(evidence: &Evidence<'_>) -> Option<Machine> {
    let machine = bounce::judge(evidence)
        .or_else(|| calendar::judge(evidence))
        .or_else(|| special(evidence))
        .or_else(|| declared(evidence))
        .or_else(|| list::judge(evidence))
        .or_else(|| returned(evidence))
        .or_else(|| worded(evidence))
        .or_else(|| nobody(evidence))?;
    Some(with_return(machine, &evidence.words(), evidence.head.date()))
}

/// A mail with a null sender that showed no other sign: what its words say, or something automatic.
pub(super) fn without_sender(letter: &Letter) -> Machine {
    let words = phrases::Words { subject: &letter.subject, text: &letter.body.text };
    let bounce = bounce::by_words(&words, None);
    let machine = bounce.or_else(|| phrases::judge_automatic(&words));
    let machine = machine.unwrap_or(Machine::new(MachineKind::Other, "null sender"));
    with_return(machine, &words, letter.date)
}

fn with_return(machine: Machine, words: &phrases::Words<'_>, sent: Option<i64>) -> Machine {
    if machine.kind != MachineKind::Vacation {
        return machine;
    }
    let until = absence::until(words.text).or_else(|| absence::until(words.subject));
    let until_date = until.as_deref().and_then(|stated| absence::iso(stated, sent));
    Machine { until, until_date, ..machine }
}

/// Parts and headers of kinds that exist only for this.
fn special(evidence: &Evidence<'_>) -> Option<Machine> {
    let reaction = |part: &Part<'_>| part.kind.is("text", "vnd.google.email-reaction+json");
    if evidence.parts.iter().any(reaction) || evidence.head.has("x-ms-reactions") {
        return Some(Machine::new(MachineKind::Reaction, "reaction part"));
    }
    let class = evidence.head.token("content-class").unwrap_or_default();
    if class.contains("recall") || evidence.head.has_prefix("x-ms-exchange-recall") {
        return Some(Machine::new(MachineKind::Recall, "recall header"));
    }
    if class.ends_with(":mdn") {
        return Some(Machine::new(MachineKind::Receipt, "content-class mdn"));
    }
    let words = evidence.words();
    phrases::recall(&words).or_else(|| phrases::reaction(&words)).or_else(|| challenge::judge(&words))
}

impl<'a> Evidence<'a> {
    fn words(&self) -> phrases::Words<'a> {
        phrases::Words { subject: self.subject, text: self.text }
    }
}

/// Headers by which a mail says of itself that it is automatic.
fn declared(evidence: &Evidence<'_>) -> Option<Machine> {
    let head = evidence.head;
    let rule = auto_submitted(head).or_else(|| auto_reply_header(head)).or_else(|| precedence(head))?;
    let machine = phrases::judge_automatic(&evidence.words());
    let sort = match rule {
        Declared::Reply(rule) => Machine::new(MachineKind::Vacation, rule),
        Declared::Generated(rule) => Machine::new(MachineKind::Other, rule),
    };
    // The words decide the sort, never whether it is one.
    let listed = matches!(rule, Declared::Generated(_)).then(|| list::judge(evidence)).flatten();
    Some(machine.map(|m| Machine { rule: sort.rule, ..m }).or(listed).unwrap_or(sort))
}

#[derive(Debug, Clone, Copy)]
enum Declared {
    /// An answer, to an absence most often.
    Reply(&'static str),
    /// Anything automatic.
    Generated(&'static str),
}

/// RFC 3834 §5; anything but "no".
fn auto_submitted(head: &Head<'_>) -> Option<Declared> {
    let value = head.token("auto-submitted")?;
    match value.as_str() {
        "no" | "" => None,
        "auto-replied" => Some(Declared::Reply("auto-submitted auto-replied")),
        _ => Some(Declared::Generated("auto-submitted")),
    }
}

/// Older and private headers of vacation programs.
fn auto_reply_header(head: &Head<'_>) -> Option<Declared> {
    const HEADERS: &[&str] = &[
        "x-autoreply",
        "x-autorespond",
        "x-autoresponder",
        "x-auto-reply",
        "x-auto-reply-from",
        "x-autoreply-from",
        "x-mail-autoreply",
        "x-vacation",
        "x-autogenerated",
    ];
    for &name in HEADERS {
        if head.token(name).is_some_and(|value| !matches!(value.as_str(), "no" | "false" | "0")) {
            return Some(Declared::Reply("auto-reply header"));
        }
    }
    let delivered = head.text("delivered-to").unwrap_or_default();
    if delivered.eq_ignore_ascii_case("autoresponder") {
        return Some(Declared::Reply("delivered-to autoresponder"));
    }
    let generated = ["x-fc-machinegenerated", "x-auto-generated", "x-csa-complaints"];
    let generated =
        generated[..2].iter().any(|name| head.token(name).is_some_and(|v| v != "no" && v != "false"));
    generated.then_some(Declared::Generated("machine-generated header"))
}

fn precedence(head: &Head<'_>) -> Option<Declared> {
    let value = ["precedence", "x-precedence", "preference"].iter().find_map(|name| head.token(name))?;
    match value.replace('-', "_").as_str() {
        "auto_reply" => Some(Declared::Reply("precedence auto_reply")),
        "bulk" | "junk" | "list" => Some(Declared::Generated("precedence")),
        _ => None,
    }
}

/// The reverse path of reports: empty, or what some servers write for it.
pub(super) fn is_null(path: &str) -> bool {
    let path = path.replace(' ', "");
    path == "<>" || path.eq_ignore_ascii_case("<mailer-daemon>")
}

/// An address that asks not to be answered: no person has it.
fn nobody(evidence: &Evidence<'_>) -> Option<Machine> {
    const NAMES: &[&str] = &[
        "noreply",
        "nereply",
        "donotreply",
        "nepasrepondre",
        "pasdereponse",
        "nonreply",
        "sansreponse",
        "notreply",
    ];
    let [from] = evidence.from else { return None };
    let local = from.address.split('@').next().unwrap_or_default().to_lowercase();
    let bare = local.replace(['-', '_', '.'], "");
    NAMES.iter().any(|name| bare.starts_with(name)).then(|| {
        let machine = phrases::judge_automatic(&evidence.words());
        machine.unwrap_or(Machine::new(MachineKind::Other, "no-reply sender"))
    })
}

/// `Return-Path: <>`, written by the server that delivered it.
fn returned(evidence: &Evidence<'_>) -> Option<Machine> {
    let path = evidence.head.text("return-path")?;
    if !is_null(&path) {
        return None;
    }
    let machine = phrases::judge_automatic(&evidence.words());
    Some(machine.unwrap_or(Machine::new(MachineKind::Other, "null return-path")))
}

/// Subjects and first words, when nothing else told.
fn worded(evidence: &Evidence<'_>) -> Option<Machine> {
    let words = evidence.words();
    phrases::absence_subject(&words)
        .or_else(|| phrases::receipt_subject(&words))
        .or_else(|| phrases::calendar_subject(&words, evidence.threaded))
        .or_else(|| phrases::says_automatic(&words))
}

#[cfg(test)]
mod tests;
