//! A demande's life, told by who says what. The cast: an aidante and her colleague of France Services, two
//! instructeurs of the CAF, one of the CPAM, whose groups both have a mailbox.

use super::*;
use crate::demande::command::{Command, Source, Spoken, Utile};
use crate::demande::people::Level;
use crate::demande::{Entry, Etat, Part, Roles, Side};

const NADIA: PersonId = PersonId(1);
const OMAR: PersonId = PersonId(2);
const LEA: PersonId = PersonId(3);
const KARIM: PersonId = PersonId(4);
const PAUL: PersonId = PersonId(5);
const FS: GroupId = GroupId(1);
const CAF: GroupId = GroupId(2);
const CPAM: GroupId = GroupId(3);
const MINUTE: Millis = 60_000;
const RULES: Rules = Rules { undo_window: 10 * MINUTE };

struct Story {
    scene: Scene,
    now: Millis,
}

fn person(id: PersonId, name: &str, group: GroupId) -> (PersonId, Person) {
    let (first, last) = name.split_once(' ').unwrap();
    let person = Person {
        id,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        qualite: None,
        address: format!("{}@agents.example", last.to_lowercase()),
        phone: None,
        roles: Roles::default(),
        groups: vec![group],
        shared: false,
        disabled: false,
    };
    (id, person)
}

fn group(id: GroupId, name: &str, bal: Option<&str>) -> (GroupId, Group) {
    let group = Group {
        id,
        name: name.to_owned(),
        organisme: name.split(' ').next().unwrap().to_owned(),
        aidant_side: id == FS,
        territoires: vec!["54".to_owned()],
        bal: bal.map(ToOwned::to_owned),
        level: Level::Masque,
    };
    (id, group)
}

impl Story {
    fn begins() -> Self {
        let sides = [
            (NADIA, Part::Auteur),
            (OMAR, Part::Aidant),
            (LEA, Part::Instructeur),
            (KARIM, Part::Instructeur),
        ];
        let participants =
            sides.into_iter().chain([(PAUL, Part::Instructeur)]).map(|(person, role)| Participant {
                person,
                side: if role == Part::Instructeur { Side::Instructeurs } else { Side::Auteur },
                role,
                joined_at: 0,
                left_at: None,
                follows: true,
            });
        let demande = Demande {
            number: 1,
            sujet: "Dossier RSA bloqué".to_owned(),
            description: String::new(),
            infos: BTreeMap::new(),
            territoire: "54".to_owned(),
            structure: Some((FS, "France Services".to_owned())),
            author: NADIA,
            mandat: None,
            created_at: 0,
            wiped_at: None,
            entries: Vec::new(),
            participants: participants.collect(),
            groups: vec![CAF, CPAM],
        };
        let people = [
            person(NADIA, "Nadia Benali", FS),
            person(OMAR, "Omar Petit", FS),
            person(LEA, "Léa Martin", CAF),
            person(KARIM, "Karim Haddad", CAF),
            person(PAUL, "Paul Girard", CPAM),
        ];
        let groups = [
            group(FS, "MFS Valbrume", Some("accueil@valbrume.example")),
            group(CAF, "CAF 54", Some("contact@caf54.example")),
            group(CPAM, "CPAM 54", Some("contact@cpam54.example")),
        ];
        Story { scene: Scene { demande, people: people.into(), groups: groups.into() }, now: MINUTE }
    }

    fn incoming(&self, who: PersonId, commands: &[Command], prose: &str) -> Incoming {
        let person = &self.scene.people[&who];
        let author = self.scene.people.get(&NADIA);
        let standing = Standing::of(person, author, &self.scene.demande);
        let spoken =
            |command: &Command| Spoken { command: command.clone(), source: Source::Text, raw: String::new() };
        Incoming {
            actor: Actor {
                author: Author { person: Some(who), group: None, name: person.name(), side: standing.side() },
                standing,
                shared: false,
                joins: false,
            },
            speech: Speech {
                commands: commands.iter().map(spoken).collect(),
                prose: prose.to_owned(),
                trouble: None,
            },
            quoted: String::new(),
            signature: String::new(),
            files: Vec::new(),
            channel: Channel::Mail,
            source: None,
            answers_note: false,
            answers_survey: false,
        }
    }

