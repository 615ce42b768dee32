//! Delivery reports (mail.md §3): who is believed, who is suspended, who is told, and how it ends.

use relais::send::Outcome;
use relais::store::inbox::State;
use relais::store::suspensions;

use super::town::{BAL, DAY, HOUR, KARIM, LEA, Mail, NADIA, Sent, Town, addresses};

/// Delivers something to Léa and returns the mail that came to her.
fn written_to_lea(town: &Town) -> Sent {
    let sent = town.sent();
    sent.into_iter().find(|sent| sent.to == LEA).expect("a notice to Léa")
}

/// A report of RFC 3464, as a server writes it to our envelope sender.
fn report(to: &str, recipient: &str, (action, status): (&str, &str)) -> Mail {
    let text = format!(
        "--b\nContent-Type: text/plain\n\nThis is the mail system.\n\n--b\nContent-Type: \
         message/delivery-status\n\nReporting-MTA: dns; mx.caf54.example\n\nFinal-Recipient: rfc822; {recipient}\n\
         Action: {action}\nStatus: {status}\n\n--b--"
    );
    Mail::new("mailer-daemon@caf54.example", to, &text)
        .null_sender()
        .unproved()
        .kind("multipart/report; report-type=delivery-status; boundary=b")
}

async fn suspended(town: &Town, address: &str) -> bool {
    let mut tx = town.office.db.read().await.unwrap();
    suspensions::of(&mut tx, address).await.unwrap().is_some()
}

#[tokio::test]
async fn a_permanent_failure_suspends_and_the_author_is_told_once() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    let bounce = report(&notice.envelope_from, LEA, ("failed", "5.1.1"));
    let row = town.receives(&bounce).await;
    assert_eq!((row.state, row.demande), (State::Ignored, Some(town.demande)));
    assert!(suspended(&town, LEA).await);
    assert_eq!(town.thread().await, ["non_remis Léa Martin (CAF 54): "]);
    let told = town.one_to(NADIA);
    assert!(told.text.contains("Léa Martin (CAF 54) ne reçoit pas"), "{}", told.text);
    assert!(!told.raw.contains(LEA), "no address across sides");
    town.receives(&bounce.clone().field("X-Again: 1")).await;
    assert!(town.sent().is_empty() && town.thread().await.len() == 1);
    assert!(town.audit().await.contains(&"relais passerelle adresse suspendue".to_owned()));
}

#[tokio::test]
async fn a_suspended_address_gets_nothing_until_its_owner_writes() {
    let town = Town::new().await;
    let sent = town.sent();
    let of = |who: &str| sent.iter().find(|sent| sent.to == who).unwrap().clone();
    town.receives(&report(&of(LEA).envelope_from, LEA, ("failed", "5.1.1"))).await;
    town.sent();
    town.receives(&Mail::new(NADIA, &town.address_of(NADIA).await, "Avez-vous des nouvelles ?")).await;
    assert_eq!(addresses(&town.sent()), [BAL, KARIM], "not Léa");
    town.receives(&Mail::new(LEA, &of(LEA).reply_to(), "Me revoici.")).await;
    assert!(!suspended(&town, LEA).await);
    town.sent();
    town.receives(&Mail::new(NADIA, &town.address_of(NADIA).await, "Merci de votre retour !")).await;
    assert_eq!(addresses(&town.sent()), [BAL, KARIM, LEA]);
}

#[tokio::test]
async fn the_operator_ends_a_suspension() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    town.receives(&report(&notice.envelope_from, LEA, ("failed", "5.1.1"))).await;
    let (db, clock) = (&town.office.db, &town.office.clock);
    assert!(relais::work::unreached::resume_by_operator(db, clock, LEA).await.unwrap());
    assert!(!relais::work::unreached::resume_by_operator(db, clock, LEA).await.unwrap());
    assert!(!suspended(&town, LEA).await);
}

#[tokio::test]
async fn a_stranger_or_a_machine_ends_no_suspension() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    town.receives(&report(&notice.envelope_from, LEA, ("failed", "5.1.1"))).await;
    town.receives(&Mail::new(LEA, &notice.reply_to(), "C’est moi.").unproved()).await;
    town.receives(&Mail::new(LEA, &notice.reply_to(), "Absente.").field("Auto-Submitted: auto-replied"))
        .await;
    assert!(suspended(&town, LEA).await);
}

#[tokio::test]
async fn oui_ends_a_suspension_too() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    town.receives(&report(&notice.envelope_from, LEA, ("failed", "5.1.1"))).await;
    town.sent();
    town.receives(&Mail::new(LEA, &notice.reply_to(), "Me revoici.").unproved()).await;
    assert!(suspended(&town, LEA).await, "nothing proves that it is she");
    let question = town.one_to(LEA);
    town.receives(&Mail::new(LEA, &question.reply_to(), "OUI").unproved()).await;
    assert!(!suspended(&town, LEA).await);
}

#[tokio::test]
async fn a_passing_trouble_is_nothing_until_it_is_final() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    town.receives(&report(&notice.envelope_from, LEA, ("delayed", "4.4.1"))).await;
    assert!(town.thread().await.is_empty() && town.sent().is_empty());
    town.receives(&report(&notice.envelope_from, LEA, ("failed", "4.4.7"))).await;
    assert!(!suspended(&town, LEA).await);
    assert_eq!(town.thread().await.len(), 1);
    assert_eq!(addresses(&town.sent()), [NADIA]);
}

