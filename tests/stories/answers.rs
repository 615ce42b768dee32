//! Answering: text, taking charge, notes.

use crate::village::Village;

on_both! {
    a_plain_reply_reaches_the_other_side
    taking_charge_waits_and_text_does_not
    a_note_never_reaches_the_authors_side
    an_answer_to_a_note_is_a_note
}

async fn a_plain_reply_reaches_the_other_side(village: &Village) {
    assert_eq!(village.etat().await, ["Envoyée", "Nouvelle"]);
    village.lea().answers("replies/apple-mail-fr.eml").await.done();

    assert_eq!(village.etat().await, ["En cours", "En cours"]);
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
    assert!(village.nadia().mail().text.contains("La Caf n’a pas reçu la déclaration du 3 mars"));
    assert!(!village.last().await.text.contains("Pouvez-vous nous dire ce qui bloque"), "the quoted part");

    village.nadia().writes("Bonjour,\n\nElle l’a renvoyée ce matin.").await.done();
    assert_eq!(village.told(), ["contact", "karim", "lea", "paul", "sophie"]);
    assert_eq!(village.thread().await, ["texte", "texte"]);
}

async fn taking_charge_waits_and_text_does_not(village: &Village) {
    village.lea().answers("commands/je-m-en-occupe.eml").await.done();
    assert_eq!(village.etat().await, ["Envoyée", "En cours"]);
    assert_eq!(village.told(), ["lea"], "her receipt alone");

    village.advance(11).await;
    assert_eq!(village.etat().await, ["En cours", "En cours"]);
    assert_eq!(village.told(), ["karim", "nadia", "omar", "paul", "sophie"]);

    village.lea().writes("Bonjour,\n\nIl manque une pièce.").await.done();
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
    assert_eq!(village.thread().await, ["prise_en_charge", "texte"]);
}

async fn a_note_never_reaches_the_authors_side(village: &Village) {
    village.karim().writes("!note Vérifier le contrôle du 3 avril.").await.done();
    assert_eq!(village.thread().await, ["note"]);
    assert!(!village.told().iter().any(|who| who == "nadia" || who == "omar"));
    let token = village.lea().mail().token();

    village.lea().writes("!répondre Le dossier est complet.").await.done();
    village.nadia().writes("Merci, je lui transmets.").await.done();
    village.advance(60).await;
    for mail in village.mails_of_the_authors_side() {
        let all = mail.everything();
        assert!(!all.contains("3 avril") && !all.contains("Vérifier") && !all.contains(&token), "{all}");
    }
}

async fn an_answer_to_a_note_is_a_note(village: &Village) {
    village.karim().writes("!note Qui suit le contrôle ?").await.done();
    village.told();
    village.lea().writes("C’est moi, réponse lundi.").await.done();
    assert_eq!(village.thread().await, ["note", "note"]);
    assert!(!village.told().iter().any(|who| who == "nadia" || who == "omar"));
    assert!(village.paul().mail().text.contains("réponse lundi"));
}
