//! Who is told of an entry (domain.md §5): one table by kind, read for one scene.

use std::collections::BTreeSet;

use super::Reader;
use crate::demande::decide::Scene;
use crate::demande::{Author, Group, GroupId, Kind, Participant, PersonId, Side, Visibility};

/// The classes of readers of domain.md §5.4. Rooms join them with Matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the columns of the table of domain.md §5.4")]
pub struct Audience {
    /// A, the demande's author.
    pub author: bool,
    /// C, the author's colleagues on the demande.
    pub colleagues: bool,
    /// O, the instructeurs of the actor's own group.
    pub own_group: Told,
    /// I, the other instructeurs.
    pub instructeurs: bool,
    /// B, the shared mailboxes of the groups asked.
    pub bals: bool,
}

/// How a class is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Not at all.
    No,
    /// In one line.
    Brief,
    /// In full.
    Full,
}

impl Audience {
    const NOBODY: Audience =
        Audience { author: false, colleagues: false, own_group: Told::No, instructeurs: false, bals: false };

    /// The row of an entry's kind.
    pub const fn of(kind: Kind) -> Audience {
        let all = Audience { author: true, colleagues: true, instructeurs: true, ..Audience::NOBODY };
        match kind {
            Kind::Texte | Kind::Reouverture | Kind::NonPertinente => Audience { bals: true, ..all },
            Kind::PriseEnCharge => Audience { own_group: Told::Brief, ..all },
            Kind::Laisser => Audience { own_group: Told::Full, instructeurs: true, ..Audience::NOBODY },
            Kind::Traitee => Audience { own_group: Told::Brief, bals: true, ..all },
            Kind::MauvaisInterlocuteur => {
                Audience { own_group: Told::Full, instructeurs: true, ..Audience::NOBODY }
            }
            Kind::PlusPersonne => {
                Audience { author: true, own_group: Told::Full, instructeurs: true, ..Audience::NOBODY }
            }
            Kind::Note => {
                Audience { own_group: Told::Full, instructeurs: true, bals: true, ..Audience::NOBODY }
            }
            Kind::Archivage => Audience { own_group: Told::Full, instructeurs: true, ..Audience::NOBODY },
            Kind::Vu
            | Kind::Invitation
            | Kind::ModerateurInvite
            | Kind::NouveauxInstructeurs
            | Kind::Infos
            | Kind::Absence
            | Kind::NonRemis => Audience::NOBODY,
        }
    }
}

/// Everybody told of an entry of that kind by that author, and whether in one line only. Never its author.
pub fn audience(scene: &Scene, kind: Kind, author: &Author, visibility: Visibility) -> Vec<(Reader, bool)> {
    let row = Audience::of(kind);
    let actor = Actor::new(scene, author);
    let people = scene.demande.participants.iter().filter_map(|participant| {
        let brief = told(scene, row, &actor, participant, visibility)?;
        Some((Reader::Person(participant.person), brief))
    });
    let bals = bals(scene, row, &actor, visibility).map(|group| (Reader::Group(group), false));
    people.chain(bals).collect()
}

/// Everybody told that a demande was opened: participants who share no group with its author, and the mailboxes of
/// the groups asked (domain.md §5.1).
pub fn opened(scene: &Scene) -> Vec<Reader> {
    let author = Author { person: Some(scene.demande.author), side: Some(Side::Auteur), ..Author::default() };
    let actor = Actor::new(scene, &author);
    let people = scene
        .demande
        .participants
        .iter()
        .filter(|p| {
            p.person != scene.demande.author && active(scene, p) && !actor.is_colleague(scene, p.person)
        })
        .map(|p| Reader::Person(p.person));
    let row = Audience { bals: true, ..Audience::NOBODY };
    people.chain(bals(scene, row, &actor, Visibility::Tous).map(Reader::Group)).collect()
}

/// Who acted, and the groups he acts for.
struct Actor {
    person: Option<PersonId>,
    groups: BTreeSet<GroupId>,
}

impl Actor {
    fn new(scene: &Scene, author: &Author) -> Self {
        let of_person =
            author.person.and_then(|id| scene.people.get(&id)).map(|person| person.groups.clone());
        let groups = of_person.unwrap_or_default().into_iter().chain(author.group).collect();
        Actor { person: author.person, groups }
    }

    fn is_colleague(&self, scene: &Scene, person: PersonId) -> bool {
        scene.people.get(&person).is_some_and(|p| p.groups.iter().any(|group| self.groups.contains(group)))
    }
}

/// A participant who is still there, whose account is active and who did not ask for silence.
fn active(scene: &Scene, participant: &Participant) -> bool {
    let enabled = scene.people.get(&participant.person).is_some_and(|person| !person.disabled);
    enabled && participant.left_at.is_none() && participant.follows
}

/// `Some(brief)` when that participant is told.
fn told(
    scene: &Scene,
    row: Audience,
    actor: &Actor,
    participant: &Participant,
    seen: Visibility,
) -> Option<bool> {
    let id = participant.person;
    if actor.person == Some(id) || !active(scene, participant) {
        return None;
    }
    if seen == Visibility::Instructeurs && participant.side != Side::Instructeurs {
        return None;
    }
    let colleague = actor.is_colleague(scene, id);
    let told = match (participant.side, id == scene.demande.author) {
        (_, true) => full_if(row.author),
        (Side::Auteur, _) if colleague => Told::No,
        (Side::Auteur, _) => full_if(row.colleagues),
        (Side::Instructeurs, _) if colleague => row.own_group,
        (Side::Instructeurs, _) => full_if(row.instructeurs),
    };
    match told {
        Told::No => None,
        Told::Brief => Some(true),
        Told::Full => Some(false),
    }
}

fn full_if(yes: bool) -> Told {
    if yes { Told::Full } else { Told::No }
}

/// The shared mailboxes told: never that of the actor's own group, never one that is a participant's address, for a
/// note only those of the instructeurs' side.
fn bals<'a>(
    scene: &'a Scene,
    row: Audience,
    actor: &'a Actor,
    seen: Visibility,
) -> impl Iterator<Item = GroupId> + 'a {
    let asked = scene.demande.groups.iter().filter(move |_| row.bals).filter_map(|id| scene.groups.get(id));
    asked
        .filter(move |group| seen == Visibility::Tous || !group.aidant_side)
        .filter(|group| {
            group.bal.is_some() && !actor.groups.contains(&group.id) && !is_participant(scene, group)
        })
        .map(|group| group.id)
}

fn is_participant(scene: &Scene, group: &Group) -> bool {
    let Some(bal) = group.bal.as_deref() else { return false };
    scene
        .demande
        .participants
        .iter()
        .filter(|p| active(scene, p))
        .filter_map(|p| scene.people.get(&p.person))
        .any(|person| person.address.eq_ignore_ascii_case(bal))
}
