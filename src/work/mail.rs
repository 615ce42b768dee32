//! One mail, read and verified before any transaction: its letter, its tokens, who it says to be from and how far
//! that is proved.

use crate::demande::{Group, Person};
use crate::mail::letter::{self, Letter, Unreadable};
use crate::mail::reading::{self, Known};
use crate::mail::reply::Reply;
use crate::mail::token::{Carried, Carriers, Purpose, Reading};
use crate::mail::verdict::{PeerFacts, Trust, judge};
use crate::receive::Envelope;
use crate::render::MARKER;
use crate::store::{StoreError, people};

use super::Office;
use super::scan::ScanError;

/// A mail as the rest of the road needs it.
#[derive(Debug)]
pub(super) struct Mail {
    pub(super) letter: Letter,
    pub(super) envelope: Envelope,
    pub(super) trust: Trust,
    pub(super) tokens: Reading,
    /// The token of a question of ours that it answers.
    pub(super) question: Option<Carried>,
    pub(super) who: Who,
    /// Its files were scanned.
    pub(super) scanned: bool,
    /// The viruses found in them.
    pub(super) infected: Vec<String>,
}

/// Whose address stands in From.
#[derive(Debug)]
pub(super) enum Who {
    /// Nobody's.
    Unknown,
    /// An account's.
    Person(Person),
    /// A group's shared mailbox; the account its Sender header names, if any.
    Bal(Group, Option<Person>),
}

/// Why a mail goes no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// It cannot be read: a dead letter.
    Unreadable(Unreadable),
    /// The store does not answer: again later.
    Store(StoreError),
    /// The virus scanner does not answer: again later.
    Scan(ScanError),
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Stop::Scan(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Store(error)
    }
}

/// Reads a mail, finds its tokens, asks DNS how far its From is proved, and whose that From is.
pub(super) async fn read(office: &Office, envelope: Envelope, raw: &[u8]) -> Result<Mail, Stop> {
    let letter = letter::read(raw, &office.settings.limits).map_err(Stop::Unreadable)?;
    let mut tokens = tokens(office, &envelope, &letter);
    let question = take_questions(&mut tokens);
    let trust = judge(&office.judge, raw, &peer_facts(&envelope)).await;
    let who = who(office, &letter, trust.from.as_deref()).await?;
    Ok(Mail { letter, envelope, trust, tokens, question, who, scanned: false, infected: Vec::new() })
}

/// Parts the tokens of questions from those of demandes: the first token of the mail says which of the two it answers,
/// so that an OUI that comes too late is not posted on the demande whose token stands further down.
fn take_questions(tokens: &mut Reading) -> Option<Carried> {
    let asks = |carried: &Carried| matches!(carried.token.purpose, Purpose::Confirmer | Purpose::Liberer);
    let first = tokens.carried.first().filter(|carried| asks(carried)).cloned();
    tokens.carried.retain(|carried| !asks(carried));
    first
}

/// What a letter says, parted from what it quotes.
pub(super) fn reply(office: &Office, letter: &Letter) -> Reply {
    let known = Known { marker: MARKER, domain: &office.addressing.domain, sent: None };
    reading::reply_in(letter, known)
}

/// The tokens a mail carries, by the order of mail.md §1.
pub(super) fn tokens(office: &Office, envelope: &Envelope, letter: &Letter) -> Reading {
    let recipients: Vec<&str> = envelope.recipients.iter().map(String::as_str).collect();
    let to: Vec<&str> = letter.to.iter().chain(&letter.cc).map(|mailbox| mailbox.address.as_str()).collect();
    let delivered: Vec<&str> = letter.delivered_to.iter().map(String::as_str).collect();
    let in_reply_to: Vec<&str> = letter.in_reply_to.iter().map(String::as_str).collect();
    let references: Vec<&str> = letter.references.iter().map(String::as_str).collect();
    let carriers = Carriers {
        envelope: &recipients,
        to: &to,
        delivered: &delivered,
        in_reply_to: &in_reply_to,
        references: &references,
    };
    Reading::of(&carriers, &office.addressing, &office.keys.ring(), office.clock.now())
}

fn peer_facts(envelope: &Envelope) -> PeerFacts<'_> {
    PeerFacts {
        client: envelope.peer.ip,
        helo: &envelope.peer.helo,
        mail_from: envelope.sender.as_deref(),
        trusted_peer: envelope.peer.trusted,
    }
}

/// Whose address is the From that the verdict judged; several From are nobody's.
async fn who(office: &Office, letter: &Letter, from: Option<&str>) -> Result<Who, StoreError> {
    let Some(from) = from else { return Ok(Who::Unknown) };
    let mut tx = office.db.read().await?;
    if let Some(person) = people::by_address(&mut tx, from).await? {
        return Ok(Who::Person(person));
    }
    let Some(group) = people::bal(&mut tx, from).await? else { return Ok(Who::Unknown) };
    let sender = match &letter.sender {
        Some(sender) => people::by_address(&mut tx, &sender.address).await?,
        None => None,
    };
    let sender = sender
        .filter(|person| person.roles.instructeur && !person.disabled && person.groups.contains(&group.id));
    Ok(Who::Bal(group, sender))
}
