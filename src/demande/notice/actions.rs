//! What a reader may do by one click, and the words that apply where he stands.

use super::{Action, Facts, HelpLine, ReaderView, What};
use crate::demande::command::{Alone, Argument, Door, WORDS, Word};
use crate::demande::rights::{Act, Standing, allowed, state_allows};
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
const UTILE: Action =
    Action { command: "archiver", body: "OUI", label: "Archiver : utile", word: "CLORE OUI", survey: true };
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
    label: "Archiver : pas utile",
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

const ANNULER: Action = Action {
    command: "annuler",
    body: "!annuler",
    label: "Annuler mon action",
    word: "ANNULER",
    survey: false,
};

const OUI: Action = Action { command: "oui", body: "OUI", label: "Oui, publier", word: "OUI", survey: false };
const NON: Action =
    Action { command: "non", body: "NON", label: "Non, ne pas publier", word: "NON", survey: false };

/// The buttons of a notice: what a receipt still asks or offers, else what applies to that reader in that state.
pub fn actions(what: &What, demande: &Demande, reader: &ReaderView, facts: Facts) -> Vec<Action> {
    match what {
        What::Recu(receipt) if receipt.survey => return vec![UTILE, NSP, INUTILE],
        What::Recu(receipt) if receipt.undo_until.is_some_and(|until| until > facts.now) => {
            return vec![ANNULER];
        }
        What::Confirmer(_) | What::Liberer(_) => return vec![OUI, NON],
        What::Refus(_) | What::Aide => return Vec::new(),
        _ => {}
    }
    let Some(side) = reader.side else { return Vec::new() };
    match (side, demande.etat(side, facts.now)) {
        (Side::Instructeurs, Etat::Nouvelle) => vec![PRENDRE, TRAITEE, PAS_MOI],
        (Side::Instructeurs, Etat::EnCours) => vec![TRAITEE, PAS_MOI],
        (Side::Auteur, Etat::Traitee) if reader.part.is_some() => vec![UTILE, NSP, INUTILE],
        (Side::Auteur, Etat::Archivee) if reader.part == Some(Part::Auteur) => vec![ROUVRIR],
        _ => Vec::new(),
    }
}

/// For the help notice: the words that apply to that reader in that state, by the same tables as the grammar and the
/// rights; `etat` is the demande's as he knows it, `None` when there is no demande.
pub fn help(what: &What, reader: &ReaderView, etat: Option<Etat>) -> Vec<HelpLine> {
    if *what != What::Aide {
        return Vec::new();
    }
    let standing = standing(reader);
    let applies_now = |act| allowed(standing, act) && etat.is_none_or(|etat| state_allows(act, etat).is_ok());
    let applies = |word: &&Word| {
        word.doors.contains(&Door::Mail)
            && word.alone != Alone::InRooms
            && Act::of(word.name).is_some_and(applies_now)
    };
    WORDS.iter().filter(applies).map(help_line).collect()
}

fn standing(reader: &ReaderView) -> Standing {
    match (reader.part, reader.side) {
        (Some(Part::Auteur), _) => Standing::Auteur,
        (Some(Part::Aidant), _) => Standing::Aidant { colleague: true },
        (Some(Part::Instructeur), _) => Standing::Instructeur,
        (Some(Part::Moderateur), _) => Standing::Moderateur,
        (None, Some(Side::Instructeurs)) => Standing::Bal,
        (None, _) => Standing::Etranger,
    }
}

/// "TRAITÉE", or "!NOTE votre texte" for a word that needs its prefix or takes an argument.
fn help_line(word: &Word) -> HelpLine {
    let prefix = if word.alone == Alone::Prefixed { "!" } else { "" };
    let first = word.words.first().copied().unwrap_or(word.name).to_uppercase();
    let argument = match word.argument {
        Argument::Line(argument) | Argument::Text(argument) => format!(" {argument}"),
        Argument::Choice(choices) => format!(" {}", choices.join(" | ")),
        Argument::None | Argument::TextBelow | Argument::Optional(_) => String::new(),
    };
    HelpLine { word: format!("{prefix}{first}{argument}"), sentence: word.help.to_owned() }
}
