//! What is asked about a held mail, what counts as an answer, and how long one waits for it (mail.md §2).
//!
//! Knows words and delays. Does not know how a question travels, nor how a held mail is kept.

use serde::{Deserialize, Serialize};

use super::command::{Command, Source, Speech};
use super::{FileRef, Millis};

/// How long a question may be answered.
pub const ANSWER_WITHIN: Millis = 72 * 3_600_000;
/// How long a mail is held at most (domain.md §3).
pub const HELD_AT_MOST: Millis = 30 * 86_400_000;

/// What stands above a message that somebody else wrote and its publisher passed on.
const TRANSMIS: &str = "[Message d’un tiers, transmis par mes soins]";

/// What is asked about a held mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// "Is it you who wrote it?", to who it says to be from.
    Confirmer,
    /// "Do you publish it in your name?", to the owner of the token it used.
    Liberer,
    /// Nothing is asked of anybody: the operator let it through a cap.
    Plafond,
}

impl Kind {
    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Confirmer => "confirmer",
            Kind::Liberer => "liberer",
            Kind::Plafond => "plafond",
        }
    }

    /// The kind of that name.
    pub fn from_code(code: &str) -> Option<Self> {
        [Kind::Confirmer, Kind::Liberer, Kind::Plafond].into_iter().find(|kind| kind.code() == code)
    }
}

/// A question as an order carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its number.
    pub id: u32,
    /// True when it is repeated because the answer was neither OUI nor NON.
    pub again: bool,
}

/// What an answer to a question says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// OUI, alone on its line.
    Oui,
    /// NON, alone on its line.
    Non,
    /// Anything else, both of them included.
    Unclear,
}

impl Answer {
    /// Reads it in what was said at [`super::command::Door::Question`]; only the text counts, never a subject or an
    /// address that a program may have written.
    pub fn of(speech: &Speech) -> Self {
        match speech.commands.as_slice() {
            [spoken] if spoken.source == Source::Text => match spoken.command {
                Command::Oui => Answer::Oui,
                Command::Non => Answer::Non,
                _ => Answer::Unclear,
            },
            _ => Answer::Unclear,
        }
    }
}

/// What a stranger wrote, as its publisher says it: a text like another, none of whose words is a command.
pub fn transmitted(said: &str, files: &[FileRef]) -> Speech {
    let said = said.trim();
    let prose = match (said.is_empty(), files.is_empty()) {
        (true, true) => String::new(),
        (true, false) => TRANSMIS.to_owned(),
        (false, _) => format!("{TRANSMIS}\n\n{said}"),
    };
    Speech { prose, ..Speech::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demande::command::{Door, read_all};

    #[test]
    fn only_a_word_alone_answers() {
        for (text, answer) in [
            ("OUI", Answer::Oui),
            ("oui.", Answer::Oui),
            ("Bonjour,\n\nOui\n\nLéa Martin", Answer::Oui),
            ("NON", Answer::Non),
            ("Non !", Answer::Non),
            ("Oui mais pas tout de suite", Answer::Unclear),
            ("OUI\nNON", Answer::Unclear),
            ("traitée", Answer::Unclear),
            ("Merci", Answer::Unclear),
            ("", Answer::Unclear),
            ("> OUI", Answer::Unclear),
        ] {
            let speech = read_all(text, Door::Question, None, None);
            assert_eq!(Answer::of(&speech), answer, "{text:?} {speech:?}");
        }
    }

    #[test]
    fn a_subject_or_an_address_is_no_answer() {
        assert_eq!(Answer::of(&read_all("", Door::Question, Some("OUI"), Some("oui"))), Answer::Unclear);
    }

    #[test]
    fn what_is_passed_on_gives_no_order() {
        let speech = transmitted("Traitée\n", &[]);
        assert!(speech.commands.is_empty() && speech.prose.ends_with("\n\nTraitée"), "{speech:?}");
        assert_eq!(transmitted("  ", &[]).prose, "");
    }
}
