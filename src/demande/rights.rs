//! Who may do what in a demande: one table (domain.md §2, §3), and the reasons of a refusal.

use serde::{Deserialize, Serialize};

use super::{Demande, Etat, Millis, Part, Person, Side};

/// Where somebody stands towards one demande at the moment he writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Opened it.
    Auteur,
    /// A participant on the author's side; `colleague` when he shares a group with the author.
    Aidant {
        /// Shares a group with the author: may archive and reopen.
        colleague: bool,
    },
    /// A participant on the instructeurs' side.
    Instructeur,
    /// The shared mailbox of a group that was asked.
    Bal,
    /// An expert invited while it is open.
    Moderateur,
    /// The gateway or its operator.
    Passerelle,
    /// Nobody here.
    Etranger,
}

impl Standing {
    /// The side one acts for.
    pub fn side(self) -> Option<Side> {
        match self {
            Standing::Auteur | Standing::Aidant { .. } => Some(Side::Auteur),
            Standing::Instructeur | Standing::Moderateur | Standing::Bal => Some(Side::Instructeurs),
            Standing::Passerelle | Standing::Etranger => None,
        }
    }

    /// Where this person stands; a disabled account stands nowhere, a modérateur leaves with the closing.
    pub fn of(person: &Person, author: Option<&Person>, demande: &Demande) -> Self {
        let Some(participant) = demande.participant(person.id).filter(|_| !person.disabled) else {
            return Standing::Etranger;
        };
        match participant.role {
            Part::Auteur => Standing::Auteur,
            Part::Aidant => {
                let colleague = author.is_some_and(|author| person.shares_group_with(&author.groups));
                Standing::Aidant { colleague }
            }
            Part::Instructeur => Standing::Instructeur,
            Part::Moderateur if demande.closed_at().is_some() => Standing::Etranger,
            Part::Moderateur => Standing::Moderateur,
        }
    }
}

/// What one may want to do to a demande.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Write to everybody.
    Repondre,
    /// Write to the instructeurs' side only.
    Noter,
    /// Say it was opened.
    Vu,
    /// Take in charge, let go, say "wrong person", declare not relevant.
    Instruire,
    /// Mark handled.
    Traiter,
    /// Archive.
    Archiver,
    /// Reopen.
    Rouvrir,
    /// Withdraw one's own act.
    Annuler,
    /// Follow or not, ask the state, ask for help.
    Consulter,
}

impl Act {
    /// The act that a command (by its JSON name) is; `None` for the words that do nothing yet.
    pub fn of(command: &str) -> Option<Self> {
        Some(match command {
            "repondre" => Act::Repondre,
            "note" => Act::Noter,
            "vu" => Act::Vu,
            "prise_en_charge" | "laisser" | "mauvais_interlocuteur" | "non_pertinente" => Act::Instruire,
            "traitee" => Act::Traiter,
            "archiver" => Act::Archiver,
            "rouvrir" => Act::Rouvrir,
            "annuler" => Act::Annuler,
            "suivre" | "ne_plus_suivre" | "etat" | "aide" => Act::Consulter,
            _ => return None,
        })
    }

    /// Every act, for the table's tests.
    pub const ALL: [Act; 9] = [
        Act::Repondre,
        Act::Noter,
        Act::Vu,
        Act::Instruire,
        Act::Traiter,
        Act::Archiver,
        Act::Rouvrir,
        Act::Annuler,
        Act::Consulter,
    ];
}

/// The table: may one who stands there do that?
pub fn allowed(standing: Standing, act: Act) -> bool {
    match act {
        Act::Repondre | Act::Annuler | Act::Consulter => {
            !matches!(standing, Standing::Etranger | Standing::Passerelle)
        }
        Act::Noter | Act::Vu | Act::Instruire | Act::Traiter => standing.side() == Some(Side::Instructeurs),
        Act::Archiver => matches!(
            standing,
            Standing::Auteur
                | Standing::Aidant { colleague: true }
                | Standing::Moderateur
                | Standing::Passerelle
        ),
        Act::Rouvrir => {
            matches!(standing, Standing::Auteur | Standing::Aidant { colleague: true } | Standing::Passerelle)
        }
    }
}

/// Why something is refused; each has its French sentence in `templates/mail/refus`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No text, no file, no command.
    Vide,
    /// The reader's part does not allow that command.
    PasLeDroit {
        /// JSON name of the command.
        command: String,
    },
    /// Nothing of his can still be withdrawn.
    RienAAnnuler,
    /// The undo window is over.
    TropTard,
    /// Already archived.
    DejaArchivee,
    /// Not archived, so it cannot be reopened.
    PasArchivee,
    /// The demande's data was wiped.
    Effacee {
        /// When.
        at: Millis,
    },
    /// He is not or no longer a participant (a modérateur after closing, a person removed).
    PlusParticipant,
    /// The account is disabled.
    CompteDesactive,
    /// The reply address expired or was revoked; told to its owner only.
    AdressePerimee,
    /// A prefixed word we do not know; `nearest` is the likely one.
    MotInconnu {
        /// What was written.
        word: String,
        /// The nearest word we know.
        nearest: Option<String>,
    },
    /// Two commands that exclude each other.
    Contradiction {
        /// The words, as written.
        words: Vec<String>,
    },
    /// A first line that looks like an internal note: sent to nobody, asked about.
    NoteDouteuse,
    /// A command that is not there yet or does not apply by this door.
    PasIci {
        /// JSON name of the command.
        command: String,
    },
    /// The mail is too large or holds a file that is refused.
    FichierRefuse {
        /// Why, in French, from the file rules.
        reason: String,
    },
    /// A shared account must sign every message.
    SignatureManquante,
    /// The mail is encrypted to somebody we are not.
    Chiffre,
    /// A known person wrote without naming a demande.
    SansDemande {
        /// Numbers of his open demandes, the latest first, at most 20.
        open: Vec<u32>,
    },
    /// OUI or NON came after the end of the question it answers.
    QuestionPerimee,
}

/// What stands against `act` in that state, beyond the table.
pub fn state_allows(act: Act, etat: Etat) -> Result<(), Refusal> {
    match (act, etat) {
        (Act::Archiver, Etat::Archivee) => Err(Refusal::DejaArchivee),
        (Act::Rouvrir, Etat::Nouvelle | Etat::EnCours | Etat::Traitee) => Err(Refusal::PasArchivee),
        (Act::Instruire | Act::Traiter, Etat::Archivee) => Err(Refusal::DejaArchivee),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain.md §2 and §3, one column per act.
    #[test]
    fn the_table() {
        use Standing::{Aidant, Auteur, Bal, Etranger, Instructeur, Moderateur, Passerelle};
        let rows = [
            (Auteur, [1, 0, 0, 0, 0, 1, 1, 1, 1]),
            (Aidant { colleague: true }, [1, 0, 0, 0, 0, 1, 1, 1, 1]),
            (Aidant { colleague: false }, [1, 0, 0, 0, 0, 0, 0, 1, 1]),
            (Instructeur, [1, 1, 1, 1, 1, 0, 0, 1, 1]),
            (Bal, [1, 1, 1, 1, 1, 0, 0, 1, 1]),
            (Moderateur, [1, 1, 1, 1, 1, 1, 0, 1, 1]),
            (Passerelle, [0, 0, 0, 0, 0, 1, 1, 0, 0]),
            (Etranger, [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ];
        for (standing, row) in rows {
            for (act, wanted) in Act::ALL.into_iter().zip(row) {
                assert_eq!(allowed(standing, act), wanted == 1, "{standing:?} {act:?}");
            }
        }
    }
}
