//! What a reader may do by one click, and the words that apply where he stands.

use super::{Action, Facts, HelpLine, ReaderView, What};
use crate::demande::{Demande, Etat, Part, Side};

const PRENDRE: Action = Action {
    command: "prise_en_charge",
    body: "!prendre",
    label: "Je m’en occupe",
    word: "PRENDRE",
    survey: false,
};
const TRAITEE: Action =
    Action {
        command: "traitee", body: "!traitée", label: "Marquer traitée", word: "TRAITÉE", survey: false
    };
const PAS_MOI: Action = Action {
    command: "mauvais_interlocuteur",
    body: "!pas moi",
    label: "Mauvais interlocuteur",
    word: "PAS MOI",
    survey: false,
};
const UTILE: Action = Action {
    command: "archiver",
    body: "OUI",
    label: "Archiver : réponse utile",
    word: "CLORE OUI",
    survey: true,
};
const NSP: Action = Action {
    command: "archiver",
    body: "NSP",
    label: "Archiver : je ne sais pas",
    word: "CLORE NSP",
    survey: true,
};
const INUTILE: Action = Action {
    command: "archiver",
    body: "NON",
    label: "Archiver : réponse pas utile",
    word: "CLORE NON",
    survey: true,
};
const ROUVRIR: Action = Action {
    command: "rouvrir",
    body: "!rouvrir",
    label: "Rouvrir la demande",
    word: "ROUVRIR",
    survey: false,
};

/// The buttons of a notice: what applies to that reader in that state.
pub fn actions(demande: &Demande, reader: &ReaderView, facts: Facts) -> Vec<Action> {
    let Some(side) = reader.side else { return Vec::new() };
    match (side, demande.etat(side, facts.now)) {
        (Side::Instructeurs, Etat::Nouvelle) => vec![PRENDRE, TRAITEE, PAS_MOI],
        (Side::Instructeurs, Etat::EnCours) => vec![TRAITEE, PAS_MOI],
        (Side::Auteur, Etat::Traitee) if reader.part.is_some() => vec![UTILE, NSP, INUTILE],
        (Side::Auteur, Etat::Archivee) if reader.part == Some(Part::Auteur) => vec![ROUVRIR],
        _ => Vec::new(),
    }
}

/// For the help notice: the words that apply to that reader.
pub fn help(_what: &What, _reader: &ReaderView) -> Vec<HelpLine> {
    Vec::new()
}