#[tokio::test]
async fn a_report_about_somebody_else_is_not_believed() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    for recipient in [KARIM, NADIA, "lea.martin@ailleurs.example", ""] {
        let row = town.receives(&report(&notice.envelope_from, recipient, ("failed", "5.1.1"))).await;
        assert_eq!(row.state, State::Ignored);
    }
    let forged = format!("retour+{}@demandes.example", "a".repeat(42));
    town.receives(&report(&forged, LEA, ("failed", "5.1.1"))).await;
    assert!(!suspended(&town, LEA).await && !suspended(&town, KARIM).await && !suspended(&town, NADIA).await);
    assert!(town.thread().await.is_empty() && town.sent().is_empty());
}

#[tokio::test]
async fn the_ledger_ties_a_report_that_came_to_another_address() {
    let town = Town::new().await;
    let notice = written_to_lea(&town);
    let id = notice.header("message-id");
    let returned = |recipient: &str| {
        let text = format!(
            "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: \
             rfc822; {recipient}\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\n\
             Message-ID: {id}\n\n--b--"
        );
        Mail::new("mailer-daemon@caf54.example", "notification@demandes.example", &text)
            .null_sender()
            .kind("multipart/report; report-type=delivery-status; boundary=b")
    };
    town.receives(&returned(KARIM)).await;
    assert!(!suspended(&town, KARIM).await);
    town.receives(&returned(LEA)).await;
    assert!(suspended(&town, LEA).await);
}

#[tokio::test]
async fn our_relay_s_refusal_is_the_same_event() {
    let town = Town::new().await;
    let nadia = town.address_of(NADIA).await;
    town.sent();
    let answer = "550 5.1.1 User unknown".to_owned();
    town.bag.refuses.lock().unwrap().insert(LEA.to_owned(), Outcome::Refused { answer, code: Some(550) });
    town.receives(&Mail::new(NADIA, &nadia, "Avez-vous des nouvelles ?")).await;
    assert!(suspended(&town, LEA).await);
    let sent = town.sent();
    let told: Vec<_> = sent.iter().filter(|sent| sent.text.contains("ne reçoit pas")).collect();
    assert_eq!((told.len(), told[0].to.as_str()), (1, NADIA));
}

#[tokio::test]
async fn a_relay_that_refuses_us_suspends_nobody() {
    let town = Town::new().await;
    let nadia = town.address_of(NADIA).await;
    town.sent();
    let answer = "554 5.7.1 Relay access denied".to_owned();
    town.bag.refuses.lock().unwrap().insert(LEA.to_owned(), Outcome::Refused { answer, code: Some(554) });
    town.receives(&Mail::new(NADIA, &nadia, "Avez-vous des nouvelles ?")).await;
    assert!(!suspended(&town, LEA).await);
    assert!(town.sent().iter().all(|sent| !sent.text.contains("ne reçoit pas")));
}

#[tokio::test]
async fn when_the_author_is_not_reached_who_wrote_is_told() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &lea, "Le dossier repart.")).await;
    let notice = town.sent().into_iter().find(|sent| sent.to == NADIA).unwrap();
    town.receives(&report(&notice.envelope_from, NADIA, ("failed", "5.1.1"))).await;
    let sent = town.sent();
    assert_eq!(addresses(&sent), [LEA], "Karim wrote nothing yet");
    assert!(sent[0].text.contains("Nadia Benali"), "{}", sent[0].text);
}

#[tokio::test]
async fn a_mailbox_of_a_group_is_suspended_like_a_person() {
    let town = Town::new().await;
    let notice = town.sent().into_iter().find(|sent| sent.to == BAL).unwrap();
    town.receives(&report(&notice.envelope_from, BAL, ("failed", "5.2.2"))).await;
    assert!(suspended(&town, BAL).await);
    assert_eq!(town.thread().await, ["non_remis CAF 54: "]);
}

#[tokio::test]
async fn bounces_of_bounces_end() {
    let town = Town::new().await;
    let sent = town.sent();
    let back = |who: &str, sent: &[Sent]| {
        let notice = sent.iter().find(|sent| sent.to == who).unwrap();
        report(&notice.envelope_from, who, ("failed", "5.1.1"))
    };
    town.receives(&back(LEA, &sent)).await;
    let told = town.sent();
    town.receives(&back(NADIA, &told)).await;
    town.receives(&back(KARIM, &sent)).await;
    assert_eq!(town.thread().await.len(), 3);
    assert!(town.sent().is_empty(), "nobody is left to tell");
    town.later(HOUR).await;
    town.later(DAY).await;
    assert!(town.sent().is_empty());
}

#[tokio::test]
async fn a_failed_note_says_nothing_of_the_note() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &lea, "!note\nÀ vérifier avec la mutuelle.")).await;
    let note = town.sent().into_iter().find(|sent| sent.to == KARIM).unwrap();
    town.receives(&report(&note.envelope_from, KARIM, ("failed", "5.1.1"))).await;
    let told = town.one_to(NADIA);
    let text = told.text.to_lowercase();
    assert!(!text.contains("note") && !text.contains("mutuelle") && !told.raw.contains("mutuelle"), "{text}");
}
