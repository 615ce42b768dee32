//! What carries a notice: its addresses, its tokens, its place in the reader's thread, its files.

use super::super::Office;
use super::super::unreached::holder;
use super::ParcelError;
use crate::demande::admission::Holder;
use crate::demande::decide::Scene;
use crate::demande::delays::paris_offset;
use crate::demande::notice::{Notice, What};
use crate::demande::people::Level;
use crate::demande::{Millis, Side};
use crate::mail::token::{Month, Purpose, Token};
use crate::render::{Carriage, FileBytes, MARKER};
use crate::send::Parcel;
use crate::store::outbox::Leased;
use crate::store::{StoreError, inbox, objects, people};

/// A mail's carriage, and its envelope.
pub(super) struct Carried {
    pub(super) mail: Carriage,
    envelope_from: String,
    to: String,
}

impl Carried {
    pub(super) fn parcel(self, bytes: Vec<u8>) -> Parcel {
        let id = self.mail.outbox_id.to_string();
        Parcel { envid: Some(id.clone()), id, from: self.envelope_from, to: self.to, bytes }
    }
}

/// The carriage of a row's notice.
pub(super) async fn of(
    office: &Office,
    row: &Leased,
    scene: Option<&Scene>,
    notice: &Notice,
) -> Result<Carried, ParcelError> {
    let private = answers_are_notes(office, row, notice).await?;
    let addresses = match (scene, holder(&row.order.to)) {
        (Some(scene), Some(holder)) => with_tokens(office, row, scene, (holder, private)).await?,
        _ => without_token(office, row),
    };
    let files = match scene {
        Some(scene) => files(office, scene, notice).await?,
        None => Vec::new(),
    };
    let mail = Carriage {
        outbox_id: row.id,
        now: row.created_at.max(row.order.not_before),
        offset_minutes: i32::try_from(paris_offset(office.clock.now())).unwrap_or(60),
        message_id: addresses.message_id,
        in_reply_to: addresses.references.first().cloned(),
        references: addresses.references,
        reply_to: addresses.reply_to,
        survey_to: addresses.survey_to,
        private,
        domain: office.addressing.domain.clone(),
        sender_local: office.settings.sender.clone(),
        support: office.settings.support.clone(),
        unsubscribe: None,
        marker: MARKER,
        token: addresses.token,
        files,
    };
    Ok(Carried { mail, envelope_from: addresses.bounce, to: notice.reader.address.clone() })
}

/// A note's notice and its receipt, and the refusal of what would have been a note: who corrects himself by answering
/// it must not write to the author's side by that (mail.md §5).
async fn answers_are_notes(office: &Office, row: &Leased, notice: &Notice) -> Result<bool, StoreError> {
    if notice.reader.side != Some(Side::Instructeurs) {
        return Ok(false);
    }
    if notice.entry.as_ref().is_some_and(|entry| entry.note) {
        return Ok(true);
    }
    let (What::Refus(_), Some(source)) = (&row.order.what, row.source) else { return Ok(false) };
    let trace = inbox::trace_of(&mut office.db.read().await?, source).await?;
    let note = serde_json::json!("note");
    let commands = trace["understood"]["commands"].as_array();
    Ok(trace["token"]["purpose"] == note || commands.is_some_and(|commands| commands.contains(&note)))
}

/// The addresses and Message-IDs of one mail.
struct Addresses {
    message_id: String,
    references: Vec<String>,
    reply_to: String,
    survey_to: String,
    bounce: String,
    token: String,
}

/// Each reader sees one thread per demande: References starts with the same entry in all its mails, and ends with the
/// one whose token is this mail's (mail.md §1).
async fn with_tokens(
    office: &Office,
    row: &Leased,
    scene: &Scene,
    (holder, private): (Holder, bool),
) -> Result<Addresses, StoreError> {
    let number = scene.demande.number;
    let generations = people::generations(&mut office.db.read().await?, number, holder).await?;
    let generation = super::super::keys::generation(generations);
    let (first, current) =
        expiry(scene.demande.created_at, office.clock.now(), office.settings.validity_months);
    let ring = office.keys.ring();
    let mint_for = |demande, purpose, expires| {
        ring.mint(&Token { demande, holder, purpose, generation, expires: Some(expires) })
    };
    let mint = |purpose, expires| mint_for(number, purpose, expires);
    let (about, purpose) = answers(&row.order.what, number, private);
    let token = mint_for(about, purpose, current);
    let addressing = &office.addressing;
    let mut references = vec![addressing.thread_root(&mint(Purpose::Repondre, first))];
    let own = addressing.thread_root(&token);
    if !references.contains(&own) {
        references.push(own);
    }
    Ok(Addresses {
        message_id: addressing.message_id(row.id, &token),
        references,
        reply_to: addressing.reply(&token),
        survey_to: addressing.action("sondage", &mint(Purpose::Sondage, current)),
        bounce: addressing.bounce(&mint(Purpose::Retour, current)),
        token,
    })
}

/// What an answer to that notice is about, and for: a question's token carries its own number instead of the demande's.
fn answers(what: &What, demande: u32, private: bool) -> (u32, Purpose) {
    match what {
        What::Confirmer(asked) => (asked.id, Purpose::Confirmer),
        What::Liberer(asked) => (asked.id, Purpose::Liberer),
        _ if private => (demande, Purpose::Note),
        _ => (demande, Purpose::Repondre),
    }
}

/// A mail about no demande: replies to it are read by their author's address alone.
fn without_token(office: &Office, row: &Leased) -> Addresses {
    let domain = &office.addressing.domain;
    let reply_to = format!("{}@{domain}", office.settings.sender);
    Addresses {
        message_id: format!("<{}@{domain}>", row.id.simple()),
        references: Vec::new(),
        survey_to: reply_to.clone(),
        reply_to,
        bounce: String::new(),
        token: String::new(),
    }
}

/// The month that the first tokens of a demande end with, and that of tokens made now. It moves by whole validities, so
/// that an address stays the same for at least half of one.
fn expiry(created_at: Millis, now: Millis, validity: u8) -> (Month, Month) {
    let validity = validity.max(1);
    let first = Month::of(created_at).plus(validity);
    let needed = Month::of(now).plus(validity / 2);
    let mut current = first;
    while current < needed {
        current = current.plus(validity);
    }
    (first, current)
}

/// The files of the entry that is told; a receipt gives none back. What a file holds cannot be masked: a channel below
/// level `integral` gets none, its named participants do.
async fn files(office: &Office, scene: &Scene, notice: &Notice) -> Result<Vec<FileBytes>, StoreError> {
    let told = notice.entry.as_ref().filter(|_| !matches!(notice.what, What::Recu(_)) && !notice.brief);
    let Some(entry) = told.and_then(|entry| scene.demande.entry(entry.n)) else { return Ok(Vec::new()) };
    if notice.reader.level != Level::Integral {
        return Ok(Vec::new());
    }
    let mut tx = office.db.read().await?;
    let mut files = Vec::with_capacity(entry.files.len());
    for file in &entry.files {
        if let Some(bytes) = objects::bytes(&mut tx, file.id).await? {
            files.push(FileBytes { name: file.name.clone(), kind: file.kind.clone(), bytes });
        }
    }
    Ok(files)
}
