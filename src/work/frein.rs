//! The brake on loops and floods: caps per sender, demande and reader, and a breaker for the whole gateway.
//!
//! Counts nothing itself: inbox and outbox are the count, shared by all daemons. What is over a cap is kept or waits; it is
//! never lost and never answered.

use super::Office;
use crate::demande::Millis;
use crate::store::inbox::{self, Pace};
use crate::store::{StoreError, Tx, outbox};

/// How the reason of a capped arrival begins.
pub(super) const CAP: &str = "cap: ";

const MINUTE: Millis = 60_000;
const TEN_MINUTES: Millis = 10 * MINUTE;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// The caps (`[frein]` of deploy.toml); 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Mails of one sender in 10 minutes.
    pub sender_10m: u32,
    /// Mails of one sender in an hour.
    pub sender_1h: u32,
    /// Mails about one demande in 10 minutes.
    pub demande_10m: u32,
    /// Mails about one demande in an hour.
    pub demande_1h: u32,
    /// Notices to one reader in an hour.
    pub recipient_1h: u32,
    /// Refusals to one reader in an hour.
    pub refusals_1h: u32,
    /// Notices of the whole gateway in a minute.
    pub gateway_1m: u32,
    /// Times that one sender may say the same on one demande in a day.
    pub repeats_1d: u32,
}

impl Default for Caps {
    /// Those of the shipped deploy.toml.
    fn default() -> Self {
        Caps {
            sender_10m: 200,
            sender_1h: 600,
            demande_10m: 200,
            demande_1h: 600,
            recipient_1h: 300,
            refusals_1h: 5,
            gateway_1m: 6000,
            repeats_1d: 3,
        }
    }
}

/// A mail before the caps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passing<'a> {
    pub(super) id: uuid::Uuid,
    /// The From that was judged, else the envelope's sender.
    pub(super) sender: Option<&'a str>,
    pub(super) demande: Option<u32>,
    /// Its sender may act.
    pub(super) admitted: bool,
}

/// Which cap that mail is over.
pub(super) async fn over(
    tx: &mut Tx,
    office: &Office,
    mail: Passing<'_>,
) -> Result<Option<&'static str>, StoreError> {
    let (caps, now) = (&office.settings.caps, office.clock.now());
    let pace = |since: Millis, up_to: u32| Pace {
        admitted: mail.admitted,
        since: now - since,
        before: mail.id,
        up_to,
    };
    for (since, cap) in [(TEN_MINUTES, caps.sender_10m), (HOUR, caps.sender_1h)] {
        if let (Some(sender), 1..) = (mail.sender, cap)
            && inbox::from_sender(tx, sender, pace(since, cap)).await? >= cap
        {
            return Ok(Some("cap: too many mails of one sender"));
        }
    }
    for (since, cap) in [(TEN_MINUTES, caps.demande_10m), (HOUR, caps.demande_1h)] {
        if let (Some(demande), 1..) = (mail.demande, cap)
            && inbox::about_demande(tx, demande, pace(since, cap)).await? >= cap
        {
            return Ok(Some("cap: too many mails about one demande"));
        }
    }
    Ok(None)
}

/// How often that was said today, before that arrival.
pub(super) async fn said_today(
    tx: &mut Tx,
    office: &Office,
    (said, id): (uuid::Uuid, uuid::Uuid),
) -> Result<u32, StoreError> {
    inbox::said(tx, said, office.clock.now() - DAY, id).await
}

/// Words that are refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Again<'a> {
    pub(super) said: uuid::Uuid,
    pub(super) id: uuid::Uuid,
    /// The name of the refusal.
    pub(super) reason: &'a str,
}

/// True when the same was refused for the same reason within the hour.
pub(super) async fn just_refused(tx: &mut Tx, office: &Office, again: Again<'_>) -> Result<bool, StoreError> {
    let since = office.clock.now() - HOUR;
    inbox::refused(tx, (again.said, again.reason), since, again.id).await
}

/// True when that reader was refused enough for this hour: he may be a machine that does not say so.
pub(super) async fn refused_enough(tx: &mut Tx, office: &Office, to_key: &str) -> Result<bool, StoreError> {
    let cap = office.settings.caps.refusals_1h;
    let since = office.clock.now() - HOUR;
    Ok(cap > 0 && outbox::ordered_since(tx, (to_key, "refus"), since, cap).await? >= cap)
}

/// When that reader may be sent something again, if he was sent enough for this hour (give or take a batch).
pub(super) async fn wait_for(office: &Office, to_key: &str) -> Result<Option<Millis>, StoreError> {
    let (cap, now) = (office.settings.caps.recipient_1h, office.clock.now());
    if cap == 0 {
        return Ok(None);
    }
    let sent = outbox::sent_since(&mut office.db.read().await?, to_key, now - HOUR, cap).await?;
    Ok((sent >= cap).then_some(now + TEN_MINUTES))
}

/// The breaker: open while more notices than the cap were ordered in the last minute. Arrivals are still kept and worked,
/// notices wait. It closes by itself when the minute is over.
pub async fn is_open(office: &Office) -> Result<bool, StoreError> {
    let (cap, now) = (office.settings.caps.gateway_1m, office.clock.now());
    if cap == 0 {
        return Ok(false);
    }
    let up_to = cap.saturating_add(1);
    Ok(outbox::all_since(&mut office.db.read().await?, now - MINUTE, up_to).await? > cap)
}
