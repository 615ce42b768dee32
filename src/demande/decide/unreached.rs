//! Somebody's mailbox refuses our mails: what a report means, and who is told (mail.md §3).

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{Decision, NewEntry, Scene};
use crate::demande::admission::Holder;
use crate::demande::notice::{Order, Reader, What};
use crate::demande::{Author, Channel, Entry, Kind, Millis, PersonId, Side, Visibility};

/// What an enhanced status code (RFC 3463) says of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nothing yet: it is tried again, or the trouble is ours.
    Nothing,
    /// This mail did not reach it; the next one may.
    Missed,
    /// No mail reaches it: it is suspended.
    Gone,
}

impl Reach {
    /// By a delivery report. A refusal of this mail's size or form (5.2.3, 5.3.4, 5.6.x) says nothing of the address.
    pub fn reported(permanent: bool, given_up: bool, status: Option<&str>) -> Self {
        let status = status.unwrap_or_default();
        let of_the_mail = matches!(status, "5.2.3" | "5.3.4") || status.starts_with("5.6.");
        match (permanent, given_up) {
            (true, _) if of_the_mail => Reach::Missed,
            (true, _) => Reach::Gone,
            (false, true) => Reach::Missed,
            (false, false) => Reach::Nothing,
        }
    }

    /// By the last answer of our relay, "550 5.1.1 …". Only codes about an address (x.1.x) or a mailbox (x.2.x) are its
    /// owner's; any other refusal is ours, and the operator's to see.
    pub fn answered(answer: &str) -> (Self, &str) {
        let code = answer.split_whitespace().nth(1).unwrap_or_default();
        let reach = match code.split('.').collect::<Vec<_>>().as_slice() {
            ["5", "1", _] | ["5", "2", "1"] => Reach::Gone,
            ["5", "2", _] | ["4", "1" | "2", _] => Reach::Missed,
            _ => Reach::Nothing,
        };
        (reach, code)
    }
}

/// Somebody was not reached about a demande.
#[derive(Debug, Clone, Copy)]
pub struct Missed {
    /// Who.
    pub holder: Holder,
    /// The report, when there is one.
    pub source: Option<Uuid>,
    /// It is told once since then.
    pub since: Millis,
    /// Now.
    pub now: Millis,
}

/// The entry on the demande, and the notice to its author; when it is the author who is not reached, to the instructeurs
/// who wrote. `None` when it was told already, or he takes no part. The entry names the person and says nothing of which
/// mail it was: it may have been a note.
pub fn unreached(scene: &Scene, missed: &Missed) -> Option<Decision> {
    let author = author(scene, missed.holder)?;
    let told = |entry: &Entry| {
        entry.kind == Kind::NonRemis
            && entry.at >= missed.since
            && (entry.author.person, entry.author.group) == (author.person, author.group)
    };
    if scene.demande.wiped_at.is_some() || scene.demande.entries.iter().any(told) {
        return None;
    }
    let n = scene.demande.next_n();
    let order = |person| {
        let to = Reader::Person(person);
        (None, Order { to, what: What::NonRemis(n), brief: false, not_before: missed.now })
    };
    let orders = readers(scene, missed.holder).into_iter().map(order).collect();
    Some(Decision { entries: vec![entry(n, author, missed)], orders, ..Decision::default() })
}

fn author(scene: &Scene, holder: Holder) -> Option<Author> {
    match holder {
        Holder::Person(id) => {
            let side = scene.demande.participant(id)?.side;
            let name = scene.name_of(scene.people.get(&id)?);
            Some(Author { person: Some(id), group: None, name, side: Some(side) })
        }
        Holder::Group(id) => {
            let group = scene.groups.get(&id).filter(|group| scene.demande.groups.contains(&group.id))?;
            let side = if group.aidant_side { Side::Auteur } else { Side::Instructeurs };
            Some(Author { person: None, group: Some(id), name: group.name.clone(), side: Some(side) })
        }
    }
}

fn entry(n: u32, author: Author, missed: &Missed) -> NewEntry {
    NewEntry {
        n,
        kind: Kind::NonRemis,
        author,
        visibility: Visibility::Tous,
        text: String::new(),
        quoted: String::new(),
        signature: String::new(),
        files: Vec::new(),
        channel: Channel::Passerelle,
        source: missed.source,
        at: missed.now,
        pending_until: None,
    }
}

fn readers(scene: &Scene, holder: Holder) -> Vec<PersonId> {
    let demande = &scene.demande;
    if holder != Holder::Person(demande.author) {
        return vec![demande.author];
    }
    let wrote = |entry: &&Entry| {
        entry.author.side == Some(Side::Instructeurs)
            && entry.withdrawn_at.is_none()
            && entry.kind != Kind::NonRemis
    };
    let writers: BTreeSet<PersonId> =
        demande.entries.iter().filter(wrote).filter_map(|entry| entry.author.person).collect();
    writers.into_iter().filter(|person| demande.participant(*person).is_some_and(|p| p.follows)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_report_means() {
        for (permanent, given_up, status, reach) in [
            (true, true, Some("5.1.1"), Reach::Gone),
            (true, true, Some("5.2.2"), Reach::Gone),
            (true, true, Some("5.7.1"), Reach::Gone),
            (true, true, None, Reach::Gone),
            (true, true, Some("5.3.4"), Reach::Missed),
            (true, true, Some("5.6.0"), Reach::Missed),
            (false, true, Some("4.4.7"), Reach::Missed),
            (false, false, Some("4.4.1"), Reach::Nothing),
            (false, false, None, Reach::Nothing),
        ] {
            assert_eq!(Reach::reported(permanent, given_up, status), reach, "{status:?}");
        }
    }

    #[test]
    fn what_our_relay_answers_means() {
        for (answer, reach) in [
            ("550 5.1.1 User unknown", Reach::Gone),
            ("550 5.2.1 Disabled", Reach::Gone),
            ("552 5.2.2 Full", Reach::Missed),
            ("450 4.2.2 Full", Reach::Missed),
            ("550 5.7.1 Relaying denied", Reach::Nothing),
            ("550 User unknown", Reach::Nothing),
            ("554 5.6.0 Bad content", Reach::Nothing),
            ("no connection: refused", Reach::Nothing),
            ("", Reach::Nothing),
        ] {
            assert_eq!(Reach::answered(answer).0, reach, "{answer}");
        }
    }
}