    /// Somebody says something; what follows is recorded, as the store would.
    fn says(&mut self, who: PersonId, commands: &[Command], prose: &str) -> Result<Decision, Refusal> {
        self.takes(&self.incoming(who, commands, prose))
    }

    fn takes(&mut self, incoming: &Incoming) -> Result<Decision, Refusal> {
        let decision = decide(&self.scene, incoming, RULES, self.now)?;
        let demande = &mut self.scene.demande;
        for n in &decision.withdraw {
            let entry = demande.entries.iter_mut().find(|entry| entry.n == *n).unwrap();
            entry.withdrawn_at = Some(self.now);
        }
        demande.entries.extend(decision.entries.iter().cloned().map(entry));
        self.now += MINUTE;
        Ok(decision)
    }

    fn etats(&self) -> (Etat, Etat) {
        let demande = &self.scene.demande;
        (demande.etat(Side::Auteur, self.now), demande.etat(Side::Instructeurs, self.now))
    }
}

fn entry(new: NewEntry) -> Entry {
    Entry {
        n: new.n,
        kind: new.kind,
        author: new.author,
        visibility: new.visibility,
        text: new.text,
        quoted: new.quoted,
        signature: new.signature,
        files: new.files,
        channel: new.channel,
        source: new.source,
        at: new.at,
        pending_until: new.pending_until,
        withdrawn_at: None,
    }
}

/// Who is told of an entry, receipts left out; a one-line notice in brackets.
fn told(decision: &Decision) -> Vec<String> {
    let name = |order: &Order| match &order.to {
        Reader::Person(id) => format!("p{}", id.0),
        Reader::Group(id) => format!("g{}", id.0),
        Reader::Address(_) => "?".to_owned(),
    };
    let caused = decision.orders.iter().filter(|(cause, _)| cause.is_some());
    caused.map(|(_, order)| if order.brief { format!("({})", name(order)) } else { name(order) }).collect()
}

fn receipt(decision: &Decision) -> &crate::demande::notice::Receipt {
    let receipts = decision.orders.iter().rev().filter_map(|(_, order)| match &order.what {
        What::Recu(receipt) => Some(receipt),
        _ => None,
    });
    receipts.into_iter().next().unwrap()
}

#[test]
fn a_new_demande_is_told_to_those_who_share_no_group_and_to_the_mailboxes() {
    let story = Story::begins();
    let to: Vec<_> = open(&story.scene, 0).into_iter().map(|(_, order)| order.to).collect();
    let people = [LEA, KARIM, PAUL].map(Reader::Person);
    assert_eq!(to, people.into_iter().chain([CAF, CPAM].map(Reader::Group)).collect::<Vec<_>>());
}

#[test]
fn a_plain_answer_goes_out_at_once_to_author_colleagues_other_instructeurs_and_other_mailboxes() {
    let mut story = Story::begins();
    let decision = story.says(LEA, &[], "Il manque une pièce.").unwrap();
    assert_eq!(told(&decision), ["p1", "p2", "p5", "g3"]);
    assert!(decision.orders.iter().all(|(_, order)| order.not_before == MINUTE));
    assert_eq!(story.etats(), (Etat::EnCours, Etat::EnCours));
}

