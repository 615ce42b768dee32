//! An expectation of mailbox-fixtures/README.md, and in what a reading differs from it.

use relais::demande::command::{Trouble, WORDS};
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization as _;

use super::read::{Outcome, Understood};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    reply: Option<String>,
    #[serde(default)]
    reply_or: Vec<Option<String>>,
    automatic: Option<String>,
    #[serde(default)]
    automatic_or: Vec<String>,
    commands: Vec<Spoken>,
    attachments: Vec<String>,
    compare: Option<String>,
    ask: Option<String>,
    nearest: Option<String>,
    until: Option<String>,
    bounce: Option<Bounce>,
    from_count: Option<usize>,
    #[serde(default)]
    encrypted: bool,
    #[serde(default)]
    unreadable: bool,
    #[serde(rename = "client")]
    _client: Option<String>,
    #[serde(rename = "note")]
    _note: String,
    #[serde(rename = "arguable")]
    _arguable: Option<String>,
    #[serde(rename = "lookalike", default)]
    _lookalike: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Spoken {
    name: String,
    argument: Option<String>,
    source: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Bounce {
    recipient: String,
    status: Option<String>,
    permanent: bool,
}

impl Expected {
    /// One line a difference; none when the reading is as good as the human's.
    pub(super) fn differences(&self, outcome: &Outcome) -> Vec<String> {
        let Some(read) = outcome else {
            return if self.unreadable { Vec::new() } else { vec!["cannot be read".to_owned()] };
        };
        // Where another reading is as good, it is named; else nothing can be made of it.
        if self.unreadable && self.reply_or.is_empty() {
            return vec!["can be read".to_owned()];
        }
        let mut differences = Vec::new();
        self.compare_reply(read, &mut differences);
        self.compare_machine(read, &mut differences);
        self.compare_speech(read, &mut differences);
        let mut same = |what: &str, wanted: String, found: String| {
            if wanted != found {
                differences.push(format!("{what}: wanted {wanted}, found {found}"));
            }
        };
        same("attachments", format!("{:?}", self.attachments), format!("{:?}", read.files));
        same("encrypted", self.encrypted.to_string(), read.encrypted.to_string());
        let from = if self.unreadable { read.letter.from.len() } else { self.from_count.unwrap_or(1) };
        same("from_count", from.to_string(), read.letter.from.len().to_string());
        differences
    }

    fn compare_reply(&self, read: &Understood, differences: &mut Vec<String>) {
        let Some(reply) = &self.reply else { return };
        let said = &read.reply.said;
        let alternatives = self.reply_or.iter();
        let good = self.folded(reply) == self.folded(said)
            || alternatives
                .into_iter()
                .any(|other| other.as_ref().is_none_or(|other| self.folded(other) == self.folded(said)));
        if !good {
            differences.push(format!("reply: wanted {reply:?}\n       found  {said:?}"));
        }
    }

    /// Without white space, after NFC; letters and digits only where several ways of writing are right.
    fn folded(&self, text: &str) -> String {
        let letters_only = self.compare.as_deref() == Some("letters");
        let kept = |c: &char| {
            if letters_only { c.is_alphanumeric() } else { !c.is_whitespace() && *c != '\u{feff}' }
        };
        text.nfc().filter(kept).collect()
    }

    fn compare_machine(&self, read: &Understood, differences: &mut Vec<String>) {
        let found = read.machine.as_ref().map(|machine| machine.kind.as_str());
        let as_good = found.is_some_and(|found| self.automatic_or.iter().any(|other| other == found));
        if found != self.automatic.as_deref() && !as_good {
            differences.push(format!("automatic: wanted {:?}, found {found:?}", self.automatic));
        }
        let machine = read.machine.as_ref();
        let until = machine.and_then(|machine| machine.until_date.as_deref());
        if self.until.is_some() && self.until.as_deref() != until {
            differences.push(format!("until: wanted {:?}, found {until:?}", self.until));
        }
        let bounce = machine.and_then(|machine| machine.bounce.as_ref()).map(|bounce| Bounce {
            recipient: bounce.recipient.clone(),
            status: bounce.status.clone(),
            permanent: bounce.permanent,
        });
        if self.bounce.is_some() && self.bounce != bounce {
            differences.push(format!("bounce: wanted {:?}\n        found  {bounce:?}", self.bounce));
        }
    }

    fn compare_speech(&self, read: &Understood, differences: &mut Vec<String>) {
        let found: Vec<Spoken> = read
            .speech
            .commands
            .iter()
            .map(|spoken| Spoken {
                name: spoken.command.as_json_name().to_owned(),
                argument: spoken.command.argument(),
                source: spoken.source.as_str().to_owned(),
            })
            .collect();
        let same = found.len() == self.commands.len()
            && found.iter().zip(&self.commands).all(|(found, wanted)| self.is_same(found, wanted));
        if !same {
            differences.push(format!("commands: wanted {:?}\n          found  {found:?}", self.commands));
        }
        let (ask, nearest) = asked(read.speech.trouble.as_ref());
        if (ask, nearest) != (self.ask.as_deref(), self.nearest.as_deref()) {
            differences
                .push(format!("ask: wanted {:?} {:?}, found {ask:?} {nearest:?}", self.ask, self.nearest));
        }
    }

    fn is_same(&self, found: &Spoken, wanted: &Spoken) -> bool {
        let folded = |argument: &Option<String>| argument.as_deref().map(|text| self.folded(text));
        found.name == wanted.name
            && found.source == wanted.source
            && folded(&found.argument) == folded(&wanted.argument)
    }
}

/// The JSON name of a word as it is typed.
fn name_of(typed: &'static str) -> &'static str {
    WORDS.iter().find(|word| word.words.contains(&typed)).map_or(typed, |word| word.name)
}

fn asked(trouble: Option<&Trouble>) -> (Option<&'static str>, Option<&'static str>) {
    match trouble {
        None => (None, None),
        Some(Trouble::Unknown { nearest, .. }) => (Some("near_miss"), nearest.map(name_of)),
        Some(Trouble::Contradictory { .. }) => (Some("contradictory"), None),
        Some(Trouble::NoteLooking) => (Some("note"), None),
    }
}
