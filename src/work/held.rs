//! Held mails: who is asked about them, what the operator decides, and their end.
//!
//! Knows the order of the questions. Does not know what an answer says: that is read in `act::question`.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Office;
use crate::clock::Clock;
use crate::demande::admission::Holder;
use crate::demande::confirmation::{ANSWER_WITHIN, Asked, HELD_AT_MOST, Kind};
use crate::demande::notice::{Order, Reader, What};
use crate::store::audit::{self, NewLine};
use crate::store::confirmations::{self, Ending, Line, Question, State};
use crate::store::inbox::{self, State as Inbox};
use crate::store::{Db, StoreError, Tx, outbox};

/// Questions that end in one go.
const BATCH: u32 = 100;
const UNANSWERED: &str = "held: nobody answered for it in time";
const TOO_LONG: &str = "held for too long";

/// Who is asked, as the outbox addresses him.
pub fn reader(holder: Holder) -> Reader {
    match holder {
        Holder::Person(id) => Reader::Person(id),
        Holder::Group(id) => Reader::Group(id),
    }
}

/// A number for a question: drawn, not counted, so that nobody meets one twice.
pub(super) fn number(clock: &Clock) -> u32 {
    let [.., a, b, c, d] = *clock.new_id().as_bytes();
    u32::from_be_bytes([a, b, c, d]).max(1)
}

/// Asks about the first mail of that line, unless somebody is asked already: each question is about one mail, which it
/// shows, and the others wait for its end.
pub(super) async fn ask_next(tx: &mut Tx, clock: &Clock, line: Line) -> Result<(), StoreError> {
    let now = clock.now();
    let Some((id, held)) = confirmations::ask_next(tx, line, now, now + ANSWER_WITHIN).await? else {
        return Ok(());
    };
    ask(tx, clock, line, (held, Asked { id, again: false })).await
}

/// Posts a question about a held arrival.
pub(super) async fn ask(
    tx: &mut Tx,
    clock: &Clock,
    line: Line,
    (held, asked): (Uuid, Asked),
) -> Result<(), StoreError> {
    let Some(what) = What::asking(line.kind, asked) else { return Ok(()) };
    let order = Order { to: reader(line.holder), what, brief: false, not_before: clock.now() };
    outbox::post(tx, clock, Some(line.demande), Some(held), &[(None, order)]).await.map(drop)
}

/// Ends what waited too long, until told to stop.
pub async fn run(office: Arc<Office>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match sweep(&office).await {
            Ok(0) => {}
            Ok(_) => office.posted.notify_one(),
            Err(error) => tracing::warn!(%error, "held mails cannot be looked at for now"),
        }
        tokio::select! {
            () = tokio::time::sleep(office.settings.poll) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Ends the questions that nobody answered in 72 hours and the mails held for 30 days; how many questions ended.
pub async fn sweep(office: &Office) -> Result<usize, StoreError> {
    let now = office.clock.now();
    let due = confirmations::due(&mut office.db.read().await?, now, BATCH).await?;
    let long = inbox::held_since(&mut office.db.read().await?, now - HELD_AT_MOST).await?;
    if due.is_empty() && !long {
        return Ok(0);
    }
    let mut tx = office.db.begin().await?;
    for question in &due {
        expire(office, &mut tx, question).await?;
    }
    inbox::end_held_since(&mut tx, now - HELD_AT_MOST, TOO_LONG, now).await?;
    tx.commit().await?;
    Ok(due.len())
}

async fn expire(office: &Office, tx: &mut Tx, question: &Question) -> Result<(), StoreError> {
    let at = office.clock.now();
    if !confirmations::end(tx, question.id, Ending { state: State::Expired, by: "relais", at }).await? {
        return Ok(());
    }
    inbox::end_held(tx, question.inbox, Inbox::Refused, UNANSWERED, at).await?;
    note(tx, ("relais", "passerelle", "retenu: sans réponse"), question.inbox, (question.demande, at))
        .await?;
    match question.line() {
        Some(line) => ask_next(tx, &office.clock, line).await,
        None => Ok(()),
    }
}

/// What came of an operator's word on a held mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It goes on; the inbox loop works it next.
    Released,
    /// It ended; its sender is told nothing.
    Refused,
    /// There is no such mail, or it is held no more.
    NotHeld,
    /// Nobody could be its author (its row of the admission table names none): it can only be refused.
    NobodyS,
}

/// Lets a held mail through: in the name of who was asked about it, or past the cap that stopped it. Audited.
pub async fn release(db: &Db, clock: &Clock, id: Uuid) -> Result<Word, StoreError> {
    let mut tx = db.begin().await?;
    let Some(row) = inbox::show(&mut tx, id).await?.map(|detail| detail.row) else {
        return Ok(Word::NotHeld);
    };
    if row.state != Inbox::Held {
        return Ok(Word::NotHeld);
    }
    let question = confirmations::of_inbox(&mut tx, id).await?;
    let capped = row.reason.as_deref().is_some_and(|reason| reason.starts_with(super::frein::CAP));
    if question.is_none() && !capped {
        return Ok(Word::NobodyS);
    }
    confirmations::let_through(&mut tx, number(clock), id, clock.now()).await?;
    inbox::replay_in(&mut tx, id).await?;
    let about = (row.demande.unwrap_or(0), clock.now());
    note(&mut tx, ("operator", "commande", "retenu: libéré"), id, about).await?;
    go_on(&mut tx, clock, question.as_ref()).await?;
    tx.commit().await?;
    Ok(Word::Released)
}

/// Ends a held mail without it. Audited; nobody is told.
pub async fn refuse(db: &Db, clock: &Clock, id: Uuid) -> Result<Word, StoreError> {
    let (mut tx, at) = (db.begin().await?, clock.now());
    if !inbox::end_held(&mut tx, id, Inbox::Refused, "held: refused by the operator", at).await? {
        return Ok(Word::NotHeld);
    }
    let question = confirmations::of_inbox(&mut tx, id).await?;
    if let Some(question) = &question {
        confirmations::end(&mut tx, question.id, Ending { state: State::No, by: "operator", at }).await?;
    }
    let about = (question.as_ref().map_or(0, |question| question.demande), at);
    note(&mut tx, ("operator", "commande", "retenu: refusé"), id, about).await?;
    go_on(&mut tx, clock, question.as_ref()).await?;
    tx.commit().await?;
    Ok(Word::Refused)
}

/// Writes down that the operator read a held mail.
pub async fn looked_at(tx: &mut Tx, row: &inbox::Row, at: crate::demande::Millis) -> Result<(), StoreError> {
    note(tx, ("operator", "commande", "retenu: lu"), row.id, (row.demande.unwrap_or(0), at)).await
}

/// The next in line is asked about.
async fn go_on(tx: &mut Tx, clock: &Clock, ended: Option<&Question>) -> Result<(), StoreError> {
    match ended.and_then(Question::line) {
        Some(line) if line.kind != Kind::Plafond => ask_next(tx, clock, line).await,
        _ => Ok(()),
    }
}

/// A line of the audit about a held arrival.
pub(super) async fn note(
    tx: &mut Tx,
    (who, door, what): (&str, &str, &str),
    held: Uuid,
    (demande, at): (u32, crate::demande::Millis),
) -> Result<(), StoreError> {
    let detail = serde_json::json!({ "inbox": held });
    let demande = (demande > 0).then_some(demande);
    audit::append(tx, &NewLine { at, who, door, what, demande, detail }).await
}
