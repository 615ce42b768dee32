//! The work: the gate that lets mails in, the loop that turns arrivals into decisions, the loop that sends notices.
//!
//! Knows the order of the steps. Does not know protocols, nor how anything is said or stored.

mod act;
mod frein;
mod gate;
pub mod held;
pub mod inbox;
mod keys;
mod mail;
pub mod outbox;
mod scan;
mod unreached;

use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::Clock;
use crate::demande::Millis;
use crate::demande::decide::Rules;
use crate::mail::letter::Limits;
use crate::mail::token::Addressing;
use crate::mail::verdict::Judge;
use crate::store::Db;

pub use gate::Porter;
pub use keys::Keys;
pub use scan::{Scan, ScanError, Scanner};

/// What the loops share: the boxes, the keys, the settings.
#[derive(Debug)]
pub struct Office {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// The keys of the reply addresses.
    pub keys: Keys,
    /// How our addresses are written.
    pub addressing: Addressing,
    /// Who tells how far a From is proved.
    pub judge: Judge,
    /// The virus scanner; `None` when files are not scanned.
    pub scanner: Option<Scanner>,
    /// The settings.
    pub settings: Settings,
    /// Rung when something was kept.
    pub kept: Notify,
    /// Rung when something is to be sent.
    pub posted: Notify,
}

/// The settings of the work.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Name of this daemon, unique among those of one database.
    pub name: String,
    /// What a decision needs.
    pub rules: Rules,
    /// Limits of a letter.
    pub limits: Limits,
    /// Arrivals and notices worked in one go.
    pub batch: u32,
    /// How long a lease lasts, in milliseconds.
    pub lease: Millis,
    /// How often the boxes are looked at unrung.
    pub poll: Duration,
    /// How long a mail is retried, in milliseconds.
    pub give_up: Millis,
    /// Months a reply address works.
    pub validity_months: u8,
    /// Local part that notices come from.
    pub sender: String,
    /// Address of the support team.
    pub support: String,
}
