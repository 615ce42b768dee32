//! The domain of Administration+, pure: no I/O, no clock, no database, no template.
//!
//! A [`Demande`] is a thread of [`Entry`]; its [`Etat`] is read off the thread and never stored. [`decide`] turns
//! what a person says about a demande into what happens and what must be told.

pub mod admission;
pub mod command;
pub mod comptes;
pub mod confirmation;
pub mod creation;
pub mod decide;
pub mod delays;
pub mod entry;
pub mod etat;
pub mod masque;
pub mod notes;
pub mod notice;
pub mod people;
pub mod reference;
pub mod rights;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use entry::{Author, Channel, Entry, FileRef, Kind, Visibility};
pub use etat::Etat;
pub use people::{Group, GroupId, Person, PersonId, Roles, Side};

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = i64;

/// A citizen's blocked file, and the thread of all that was said about it (domain.md §1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demande {
    /// The number people say, `#1234`; at least 1.
    pub number: u32,
    /// Subject, at most 150 characters, without personal data.
    pub sujet: String,
    /// What is asked, no maximum but that of a mail.
    pub description: String,
    /// What is known of the usager: "Prénom", "Nom de famille", "Date de naissance", and free keys.
    pub infos: BTreeMap<String, String>,
    /// Code of the territoire ("54", "2A", "974", "Demo").
    pub territoire: String,
    /// The author's group at creation, if he asked in its name, with its name frozen then.
    pub structure: Option<(GroupId, String)>,
    /// The aidant who opened it.
    pub author: PersonId,
    /// The citizen's authorisation.
    pub mandat: Option<Mandat>,
    /// When it was opened.
    pub created_at: Millis,
    /// When its personal data was wiped, six months after closing.
    pub wiped_at: Option<Millis>,
    /// The thread, oldest first, withdrawn and pending entries included.
    pub entries: Vec<Entry>,
    /// Everybody who takes part or did.
    pub participants: Vec<Participant>,
    /// The groups that were asked.
    pub groups: Vec<GroupId>,
}

/// Somebody's part in one demande (domain.md §2: the side is fixed by how one joined).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub person: PersonId,
    /// On which side, for good.
    pub side: Side,
    /// As what: decides what he may do.
    pub role: Part,
    /// Since when.
    pub joined_at: Millis,
    /// Set when he left; a participant who left is told nothing and may do nothing.
    pub left_at: Option<Millis>,
    /// False after "ne plus suivre": keeps access, gets no notice.
    pub follows: bool,
}

/// The part a participant plays in a demande.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Opened it.
    Auteur,
    /// A colleague on the author's side.
    Aidant,
    /// An agent of an administration that was asked.
    Instructeur,
    /// An expert invited to unblock it, while it is open.
    Moderateur,
}

impl Part {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Part::Auteur => "auteur",
            Part::Aidant => "aidant",
            Part::Instructeur => "instructeur",
            Part::Moderateur => "moderateur",
        }
    }

    /// The part of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Part::Auteur, Part::Aidant, Part::Instructeur, Part::Moderateur]
            .into_iter()
            .find(|part| part.code() == code)
    }
}

/// The citizen's authorisation to act on his file (domain.md §1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mandat {
    /// "papier", "sms" or "telephone".
    pub kind: String,
    /// Date and hour as the aidant wrote them.
    pub date: String,
    /// The aidant attested having it; compulsory.
    pub atteste: bool,
}

impl Demande {
    /// The part of somebody who still takes part.
    pub fn participant(&self, person: PersonId) -> Option<&Participant> {
        self.participants.iter().find(|p| p.person == person && p.left_at.is_none())
    }

    /// The entry of that rank.
    pub fn entry(&self, n: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.n == n)
    }

    /// Rank of the next entry; ranks start at 1.
    pub fn next_n(&self) -> u32 {
        self.entries.iter().map(|entry| entry.n).max().unwrap_or(0) + 1
    }
}
