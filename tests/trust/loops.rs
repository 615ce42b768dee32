//! Loops and floods: each ends by itself within a few mails.

use relais::store::inbox::State;
use relais::work::frein;

use super::town::{BAL, HOUR, KARIM, LEA, MINUTE, Mail, NADIA, STRANGER, Sent, Town, addresses};

/// Plays machines that answer each mail they get, until nothing more leaves; how many mails they wrote.
async fn play(town: &Town, answer: impl Fn(&Sent) -> Option<Mail>) -> usize {
    let mut written = 0;
    for _ in 0..40 {
        let answers: Vec<Mail> = town.sent().iter().filter_map(&answer).collect();
        if answers.is_empty() {
            return written;
        }
        for mail in answers {
            town.receives(&mail).await;
            written += 1;
        }
        town.later(MINUTE).await;
    }
    panic!("it does not end: {written} mails so far");
}

#[tokio::test]
async fn two_relais_facing_each_other_end_at_once() {
    let town = Town::new().await;
    let written = play(&town, |sent| {
        let text = "Répondez au-dessus de cette ligne\n\nNotre message.";
        let mail = Mail::new(&sent.to, &sent.reply_to(), text).field("Auto-Submitted: auto-generated");
        Some(mail.field("X-Auto-Response-Suppress: DR, RN, NRN, AutoReply"))
    })
    .await;
    assert_eq!(written, 3, "one answer to each first notice");
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn two_responders_without_a_header_end_within_a_few_mails() {
    let town = Town::new().await;
    let written = play(&town, |sent| {
        let text = format!("Merci de votre message, nous le traiterons.\n{}", sent.to);
        (sent.to != BAL).then(|| Mail::new(&sent.to, &sent.reply_to(), &text))
    })
    .await;
    assert!(written < 25, "{written}");
    let thread = town.thread().await;
    assert!(thread.len() <= 9, "three times each at most: {thread:#?}");
}

#[tokio::test]
async fn a_responder_that_answers_refusals_ends() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &lea, "")).await;
    let written = play(&town, |sent| {
        (sent.to == LEA).then(|| Mail::new(LEA, &sent.reply_to(), "!automatique\nJe vous lirai bientôt."))
    })
    .await;
    assert!(written <= 3, "{written}");
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn a_responder_whose_words_change_is_refused_five_times_an_hour() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    for n in 0..20 {
        town.receives(&Mail::new(LEA, &lea, &format!("!automatique{n}"))).await;
    }
    assert_eq!(town.sent().len(), 5);
    town.later(HOUR + MINUTE).await;
    town.receives(&Mail::new(LEA, &lea, "!automatique0")).await;
    assert_eq!(town.sent().len(), 1, "a person is told again later");
}

#[tokio::test]
async fn a_responder_whose_domain_never_signs_ends() {
    let town = Town::new().await;
    let written = play(&town, |sent| {
        (sent.to == LEA).then(|| Mail::new(LEA, &sent.reply_to(), "Je vous lirai bientôt.").unproved())
    })
    .await;
    assert_eq!(written, 3, "to the notice, to the question, to its repetition");
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn a_mailing_list_among_the_participants_ends() {
    let town = Town::new().await;
    let written = play(&town, |sent| {
        // The list sends our notice on, and its manager answers.
        (sent.to == KARIM).then(|| {
            Mail::new(KARIM, &sent.reply_to(), "Votre message attend l’accord du modérateur.")
                .field("List-Id: <agents.cpam54.example>")
                .field("Precedence: list")
        })
    })
    .await;
    assert_eq!(written, 1);
    let subscriber = town.person(LEA).await.address;
    assert_eq!(subscriber, LEA);
    assert!(town.thread().await.is_empty());
}

#[tokio::test]
async fn a_list_s_subscribers_ask_its_owner_once() {
    let town = Town::new().await;
    let karim = town.reply_address(KARIM);
    for n in 0..5 {
        town.receives(&Mail::new(&format!("abonne{n}@ailleurs.example"), &karim, "Me désinscrire")).await;
    }
    assert_eq!(addresses(&town.sent()), [KARIM]);
}

#[tokio::test]
async fn a_mailbox_that_forwards_to_relais_ends() {
    let town = Town::new().await;
    // The rule rewrites everything: a new mail from the mailbox, our text in it, no header of ours.
    let written = play(&town, |sent| {
        let forwards = sent.to == BAL;
        forwards.then(|| Mail::new(BAL, &sent.reply_to(), &sent.text))
    })
    .await;
    assert!(written <= 3, "{written}");
    assert!(town.thread().await.is_empty(), "{:?}", town.thread().await);
}

#[tokio::test]
async fn our_own_mail_that_comes_back_is_nothing() {
    let town = Town::new().await;
    let notice = town.one_to(BAL);
    let id = notice.header("message-id").trim_matches(['<', '>']).to_owned();
    let back = Mail::new(BAL, &notice.reply_to(), &notice.text).called(id.leak());
    assert_eq!(town.receives(&back).await.state, State::Ignored);
    assert!(town.sent().is_empty());
}

#[tokio::test]
async fn a_flood_of_one_sender_is_held_and_not_answered() {
    let mut town = Town::new().await;
    town.office.settings.caps.sender_10m = 60;
    let lea = town.reply_address(LEA);
    let mut held = 0;
    for n in 0..70 {
        let row = town.receives(&Mail::new(LEA, &lea, &format!("Message numéro {n}."))).await;
        held += usize::from(row.state == State::Held);
    }
    assert_eq!(held, 10);
    assert_eq!(town.thread().await.len(), 60);
    assert!(!addresses(&town.sent()).contains(&LEA), "nothing is said to who floods");
    town.later(11 * MINUTE).await;
    assert_eq!(town.receives(&Mail::new(LEA, &lea, "Plus calme.")).await.state, State::Done);
}

#[tokio::test]
async fn a_capped_mail_can_be_released() {
    let mut town = Town::new().await;
    town.office.settings.caps.sender_10m = 1;
    let lea = town.reply_address(LEA);
    town.receives(&Mail::new(LEA, &lea, "Un.")).await;
    let held = town.receives(&Mail::new(LEA, &lea, "Deux.")).await;
    assert!(held.reason.unwrap().starts_with("cap: "));
    let (db, clock) = (&town.office.db, &town.office.clock);
    let word = relais::work::held::release(db, clock, held.id).await.unwrap();
    assert_eq!(word, relais::work::held::Word::Released);
    town.works().await;
    assert_eq!(town.row(held.id).await.state, State::Done);
}

#[tokio::test]
async fn a_forged_flood_does_not_stop_the_person() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    for n in 0..80 {
        town.receives(&Mail::new(LEA, &lea, &format!("Faux {n}")).unproved()).await;
    }
    for n in 0..80 {
        town.receives(&Mail::new(STRANGER, &lea, &format!("Étranger {n}"))).await;
    }
    assert_eq!(addresses(&town.sent()), [LEA, LEA], "one question of each kind");
    assert_eq!(town.receives(&Mail::new(LEA, &lea, "C’est bien moi.")).await.state, State::Done);
}

