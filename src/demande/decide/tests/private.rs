//! No road leads from a note to the author's side: each test is one road, and fails if it leaks.

use super::*;
use crate::demande::notice::{Facts, Notice, compose};
use crate::demande::{FileRef, Visibility};

const SECRET: &str = "Ne pas lui dire que son dossier est chez le procureur";

fn file(name: &str) -> FileRef {
    FileRef { id: Uuid::nil(), name: name.to_owned(), kind: "application/pdf".to_owned(), size: 1 }
}

impl Story {
    /// Léa left a note, with a file.
    fn with_a_note() -> Self {
        let mut story = Story::begins();
        let note = Incoming {
            files: vec![file("enquete-interne.pdf")],
            ..story.incoming(LEA, &[Command::Note(SECRET.to_owned())], "")
        };
        story.takes(&note).unwrap();
        story
    }

    fn notices(&self, decision: &Decision) -> Vec<Notice> {
        let facts = Facts { now: self.now + 60 * MINUTE };
        decision.orders.iter().filter_map(|(_, order)| compose(&self.scene, order, facts)).collect()
    }
}

/// Whatever a notice holds, as text.
fn whole(notice: &Notice) -> String {
    format!("{notice:?}")
}

#[test]
fn a_public_mail_quotes_no_note_even_to_instructeurs() {
    let mut story = Story::with_a_note();
    let decision = story.says(KARIM, &[], "Bonjour, il manque le bail.").unwrap();
    let notices = story.notices(&decision);
    assert!(notices.iter().any(|n| n.reader.side == Some(Side::Instructeurs)), "{notices:?}");
    for notice in &notices {
        assert!(!whole(notice).contains(SECRET) && !whole(notice).contains("enquete"), "{notice:?}");
    }
    let decision = story.says(PAUL, &[Command::Note("Vu avec le siège.".to_owned())], "").unwrap();
    let notices = story.notices(&decision);
    assert!(notices.iter().any(|n| whole(n).contains(SECRET)), "a note quotes the note before");
    assert!(notices.iter().all(|n| n.reader.side == Some(Side::Instructeurs)));
}

#[test]
fn a_history_that_carries_a_note_is_not_kept_with_a_public_entry() {
    for (who, public) in [(KARIM, true), (NADIA, true), (PAUL, false)] {
        let mut story = Story::with_a_note();
        let commands = if public { vec![] } else { vec![Command::Note("D’accord.".to_owned())] };
        let said = Incoming {
            quoted: format!("> {}\n> Cordialement", SECRET.replace("son dossier", "son\n> dossier")),
            signature: format!("--\n{SECRET}"),
            ..story.incoming(who, &commands, "Il manque le bail.")
        };
        let entry = &story.takes(&said).unwrap().entries[0];
        assert_eq!(entry.quoted.is_empty(), public, "{entry:?}");
        assert_eq!(entry.signature.is_empty(), public, "{entry:?}");
    }
    let mut story = Story::with_a_note();
    let said =
        Incoming { quoted: "> Bonjour".to_owned(), ..story.incoming(KARIM, &[], "Il manque le bail.") };
    assert_eq!(story.takes(&said).unwrap().entries[0].quoted, "> Bonjour");
}

#[test]
fn lines_quoted_between_the_words_of_a_public_answer_go() {
    let mut story = Story::with_a_note();
    let text = format!("> {SECRET}\nBien compris.");
    let decision = story.says(KARIM, &[], &text).unwrap();
    assert_eq!(decision.entries[0].text, "Bien compris.");
    let decision = story.says(KARIM, &[Command::Note(text.clone())], "").unwrap();
    assert_eq!(decision.entries[0].text, text, "a note may quote a note");
}

