//! The outbox loop: lease → compose → render → deliver → settle. Never a send inside a transaction.
//!
//! At least once: a crash between a delivery and its settling sends again, with the same Message-ID.

mod backoff;
mod carriage;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::Office;
use crate::demande::decide::Scene;
use crate::demande::notice::{Facts, Notice, Reader, compose, compose_alone};
use crate::render;
use crate::send::{Courier, Outcome, Parcel};
use crate::store::outbox::{self, Row, Settled};
use crate::store::{Claim, StoreError, demandes, people};

/// Deliveries under way at once, for one loop.
const CONCURRENCY: usize = 8;

/// Works until told to stop; what is in hand is finished first.
pub async fn run(office: Arc<Office>, courier: Arc<dyn Courier>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match work_once(&office, courier.as_ref()).await {
            Ok(0) => rest(&office, &stop).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be worked for now");
                rest(&office, &stop).await;
            }
        }
    }
}

async fn rest(office: &Office, stop: &CancellationToken) {
    tokio::select! {
        () = office.posted.notified() => {}
        () = tokio::time::sleep(office.settings.poll) => {}
        () = stop.cancelled() => {}
    }
}

/// Sends one batch; how many rows it settled.
pub async fn work_once(office: &Office, courier: &dyn Courier) -> Result<usize, StoreError> {
    let settings = &office.settings;
    let claim =
        Claim { who: &settings.name, now: office.clock.now(), limit: settings.batch, for_ms: settings.lease };
    let rows = outbox::lease(&office.db, claim).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let scenes = scenes(office, &rows).await?;
    let sent = stream::iter(&rows).map(|row| async { (row.id, send(office, courier, row, &scenes).await) });
    let settled: Vec<_> = sent.buffer_unordered(CONCURRENCY).collect().await;
    outbox::settle_all(&office.db, &settings.name, &settled).await?;
    Ok(settled.len())
}

/// The scenes these rows are about, each read once.
async fn scenes(office: &Office, rows: &[Row]) -> Result<BTreeMap<u32, Scene>, StoreError> {
    let mut tx = office.db.read().await?;
    let mut scenes = BTreeMap::new();
    for number in rows.iter().filter_map(|row| row.demande) {
        if !scenes.contains_key(&number)
            && let Some(scene) = demandes::scene(&mut tx, number).await?
        {
            scenes.insert(number, scene);
        }
    }
    Ok(scenes)
}

async fn send(office: &Office, courier: &dyn Courier, row: &Row, scenes: &BTreeMap<u32, Scene>) -> Settled {
    let now = office.clock.now();
    let parcel = match parcel(office, row, scenes).await {
        Ok(Some(parcel)) => parcel,
        Ok(None) => return Settled::Cancelled { reason: "its reader may not or need not be told any more" },
        Err(error) => return later(office, row, error.to_string()),
    };
    let outcome = courier.deliver(&parcel).await;
    tracing::info!(outbox = %row.id, demande = row.demande, what = row.order.what.code(), outcome = outcome.code(), "sent");
    match outcome {
        Outcome::Delivered { answer, path } => Settled::Sent { at: now, message_id: parcel.message_id, answer, path },
        Outcome::Again { answer } => later(office, row, answer),
        Outcome::Refused { answer, .. } => Settled::Dead { answer },
    }
}

fn later(office: &Office, row: &Row, answer: String) -> Settled {
    match backoff::next(row, office.clock.now(), office.settings.give_up) {
        Some(not_before) => Settled::Again { not_before, answer },
        None => Settled::Dead { answer },
    }
}

/// The mail of a row; `None` when it must not be sent any more.
async fn parcel(office: &Office, row: &Row, scenes: &BTreeMap<u32, Scene>) -> Result<Option<Parcel>, ParcelError> {
    let scene = row.demande.and_then(|number| scenes.get(&number));
    let Some(notice) = notice(office, row, scene).await? else { return Ok(None) };
    let carriage = carriage::of(office, row, scene, &notice).await?;
    let mail = render::mail(&notice, &carriage.mail)?;
    let bytes = render::mime(&mail, &notice, &carriage.mail)?;
    Ok(Some(carriage.parcel(bytes)))
}

async fn notice(office: &Office, row: &Row, scene: Option<&Scene>) -> Result<Option<Notice>, StoreError> {
    let facts = Facts { now: office.clock.now() };
    if let Some(scene) = scene {
        return Ok(compose(scene, &row.order, facts));
    }
    let person = match &row.order.to {
        Reader::Person(id) => people::person(&mut office.db.read().await?, *id).await?,
        Reader::Group(_) | Reader::Address(_) => None,
    };
    Ok(compose_alone(person.as_ref(), &row.order, facts))
}

/// Why a mail cannot be made now.
#[derive(Debug, thiserror::Error)]
enum ParcelError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Render(#[from] render::RenderError),
}
