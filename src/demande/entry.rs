//! One entry of a demande's thread (réponse): who said or did what, when, by which door, seen by whom.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{GroupId, Millis, PersonId, Side};

/// A réponse or an event of the thread. Immutable, but for its withdrawal by `annuler`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Rank in the demande, from 1.
    pub n: u32,
    /// What it is.
    pub kind: Kind,
    /// Who, with the name frozen at that moment.
    pub author: Author,
    /// Who may read it.
    pub visibility: Visibility,
    /// What the person wrote; may be empty for an act.
    pub text: String,
    /// The history that was quoted below or above it, folded when shown.
    pub quoted: String,
    /// The signature, folded when shown; a shared account's tells who wrote.
    pub signature: String,
    /// The files that came with it.
    pub files: Vec<FileRef>,
    /// By which door it came.
    pub channel: Channel,
    /// The arrival it was read from (the raw original stays there).
    pub source: Option<Uuid>,
    /// When it was said.
    pub at: Millis,
    /// Until then it exists for its author's side only (undo window); `None` for what is told at once.
    pub pending_until: Option<Millis>,
    /// Set when it was withdrawn; it then counts for nothing.
    pub withdrawn_at: Option<Millis>,
}

impl Entry {
    /// True when a reader of that side may know of it at `now`: not withdrawn, and either told or of his own side.
    /// A note is known to exist for nobody but the instructeurs' side.
    pub fn known_to(&self, side: Side, now: Millis) -> bool {
        let readable = self.visibility == Visibility::Tous || side == Side::Instructeurs;
        self.withdrawn_at.is_none() && readable && (self.author.side == Some(side) || !self.is_pending(now))
    }

    /// True while its undo window is open.
    pub fn is_pending(&self, now: Millis) -> bool {
        self.withdrawn_at.is_none() && self.pending_until.is_some_and(|until| until > now)
    }
}

/// Who wrote an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The account, if a person or a shared account wrote it.
    pub person: Option<PersonId>,
    /// The group, if it was posted as a group (BAL).
    pub group: Option<GroupId>,
    /// Name shown, frozen: "Léa Martin (CAF 54)", "Administration+".
    pub name: String,
    /// The side it speaks for; `None` for the gateway itself.
    pub side: Option<Side>,
}

/// Kinds of réponse and of events (domain.md §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Plain text, or files alone.
    Texte,
    /// The one-click `vu`: counts as consulted, nothing else.
    Vu,
    /// "Je m’en occupe."
    PriseEnCharge,
    /// "Je laisse."
    Laisser,
    /// "Je ne suis pas le bon interlocuteur."; somebody else is left.
    MauvaisInterlocuteur,
    /// The same by the last instructeur of the demande: the author must be told.
    PlusPersonne,
    /// "J’ai traité la demande."
    Traitee,
    /// A standard procedure existed.
    NonPertinente,
    /// For the instructeurs' side only.
    Note,
    /// People or groups were invited.
    Invitation,
    /// A modérateur was invited.
    ModerateurInvite,
    /// New instructeurs of a group joined; notifies nobody.
    NouveauxInstructeurs,
    /// Usager infos were added.
    Infos,
    /// Archived (close).
    Archivage,
    /// Reopened.
    Reouverture,
    /// Somebody's automatic absence message was received.
    Absence,
    /// A notice could not be delivered to somebody.
    NonRemis,
}

impl Kind {
    /// Every kind, for tables and tests.
    pub const ALL: [Kind; 17] = [
        Kind::Texte,
        Kind::Vu,
        Kind::PriseEnCharge,
        Kind::Laisser,
        Kind::MauvaisInterlocuteur,
        Kind::PlusPersonne,
        Kind::Traitee,
        Kind::NonPertinente,
        Kind::Note,
        Kind::Invitation,
        Kind::ModerateurInvite,
        Kind::NouveauxInstructeurs,
        Kind::Infos,
        Kind::Archivage,
        Kind::Reouverture,
        Kind::Absence,
        Kind::NonRemis,
    ];

    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Texte => "texte",
            Kind::Vu => "vu",
            Kind::PriseEnCharge => "prise_en_charge",
            Kind::Laisser => "laisser",
            Kind::MauvaisInterlocuteur => "mauvais_interlocuteur",
            Kind::PlusPersonne => "plus_personne",
            Kind::Traitee => "traitee",
            Kind::NonPertinente => "non_pertinente",
            Kind::Note => "note",
            Kind::Invitation => "invitation",
            Kind::ModerateurInvite => "moderateur_invite",
            Kind::NouveauxInstructeurs => "nouveaux_instructeurs",
            Kind::Infos => "infos",
            Kind::Archivage => "archivage",
            Kind::Reouverture => "reouverture",
            Kind::Absence => "absence",
            Kind::NonRemis => "non_remis",
        }
    }

    /// The kind of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What an act says when its author wrote nothing with it (domain.md §4).
    pub fn default_text(self) -> &'static str {
        match self {
            Kind::PriseEnCharge => "Je m’en occupe.",
            Kind::Laisser => "Je laisse cette demande.",
            Kind::MauvaisInterlocuteur | Kind::PlusPersonne => "Je ne suis pas le bon interlocuteur.",
            Kind::Traitee => "J’ai traité la demande.",
            Kind::NonPertinente => "Une procédure habituelle existe pour cette situation.",
            _ => "",
        }
    }

    /// True for acts that wait for their undo window before anybody else is told (domain.md §3).
    pub fn changes_state(self) -> bool {
        matches!(
            self,
            Kind::PriseEnCharge
                | Kind::Laisser
                | Kind::MauvaisInterlocuteur
                | Kind::PlusPersonne
                | Kind::Traitee
                | Kind::NonPertinente
                | Kind::Archivage
                | Kind::Reouverture
        )
    }
}

/// Who may read an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Every participant.
    Tous,
    /// The instructeurs' side only (note).
    Instructeurs,
}

impl Visibility {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Visibility::Tous => "tous",
            Visibility::Instructeurs => "instructeurs",
        }
    }

    /// The visibility of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Visibility::Tous, Visibility::Instructeurs].into_iter().find(|v| v.code() == code)
    }
}

/// The door an entry came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A mail.
    Mail,
    /// A Matrix room.
    Matrix,
    /// A page.
    Web,
    /// The operator's command line.
    Commande,
    /// The gateway itself.
    Passerelle,
}

impl Channel {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Matrix => "matrix",
            Channel::Web => "web",
            Channel::Commande => "commande",
            Channel::Passerelle => "passerelle",
        }
    }

    /// The channel of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Channel::Mail, Channel::Matrix, Channel::Web, Channel::Commande, Channel::Passerelle]
            .into_iter()
            .find(|channel| channel.code() == code)
    }
}

/// A file of an entry; its bytes are in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Id in the store.
    pub id: Uuid,
    /// Cleaned name, at most 200 characters.
    pub name: String,
    /// Type told by its bytes.
    pub kind: String,
    /// Size in bytes.
    pub size: u64,
}
