//! What must be told, to whom: the orders a decision gives, and the notice composed for one reader.
//!
//! A [`Notice`] is already cut and masked to its reader's level, so that rendering never holds what it may not
//! show. Knows no channel and no word of any mail.

mod actions;
mod audience;
mod compose;

use serde::{Deserialize, Serialize};

pub use actions::{actions, help};
pub use audience::{Audience, audience, opened};
pub use compose::{Facts, compose, compose_alone, compose_question};

use super::confirmation::{Asked, Kind as Question};
use super::people::Level;
use super::rights::Refusal;
use super::{GroupId, Kind, Millis, Part, PersonId, Side};

/// Whom a notice is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reader {
    /// An account, at its registered address.
    Person(PersonId),
    /// A group, at its shared mailbox (BAL).
    Group(GroupId),
    /// An address that is no account's: an explanation, at most one a day.
    Address(String),
}

/// What is told; the number is the rank of the entry it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A demande was opened, or its reader was invited to it.
    NouvelleDemande,
    /// Somebody wrote.
    NouveauMessage(u32),
    /// Somebody takes it in hand.
    PriseEnCharge(u32),
    /// Somebody lets it go.
    Laissee(u32),
    /// Somebody is not the right person.
    MauvaisInterlocuteur(u32),
    /// Handled.
    Traitee(u32),
    /// A standard procedure existed.
    NonPertinente(u32),
    /// Archived.
    Archivee(u32),
    /// Reopened.
    Rouverte(u32),
    /// A note among instructeurs.
    Note(u32),
    /// Receipt of a command, to who gave it.
    Recu(Receipt),
    /// The reader's own act was cancelled because the other side wrote meanwhile (undo window); he is asked.
    ActeAnnule(u32),
    /// What was asked is refused, and why.
    Refus(Refusal),
    /// The words that work here.
    Aide,
    /// Where the demande stands.
    Etat,
    /// A mail in the reader's name waits: is it his?
    Confirmer(Asked),
    /// A stranger used the reader's reply address: does he publish what was written?
    Liberer(Asked),
    /// Somebody's mailbox refuses our mails.
    NonRemis(u32),
}

/// What a receipt tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// JSON name of the command (domain.md §10).
    pub command: String,
    /// The entry it made, if any.
    pub n: Option<u32>,
    /// Names of those who are told.
    pub told: Vec<String>,
    /// ANNULER works until then.
    pub undo_until: Option<Millis>,
    /// True when archiving still owes its question ("La réponse vous semble-t-elle utile ?").
    pub survey: bool,
    /// True when the message was added to an archived demande without reopening it.
    pub archived: bool,
}

impl What {
    /// Name in the store, in JSON and of the template's folder.
    pub fn code(&self) -> &'static str {
        match self {
            What::NouvelleDemande => "nouvelle_demande",
            What::NouveauMessage(_) => "nouveau_message",
            What::PriseEnCharge(_) => "prise_en_charge",
            What::Laissee(_) => "laissee",
            What::MauvaisInterlocuteur(_) => "mauvais_interlocuteur",
            What::Traitee(_) => "traitee",
            What::NonPertinente(_) => "non_pertinente",
            What::Archivee(_) => "archivee",
            What::Rouverte(_) => "rouverte",
            What::Note(_) => "note",
            What::Recu(_) => "recu",
            What::ActeAnnule(_) => "acte_annule",
            What::Refus(_) => "refus",
            What::Aide => "aide",
            What::Etat => "etat",
            What::Confirmer(_) => "confirmer",
            What::Liberer(_) => "liberer",
            What::NonRemis(_) => "non_remis",
        }
    }

    /// The entry it is about.
    pub fn entry(&self) -> Option<u32> {
        match self {
            What::NouveauMessage(n)
            | What::PriseEnCharge(n)
            | What::Laissee(n)
            | What::MauvaisInterlocuteur(n)
            | What::Traitee(n)
            | What::NonPertinente(n)
            | What::Archivee(n)
            | What::Rouverte(n)
            | What::Note(n)
            | What::ActeAnnule(n)
            | What::NonRemis(n) => Some(*n),
            What::Recu(receipt) => receipt.n,
            What::NouvelleDemande
            | What::Refus(_)
            | What::Aide
            | What::Etat
            | What::Confirmer(_)
            | What::Liberer(_) => None,
        }
    }

    /// The question it asks about a held mail.
    pub fn question(&self) -> Option<(Question, Asked)> {
        match self {
            What::Confirmer(asked) => Some((Question::Confirmer, *asked)),
            What::Liberer(asked) => Some((Question::Liberer, *asked)),
            _ => None,
        }
    }

    /// True for safety mails, which go out to a suspended address too: without them somebody whose mail is never proved
    /// could not end his suspension.
    pub fn is_for_safety(&self) -> bool {
        matches!(self, What::Confirmer(_))
    }

    /// The notice that asks that.
    pub fn asking(question: Question, asked: Asked) -> Option<Self> {
        match question {
            Question::Confirmer => Some(What::Confirmer(asked)),
            Question::Liberer => Some(What::Liberer(asked)),
            Question::Plafond => None,
        }
    }

    /// The notice that tells of an entry of that kind; `None` for those that nobody is told of.
    pub fn about(kind: Kind, n: u32) -> Option<Self> {
        Some(match kind {
            Kind::Texte => What::NouveauMessage(n),
            Kind::PriseEnCharge => What::PriseEnCharge(n),
            Kind::Laisser => What::Laissee(n),
            Kind::MauvaisInterlocuteur | Kind::PlusPersonne => What::MauvaisInterlocuteur(n),
            Kind::Traitee => What::Traitee(n),
            Kind::NonPertinente => What::NonPertinente(n),
            Kind::Archivage => What::Archivee(n),
            Kind::Reouverture => What::Rouverte(n),
            Kind::Note => What::Note(n),
            Kind::Vu
            | Kind::Invitation
            | Kind::ModerateurInvite
            | Kind::NouveauxInstructeurs
            | Kind::Infos
            | Kind::Absence
            | Kind::NonRemis => return None, // told by who notes it, to whom it matters
        })
    }
}

