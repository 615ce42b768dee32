//! A good token, its owner's From, and nothing that proves it (mail.md §2, row 2).

use relais::store::inbox::State;

use super::town::{DAY, HOUR, KARIM, LEA, MINUTE, Mail, NADIA, STRANGER, Sent, Town, addresses};

/// Léa's reply address, and the question that her unproved mail made.
async fn asked(town: &Town, text: &str) -> (relais::store::inbox::Row, Sent) {
    let to = town.reply_address(LEA);
    let row = town.receives(&Mail::new(LEA, &to, text).unproved()).await;
    (row, town.one_to(LEA))
}

#[tokio::test]
async fn oui_posts_what_was_shown() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Le dossier repart lundi.").await;
    assert_eq!(held.state, State::Held);
    assert!(town.thread().await.is_empty());
    assert!(question.text.contains("Le dossier repart lundi."), "{}", question.text);
    assert!(question.text.contains("OUI") && question.text.contains("NON"), "{}", question.text);
    assert!(question.text.contains("novembre") && question.text.contains(LEA), "{}", question.text);
    let answer = town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert_eq!(answer.state, State::Done);
    assert_eq!(town.row(held.id).await.state, State::Done);
    assert_eq!(town.thread().await, ["texte Léa Martin (CAF 54): Le dossier repart lundi."]);
    let sent = town.sent();
    assert_eq!(addresses(&sent), [KARIM, LEA, NADIA]);
    let receipt = sent.iter().find(|sent| sent.to == LEA).unwrap();
    assert!(receipt.text.contains("le message est publié"), "{}", receipt.text);
    let audit = town.audit().await;
    assert!(audit.iter().any(|line| line.ends_with("mail retenu: oui")), "{audit:?}");
}

#[tokio::test]
async fn an_act_waits_for_oui_too() {
    let town = Town::new().await;
    let (_, question) = asked(&town, "Traitée").await;
    town.receives(&Mail::new(LEA, &question.reply_to(), "oui").unproved()).await;
    assert_eq!(town.thread().await, ["traitee Léa Martin (CAF 54): J’ai traité la demande."]);
    assert_eq!(town.sent().len(), 1, "the receipt of the act, and no other");
}

#[tokio::test]
async fn oui_works_once() {
    let town = Town::new().await;
    let (_, question) = asked(&town, "Bonjour, le dossier repart.").await;
    let oui = Mail::new(LEA, &question.reply_to(), "OUI").unproved();
    town.receives(&oui).await;
    town.sent();
    let again = town.receives(&oui).await;
    assert_eq!(again.state, State::Ignored);
    assert_eq!(town.thread().await.len(), 1);
    assert!(town.sent().is_empty());
}

#[tokio::test]
async fn non_ends_it_and_the_person_is_told() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    town.receives(&Mail::new(LEA, &question.reply_to(), "Bonjour,\n\nNON\n\nLéa Martin").unproved()).await;
    assert_eq!(town.row(held.id).await.state, State::Refused);
    assert!(town.thread().await.is_empty());
    let receipt = town.one_to(LEA);
    assert!(receipt.text.contains("n’est pas publié"), "{}", receipt.text);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert!(town.thread().await.is_empty(), "NON is the end of it");
}

#[tokio::test]
async fn anything_else_is_explained_once() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Le dossier repart.").await;
    for text in ["Oui mais pas encore", "Qu’est-ce que c’est ?", "traitée"] {
        let answer = town.receives(&Mail::new(LEA, &question.reply_to(), text)).await;
        assert_eq!(answer.state, State::Refused, "{text}");
    }
    let sent = town.sent();
    assert_eq!(addresses(&sent), [LEA], "one explanation");
    assert_eq!(sent[0].reply_to(), question.reply_to());
    assert!(sent[0].text.contains("Le dossier repart."), "{}", sent[0].text);
    assert_eq!(town.row(held.id).await.state, State::Held);
    assert!(town.thread().await.is_empty());
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI")).await;
    assert_eq!(town.thread().await.len(), 1);
}

#[tokio::test]
async fn others_cannot_answer() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    for who in [STRANGER, KARIM, NADIA] {
        let answer = town.receives(&Mail::new(who, &question.reply_to(), "OUI")).await;
        assert_eq!(answer.state, State::Refused, "{who}");
    }
    assert_eq!(town.row(held.id).await.state, State::Held);
    assert!(town.sent().is_empty() && town.thread().await.is_empty());
}