#[tokio::test]
async fn a_demande_has_its_cap() {
    let mut town = Town::new().await;
    town.office.settings.caps.demande_10m = 3;
    let mut states = Vec::new();
    for (n, who) in [LEA, KARIM, NADIA, LEA, KARIM].into_iter().enumerate() {
        states.push(
            town.receives(&Mail::new(who, &town.address_of(who).await, &format!("Message {n}."))).await.state,
        );
    }
    assert_eq!(states, [State::Done, State::Done, State::Done, State::Held, State::Held]);
}

#[tokio::test]
async fn a_reader_gets_so_many_an_hour_and_the_rest_later() {
    let mut town = Town::new().await;
    town.office.settings.caps.recipient_1h = 4;
    let lea = town.reply_address(LEA);
    for n in 0..6 {
        town.receives(&Mail::new(LEA, &lea, &format!("Message {n}."))).await;
    }
    let to_nadia = |sent: Vec<Sent>| sent.iter().filter(|sent| sent.to == NADIA).count();
    assert_eq!(to_nadia(town.sent()), 4);
    for _ in 0..12 {
        town.later(10 * MINUTE).await;
    }
    assert_eq!(to_nadia(town.sent()), 2, "the others came later");
}

#[tokio::test]
async fn the_breaker_opens_keeps_what_arrives_and_closes_by_itself() {
    let mut town = Town::new().await;
    town.later(2 * MINUTE).await;
    town.office.settings.caps.gateway_1m = 5;
    let lea = town.reply_address(LEA);
    for n in 0..6 {
        town.receives(&Mail::new(LEA, &lea, &format!("Message {n}."))).await;
    }
    assert!(frein::is_open(&town.office).await.unwrap());
    assert_eq!(town.thread().await.len(), 6, "arrivals are worked");
    let before = town.sent().len();
    assert!(before < 12, "{before}");
    town.later(MINUTE + 1).await;
    assert!(!frein::is_open(&town.office).await.unwrap());
    assert_eq!(before + town.sent().len(), 12, "nothing is lost");
}

#[tokio::test]
async fn an_absence_is_shown_once_a_week() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    for _ in 0..4 {
        let absent = Mail::new(LEA, &lea, "Je suis absente jusqu’au 30 novembre 2026.");
        town.receives(&absent.field("Auto-Submitted: auto-replied")).await;
    }
    assert_eq!(town.thread().await.len(), 1, "{:?}", town.thread().await);
}

#[tokio::test]
async fn orders_may_be_repeated() {
    let town = Town::new().await;
    let lea = town.reply_address(LEA);
    for _ in 0..5 {
        let row = town.receives(&Mail::new(LEA, &lea, "état")).await;
        assert_eq!(row.state, State::Done);
    }
    assert_eq!(town.sent().len(), 5);
}
