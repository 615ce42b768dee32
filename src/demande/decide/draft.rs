//! A decision being written: appends entries, withdraws others, and orders what must be told of each.

use super::{Actor, Decision, Incoming, NewEntry, Rules, Scene};
use crate::demande::notice::{Order, Reader, Receipt, What, audience};
use crate::demande::{Entry, FileRef, Kind, Millis, Part, Participant, Side, Visibility};

/// The decision so far, and what it is taken from.
pub(super) struct Draft<'a> {
    pub(super) scene: &'a Scene,
    pub(super) said: &'a Incoming,
    pub(super) now: Millis,
    rules: Rules,
    decision: Decision,
    /// Files go with the first entry only.
    files: Vec<FileRef>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(scene: &'a Scene, said: &'a Incoming, rules: Rules, now: Millis) -> Self {
        let files = said.files.clone();
        Draft { scene, said, now, rules, decision: Decision::default(), files }
    }

    pub(super) fn actor(&self) -> &'a Actor {
        &self.said.actor
    }

    pub(super) fn side(&self) -> Side {
        self.actor().standing.side().unwrap_or(Side::Instructeurs)
    }

    /// Appends an entry and orders its notices; an act that changes the state waits for its undo window unless
    /// `at_once`. Returns its rank and the names of those who will be told.
    pub(super) fn append(&mut self, kind: Kind, text: &str, at_once: bool) -> Appended {
        let window = kind.changes_state() && !at_once && self.rules.undo_window > 0;
        let entry = self.new_entry(kind, text, window.then(|| self.now + self.rules.undo_window));
        let appended = Appended { n: entry.n, told: self.tell(&entry), undo_until: entry.pending_until };
        self.decision.entries.push(entry);
        appended
    }

    fn new_entry(&mut self, kind: Kind, text: &str, pending_until: Option<Millis>) -> NewEntry {
        let said = self.said;
        NewEntry {
            n: self.scene.demande.next_n() + u32::try_from(self.decision.entries.len()).unwrap_or(0),
            kind,
            author: said.actor.author.clone(),
            visibility: if kind == Kind::Note { Visibility::Instructeurs } else { Visibility::Tous },
            text: if text.is_empty() { kind.default_text().to_owned() } else { text.to_owned() },
            quoted: said.quoted.clone(),
            signature: said.signature.clone(),
            files: std::mem::take(&mut self.files),
            channel: said.channel,
            source: said.source,
            at: self.now,
            pending_until,
        }
    }

    fn tell(&mut self, entry: &NewEntry) -> Vec<String> {
        let Some(what) = What::about(entry.kind, entry.n) else { return Vec::new() };
        let not_before = entry.pending_until.unwrap_or(self.now);
        let readers = audience(self.scene, entry.kind, &entry.author, entry.visibility);
        let told = readers.iter().filter_map(|(reader, _)| self.name(reader)).collect();
        let orders = readers
            .into_iter()
            .map(|(to, brief)| (Some(entry.n), Order { to, what: what.clone(), brief, not_before }));
        self.decision.orders.extend(orders);
        told
    }

    fn name(&self, reader: &Reader) -> Option<String> {
        match reader {
            Reader::Person(id) => self.scene.people.get(id).map(crate::demande::Person::name),
            Reader::Group(id) => self.scene.groups.get(id).map(|group| group.name.clone()),
            Reader::Address(_) => None,
        }
    }

    /// Orders something for the actor himself, at once.
    pub(super) fn answer(&mut self, what: What) {
        if let Some(to) = self.actor().reader() {
            let order = Order { to, what, brief: false, not_before: self.now };
            self.decision.orders.push((None, order));
        }
    }

    /// The receipt of a command.
    pub(super) fn receipt(&mut self, command: &str, appended: Option<Appended>) {
        let Appended { n, told, undo_until } = appended.unwrap_or_default();
        let receipt = Receipt {
            command: command.to_owned(),
            n: (n > 0).then_some(n),
            told,
            undo_until,
            survey: command == "archiver" && self.decision.usefulness.is_none(),
            archived: false,
        };
        self.answer(What::Recu(receipt));
    }

    /// The message was added to an archived demande, which stays so; its author is told.
    pub(super) fn receipt_archived(&mut self, appended: Appended) {
        let Appended { n, told, .. } = appended;
        let command = "repondre".to_owned();
        let receipt = Receipt { command, n: Some(n), told, undo_until: None, survey: false, archived: true };
        self.answer(What::Recu(receipt));
    }

    pub(super) fn withdraw(&mut self, n: u32) {
        self.decision.withdraw.push(n);
    }

    pub(super) fn follow(&mut self, follows: bool) {
        self.decision.follows.extend(self.actor().author.person.map(|person| (person, follows)));
    }

    pub(super) fn count_usefulness(&mut self, answer: &'static str) {
        self.decision.usefulness = Some(answer);
    }

    /// The last act of the actor that can still be withdrawn, or the last that no longer can.
    pub(super) fn last_act(&self) -> Option<&'a Entry> {
        let author = &self.actor().author;
        let mine = |entry: &&Entry| {
            entry.withdrawn_at.is_none()
                && entry.kind.changes_state()
                && entry.author.person == author.person
                && entry.author.group == author.group
        };
        self.scene.demande.entries.iter().rfind(mine)
    }

    /// Adds what follows from the whole: joins, and acts of the other side that this message overtakes.
    pub(super) fn finish(mut self) -> Decision {
        self.join();
        self.overtake();
        self.decision
    }

    fn join(&mut self) {
        let Some(person) = self.actor().author.person.filter(|_| self.actor().joins) else { return };
        self.decision.joins.push(Participant {
            person,
            side: Side::Instructeurs,
            role: Part::Instructeur,
            joined_at: self.now,
            left_at: None,
            follows: true,
        });
    }

    /// A message from the other side during the undo window cancels the act and asks its author (domain.md §3).
    fn overtake(&mut self) {
        let counts = |entry: &NewEntry| !matches!(entry.kind, Kind::Vu | Kind::Note);
        if !self.decision.entries.iter().any(counts) {
            return;
        }
        let (side, now) = (self.side(), self.now);
        let overtaken = |entry: &&Entry| {
            entry.kind.changes_state()
                && entry.is_pending(now)
                && entry.author.side.is_some_and(|s| s != side)
        };
        for entry in self.scene.demande.entries.iter().filter(overtaken) {
            self.decision.withdraw.push(entry.n);
            let to = entry.author.person.map(Reader::Person).or(entry.author.group.map(Reader::Group));
            let what = What::ActeAnnule(entry.n);
            self.decision
                .orders
                .extend(to.map(|to| (None, Order { to, what, brief: false, not_before: now })));
        }
    }
}

/// What appending an entry gave.
#[derive(Default)]
pub(super) struct Appended {
    pub(super) n: u32,
    pub(super) told: Vec<String>,
    pub(super) undo_until: Option<Millis>,
}
