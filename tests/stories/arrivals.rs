//! What arrives: machines, the same mail twice, lost headers, files, words that are none of ours.

use crate::village::{Letter, Village};

on_both! {
    an_absence_changes_nothing
    the_same_mail_twice_is_one_message
    the_address_alone_is_enough
    references_alone_are_enough
    a_file_reaches_its_readers_and_a_program_does_not
    an_unknown_word_is_asked_about
    help_lists_what_applies
    an_empty_mail_is_explained
}

async fn an_absence_changes_nothing(village: &Village) {
    village.lea().answers("machines/absence-outlook-fr.eml").await.became("ignored");
    assert_eq!(village.thread().await, ["absence"]);
    assert_eq!(village.etat().await, ["Envoyée", "Nouvelle"]);
    assert_eq!(village.told(), [""; 0]);
}

async fn the_same_mail_twice_is_one_message(village: &Village) {
    let letter = village.lea().letter("Bonjour,\n\nIl manque une pièce.");
    village.posts(&letter).await.done();
    let again = village.posts(&letter).await.done();
    assert_eq!(again.row().seen, 2);

    let other_way = Letter { headers: format!("X-Autre-Route: oui\r\n{}", letter.headers), ..letter };
    village.posts(&other_way).await.done();
    assert_eq!(village.inbox().await.len(), 2);
    assert_eq!(village.thread().await, ["texte"]);
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
}

async fn the_address_alone_is_enough(village: &Village) {
    let reply_to = village.lea().mail().reply_to;
    village.posts(&Letter::new(village.lea().address, &reply_to, "Il manque une pièce.")).await.done();
    assert_eq!(village.thread().await, ["texte"]);
}

async fn references_alone_are_enough(village: &Village) {
    let letter = village.lea().letter("Il manque une pièce.");
    let ours = "notification@demandes.example".to_owned();
    let letter = Letter { envelope_to: ours.clone(), to: ours, in_reply_to: String::new(), ..letter };
    village.posts(&letter).await.done();
    assert_eq!(village.thread().await, ["texte"]);
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
}

async fn a_file_reaches_its_readers_and_a_program_does_not(village: &Village) {
    let letter = village.lea().letter(
        "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVoici la notification.\r\n\
         --x\r\nContent-Type: application/pdf; name=notification.pdf\r\n\
         Content-Disposition: attachment; filename=notification.pdf\r\n\r\n%PDF-1.4\r\n%essai\r\n\
         --x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=outil.exe\r\n\r\nTVqQAAMAAAAEAAAA//8AALgAAAA=\r\n--x--",
    );
    let headers = "Content-Type: multipart/mixed; boundary=x\r\n".to_owned();
    village.posts(&Letter { headers, ..letter }).await.done();
    assert_eq!(village.told(), ["lea", "nadia", "omar", "paul"]);
    let mail = village.nadia().mail();
    assert_eq!(mail.files, ["notification.pdf"]);
    assert!(mail.text.contains("Voici la notification."));
    assert_eq!(village.last().await.files.len(), 1);
    assert!(village.lea().mail().files.is_empty(), "she is told why one was withheld");
}

async fn an_unknown_word_is_asked_about(village: &Village) {
    village.lea().answers("commands/non-faute-prefixe.eml").await.became("refused");
    assert_eq!(village.thread().await, [""; 0]);
    assert_eq!(village.told(), ["lea"]);
    assert!(village.lea().mail().text.to_lowercase().contains("traitée"), "the nearest word");
}

async fn help_lists_what_applies(village: &Village) {
    village.nadia_has_a_mail().await;
    village.told();
    village.lea().answers("commands/aide.eml").await.done();
    village.nadia().writes("aide").await.done();
    assert_eq!(village.told(), ["lea", "nadia"]);
    let (leas, nadias) = (village.lea().mail().text, village.nadia().mail().text);
    assert!(leas.contains("!NOTE") && leas.contains("TRAITÉ") && !leas.contains("ARCHIVER"), "{leas}");
    assert!(
        !nadias.contains("!NOTE") && !nadias.contains("TRAITÉ") && nadias.contains("ARCHIVER"),
        "{nadias}"
    );
    assert_eq!(village.thread().await, ["texte"]);
}

async fn an_empty_mail_is_explained(village: &Village) {
    village.lea().writes("").await.became("refused");
    assert_eq!(village.told(), ["lea"]);
    assert_eq!(village.inbox().await[0].reason.as_deref(), Some("vide"));
}