#[test]
fn handled_waits_for_the_undo_window_and_its_own_side_knows_it_first() {
    let mut story = Story::begins();
    let decision = story.says(LEA, &[Command::Traitee], "Le droit est ouvert.").unwrap();
    assert_eq!(told(&decision), ["p1", "p2", "(p4)", "p5", "g3"]);
    let waiting = decision.orders.iter().filter(|(cause, _)| cause.is_some());
    assert!(waiting.into_iter().all(|(_, order)| order.not_before == 11 * MINUTE));
    assert_eq!(receipt(&decision).undo_until, Some(11 * MINUTE));
    assert_eq!(story.etats(), (Etat::Nouvelle, Etat::Traitee));
    story.now = 11 * MINUTE;
    assert_eq!(story.etats(), (Etat::Traitee, Etat::Traitee));
}

#[test]
fn annuler_withdraws_ones_own_act_while_there_is_time() {
    let mut story = Story::begins();
    story.says(LEA, &[Command::Traitee], "").unwrap();
    assert_eq!(story.says(KARIM, &[Command::Annuler], ""), Err(Refusal::RienAAnnuler));
    let undone = story.says(LEA, &[Command::Annuler], "").unwrap();
    assert_eq!(undone.withdraw, [1]);
    assert_eq!(story.etats(), (Etat::Nouvelle, Etat::Nouvelle));
    story.says(LEA, &[Command::Traitee], "").unwrap();
    story.now += 10 * MINUTE;
    assert_eq!(story.says(LEA, &[Command::Annuler], ""), Err(Refusal::TropTard));
}

#[test]
fn a_message_of_the_other_side_overtakes_a_pending_act() {
    let mut story = Story::begins();
    story.says(LEA, &[Command::Traitee], "").unwrap();
    let decision = story.says(NADIA, &[], "Attention, l’usager a déménagé.").unwrap();
    assert_eq!(decision.withdraw, [1]);
    assert!(
        decision.orders.iter().any(|(_, o)| o.what == What::ActeAnnule(1) && o.to == Reader::Person(LEA))
    );
    assert_eq!(story.etats().1, Etat::Nouvelle);
}

#[test]
fn a_note_reaches_instructeurs_and_their_mailboxes_only() {
    let mut story = Story::begins();
    let decision = story.says(LEA, &[Command::Note("Voir avec la CPAM.".to_owned())], "").unwrap();
    assert_eq!(told(&decision), ["p4", "p5", "g3"]);
    assert_eq!(decision.entries[0].visibility, Visibility::Instructeurs);
    assert_eq!(story.etats(), (Etat::EnCours, Etat::EnCours));
    let refused = story.says(NADIA, &[Command::Note("moi aussi".to_owned())], "");
    assert_eq!(
        refused,
        Err(Refusal::PasLeDroit { command: Command::Note(String::new()).as_json_name().to_owned() })
    );
}

#[test]
fn an_answer_to_a_note_is_a_note_unless_it_says_repondre() {
    let mut story = Story::begins();
    let mut incoming = story.incoming(PAUL, &[], "Vu, je regarde.");
    incoming.answers_note = true;
    assert_eq!(story.takes(&incoming).unwrap().entries[0].kind, Kind::Note);
    let mut incoming = story.incoming(PAUL, &[Command::Repondre("Bonjour, c’est réglé.".to_owned())], "");
    incoming.answers_note = true;
    assert_eq!(story.takes(&incoming).unwrap().entries[0].visibility, Visibility::Tous);
}

#[test]
fn thanks_do_not_undo_handled_but_a_text_does() {
    let mut story = Story::begins();
    story.says(LEA, &[Command::Traitee], "").unwrap();
    story.now += 20 * MINUTE;
    story.says(NADIA, &[], "merci").unwrap();
    assert_eq!(story.etats().0, Etat::Traitee);
    story.says(NADIA, &[], "L’usager n’a toujours rien reçu.").unwrap();
    assert_eq!(story.etats(), (Etat::EnCours, Etat::EnCours));
}