#[tokio::test]
async fn a_machine_cannot_answer() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    let absent = Mail::new(LEA, &question.reply_to(), "OUI").field("Auto-Submitted: auto-replied");
    assert_eq!(town.receives(&absent).await.state, State::Ignored);
    assert_eq!(town.row(held.id).await.state, State::Held);
    assert!(town.sent().is_empty());
}

#[tokio::test]
async fn after_72_hours_it_ends_and_oui_is_told_so_once() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    town.later(72 * HOUR - MINUTE).await;
    assert_eq!(town.row(held.id).await.state, State::Held);
    town.later(MINUTE).await;
    let row = town.row(held.id).await;
    assert_eq!(row.state, State::Refused);
    assert!(row.reason.unwrap().contains("in time"));
    assert!(town.sent().is_empty(), "its end is told in its state only");
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    town.receives(&Mail::new(LEA, &question.reply_to(), "Oui !").unproved()).await;
    let told = town.one_to(LEA);
    assert!(told.text.contains("trop tard"), "{}", told.text);
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn one_question_is_open_at_a_time_and_the_next_follows() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    for text in ["Premier message.", "Deuxième message.", "Troisième message."] {
        town.receives(&Mail::new(LEA, &to, text).unproved()).await;
    }
    let first = town.one_to(LEA);
    assert!(first.text.contains("Premier"), "{}", first.text);
    town.receives(&Mail::new(LEA, &first.reply_to(), "NON").unproved()).await;
    let sent = town.sent();
    let second = sent.iter().find(|sent| sent.text.contains("Deuxième")).expect("the next question");
    assert_ne!(second.reply_to(), first.reply_to());
    town.receives(&Mail::new(LEA, &second.reply_to(), "OUI").unproved()).await;
    let sent = town.sent();
    assert!(sent.iter().any(|sent| sent.to == LEA && sent.text.contains("Troisième")), "{sent:#?}");
    assert_eq!(town.thread().await, ["texte Léa Martin (CAF 54): Deuxième message."]);
}

#[tokio::test]
async fn rights_are_those_of_the_moment_it_is_confirmed() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    let mut tx = town.office.db.begin().await.unwrap();
    relais::store::people::disable(&mut tx, LEA, true, 0).await.unwrap();
    tx.commit().await.unwrap();
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert_ne!(town.row(held.id).await.state, State::Done);
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn revoked_addresses_answer_no_question() {
    let town = Town::new().await;
    let (held, question) = asked(&town, "Traitée").await;
    let mut tx = town.office.db.begin().await.unwrap();
    relais::store::people::revoke_demande(&mut tx, town.demande).await.unwrap();
    tx.commit().await.unwrap();
    let answer = town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert_eq!(answer.state, State::Refused);
    assert_eq!(town.row(held.id).await.state, State::Held);
}

#[tokio::test]
async fn a_held_mail_is_posted_once_even_when_it_comes_again_proved() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let mail = Mail::new(LEA, &to, "Une seule fois.").called("une@client.example");
    let held = town.receives(&mail.clone().unproved()).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert_eq!(town.row(held.id).await.state, State::Done);
    town.receives(&mail).await;
    assert_eq!(town.thread().await.len(), 1);
}

#[tokio::test]
async fn the_question_says_nothing_to_others_and_a_note_stays_one() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &to, "!note\nÀ vérifier avec la mutuelle.").unproved()).await;
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert_eq!(town.thread().await, ["note Léa Martin (CAF 54): À vérifier avec la mutuelle."]);
    assert!(!addresses(&town.sent()).contains(&NADIA));
}

#[tokio::test]
async fn thirty_days_is_the_longest() {
    let town = Town::new().await;
    let to = town.reply_address(LEA);
    let first = town.receives(&Mail::new(LEA, &to, "Premier.").unproved()).await;
    let mut held = Vec::new();
    for n in 0..12 {
        held.push(town.receives(&Mail::new(LEA, &to, &format!("Message {n}.")).unproved()).await.id);
    }
    for _ in 0..31 {
        town.later(DAY).await;
    }
    assert_eq!(town.row(first.id).await.state, State::Refused);
    for id in held {
        assert_eq!(town.row(id).await.state, State::Refused);
    }
    let questions = town.sent().len();
    assert!((2..=11).contains(&questions), "one question each 72 hours: {questions}");
}
