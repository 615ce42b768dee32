//! The decision: a scene and what somebody says in it become what happens and what must be told.
//!
//! Input is data, output is data; nothing here acts. The rules are domain.md §§3–5.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::notice::Order;
use super::{
    Author, Channel, Demande, FileRef, Group, GroupId, Kind, Millis, Participant, Person, PersonId,
    Visibility,
};

/// All that a decision may look at.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The demande, as stored.
    pub demande: Demande,
    /// Everybody who takes part or acts, by id.
    pub people: BTreeMap<PersonId, Person>,
    /// The groups asked, and those of the people above.
    pub groups: BTreeMap<GroupId, Group>,
}

/// What a decision changes and what it orders; recorded in one commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Entries to append, ranks already given.
    pub entries: Vec<NewEntry>,
    /// Ranks of entries to withdraw; the orders they caused and that still wait are cancelled.
    pub withdraw: Vec<u32>,
    /// People who become participants.
    pub joins: Vec<Participant>,
    /// Changes of "suivre": who, and whether he follows.
    pub follows: Vec<(PersonId, bool)>,
    /// The answer to the archiving question, counted in statistics and kept nowhere else.
    pub usefulness: Option<&'static str>,
    /// What must be told, with the rank of the entry that caused it.
    pub orders: Vec<(Option<u32>, Order)>,
}

/// An entry to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Its rank.
    pub n: u32,
    /// What it is.
    pub kind: Kind,
    /// Who.
    pub author: Author,
    /// Who may read it.
    pub visibility: Visibility,
    /// What was written.
    pub text: String,
    /// Folded history.
    pub quoted: String,
    /// Folded signature.
    pub signature: String,
    /// Files, already kept in the store.
    pub files: Vec<FileRef>,
    /// The door.
    pub channel: Channel,
    /// The arrival.
    pub source: Option<Uuid>,
    /// When.
    pub at: Millis,
    /// End of its undo window.
    pub pending_until: Option<Millis>,
}
