//! The whole, from the network: the daemon's binary behind the real Postfix, and out through it to Dovecot.
//!
//! Only what a machine cannot fake is looked at here; what a demande does is told by `stories`.

mod relais;

use std::time::Duration;

use relais::Relais;

use crate::servers::{Mailbox, Postgres, wait_until};
use crate::village::{Letter, Mail};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_goes_there_and_back_on_sqlite() {
    there_and_back("sqlite", None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_goes_there_and_back_on_postgres() {
    there_and_back("postgres", Some(Postgres::fresh_database().await)).await;
}

/// Léa answers from Apple Mail; Nadia reads it in her mailbox and answers; the demande says so.
async fn there_and_back(town: &str, postgres: Option<Postgres>) {
    let relais = Relais::start(town, postgres.as_ref().map(|postgres| postgres.url.as_str())).await;
    let (lea, nadia) = (relais.person("lea.martin@caf54"), relais.person("nadia.benali@valbrume"));
    let opened = last_mail(&lea, 1).await;

    relais.sends(&Letter::filled("replies/apple-mail-fr.eml", &opened, relais.number)).await;
    let notice = last_mail(&nadia, 1).await;
    assert!(notice.says("La Caf n’a pas reçu la déclaration du 3 mars"), "{}", notice.text);

    let answer = Letter::new(&nadia, &notice.reply_to, "Bonjour,\n\nElle la renvoie demain.");
    relais.sends(&answer.in_answer_to(&notice)).await;
    let told = last_mail(&lea, 2).await;
    assert!(told.says("Elle la renvoie demain."), "{}", told.text);

    let shown = wait_until("both messages shown, every notice sent", Duration::from_secs(20), async || {
        let shown = relais.shown().await;
        let sent = shown["notices"].as_array()?.iter().all(|notice| notice["state"] == "sent");
        (sent && shown["messages"].as_array()?.len() == 2).then_some(shown)
    })
    .await;
    assert_eq!(shown["etat"], "en_cours");
    assert_eq!(shown["messages"][0]["author"], "Léa Martin (CAF 54)");
    assert_eq!(shown["messages"][1]["author"], "Nadia Benali (MFS Valbrume)");
    relais.stop().await;
}

/// The last of at least `wanted` mails that arrived for that address.
async fn last_mail(address: &str, wanted: usize) -> Mail {
    let mailbox = Mailbox::of(address);
    let what = format!("mail {wanted} for {address}");
    let mails = wait_until(&what, Duration::from_secs(45), async || {
        Some(mailbox.mails()).filter(|mails| mails.len() >= wanted)
    })
    .await;
    Mail::read(address, mails.last().unwrap())
}
