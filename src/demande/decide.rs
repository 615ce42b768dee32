//! The decision: a scene and what somebody says in it become what happens and what must be told.
//!
//! Input is data, output is data; nothing here acts. The rules are domain.md §§3–5.

use std::collections::BTreeMap;

use uuid::Uuid;

mod draft;
mod steps;
#[cfg(test)]
mod tests;
mod unreached;

use super::command::{Speech, Trouble, WORDS};
use super::notice::{Order, Reader, What, opened};
use super::rights::{Refusal, Standing};
use super::{Author, Channel, Demande, FileRef, Group, GroupId, Kind, Millis};
use super::{Participant, Person, PersonId, Visibility};
use draft::Draft;
pub use unreached::{Missed, Reach, unreached};

/// All that a decision may look at.
#[derive(Debug, Clone)]
pub struct Scene {
    /// The demande, as stored.
    pub demande: Demande,
    /// Everybody who takes part or acts, by id.
    pub people: BTreeMap<PersonId, Person>,
    /// The groups asked, and those of the people above.
    pub groups: BTreeMap<GroupId, Group>,
}

impl Scene {
    /// "Léa Martin (CAF 54)": with the group that was asked, else the first of his groups.
    pub fn name_of(&self, person: &Person) -> String {
        let asked = person.groups.iter().find(|group| self.demande.groups.contains(group));
        let group = asked.or(person.groups.first()).and_then(|id| self.groups.get(id));
        match group {
            Some(group) => format!("{} ({})", person.name(), group.name),
            None => person.name(),
        }
    }
}

/// What somebody says in a scene, and how it came.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Who acts.
    pub actor: Actor,
    /// The commands and the prose.
    pub speech: Speech,
    /// Folded history.
    pub quoted: String,
    /// Folded signature.
    pub signature: String,
    /// Files, already kept in the store.
    pub files: Vec<FileRef>,
    /// The door.
    pub channel: Channel,
    /// The arrival.
    pub source: Option<Uuid>,
    /// It answers a note's notice: a note too, unless it says `!répondre`.
    pub answers_note: bool,
    /// It answers the archiving question (token of purpose `sondage`): OUI, NON, NSP archive.
    pub answers_survey: bool,
}

/// Who acts in a scene.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Name and side that the entries will carry.
    pub author: Author,
    /// Where he stands.
    pub standing: Standing,
    /// Several people write from that account: each message must be signed.
    pub shared: bool,
    /// He becomes a participant by this act (an instructeur who used his group's mailbox).
    pub joins: bool,
}

impl Actor {
    /// Where his receipts go.
    pub fn reader(&self) -> Option<Reader> {
        self.author.person.map(Reader::Person).or(self.author.group.map(Reader::Group))
    }
}

/// The settings a decision needs.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Undo window (`undo.window`), in milliseconds.
    pub undo_window: Millis,
}

/// What happens when that is said in that scene, or why it is refused.
pub fn decide(scene: &Scene, said: &Incoming, rules: Rules, now: Millis) -> Result<Decision, Refusal> {
    if let Some(at) = scene.demande.wiped_at {
        return Err(Refusal::Effacee { at });
    }
    if said.actor.standing == Standing::Etranger {
        return Err(Refusal::PlusParticipant);
    }
    if let Some(trouble) = &said.speech.trouble {
        return Err(refusal_of(trouble));
    }
    let mut draft = Draft::new(scene, said, rules, now);
    steps::take(&mut draft)?;
    Ok(draft.finish())
}

fn refusal_of(trouble: &Trouble) -> Refusal {
    match trouble {
        Trouble::Unknown { word, nearest } => {
            Refusal::MotInconnu { word: word.clone(), nearest: nearest.map(ToOwned::to_owned) }
        }
        Trouble::Contradictory { first, second } => {
            Refusal::Contradiction { words: vec![spelling(first), spelling(second)] }
        }
        Trouble::NoteLooking => Refusal::NoteDouteuse,
    }
}

/// How people write that command.
fn spelling(name: &str) -> String {
    let word = WORDS.iter().find(|word| word.name == name).and_then(|word| word.words.first());
    word.copied().unwrap_or(name).to_owned()
}

/// Somebody's automatic absence message is shown on the demande; it changes nothing and notifies nobody.
pub fn absence(scene: &Scene, person: &Person, until: String, source: Uuid, now: Millis) -> Decision {
    let side = scene.demande.participant(person.id).map(|participant| participant.side);
    let entry = NewEntry {
        n: scene.demande.next_n(),
        kind: Kind::Absence,
        author: Author { person: Some(person.id), group: None, name: person.name(), side },
        visibility: Visibility::Tous,
        text: until,
        quoted: String::new(),
        signature: String::new(),
        files: Vec::new(),
        channel: Channel::Mail,
        source: Some(source),
        at: now,
        pending_until: None,
    };
    Decision { entries: vec![entry], ..Decision::default() }
}

/// What must be told when a demande was just opened.
pub fn open(scene: &Scene, now: Millis) -> Vec<(Option<u32>, Order)> {
    let order = |to| (None, Order { to, what: What::NouvelleDemande, brief: false, not_before: now });
    opened(scene).into_iter().map(order).collect()
}

/// What a decision changes and what it orders; recorded in one commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decision {
    /// Entries to append, ranks already given.
    pub entries: Vec<NewEntry>,
    /// Ranks of entries to withdraw; the orders they caused and that still wait are cancelled.
    pub withdraw: Vec<u32>,
    /// People who become participants.
    pub joins: Vec<Participant>,
    /// Changes of "suivre": who, and whether he follows.
    pub follows: Vec<(PersonId, bool)>,
    /// The answer to the archiving question, counted in statistics and kept nowhere else.
    pub usefulness: Option<&'static str>,
    /// What must be told, with the rank of the entry that caused it.
    pub orders: Vec<(Option<u32>, Order)>,
}

/// An entry to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// Its rank.
    pub n: u32,
    /// What it is.
    pub kind: Kind,
    /// Who.
    pub author: Author,
    /// Who may read it.
    pub visibility: Visibility,
    /// What was written.
    pub text: String,
    /// Folded history.
    pub quoted: String,
    /// Folded signature.
    pub signature: String,
    /// Files, already kept in the store.
    pub files: Vec<FileRef>,
    /// The door.
    pub channel: Channel,
    /// The arrival.
    pub source: Option<Uuid>,
    /// When.
    pub at: Millis,
    /// End of its undo window.
    pub pending_until: Option<Millis>,
}
