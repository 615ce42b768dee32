//! People, groups, and on which side of a demande one stands.

use serde::{Deserialize, Serialize};

/// Identifies an account; fits the 32 bits a token has for its recipient, less the highest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub u32);

/// Identifies a groupe (structure).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u32);

/// A side of a demande. A person of the author's side never reads a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The aidant who asks, and his colleagues.
    Auteur,
    /// The administrations that answer.
    Instructeurs,
}

impl Side {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Side::Auteur => "auteur",
            Side::Instructeurs => "instructeurs",
        }
    }

    /// The side of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Side::Auteur, Side::Instructeurs].into_iter().find(|side| side.code() == code)
    }
}

/// The role flags of an account, cumulative (domain.md §2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "flags of an account, as A+ has them, each independent")]
pub struct Roles {
    /// May open demandes.
    pub aidant: bool,
    /// May answer for an administration.
    pub instructeur: bool,
    /// Looks after the groups he belongs to.
    pub responsable: bool,
    /// Everything administrative; reads no content.
    pub admin: bool,
    /// May be invited as an expert.
    pub moderateur: bool,
    /// Statistics only.
    pub observateur: bool,
}

/// An account (compte).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Its id.
    pub id: PersonId,
    /// First name, may be empty for a shared account.
    pub first_name: String,
    /// Last name, or the name of a shared account.
    pub last_name: String,
    /// Job title.
    pub qualite: Option<String>,
    /// Registered address, as it was given.
    pub address: String,
    /// Phone number, as it was given.
    pub phone: Option<String>,
    /// What the account may be.
    pub roles: Roles,
    /// The groups it belongs to.
    pub groups: Vec<GroupId>,
    /// Several people write from it: every message keeps its signature.
    pub shared: bool,
    /// A disabled account has no right at all.
    pub disabled: bool,
}

impl Person {
    /// "Léa Martin", or the name of a shared account.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// True when both belong to one group at least.
    pub fn shares_group_with(&self, groups: &[GroupId]) -> bool {
        self.groups.iter().any(|group| groups.contains(group))
    }
}

/// A groupe (structure) of people, with or without a shared mailbox (BAL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its id.
    pub id: GroupId,
    /// Unique name, "CAF 54".
    pub name: String,
    /// Id of its organisme, "CAF".
    pub organisme: String,
    /// True when its organisme helps citizens (France Services…) instead of instructing files.
    pub aidant_side: bool,
    /// Codes of its territoires, at least one.
    pub territoires: Vec<String>,
    /// Address of its shared mailbox.
    pub bal: Option<String>,
    /// What a mail to its BAL may contain.
    pub level: Level,
}

/// Confidentiality level of a channel (domain.md §6), the strictest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everything; the default for a named participant.
    Integral,
    /// Message text with the usager's identifiers masked; the default for a BAL and a room.
    Masque,
    /// Number, state, territoire and dates; no text.
    Lien,
}

impl Level {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Level::Integral => "integral",
            Level::Masque => "masque",
            Level::Lien => "lien",
        }
    }

    /// The level of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Level::Integral, Level::Masque, Level::Lien].into_iter().find(|level| level.code() == code)
    }
}
