//! The inbox loop: a batch of arrivals is read and verified, then decided and recorded in one commit.
//!
//! Whatever happens, an arrival ends settled, leased again, or as a dead letter with its reason.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Office;
use super::act::act;
use super::mail::{self, Mail, Stop};
use super::scan;
use crate::demande::Millis;
use crate::receive::Envelope;
use crate::store::inbox::{self, Leased, Settlement, State};
use crate::store::{Claim, StoreError};

/// After that many temporary failures an arrival becomes a dead letter, for somebody to look at.
const MAX_ATTEMPTS: u32 = 50;
/// The longest wait between two tries, in milliseconds.
const LONGEST_WAIT: Millis = 15 * 60_000;

/// Works until told to stop; the batch in hand is finished first.
pub async fn run(office: Arc<Office>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match work_once(&office).await {
            Ok(0) => rest(&office, &stop).await,
            Ok(_) => office.posted.notify_one(),
            Err(error) => {
                tracing::warn!(%error, "the inbox cannot be worked for now");
                rest(&office, &stop).await;
            }
        }
    }
}

async fn rest(office: &Office, stop: &CancellationToken) {
    tokio::select! {
        () = office.kept.notified() => {}
        () = tokio::time::sleep(office.settings.poll) => {}
        () = stop.cancelled() => {}
    }
}

/// Works one batch; how many arrivals it took.
pub async fn work_once(office: &Office) -> Result<usize, StoreError> {
    let settings = &office.settings;
    let claim =
        Claim { who: &settings.name, now: office.clock.now(), limit: settings.batch, for_ms: settings.lease };
    let leased = inbox::lease(&office.db, claim).await?;
    let taken = leased.len();
    let mut ready = Vec::with_capacity(taken);
    for arrival in leased {
        if let Some(mail) = read(office, &arrival).await? {
            ready.push((arrival, mail));
        }
    }
    if record(office, &ready).await.is_err() {
        one_by_one(office, &ready).await?;
    }
    Ok(taken)
}

/// Reads and verifies an arrival; what goes no further is settled or postponed here.
async fn read(office: &Office, arrival: &Leased) -> Result<Option<Mail>, StoreError> {
    let Ok(envelope) = serde_json::from_value::<Envelope>(arrival.arrival.envelope.clone()) else {
        bury(office, arrival.id, "its envelope cannot be read").await?;
        return Ok(None);
    };
    match scanned(office, envelope, &arrival.arrival.raw).await {
        Ok(mail) => Ok(Some(mail)),
        Err(Stop::Unreadable(why)) => {
            bury(office, arrival.id, &why.to_string()).await?;
            Ok(None)
        }
        Err(Stop::Store(error)) => {
            postpone(office, arrival, &error.to_string()).await?;
            Ok(None)
        }
        Err(Stop::Scan(error)) => {
            postpone(office, arrival, &error.to_string()).await?;
            Ok(None)
        }
    }
}

/// A mail read, its files scanned: all that must be awaited before the transaction.
async fn scanned(office: &Office, envelope: Envelope, raw: &[u8]) -> Result<Mail, Stop> {
    let mut mail = mail::read(office, envelope, raw).await?;
    scan::mail(office.scanner.as_ref(), &mut mail).await?;
    Ok(mail)
}

/// The whole batch in one commit.
async fn record(office: &Office, batch: &[(Leased, Mail)]) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Ok(());
    }
    let mut tx = office.db.begin().await?;
    let mut settled = Vec::with_capacity(batch.len());
    for (arrival, mail) in batch {
        let settlement = act(office, &mut tx, arrival.id, mail).await?;
        inbox::settle(&mut tx, arrival.id, &settlement).await?;
        settled.push((arrival.id, settlement));
    }
    tx.commit().await?;
    for (id, settlement) in &settled {
        report(*id, settlement);
    }
    Ok(())
}

/// A batch that failed as a whole (a lost race, one arrival that the store refuses) is worked arrival by arrival.
async fn one_by_one(office: &Office, batch: &[(Leased, Mail)]) -> Result<(), StoreError> {
    const TRIES: usize = 3;
    for pair in batch {
        let mut last = Ok(());
        for _ in 0..TRIES {
            last = record(office, std::slice::from_ref(pair)).await;
            if !last.as_ref().is_err_and(StoreError::is_conflict) {
                break;
            }
        }
        match last {
            Ok(()) => {}
            Err(error) if error.is_temporary() || error.is_conflict() => {
                postpone(office, &pair.0, &error.to_string()).await?;
            }
            Err(error) => bury(office, pair.0.id, &error.to_string()).await?,
        }
    }
    Ok(())
}

async fn bury(office: &Office, id: Uuid, reason: &str) -> Result<(), StoreError> {
    let settlement =
        Settlement { reason: Some(reason.to_owned()), ..Settlement::new(State::Dead, office.clock.now()) };
    let mut tx = office.db.begin().await?;
    inbox::settle(&mut tx, id, &settlement).await?;
    tx.commit().await?;
    report(id, &settlement);
    Ok(())
}

async fn postpone(office: &Office, arrival: &Leased, reason: &str) -> Result<(), StoreError> {
    if arrival.attempts >= MAX_ATTEMPTS {
        return bury(office, arrival.id, reason).await;
    }
    let wait = (1000_i64 << arrival.attempts.min(20)).min(LONGEST_WAIT);
    tracing::warn!(inbox = %arrival.id, reason, "tried again later");
    inbox::again(&office.db, arrival.id, office.clock.now() + wait, reason).await
}

fn report(id: Uuid, settlement: &Settlement) {
    tracing::info!(
        inbox = %id,
        state = settlement.state.code(),
        demande = settlement.demande,
        entry = settlement.entry,
        reason = settlement.reason.as_deref(),
        "decided"
    );
}
