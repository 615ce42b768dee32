//! Somebody is not reached: his address is suspended where no mail reaches it, and the demande is told once.

use uuid::Uuid;

use crate::clock::Clock;
use crate::demande::Millis;
use crate::demande::admission::Holder;
use crate::demande::decide::{self, Missed, Reach};
use crate::demande::notice::Reader;
use crate::store::audit::{self, NewLine};
use crate::store::suspensions::{self, Suspension};
use crate::store::{StoreError, Tx, demandes, outbox, people};

/// A trouble without suspension is told once in that time.
const QUIET: Millis = 24 * 3_600_000;

/// Who was not reached, and how that is known.
#[derive(Debug)]
pub(super) struct Unreached<'a> {
    pub(super) demande: u32,
    pub(super) holder: Holder,
    pub(super) address: &'a str,
    /// The enhanced status code.
    pub(super) code: &'a str,
    pub(super) reach: Reach,
    /// The report that said so.
    pub(super) source: Option<Uuid>,
}

/// Whom an order is for, as a token names him.
pub(super) fn holder(reader: &Reader) -> Option<Holder> {
    match reader {
        Reader::Person(id) => Some(Holder::Person(*id)),
        Reader::Group(id) => Some(Holder::Group(*id)),
        Reader::Address(_) => None,
    }
}

/// The address that our mails to him go to.
pub(super) async fn address(tx: &mut Tx, holder: Holder) -> Result<Option<String>, StoreError> {
    Ok(match holder {
        Holder::Person(id) => people::person(tx, id).await?.map(|person| person.address),
        Holder::Group(id) => people::group(tx, id).await?.and_then(|group| group.bal),
    })
}

/// Suspends and tells; the rank of the entry it made, unless the demande was told before.
pub(super) async fn tell(tx: &mut Tx, clock: &Clock, it: &Unreached<'_>) -> Result<Option<u32>, StoreError> {
    let now = clock.now();
    if it.reach == Reach::Nothing {
        return Ok(None);
    }
    if it.reach == Reach::Gone {
        suspend(tx, it, now).await?;
    }
    let since = suspensions::of(tx, it.address).await?.map_or(now - QUIET, |suspended| suspended.since);
    let Some(scene) = demandes::scene(tx, it.demande).await? else { return Ok(None) };
    let missed = Missed { holder: it.holder, source: it.source, since, now };
    let Some(decision) = decide::unreached(&scene, &missed) else { return Ok(None) };
    demandes::record(tx, it.demande, &decision, now).await?;
    outbox::post(tx, clock, Some(it.demande), it.source, &decision.orders).await?;
    Ok(decision.entries.first().map(|entry| entry.n))
}

async fn suspend(tx: &mut Tx, it: &Unreached<'_>, now: Millis) -> Result<(), StoreError> {
    let reason = if it.source.is_some() { "bounce" } else { "relay" };
    let suspension = Suspension {
        address: it.address.to_owned(),
        since: now,
        code: it.code.to_owned(),
        reason: reason.to_owned(),
    };
    if !suspensions::suspend(tx, &suspension).await? {
        return Ok(());
    }
    let detail = serde_json::json!({ "holder": it.holder, "code": it.code, "inbox": it.source });
    let demande = Some(it.demande);
    let line =
        NewLine { at: now, who: "relais", door: "passerelle", what: "adresse suspendue", demande, detail };
    audit::append(tx, &line).await
}

/// Ends the suspension of somebody who wrote to us, if there was one.
pub(super) async fn resume(
    tx: &mut Tx,
    clock: &Clock,
    (who, address): (&str, &str),
) -> Result<(), StoreError> {
    if suspensions::resume(tx, address).await? {
        let detail = serde_json::json!({});
        let line =
            NewLine { at: clock.now(), who, door: "mail", what: "adresse rétablie", demande: None, detail };
        audit::append(tx, &line).await?;
    }
    Ok(())
}
