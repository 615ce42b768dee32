//! The outbox loop: lease → compose → render → deliver → settle. Never a send inside a transaction.
//!
//! At least once: a crash between a delivery and its settling sends again, with the same Message-ID.

mod backoff;
mod carriage;
mod miss;
mod question;

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::Office;
use crate::demande::decide::Scene;
use crate::demande::notice::{Facts, Notice, Reader, compose, compose_alone};
use crate::render;
use crate::send::{Courier, Outcome, Parcel};
use crate::store::outbox::{self, Leased, Outcome as Settled};
use crate::store::suspensions::{self, Suspension};
use crate::store::{Claim, StoreError, demandes, people};
use miss::Miss;

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
    let sends: Vec<_> = rows.iter().map(|row| send(office, courier, row, &scenes)).collect();
    let ended: Vec<_> = stream::iter(sends).buffer_unordered(CONCURRENCY).collect().await;
    for (row, miss) in ended.iter().filter_map(|ended| Some((ended.row, ended.miss.as_ref()?))) {
        miss.tell(office, row).await?;
    }
    let settled: Vec<_> = ended.into_iter().map(|ended| (ended.row.id, ended.settled)).collect();
    outbox::settle_all(&office.db, &settled).await?;
    Ok(settled.len())
}

/// The scenes these rows are about, each read once.
async fn scenes(office: &Office, rows: &[Leased]) -> Result<BTreeMap<u32, Scene>, StoreError> {
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

/// How the sending of a row ended.
struct Ended<'r> {
    row: &'r Leased,
    settled: Settled,
    /// Its reader was not reached, by what the relay answered or because his address is suspended.
    miss: Option<Miss>,
}

async fn send<'r>(
    office: &Office,
    courier: &dyn Courier,
    row: &'r Leased,
    scenes: &BTreeMap<u32, Scene>,
) -> Ended<'r> {
    let mut miss = None;
    let settled = match parcel(office, row, scenes).await {
        Ok(Ready::Parcel(made)) => {
            let settled = settled(office, row, made.message_id, courier.deliver(&made.parcel).await);
            miss = Miss::of(&settled, made.parcel.to);
            settled
        }
        Ok(Ready::Nothing) => {
            Settled::Cancelled { reason: "its reader may not or need not be told any more".to_owned() }
        }
        Ok(Ready::Suspended(suspension)) => {
            let reason = format!("its address is suspended ({} {})", suspension.reason, suspension.code);
            miss = Some(Miss::suspended(suspension));
            Settled::Cancelled { reason }
        }
        Err(ParcelError::Render(error)) => Settled::Dead { answer: Some(error.to_string()) },
        Err(ParcelError::Store(error)) => later(office, row, None, error.to_string()),
    };
    let (what, state) = (row.order.what.code(), state(&settled));
    tracing::info!(outbox = %row.id, demande = row.demande, what, state, "worked");
    Ended { row, settled, miss }
}

fn settled(office: &Office, row: &Leased, message_id: String, outcome: Outcome) -> Settled {
    match outcome {
        Outcome::Delivered { answer } => {
            let path = courier_path(&answer);
            Settled::Sent { at: office.clock.now(), message_id: Some(message_id), answer: Some(answer), path }
        }
        Outcome::Again { answer } => later(office, row, Some(message_id), answer),
        Outcome::Refused { answer, .. } => Settled::Dead { answer: Some(answer) },
    }
}

/// The folder answers with the path of the file it wrote.
fn courier_path(answer: &str) -> Option<String> {
    std::path::Path::new(answer).is_absolute().then(|| answer.to_owned())
}

fn state(settled: &Settled) -> &'static str {
    match settled {
        Settled::Sent { .. } => "sent",
        Settled::Again { .. } => "again",
        Settled::Dead { .. } => "dead",
        Settled::Cancelled { .. } => "cancelled",
    }
}

fn later(office: &Office, row: &Leased, message_id: Option<String>, answer: String) -> Settled {
    match backoff::next(row, office.clock.now(), office.settings.give_up) {
        Some(not_before) => Settled::Again { not_before, message_id, answer: Some(answer) },
        None => Settled::Dead { answer: Some(answer) },
    }
}

/// A parcel, and the Message-ID it bears, without angle brackets.
struct Made {
    parcel: Parcel,
    message_id: String,
}

/// What becomes of a row before it is handed over.
enum Ready {
    /// It leaves.
    Parcel(Made),
    /// It must not be sent any more.
    Nothing,
    /// Mails do not reach its reader.
    Suspended(Suspension),
}

/// The mail of a row.
async fn parcel(office: &Office, row: &Leased, scenes: &BTreeMap<u32, Scene>) -> Result<Ready, ParcelError> {
    let scene = row.demande.and_then(|number| scenes.get(&number));
    let Some(notice) = notice(office, row, scene).await? else { return Ok(Ready::Nothing) };
    if !notice.what.is_for_safety() {
        let suspension = suspensions::of(&mut office.db.read().await?, &notice.reader.address).await?;
        if let Some(suspension) = suspension {
            return Ok(Ready::Suspended(suspension));
        }
    }
    let carriage = carriage::of(office, row, scene, &notice).await?;
    let mail = render::mail(&notice, &carriage.mail)?;
    let bytes = render::mime(&mail, &carriage.mail)?;
    let message_id = carriage.mail.message_id.trim_matches(['<', '>']).to_owned();
    Ok(Ready::Parcel(Made { parcel: carriage.parcel(bytes), message_id }))
}

async fn notice(office: &Office, row: &Leased, scene: Option<&Scene>) -> Result<Option<Notice>, StoreError> {
    let facts = Facts { now: office.clock.now() };
    if let (Some(scene), Some((_, asked))) = (scene, row.order.what.question()) {
        return question::notice(office, row, scene, asked).await;
    }
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