/// One thing to tell one reader; a row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// To whom.
    pub to: Reader,
    /// What.
    pub what: What,
    /// In one line only (a colleague of the one who acted).
    pub brief: bool,
    /// Not before that time: the end of the undo window.
    pub not_before: Millis,
}

/// A notice for one reader, cut and masked to what he may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it tells.
    pub what: What,
    /// In one line only.
    pub brief: bool,
    /// Its reader.
    pub reader: ReaderView,
    /// The demande, unless it is about none.
    pub demande: Option<DemandeView>,
    /// The entry it is about; for a question, the held mail as it would be posted.
    pub entry: Option<EntryView>,
    /// The last entries before, newest first, at most two: quoted under the line.
    pub previous: Vec<EntryView>,
    /// What the reader may do by one click.
    pub actions: Vec<Action>,
    /// For [`What::Aide`]: the words that apply here, with their sentence.
    pub help: Vec<HelpLine>,
    /// When it was composed.
    pub at: Millis,
}

/// Who reads a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderView {
    /// Name to greet, `None` for a stranger.
    pub name: Option<String>,
    /// Address it goes to.
    pub address: String,
    /// His side of the demande.
    pub side: Option<Side>,
    /// His part in it.
    pub part: Option<Part>,
    /// The level it was masked to.
    pub level: Level,
}

/// A demande as one reader may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandeView {
    /// Its number.
    pub number: u32,
    /// Its sujet, empty at level `lien`.
    pub sujet: String,
    /// Its description, masked; empty at level `lien`.
    pub description: String,
    /// The usager's infos in a fixed order, masked; empty at level `lien`.
    pub infos: Vec<(String, String)>,
    /// The word for its state that this reader uses.
    pub etat: &'static str,
    /// Name or code of its territoire.
    pub territoire: String,
    /// The structure that asks.
    pub structure: Option<String>,
    /// The aidant's name.
    pub author: String,
    /// Names of the groups asked.
    pub groups: Vec<String>,
    /// When it was opened.
    pub created_at: Millis,
}

/// An entry as one reader may see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryView {
    /// Its rank.
    pub n: u32,
    /// What it is.
    pub kind: Kind,
    /// Its author's name.
    pub author: String,
    /// His side; `None` for the gateway.
    pub side: Option<Side>,
    /// True when only the instructeurs' side reads it.
    pub note: bool,
    /// What was written, masked; empty at level `lien`.
    pub text: String,
    /// A shared account's signature: who wrote.
    pub signed: String,
    /// Names and sizes in bytes of its files.
    pub files: Vec<(String, u64)>,
    /// When.
    pub at: Millis,
}

/// One thing the reader may do by one click: a button, and the word to type instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// JSON name of the command.
    pub command: &'static str,
    /// The body of the mail the button opens: "!traitée", "OUI".
    pub body: &'static str,
    /// The label of the button: "Marquer traitée".
    pub label: &'static str,
    /// The word to answer with instead, in capitals: "TRAITÉE".
    pub word: &'static str,
    /// True when the button answers the archiving question (its token's purpose is `sondage`).
    pub survey: bool,
}

/// A word that applies here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpLine {
    /// How to write it: "TRAITÉE".
    pub word: String,
    /// What it does.
    pub sentence: String,
}
