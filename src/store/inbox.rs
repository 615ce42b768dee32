//! The inbox: whatever arrived, kept before anybody is told so, worked under a lease, settled once.
//!
//! Knows rows and states. Does not know what an arrival means: that is told by its [`Settlement`].

mod keep;
mod look;
mod work;

use serde_json::Value;
use uuid::Uuid;

pub(super) use keep::Keeper;
pub use keep::{Kept, keep, keep_in};
pub(super) use look::{COLUMNS, RawRow};
pub use look::{Counts, Detail, Filter, Row, counts, list, show, trace_of};
pub use work::{
    Leased, Posting, Settlement, again, claim_posting, end_held, end_held_since, fingerprint, held_since,
    lease, release, replay, replay_in, settle,
};

use super::StoreError;
use crate::demande::Millis;

/// What arrives, by any door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// The same key is the same arrival: SHA-256 of a mail's raw bytes, a Matrix event's id, a tick's name.
    pub key: String,
    /// What it is.
    pub kind: ArrivalKind,
    /// What the door knew: `sender`, `recipients`, `peer`… Recipients of the same mail delivered again are added.
    pub envelope: Value,
    /// The raw bytes.
    pub raw: Vec<u8>,
    /// When it arrived, by the daemon's clock.
    pub received_at: Millis,
}

impl Arrival {
    /// A mail, keyed by its raw bytes (mail.md §1).
    pub fn letter(envelope: Value, raw: Vec<u8>, received_at: Millis) -> Self {
        let key = super::values::sha256_hex(&raw);
        Arrival { key, kind: ArrivalKind::Letter, envelope, raw, received_at }
    }
}

/// Kinds of arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ArrivalKind {
    /// A mail.
    Letter,
    /// A Matrix message.
    Chat,
    /// A page's form.
    Form,
    /// The calendar's.
    Tick,
}

impl ArrivalKind {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            ArrivalKind::Letter => "letter",
            ArrivalKind::Chat => "chat",
            ArrivalKind::Form => "form",
            ArrivalKind::Tick => "tick",
        }
    }

    /// The kind of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [ArrivalKind::Letter, ArrivalKind::Chat, ArrivalKind::Form, ArrivalKind::Tick]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// Where an arrival stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Not worked yet (or being worked, under a lease).
    New,
    /// Worked: what it said is on its demande.
    Done,
    /// Waits for somebody's word.
    Held,
    /// Could not be read or worked; the operator may replay it.
    Dead,
    /// Needs nothing: an absence message, a duplicate.
    Ignored,
    /// Refused; its sender was told, or must not be.
    Refused,
}

impl State {
    /// Every state.
    pub const ALL: [State; 6] =
        [State::New, State::Done, State::Held, State::Dead, State::Ignored, State::Refused];

    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            State::New => "new",
            State::Done => "done",
            State::Held => "held",
            State::Dead => "dead",
            State::Ignored => "ignored",
            State::Refused => "refused",
        }
    }

    /// The state of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

fn kind_of(code: &str) -> Result<ArrivalKind, StoreError> {
    ArrivalKind::from_code(code).ok_or_else(|| StoreError::unreadable("inbox.kind"))
}

fn gone(id: Uuid) -> StoreError {
    StoreError::Conflict(format!("arrival {id} is not to be settled any more"))
}