#[test]
fn what_is_written_in_answer_to_a_note_is_a_note_beside_any_act() {
    let mut story = Story::with_a_note();
    let said = Incoming {
        answers_note: true,
        files: vec![file("pv.pdf")],
        quoted: "> cité".to_owned(),
        ..story.incoming(KARIM, &[Command::Traitee], "Le procureur a répondu.")
    };
    let decision = story.takes(&said).unwrap();
    let seen: Vec<_> = decision.entries.iter().map(|e| (e.kind, e.text.as_str(), e.files.len())).collect();
    assert_eq!(
        seen,
        [(Kind::Traitee, "J’ai traité la demande.", 0), (Kind::Note, "Le procureur a répondu.", 1)]
    );
    assert_eq!(decision.entries[0].quoted, "", "the history of an answer to a note stays with the note");
    let said = Incoming { speech: Speech::default(), ..said };
    let decision = story.takes(&said).unwrap();
    assert_eq!(decision.entries[0].visibility, Visibility::Instructeurs, "files alone");
}

#[test]
fn a_public_answer_to_a_note_keeps_no_history() {
    let mut story = Story::with_a_note();
    let said = Incoming {
        answers_note: true,
        quoted: "> quelque chose d’illisible".to_owned(),
        ..story.incoming(KARIM, &[Command::Repondre("Bonjour".to_owned())], "")
    };
    let entry = &story.takes(&said).unwrap().entries[0];
    assert_eq!((entry.visibility, entry.quoted.as_str()), (Visibility::Tous, ""));
}

#[test]
fn the_files_of_a_mail_that_holds_a_note_go_with_the_note() {
    let mut story = Story::begins();
    let commands = [Command::Traitee, Command::Note("Voir la pièce.".to_owned())];
    let said = Incoming { files: vec![file("pv.pdf")], ..story.incoming(LEA, &commands, "") };
    let decision = story.takes(&said).unwrap();
    let files: Vec<_> = decision.entries.iter().map(|entry| (entry.kind, entry.files.len())).collect();
    assert_eq!(files, [(Kind::Traitee, 0), (Kind::Note, 1)]);
}

#[test]
fn no_mailbox_that_the_author_side_reads_gets_a_note() {
    let mut story = Story::begins();
    story.scene.demande.groups.push(FS);
    let note = [Command::Note(SECRET.to_owned())];
    assert_eq!(told(&story.says(LEA, &note, "").unwrap()), ["p4", "p5", "g3"], "not that of the aidants");
    // Omar, on the author's side, is also a member of the CPAM: he reads its mailbox.
    story.scene.people.get_mut(&OMAR).unwrap().groups.push(CPAM);
    assert_eq!(told(&story.says(LEA, &note, "").unwrap()), ["p4", "p5"]);
    let late = Order { to: Reader::Group(CPAM), what: What::Note(1), brief: false, not_before: 0 };
    assert_eq!(
        compose(&story.scene, &late, Facts { now: story.now }),
        None,
        "looked at again when it leaves"
    );
}

#[test]
fn no_notice_to_the_author_side_knows_of_a_note() {
    let story = Story::with_a_note();
    let facts = Facts { now: story.now };
    let whats = [
        What::NouvelleDemande,
        What::NouveauMessage(1),
        What::Note(1),
        What::Etat,
        What::Aide,
        What::Refus(Refusal::Vide),
        What::ActeAnnule(1),
    ];
    for what in whats {
        for to in [Reader::Person(NADIA), Reader::Person(OMAR), Reader::Group(FS)] {
            let mut scene = story.scene.clone();
            scene.demande.groups.push(FS);
            let order = Order { to, what: what.clone(), brief: false, not_before: 0 };
            let Some(notice) = compose(&scene, &order, facts) else { continue };
            assert!(!whole(&notice).contains(SECRET) && !whole(&notice).contains("enquete"), "{notice:?}");
            assert!(notice.demande.is_none_or(|d| d.etat != "Nouvelle"), "a note counts as consulted");
        }
    }
}

#[test]
fn an_instructeur_elsewhere_reads_no_note_on_the_author_side() {
    let mut story = Story::begins();
    story.scene.people.get_mut(&OMAR).unwrap().roles.instructeur = true;
    let decision = story.says(LEA, &[Command::Note(SECRET.to_owned())], "").unwrap();
    assert!(!told(&decision).contains(&"p2".to_owned()));
    let refused = story.says(OMAR, &[Command::Note("x".to_owned())], "");
    assert_eq!(refused.unwrap_err(), Refusal::PasLeDroit { command: "note".to_owned() });
}
