//! Delivery reports: RFC 3464, and the letters that servers wrote before and beside it.

use std::sync::LazyLock;

use regex::Regex;

use super::phrases::{self, Words};
use super::{Evidence, Machine, MachineKind};
use crate::mail::letter::head::Head;
use crate::mail::letter::tree::Part;

/// What a delivery report says of the first recipient that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The address that was not reached; empty when the report does not say.
    pub recipient: String,
    /// Enhanced status code (RFC 3463), "5.1.1".
    pub status: Option<String>,
    /// Given up, as opposed to delayed.
    pub permanent: bool,
    /// Message-ID of the returned mail, without `<>`.
    pub original_message_id: Option<String>,
}

/// A delivery report by structure, by sender, or by words.
pub(super) fn judge(evidence: &Evidence<'_>) -> Option<Machine> {
    let report = report_type(evidence);
    if evidence.parts.iter().any(|p| p.kind.is("message", "disposition-notification"))
        || report == "disposition-notification"
    {
        return is_automatic(evidence, &report)
            .then(|| Machine::new(MachineKind::Receipt, "disposition-notification"));
    }
    let status = evidence.parts.iter().find(|part| is_status(part));
    if let Some(part) = status.filter(|_| is_automatic(evidence, &report)) {
        return Some(structured(part, evidence));
    }
    if report == "feedback-report" {
        return Some(Machine::new(MachineKind::Other, "feedback-report"));
    }
    let failed = evidence.head.text("x-failed-recipients");
    let sender = evidence.from.first().map(|from| from.address.to_lowercase()).unwrap_or_default();
    let by_machine = failed.is_some() || is_automatic(evidence, &report) || is_daemon(&sender);
    if !by_machine || phrases::absence_subject(&evidence.words()).is_some() {
        return None;
    }
    // "Votre message n’a pas été transmis": absences say it too.
    let answered = evidence.head.token("auto-submitted").is_some_and(|value| value == "auto-replied");
    if answered && failed.is_none() && !is_daemon(&sender) {
        return None;
    }
    let mut machine = by_words(&evidence.words(), failed.as_deref())
        .or_else(|| unknown(&sender, &evidence.words()))
        .or_else(|| failed.as_deref().map(|failed| unworded(failed, &evidence.words())))?;
    if let Some(bounce) = machine.bounce.as_mut() {
        bounce.original_message_id =
            original_id(evidence.parts).or_else(|| bounce.original_message_id.take());
    }
    Some(machine)
}

fn report_type(evidence: &Evidence<'_>) -> String {
    let root = evidence.parts.first().filter(|root| root.kind.is("multipart", "report"));
    root.and_then(|root| root.kind.param("report-type")).unwrap_or_default().to_ascii_lowercase()
}

/// A person can forward a report, parts and all: then none of these holds.
fn is_automatic(evidence: &Evidence<'_>, report: &str) -> bool {
    let head = evidence.head;
    let null = head.text("return-path").is_some_and(|path| super::is_null(&path));
    let submitted = head.token("auto-submitted").is_some_and(|value| !matches!(value.as_str(), "no" | ""));
    let sender = evidence.from.first().map(|from| from.address.to_lowercase()).unwrap_or_default();
    !report.is_empty() || null || submitted || is_daemon(&sender) || head.has("x-ms-exchange-message-is-ndr")
}

fn is_daemon(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let daemons = [
        "mailer-daemon",
        "postmaster",
        "mail-daemon",
        "mailerdaemon",
        "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
    ];
    daemons.contains(&local) || local.starts_with("mailer-daemon") || local.starts_with("postmaster")
}

fn is_status(part: &Part<'_>) -> bool {
    part.kind.top == "message"
        && matches!(part.kind.sub.as_str(), "delivery-status" | "global-delivery-status")
}

/// RFC 3464 §2: a block for the message, then one for each recipient.
fn structured(part: &Part<'_>, evidence: &Evidence<'_>) -> Machine {
    let bytes = part.decoded();
    let recipients = blocks(&bytes);
    let action = |head: &Head<'_>| head.token("action").unwrap_or_default();
    let failed = recipients.iter().find(|r| action(r) == "failed");
    let told =
        failed.or_else(|| recipients.iter().find(|r| action(r) == "delayed")).or_else(|| recipients.first());
    let done = told.is_some_and(|r| matches!(action(r).as_str(), "delivered" | "relayed" | "expanded"));
    if done {
        return Machine::new(MachineKind::Receipt, "delivery-status delivered");
    }
    let mut bounce = told.map_or_else(empty, |r| recipient(r, &action(r)));
    if bounce.recipient.is_empty() {
        let words = by_words(&evidence.words(), evidence.head.text("x-failed-recipients").as_deref());
        bounce.recipient = words.and_then(|m| m.bounce).map(|b| b.recipient).unwrap_or_default();
    }
    bounce.original_message_id = original_id(evidence.parts);
    Machine { bounce: Some(bounce), ..Machine::new(MachineKind::Bounce, "delivery-status") }
}

