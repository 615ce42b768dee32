//! A good token in a stranger's hands (mail.md §2, "anybody else").

use relais::store::inbox::State;
use relais::work::held::{self, Word};

use super::town::{BAL, KARIM, LEA, Mail, NADIA, STRANGER, Town, addresses};

#[tokio::test]
async fn the_owner_is_asked_and_the_stranger_learns_nothing() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let held = town.receives(&Mail::new(STRANGER, &to, "Où en est ce dossier ?")).await;
    assert_eq!(held.state, State::Held);
    let question = town.one_to(LEA);
    assert!(question.text.contains(STRANGER) && question.text.contains("Où en est"), "{}", question.text);
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn oui_passes_the_words_on_without_their_author_s_address() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let text = "Le dossier est complet.\n\n-- \nMarc Témoin\nmarc.temoin@ailleurs.example";
    town.receives(&Mail::new(STRANGER, &to, text)).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    let thread = town.thread().await;
    assert_eq!(thread.len(), 1);
    assert!(thread[0].starts_with("texte Léa Martin (CAF 54): [Message d’un tiers"), "{thread:?}");
    assert!(thread[0].contains("Le dossier est complet."), "{thread:?}");
    let sent = town.sent();
    assert_eq!(addresses(&sent), [KARIM, LEA, NADIA]);
    for mail in sent.iter().filter(|sent| sent.to != LEA) {
        assert!(!mail.raw.contains("ailleurs.example"), "{}", mail.raw);
    }
}

#[tokio::test]
async fn a_stranger_s_words_are_never_commands() {
    let town = Town::new().await;
    let to = town.reply_address(LEA).replace("reponse+", "traitee+");
    town.receives(&Mail::new(STRANGER, &to, "Traitée")).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    let scene = town.scene().await;
    let kinds: Vec<_> = scene.demande.entries.iter().map(|entry| entry.kind.code()).collect();
    assert_eq!(kinds, ["texte"]);
}

#[tokio::test]
async fn non_ends_it() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let held = town.receives(&Mail::new(STRANGER, &to, "Où en est ce dossier ?")).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "NON")).await;
    assert_eq!(town.row(held.id).await.state, State::Refused);
    assert_eq!(addresses(&town.sent()), [LEA]);
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn a_flood_of_strangers_asks_once() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    for n in 0..8 {
        let from = format!("inconnu{n}@ailleurs.example");
        assert_eq!(town.receives(&Mail::new(&from, &to, "Bonjour ?")).await.state, State::Held);
    }
    assert_eq!(addresses(&town.sent()), [LEA]);
}

#[tokio::test]
async fn the_stranger_cannot_answer_the_question() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let held = town.receives(&Mail::new(STRANGER, &to, "Traitée")).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(STRANGER, &question.reply_to(), "OUI")).await;
    assert_eq!(town.row(held.id).await.state, State::Held);
    assert!(town.sent().is_empty());
}

#[tokio::test]
async fn a_shared_mailbox_is_asked_and_answers_for_itself() {
    let town = Town::new().await;
    let to = town.reply_address(BAL);
    town.receives(&Mail::new(STRANGER, &to, "Le dossier est complet.")).await;
    let question = town.one_to(BAL);
    town.receives(&Mail::new(BAL, &question.reply_to(), "OUI")).await;
    let thread = town.thread().await;
    assert_eq!(thread.len(), 1);
    assert!(thread[0].starts_with("texte CAF 54: [Message d’un tiers"), "{thread:?}");
}

#[tokio::test]
async fn a_note_s_reply_stays_a_note() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &lea, "!note\nÀ vérifier.")).await;
    let note = town.sent().into_iter().find(|sent| sent.to == KARIM).unwrap();
    town.receives(&Mail::new(STRANGER, &note.reply_to(), "Vu avec la mutuelle.")).await;
    let question = town.one_to(KARIM);
    town.receives(&Mail::new(KARIM, &question.reply_to(), "OUI")).await;
    assert_eq!(town.scene().await.demande.entries.last().unwrap().kind.code(), "note");
    assert!(!addresses(&town.sent()).contains(&NADIA));
}

#[tokio::test]
async fn the_operator_releases_and_refuses_and_the_audit_says_so() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let first = town.receives(&Mail::new(STRANGER, &to, "Le dossier est complet.")).await;
    let second = town.receives(&Mail::new(STRANGER, &to, "Et le mien ?")).await;
    town.sent();
    let (db, clock) = (&town.office.db, &town.office.clock);
    assert_eq!(held::release(db, clock, first.id).await.unwrap(), Word::Released);
    assert_eq!(held::release(db, clock, first.id).await.unwrap(), Word::NotHeld);
    town.works().await;
    assert_eq!(town.thread().await.len(), 1);
    assert_eq!(held::refuse(db, clock, second.id).await.unwrap(), Word::Refused);
    assert_eq!(held::refuse(db, clock, second.id).await.unwrap(), Word::NotHeld);
    town.works().await;
    assert_eq!(town.thread().await.len(), 1);
    let audit = town.audit().await;
    assert!(audit.contains(&"operator commande retenu: libéré".to_owned()), "{audit:?}");
    assert!(audit.contains(&"operator commande retenu: refusé".to_owned()), "{audit:?}");
}
