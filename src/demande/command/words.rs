//! The table of the words (domain.md §10): the one source of the grammar, the help texts and the guides.

use super::Door;

/// What a word takes after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// Nothing.
    None,
    /// Nothing on its line; a text on the next lines goes with it.
    TextBelow,
    /// The rest of the line, if there is one.
    Optional(&'static str),
    /// The rest of the line.
    Line(&'static str),
    /// The rest of the line and all the text below.
    Text(&'static str),
    /// One of these words, or nothing.
    Choice(&'static [&'static str]),
}

/// Does the word work without prefix, when it is the whole line?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alone {
    /// Yes.
    Yes,
    /// It needs `!`, `/` or `#`.
    Prefixed,
    /// Only in a Matrix room.
    InRooms,
}

/// Who may say it, in words for the help texts; `rights` decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// All participants of the demande.
    Participants,
    /// Instructeurs of the demande.
    Instructeurs,
    /// Instructeurs and modérateurs.
    InstructeursEtModerateurs,
    /// The instructeurs' side.
    CoteInstructeurs,
    /// Whoever took it in charge.
    Preneur,
    /// The author's side, as domain.md §3 says for archiving.
    CoteAuteur,
    /// Whoever did it or wrote it.
    Auteur,
    /// Everyone.
    Tous,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The name in JSON.
    pub name: &'static str,
    /// The spellings, the one to show first. Case, accents, hyphens and final punctuation do not matter.
    pub words: &'static [&'static str],
    /// What may follow.
    pub argument: Argument,
    /// Without prefix?
    pub alone: Alone,
    /// Who may say it.
    pub who: Who,
    /// Where it makes sense.
    pub doors: &'static [Door],
    /// One sentence for the help text.
    pub help: &'static str,
}

const ALL: &[Door] = &[Door::Mail, Door::Room, Door::Page];

const fn word(
    name: &'static str,
    words: &'static [&'static str],
    argument: Argument,
    alone: Alone,
    who: Who,
    help: &'static str,
) -> Word {
    Word { name, words, argument, alone, who, doors: ALL, help }
}

use Alone::{InRooms, Prefixed, Yes};
use Argument::{Choice, Line, None, Optional, Text, TextBelow};
use Who::{
    Auteur, CoteAuteur, CoteInstructeurs, Instructeurs, InstructeursEtModerateurs, Participants, Preneur,
    Tous,
};

/// Every word that relais understands.
#[rustfmt::skip]
pub const WORDS: &[Word] = &[
    word("repondre", &["répondre", "r"], Text("votre texte"), InRooms, Participants, "répond à tous les participants de la demande"),
    word("vu", &["vu"], None, Yes, Instructeurs, "indique que vous avez pris connaissance de la demande"),
    word("prise_en_charge", &["je m’en occupe", "en cours", "prise en charge", "prendre"], None, Yes, Instructeurs, "indique que vous vous en occupez"),
    word("laisser", &["je laisse"], None, Yes, Preneur, "indique que vous ne vous en occupez plus"),
    word("mauvais_interlocuteur", &["pas moi", "mauvais interlocuteur"], Optional("groupe à qui transmettre"), Yes, Instructeurs, "indique que vous n’êtes pas le bon interlocuteur"),
    word("traitee", &["traitée", "traité", "traite", "fait"], TextBelow, Yes, InstructeursEtModerateurs, "marque la demande comme traitée, avec votre texte s’il y en a un"),
    word("non_pertinente", &["non pertinente"], Optional("procédure habituelle"), Prefixed, Instructeurs, "indique qu’une procédure habituelle existait"),
    word("note", &["note"], Text("votre texte"), Prefixed, CoteInstructeurs, "écrit une note que seuls les instructeurs lisent"),
    word("inviter", &["inviter"], Line("adresse, groupe ou organisme"), Prefixed, Participants, "invite une personne ou un groupe dans la demande"),
    word("moderateur", &["modérateur"], None, Prefixed, Participants, "demande l’aide d’un modérateur"),
    word("archiver", &["archiver", "clore"], Choice(&["oui", "non", "nsp"]), Yes, CoteAuteur, "archive la demande ; la réponse était-elle utile : oui, non ou nsp (je ne sais pas)"),
    word("rouvrir", &["rouvrir"], None, Yes, CoteAuteur, "rouvre une demande archivée"),
    word("annuler", &["annuler"], None, Yes, Auteur, "annule votre dernière action, dans les 10 minutes"),
    word("corriger", &["corriger"], Text("votre texte"), Prefixed, Auteur, "corrige votre dernier message par un nouveau message"),
    word("suivre", &["suivre"], None, Yes, Participants, "vous prévient de chaque message de la demande"),
    word("ne_plus_suivre", &["ne plus suivre"], None, Yes, Participants, "ne vous prévient plus des messages de la demande"),
    word("etat", &["état"], None, Yes, Participants, "donne l’état de la demande"),
    word("historique", &["historique"], None, Yes, Participants, "envoie l’historique de la demande"),
    word("infos", &["infos"], None, Prefixed, Participants, "vous envoie les informations de l’usager"),
    word("mes_demandes", &["mes demandes"], None, Yes, Tous, "donne la liste de vos demandes ouvertes"),
    word("chercher", &["chercher"], Line("mots à chercher"), Prefixed, Tous, "cherche dans vos demandes"),
    word("liste", &["liste"], None, Prefixed, Tous, "donne la liste des demandes de votre groupe"),
    word("notifications", &["notifications"], Line("chaque message, groupées, quotidiennes ou aucune"), Prefixed, Tous, "règle vos notifications"),
    word("silence", &["silence"], Line("heures"), Prefixed, Tous, "règle vos heures de silence"),
    word("absent", &["absent"], Line("jusqu’au…"), Prefixed, Tous, "indique votre absence"),
    word("support", &["support"], Text("votre question"), Prefixed, Tous, "écrit à l’équipe d’assistance"),
    word("aide", &["aide", "help", "?"], None, Yes, Tous, "explique ce que vous pouvez écrire ici"),
];
