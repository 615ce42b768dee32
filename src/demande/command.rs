//! The words that people say to relais: one table ([`WORDS`]) and one grammar ([`read_all`]) for mail, rooms and
//! pages alike.
//!
//! Knows how a command is written (mail.md §5). Does not know who may give it (`rights`) nor what it does
//! (`decide`). What it cannot be sure of it asks about: nothing is guessed.

mod grammar;
mod phrases;
mod words;

pub use grammar::{Said, is_order, read_all};
pub use phrases::is_mere_thanks;
pub use words::{Alone, Argument, WORDS, Who, Word};

/// Where somebody speaks from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// A mail to a demande's address.
    Mail,
    /// A mail to the address of a question that relais asked: OUI and NON answer it there, and only there.
    Question,
    /// A Matrix room.
    Room,
    /// A page.
    Page,
}

/// Was the answer useful to the usager? Used in statistics only (domain.md §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Utile {
    /// "oui"
    Oui,
    /// "non"
    Non,
    /// "nsp", "je ne sais pas"
    Nsp,
}

impl Utile {
    /// The word of the answer: oui, non, nsp.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Oui => "oui",
            Self::Non => "non",
            Self::Nsp => "nsp",
        }
    }
}

/// What somebody asks for. One variant per row of [`WORDS`], and the two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Answer everybody, text as argument: where a plain text would be a note or a chat.
    Repondre(String),
    /// "I have seen it."
    Vu,
    /// "Je m’en occupe."
    PriseEnCharge,
    /// Gives it back.
    Laisser,
    /// "Je ne suis pas le bon interlocuteur", and perhaps who is.
    MauvaisInterlocuteur {
        /// The group to transmit to, as it was written.
        transmettre: Option<String>,
    },
    /// Handled; the text of the mail comes with it.
    Traitee,
    /// A standard procedure existed, perhaps named.
    NonPertinente(Option<String>),
    /// For the instructeurs only.
    Note(String),
    /// An address, a group or an organisme.
    Inviter(String),
    /// Calls a modérateur.
    Moderateur,
    /// Closes, perhaps with the answer to the question about usefulness.
    Archiver(Option<Utile>),
    /// Reopens.
    Rouvrir,
    /// Takes back one's last act.
    Annuler,
    /// A follow-up marked as a correction.
    Corriger(String),
    /// Be notified of this demande.
    Suivre,
    /// No more.
    NePlusSuivre,
    /// State of the demande.
    Etat,
    /// Its history.
    Historique,
    /// The usager's identifiers, to one named participant.
    Infos,
    /// My open demandes.
    MesDemandes,
    /// Words to look for.
    Chercher(String),
    /// Lists the demandes of a group.
    Liste,
    /// Preference: immédiat, groupé, quotidien, aucun.
    Notifications(String),
    /// Quiet hours.
    Silence(String),
    /// Away until.
    Absent(String),
    /// A message to the support.
    Support(String),
    /// What can be said here.
    Aide,
    /// Yes to the question asked.
    Oui,
    /// No to the question asked.
    Non,
}

impl Command {
    /// The name in JSON and in [`WORDS`].
    pub fn as_json_name(&self) -> &'static str {
        match self {
            Self::Repondre(_) => "repondre",
            Self::Vu => "vu",
            Self::PriseEnCharge => "prise_en_charge",
            Self::Laisser => "laisser",
            Self::MauvaisInterlocuteur { .. } => "mauvais_interlocuteur",
            Self::Traitee => "traitee",
            Self::NonPertinente(_) => "non_pertinente",
            Self::Note(_) => "note",
            Self::Inviter(_) => "inviter",
            Self::Moderateur => "moderateur",
            Self::Archiver(_) => "archiver",
            Self::Rouvrir => "rouvrir",
            Self::Annuler => "annuler",
            Self::Corriger(_) => "corriger",
            Self::Suivre => "suivre",
            Self::NePlusSuivre => "ne_plus_suivre",
            Self::Etat => "etat",
            Self::Historique => "historique",
            Self::Infos => "infos",
            Self::MesDemandes => "mes_demandes",
            Self::Chercher(_) => "chercher",
            Self::Liste => "liste",
            Self::Notifications(_) => "notifications",
            Self::Silence(_) => "silence",
            Self::Absent(_) => "absent",
            Self::Support(_) => "support",
            Self::Aide => "aide",
            Self::Oui => "oui",
            Self::Non => "non",
        }
    }

    /// The argument as it was written, if there is one.
    pub fn argument(&self) -> Option<String> {
        match self {
            Self::Repondre(text)
            | Self::Note(text)
            | Self::Inviter(text)
            | Self::Corriger(text)
            | Self::Chercher(text)
            | Self::Notifications(text)
            | Self::Silence(text)
            | Self::Absent(text)
            | Self::Support(text) => Some(text.clone()).filter(|t| !t.is_empty()),
            Self::MauvaisInterlocuteur { transmettre: argument } | Self::NonPertinente(argument) => {
                argument.clone()
            }
            Self::Archiver(utile) => utile.map(|u| u.as_str().to_owned()),
            _ => None,
        }
    }

    /// The row of [`WORDS`] it comes from; none for the answers OUI and NON.
    pub fn word(&self) -> Option<&'static Word> {
        WORDS.iter().find(|w| w.name == self.as_json_name())
    }
}

/// Where in a mail a command stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A line of the text.
    Text,
    /// The subject of a mail that a button wrote.
    Subject,
    /// The address (`traitee+TOKEN@…`).
    Address,
}

impl Source {
    /// The word used in JSON: text, subject, address.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Subject => "subject",
            Self::Address => "address",
        }
    }
}

/// A command as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// What is asked.
    pub command: Command,
    /// Where it stood.
    pub source: Source,
    /// The line, the subject or the action of the address, as it was written.
    pub raw: String,
}

/// Everything that one message says: orders, and words for the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Speech {
    /// The commands, without repetition.
    pub commands: Vec<Spoken>,
    /// What was said without the command lines and the text that a command takes.
    pub prose: String,
    /// Something to ask about before anything is done or posted.
    pub trouble: Option<Trouble>,
}

/// What must be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// A prefixed word that is none of ours.
    Unknown {
        /// The line without its prefix, at most 60 characters.
        word: String,
        /// The known word that looks most like it.
        nearest: Option<&'static str>,
    },
    /// Two commands that exclude each other, by their JSON names.
    Contradictory {
        /// The first.
        first: &'static str,
        /// The second.
        second: &'static str,
    },
    /// It reads like an internal note but lacks the prefix: sent as it is, the aidant would read it.
    NoteLooking,
}

#[cfg(test)]
mod tests;