#[test]
fn only_the_authors_side_archives_and_oui_answers_the_question() {
    let mut story = Story::begins();
    story.says(LEA, &[Command::Traitee], "").unwrap();
    story.now += 20 * MINUTE;
    assert!(matches!(story.says(LEA, &[Command::Archiver(None)], ""), Err(Refusal::PasLeDroit { .. })));
    let mut incoming = story.incoming(NADIA, &[Command::Oui], "");
    incoming.answers_survey = true;
    let decision = story.takes(&incoming).unwrap();
    assert_eq!(decision.usefulness, Some("oui"));
    assert_eq!(decision.entries[0].kind, Kind::Archivage);
    assert_eq!(decision.entries[0].text, "", "the answer stands in no entry");
    assert_eq!(told(&decision), ["p3", "p4", "p5"]);
    story.now += 20 * MINUTE;
    assert_eq!(story.etats(), (Etat::Archivee, Etat::Archivee));
}

#[test]
fn archiving_without_an_answer_asks_for_it_and_the_answer_may_come_later() {
    let mut story = Story::begins();
    let decision = story.says(NADIA, &[Command::Archiver(None)], "").unwrap();
    assert!(receipt(&decision).survey);
    let decision = story.says(NADIA, &[Command::Archiver(Some(Utile::Non))], "").unwrap();
    assert_eq!((decision.usefulness, decision.entries.len()), (Some("non"), 0));
}

#[test]
fn the_author_reopens_by_writing_and_others_do_not() {
    let mut story = Story::begins();
    story.says(NADIA, &[Command::Archiver(Some(Utile::Oui))], "").unwrap();
    story.now += 20 * MINUTE;
    let decision = story.says(PAUL, &[], "Un courrier est parti hier.").unwrap();
    assert!(receipt(&decision).archived);
    assert_eq!(story.etats().0, Etat::Archivee);
    assert!(matches!(story.says(LEA, &[Command::Traitee], ""), Err(Refusal::DejaArchivee)));
    story.says(NADIA, &[], "Il y a du nouveau, je rouvre.").unwrap();
    assert_eq!(story.etats().0, Etat::EnCours);
}

#[test]
fn wrong_person_tells_the_author_only_when_nobody_is_left() {
    let mut story = Story::begins();
    let pas_moi = Command::MauvaisInterlocuteur { transmettre: None };
    assert_eq!(told(&story.says(LEA, std::slice::from_ref(&pas_moi), "").unwrap()), ["p4", "p5"]);
    story.says(KARIM, std::slice::from_ref(&pas_moi), "").unwrap();
    let last = story.says(PAUL, &[pas_moi], "").unwrap();
    assert_eq!(last.entries[0].kind, Kind::PlusPersonne);
    assert_eq!(told(&last), ["p1", "p3", "p4"]);
}

#[test]
fn one_refusal_refuses_the_whole() {
    let mut story = Story::begins();
    let refused = story.says(NADIA, &[Command::Etat, Command::Traitee], "texte");
    assert!(matches!(refused, Err(Refusal::PasLeDroit { .. })));
    assert!(story.scene.demande.entries.is_empty());
    assert_eq!(story.says(LEA, &[], "  "), Err(Refusal::Vide));
}

#[test]
fn a_shared_account_signs() {
    let mut story = Story::begins();
    let mut incoming = story.incoming(LEA, &[], "Il manque une pièce.");
    incoming.actor.shared = true;
    assert_eq!(story.takes(&incoming), Err(Refusal::SignatureManquante));
    incoming.speech.prose.push_str("\n\nLéa Martin");
    assert!(story.takes(&incoming).is_ok());
}

#[test]
fn a_disabled_account_or_a_stranger_may_nothing() {
    let mut story = Story::begins();
    story.scene.people.get_mut(&LEA).unwrap().disabled = true;
    assert_eq!(story.says(LEA, &[], "Bonjour"), Err(Refusal::PlusParticipant));
    let decision = story.says(PAUL, &[], "Bonjour").unwrap();
    assert!(!told(&decision).contains(&"p3".to_owned()), "nor is it told anything");
}

mod private;
