//! What leaves: a relay that refuses, and two daemons at work on the same boxes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use relais::store::{inbox, outbox};
use relais::work;
use tokio_util::sync::CancellationToken;

use crate::servers::wait_until;
use crate::village::{Letter, Script, Village};

on_both! {
    a_relay_that_is_down_gets_the_same_bytes_later
    a_recipient_refused_for_good_is_a_dead_letter
    two_daemons_at_once_do_nothing_twice
}

async fn a_relay_that_is_down_gets_the_same_bytes_later(village: &Village) {
    let nadia = village.nadia().address;
    village.postbag.will_answer(nadia, Script::NotNow);
    village.postbag.will_answer(nadia, Script::NotNow);
    village.lea().answers("replies/apple-mail-fr.eml").await.done();
    assert_eq!(village.told(), ["omar", "paul"]);
    village.advance(5).await;
    assert_eq!(village.told(), [""; 0], "refused again");
    village.advance(30).await;
    assert_eq!(village.told(), ["nadia"]);
    let tried = village.postbag.tried(nadia);
    assert_eq!(tried.len(), 3);
    assert!(tried.iter().all(|mail| mail.message_id == tried[0].message_id && mail.bytes == tried[0].bytes));
}

async fn a_recipient_refused_for_good_is_a_dead_letter(village: &Village) {
    village.postbag.will_answer(village.nadia().address, Script::Never);
    village.lea().writes("Il manque une pièce.").await.done();
    village.advance(24 * 60).await;
    assert_eq!(village.postbag.tried(village.nadia().address).len(), 1, "not tried again");
    let filter = outbox::Filter { state: Some(outbox::State::Dead), ..outbox::Filter::default() };
    let dead = outbox::list(&mut village.office.db.read().await.unwrap(), filter).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].answer.as_deref(), Some("550 5.1.1 no such user"));
}

async fn two_daemons_at_once_do_nothing_twice(village: &Village) {
    const LETTERS: usize = 20;
    let said = |n: usize| format!("Bonjour,\n\nMessage numéro {n} du dossier.");
    let letters: Vec<Letter> = (0..LETTERS).map(|n| village.lea().letter(&said(n))).collect();
    let stop = CancellationToken::new();
    let mut loops = tokio::task::JoinSet::new();
    for office in village.two_daemons().await {
        loops.spawn(work::inbox::run(Arc::clone(&office), stop.clone()));
        loops.spawn(work::outbox::run(office, Arc::new(village.postbag.clone()), stop.clone()));
    }
    join_all(letters.iter().map(|letter| village.hands_over(letter))).await;
    wait_until("both boxes empty", Duration::from_mins(1), async || {
        let mut tx = village.office.db.read().await.unwrap();
        let (arrivals, notices) =
            (inbox::counts(&mut tx).await.unwrap(), outbox::counts(&mut tx).await.unwrap());
        (arrivals.new == 0 && notices.leased == 0 && notices.oldest_due.is_none()).then_some(())
    })
    .await;
    stop.cancel();
    while loops.join_next().await.is_some() {}

    let entries = village.entries().await;
    let texts: BTreeSet<_> = entries.iter().map(|entry| entry.text.trim().to_owned()).collect();
    assert_eq!(texts, (0..LETTERS).map(said).collect());
    assert_eq!(entries.len(), LETTERS, "none twice");
    for reader in [village.nadia(), village.omar(), village.paul()] {
        let mails = reader.mails();
        let news: Vec<_> = mails.iter().filter(|mail| mail.text.contains("Message numéro")).collect();
        let ids: BTreeSet<_> = news.iter().map(|mail| &mail.message_id).collect();
        assert_eq!((news.len(), ids.len()), (LETTERS, LETTERS), "{}", reader.address);
    }
}
