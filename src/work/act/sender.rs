//! Who the From is to the demande at hand, and in whose name he acts once admitted.

use super::About;
use crate::demande::admission::{Admission, Holder, Sender, TokenClaim};
use crate::demande::decide::{Actor, Scene};
use crate::demande::rights::Standing;
use crate::demande::{Author, Group, Person, PersonId, Side};
use crate::work::mail::Who;

/// The From, as the admission table asks.
pub(super) fn of(who: &Who, about: &About<'_>) -> Sender {
    match who {
        Who::Unknown => Sender::Unknown,
        Who::Person(person) if person.disabled => Sender::Disabled(person.id),
        Who::Person(person) => Sender::Person {
            id: person.id,
            participates: participates(about, person.id),
            in_group: matches!(about.claim, TokenClaim::Valid(Holder::Group(group))
                if person.roles.instructeur && person.groups.contains(&group)),
        },
        Who::Bal(group, sender) => Sender::Bal {
            id: group.id,
            asked: about.scene.as_ref().is_some_and(|scene| scene.demande.groups.contains(&group.id)),
            sender: sender.as_ref().map(|person| person.id),
        },
    }
}

fn participates(about: &About<'_>, person: PersonId) -> bool {
    about.scene.as_ref().is_some_and(|scene| scene.demande.participant(person).is_some())
}

/// The From says to be who was asked: the person, the mailbox of the group, or an active member of it.
pub(super) fn speaks_for(who: &Who, asked: Holder) -> bool {
    match (who, asked) {
        (Who::Person(person), Holder::Person(id)) => person.id == id && !person.disabled,
        (Who::Person(person), Holder::Group(id)) => {
            !person.disabled && person.roles.instructeur && person.groups.contains(&id)
        }
        (Who::Bal(group, _), Holder::Group(id)) => group.id == id,
        (Who::Bal(..) | Who::Unknown, _) => false,
    }
}

/// The actor of an admitted mail. A person who is in the scene by his group only joins by this act.
pub(super) fn actor(scene: &Scene, admission: Admission, who: &Who) -> Actor {
    match admission {
        Admission::Person { id, joins } => match known(scene, who, id) {
            Some(person) => person_actor(scene, person, joins && scene.demande.participant(id).is_none()),
            None => nobody(),
        },
        Admission::Transmit(Holder::Person(id)) => match scene.people.get(&id) {
            Some(person) => person_actor(scene, person, false),
            None => nobody(),
        },
        Admission::Group(id) | Admission::Transmit(Holder::Group(id)) => match scene.groups.get(&id) {
            Some(group) => group_actor(group),
            None => nobody(),
        },
        _ => nobody(),
    }
}

fn known<'s>(scene: &'s Scene, who: &'s Who, id: PersonId) -> Option<&'s Person> {
    let writes = match who {
        Who::Person(person) | Who::Bal(_, Some(person)) => Some(person),
        Who::Bal(_, None) | Who::Unknown => None,
    };
    scene.people.get(&id).or(writes.filter(|person| person.id == id))
}

fn person_actor(scene: &Scene, person: &Person, joins: bool) -> Actor {
    let author = scene.people.get(&scene.demande.author);
    let standing = if joins { Standing::Instructeur } else { Standing::of(person, author, &scene.demande) };
    Actor {
        author: Author {
            person: Some(person.id),
            group: None,
            name: scene.name_of(person),
            side: standing.side(),
        },
        standing,
        shared: person.shared,
        joins,
    }
}

fn group_actor(group: &Group) -> Actor {
    let side = if group.aidant_side { Side::Auteur } else { Side::Instructeurs };
    Actor {
        author: Author { person: None, group: Some(group.id), name: group.name.clone(), side: Some(side) },
        standing: if side == Side::Instructeurs { Standing::Bal } else { Standing::Etranger },
        shared: true,
        joins: false,
    }
}

fn nobody() -> Actor {
    Actor { author: Author::default(), standing: Standing::Etranger, shared: false, joins: false }
}