fn empty() -> Bounce {
    Bounce { recipient: String::new(), status: None, permanent: true, original_message_id: None }
}

/// The recipient blocks; at most 200 are looked at.
fn blocks(bytes: &[u8]) -> Vec<Head<'_>> {
    let mut found = Vec::new();
    let (mut at, mut budget) = (0, 256 * 1024);
    while at < bytes.len() && found.len() < 200 {
        let (head, next) = Head::read(bytes, at, &mut budget);
        if head.has("final-recipient") || head.has("original-recipient") || head.has("action") {
            found.push(head);
        }
        at = if next == at { crate::mail::letter::head::line_end(bytes, at) } else { next };
    }
    found
}

fn recipient(head: &Head<'_>, action: &str) -> Bounce {
    let address = ["original-recipient", "final-recipient"].iter().find_map(|name| {
        let value = head.text(name)?;
        one_address(value.rsplit(';').next()?)
    });
    let diagnostic = head.text("diagnostic-code").unwrap_or_default();
    let status = head.text("status").as_deref().and_then(enhanced).or_else(|| enhanced(&diagnostic));
    let permanent = match status.as_deref().map(str::as_bytes) {
        Some([b'4', ..]) => false,
        _ => action != "delayed",
    };
    Bounce { recipient: address.unwrap_or_default(), status, permanent, original_message_id: None }
}

/// The first word that is an address: some servers write a name or a comment beside it.
fn one_address(value: &str) -> Option<String> {
    let word = value.split(|c: char| c.is_whitespace() || c == ',').find(|word| word.contains('@'))?;
    Some(word.trim_matches(['<', '>', '(', ')']).to_owned())
}

/// The Message-ID of the returned mail, whole or only its header.
fn original_id(parts: &[Part<'_>]) -> Option<String> {
    let returned = |p: &&Part<'_>| {
        p.kind.is("text", "rfc822-headers")
            || (p.kind.top == "message"
                && matches!(p.kind.sub.as_str(), "rfc822" | "global" | "global-headers"))
    };
    parts.iter().filter(returned).find_map(|part| {
        let bytes = part.decoded();
        let start = bytes.len() - bytes.trim_ascii_start().len();
        let (head, _) = Head::read(&bytes, start, &mut 256_000);
        head.ids("message-id").into_iter().next()
    })
}

/// The first enhanced status code of a text.
fn enhanced(text: &str) -> Option<String> {
    static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?:^|[^\d.])([245]\.[0-9]{1,2}\.[0-9]{1,3})(?:[^\d.]|\.?\s|\.?$)").ok()
    });
    CODE.as_ref()?.captures(text).map(|c| c[1].to_owned())
}

/// Nobody but a server writes as MAILER-DAEMON: a report, whatever its language.
fn unknown(sender: &str, words: &Words<'_>) -> Option<Machine> {
    if !sender.starts_with("mailer-daemon") {
        return None;
    }
    let mut machine = unworded(&address(words.text).unwrap_or_default(), words);
    machine.rule = "mailer-daemon";
    Some(machine)
}

fn unworded(failed: &str, words: &Words<'_>) -> Machine {
    let status = enhanced(words.text);
    let permanent = !status.as_deref().is_some_and(|s| s.starts_with('4'));
    let recipient = one_address(failed).unwrap_or_default();
    let bounce = Bounce { recipient, status, permanent, original_message_id: None };
    Machine { bounce: Some(bounce), ..Machine::new(MachineKind::Bounce, "x-failed-recipients") }
}

