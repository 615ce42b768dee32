//! Handled, undone, archived, reopened: what changes the state, and when it is told.

use crate::village::{Mail, Village};

on_both! {
    handled_by_phone_then_undone_leaves_no_trace
    handled_is_told_after_the_window
    the_other_side_overtakes_a_pending_act
    archived_by_a_button_and_the_answer_stands_nowhere
    the_author_reopens_and_a_colleague_does_not
    undoing_too_late_is_said
}

async fn handled_by_phone_then_undone_leaves_no_trace(village: &Village) {
    let before: Vec<_> = village.mails_of_everybody_but(village.lea().address);
    village.lea().answers("commands/traite-iphone.eml").await.done();
    assert_eq!(village.told(), ["lea"], "her receipt alone");
    assert_eq!(village.etat().await, ["Envoyée", "Traitée"]);

    village.advance(3).await;
    village.lea().answers("commands/annuler-iphone.eml").await.done();
    assert_eq!(village.told(), ["lea"]);
    village.advance(60).await;

    assert_eq!(village.mails_of_everybody_but(village.lea().address), before);
    assert_eq!(village.thread().await, [""; 0]);
    assert_eq!(village.etat().await, ["Envoyée", "Nouvelle"]);
    assert!(village.last().await.withdrawn_at.is_some(), "the thread keeps it as withdrawn");
}

async fn handled_is_told_after_the_window(village: &Village) {
    village.lea().answers("commands/traitee-premiere-ligne-texte.eml").await.done();
    assert_eq!(village.told(), ["lea"]);
    village.advance(9).await;
    assert_eq!(village.told(), [""; 0]);
    village.advance(2).await;
    assert_eq!(village.told(), ["karim", "nadia", "omar", "paul", "sophie"]);
    assert_eq!(village.etat().await, ["À archiver", "Traitée"]);
    assert!(village.nadia().mail().says(&village.last().await.text));
}

async fn the_other_side_overtakes_a_pending_act(village: &Village) {
    village.nadia_has_a_mail().await;
    village.lea().writes("!traitée").await.done();
    village.told();
    village.nadia().writes("Bonjour,\n\nUne pièce de plus vient d’arriver.").await.done();
    assert_eq!(village.told(), ["contact", "karim", "lea", "lea", "paul", "sophie"]);
    assert_eq!(village.thread().await, ["texte", "texte"]);
    village.advance(60).await;
    assert_eq!(village.told(), [""; 0], "what was overtaken is told to nobody");
    assert_eq!(village.etat().await, ["En cours", "En cours"]);
}

async fn archived_by_a_button_and_the_answer_stands_nowhere(village: &Village) {
    village.lea().writes("!traitée").await.done();
    village.advance(11).await;
    let sent = village.postbag.mails().len();

    let row = village.nadia().clicks("Archiver : utile").await.done().row().clone();
    assert_eq!(village.etat().await, ["Archivée", "Traitée"]);
    village.advance(11).await;
    assert_eq!(village.etat().await, ["Archivée", "Archivée"]);

    let mails = village.postbag.mails().split_off(sent);
    let readers: Vec<_> = mails.iter().map(Mail::short).collect();
    assert_eq!(readers.len(), 5, "{readers:?}");
    for mail in mails {
        assert!(!says_useful(&mail.text) && !says_useful(&mail.html), "{}", mail.text);
    }
    let kept = format!("{:?} {} {:?}", village.entries().await, village.audit().await, row.trace);
    assert!(!says_useful(&kept), "{kept}");
    assert!(row.sealed && village.raw(row.id).await.is_none(), "the mail itself is not shown");
    let counted = "SELECT COALESCE(SUM(answers), 0) FROM usefulness WHERE answer = 'oui'";
    assert_eq!(village.count(&format!("SELECT CAST(({counted}) AS BIGINT)")), 1);
}

/// "oui" or "utile", as words.
fn says_useful(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "oui" || word == "utile")
}

async fn the_author_reopens_and_a_colleague_does_not(village: &Village) {
    village.lea().writes("!traitée").await.done();
    village.advance(11).await;
    village.nadia().answers("commands/archiver-oui.eml").await.done();
    village.advance(11).await;
    village.told();

    village.omar().writes("Le courrier est bien arrivé chez nous.").await.done();
    assert_eq!(village.etat().await, ["Archivée", "Archivée"]);
    assert!(village.told().contains(&"omar".to_owned()), "he is told that it stays archived");

    village.nadia().writes("Bonjour,\n\nLe blocage est revenu ce matin.").await.done();
    assert_eq!(village.etat().await, ["En cours", "En cours"]);
    assert_eq!(village.told(), ["contact", "karim", "lea", "paul", "sophie"]);
    assert_eq!(village.thread().await, ["traitee", "archivage", "texte", "reouverture"]);
}

async fn undoing_too_late_is_said(village: &Village) {
    village.lea().writes("Je m’en occupe").await.done();
    let receipt = village.lea().mail();
    village.advance(11).await;
    village.told();
    village.lea().answers_to(&receipt, "Annuler").await.became("refused");
    assert_eq!(village.told(), ["lea"]);
    assert_eq!(village.thread().await, ["prise_en_charge"]);
}