/// Sentences of servers: Postfix, Exim, qmail, Exchange (fr, en), Gmail, Orange, La Poste.
const SAYS: &[&str] = &[
    "this is the mail system at host",
    "i'm sorry to have to inform you that your message could not",
    "this message was created automatically by mail delivery software",
    "this is the qmail-send program",
    "i wasn't able to deliver your message",
    "delivery has failed to these recipients",
    "delivery to the following recipient",
    "undeliverable",
    "undelivered",
    "delivery failed",
    "delivery failure",
    "delivery is delayed",
    "delivery has been delayed",
    "address not found",
    "mail delivery subsystem",
    "the following addresses had",
    "adresse introuvable",
    "échec de la remise",
    "échec de remise",
    "échec de la distribution",
    "échec de distribution",
    "la remise a échoué",
    "remise retardée",
    "non remis",
    "non distribu",
    "notification d'état de remise",
    "delivery status notification",
    "rapport de non-remise",
    "non-remise",
    "returned mail",
    "returned to sender",
    "failure notice",
    "retour à l'expéditeur",
    "permanent fatal error",
    "user unknown",
    "no such user",
    "recipient address rejected",
    "mailbox unavailable",
    "utilisateur inconnu",
    "destinataire inconnu",
    "boîte pleine",
];

/// "N’a pas (encore) pu être remis", "could not be delivered", in all their forms.
static UNDELIVERED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let done = "(?:remis|distribué|délivré|livré|acheminé|transmis|envoyé)";
    let french = format!(
        r"n'(?:a|ont) (?:toujours |malheureusement )?(?:pas )?(?:encore )?(?:pu )?(?:être|été) {done}|impossible de (?:remettre|délivrer|distribuer)"
    );
    let english = r"(?:could ?n[o']t|cannot|was ?n[o']t|has ?n[o']t|have ?n[o']t)(?: yet)?(?: be| been)?(?: yet)? delivered";
    Regex::new(&format!("{french}|{english}")).ok()
});

const DELAYED: &[&str] = &[
    "delayed",
    "will be retried",
    "will retry",
    "has not yet been delivered",
    "not yet been delivered",
    "could not be delivered for more than",
    "you do not need to resend",
    "no action is required on your part",
    "warning message only",
    "retard",
    "différé",
    "nouvelle tentative",
    "nouvelles tentatives",
    "pas encore",
    "réessayer",
    "temporair",
];

/// A report in words; `failed` is what `X-Failed-Recipients` said.
pub(super) fn by_words(words: &Words<'_>, failed: Option<&str>) -> Option<Machine> {
    let subject = Words { subject: "", text: words.subject }.start();
    let start = words.start();
    let says = |text: &str| {
        SAYS.iter().any(|s| text.contains(s))
            || UNDELIVERED.as_ref().is_some_and(|regex| regex.is_match(text))
    };
    if !says(&start) && !says(&subject) {
        return None;
    }
    let status = enhanced(words.text);
    let basic = basic(words.text);
    let delayed =
        DELAYED.iter().any(|s| start.contains(s)) || subject.contains("delay") || subject.contains("retard");
    let permanent = match (status.as_deref().map(str::as_bytes), basic) {
        (Some([b'5', ..]), _) | (None, Some(b'5')) => true,
        (Some([b'4', ..]), _) | (None, Some(b'4')) => false,
        _ => !delayed,
    };
    let bounce = Bounce {
        recipient: failed.and_then(one_address).or_else(|| address(words.text)).unwrap_or_default(),
        status,
        permanent,
        original_message_id: quoted_id(words.text),
    };
    Some(Machine { bounce: Some(bounce), ..Machine::new(MachineKind::Bounce, "bounce in words") })
}

/// The class of the first SMTP reply code that stands like one.
fn basic(text: &str) -> Option<u8> {
    static CODE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?:^|[\s'«(:#])([45])\d\d[\s-]").ok());
    CODE.as_ref()?.captures(text).and_then(|c| c[1].bytes().next())
}

/// The first address that is not the server's own.
fn address(text: &str) -> Option<String> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[\w.+'=-]{1,64}@[\w-]+(?:\.[\w-]+)+").ok());
    let regex = ADDRESS.as_ref()?;
    let mut found = regex.find_iter(text).map(|m| m.as_str().trim_end_matches('.')).take(50);
    found.find(|address| !is_daemon(&address.to_lowercase())).map(str::to_owned)
}

/// `Message-ID: <…>` in the returned header that follows in the text.
fn quoted_id(text: &str) -> Option<String> {
    let line = text.lines().find(|l| {
        l.trim_start_matches([' ', '>']).get(..11).is_some_and(|s| s.eq_ignore_ascii_case("message-id:"))
    })?;
    let id = line.split_once('<')?.1.split_once('>')?.0;
    Some(id.to_owned())
}
