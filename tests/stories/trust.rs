//! Who is writing: strangers, forged and dead tokens, shared mailboxes, disabled accounts.

use relais::demande::admission::Holder;
use relais::mail::token::Keyring;
use relais::store::people;

use crate::village::{Answer, Letter, Village};

on_both! {
    a_stranger_with_a_good_token_is_held_and_told_nothing
    strangers_get_one_and_the_same_refusal
    an_owner_whose_mail_is_not_proved_is_held
    a_shared_mailbox_must_sign
    a_colleague_who_uses_the_shared_mailbox_joins
    a_disabled_account_is_told_once_a_day
    a_revoked_token_is_told_to_its_owner_only
    rotated_keys_still_open_old_addresses
    a_known_person_without_a_demande_is_helped
}

async fn a_stranger_with_a_good_token_is_held_and_told_nothing(village: &Village) {
    village.paul().answers("auth/transfere-a-un-inconnu.eml").await.became("held");
    village.advance(60).await;
    assert_eq!(village.thread().await, [""; 0]);
    let strangers = |mail: &crate::village::Mail| mail.to.ends_with("@ailleurs.example");
    assert!(!village.postbag.mails().iter().any(strangers), "nothing is disclosed");
}

async fn strangers_get_one_and_the_same_refusal(village: &Village) {
    let forged = format!("reponse+{}@demandes.example", "a2b3c4d5".repeat(6).get(..42).unwrap());
    let ours = "notification@demandes.example";
    let unproved = Letter { signed_by: None, ..Letter::new(village.lea().address, ours, "Bonjour") };
    let letters = [
        Letter::filled_with("auth/inconnu-sans-jeton.eml", ours, "", village.number),
        unproved,
        Letter::new("camille@ailleurs.example", &forged, "Bonjour"),
        Letter { signed_by: None, ..Letter::new(village.lea().address, &forged, "Bonjour") },
    ];
    let mut refusals = Vec::new();
    for letter in &letters {
        match village.posts(letter).await {
            Answer::Refused(code, enhanced, text) => refusals.push((code, enhanced, text)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((refusals[0].0, refusals[0].1), (550, "5.7.1"));
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:#?}");
    assert_eq!(village.inbox().await.len(), 0, "nothing is kept");
    assert_eq!(village.told(), [""; 0]);
}

async fn an_owner_whose_mail_is_not_proved_is_held(village: &Village) {
    let letter = Letter { signed_by: None, ..village.lea().letter("!traitée") };
    village.posts(&letter).await.became("held");
    let elsewhere = Some("ailleurs.example".to_owned());
    let other = Letter { signed_by: elsewhere, ..village.karim().letter("Bonjour") };
    village.posts(&other).await.became("held");
    assert_eq!(village.thread().await, [""; 0]);
}

async fn a_shared_mailbox_must_sign(village: &Village) {
    village.bal().writes("Le dossier est relancé ce jour").await.became("refused");
    assert_eq!(village.inbox().await[0].reason.as_deref(), Some("signature_manquante"));
    assert_eq!(village.told(), ["contact"]);

    village.bal().writes("Le dossier est relancé ce jour.\n\nCordialement,\n\nKarim Haddad").await.done();
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
    let entry = village.last().await;
    assert_eq!((entry.author.person, entry.author.name.as_str()), (None, "CAF 54"));
    assert!(village.nadia().mail().text.contains("Karim Haddad"), "the signature names who wrote");
}

async fn a_colleague_who_uses_the_shared_mailbox_joins(village: &Village) {
    let ines = village.hires("Inès", "Moreau", "ines.moreau@caf54.example", "CAF 54").await;
    village.posts(&Letter::new(ines, &village.bal().mail().reply_to, "Je regarde.")).await.done();
    assert_eq!(village.told(), ["nadia", "omar", "paul"]);
    assert_eq!(village.last().await.author.name, "Inès Moreau (CAF 54)");

    village.nadia_has_a_mail().await;
    village.told();
    village.nadia().writes("Merci de votre aide, voici la pièce demandée.").await.done();
    assert!(village.told().contains(&"ines".to_owned()), "she is a participant now");
}

async fn a_disabled_account_is_told_once_a_day(village: &Village) {
    village.disables(village.lea().address).await;
    village.lea().writes("Bonjour").await.became("refused");
    village.lea().writes("Vous m’avez lue ?").await.became("refused");
    assert_eq!(village.told(), ["lea"]);
    assert_eq!(village.thread().await, [""; 0]);
    village.advance(24 * 60).await;
    village.lea().writes("Toujours rien ?").await.became("refused");
    assert_eq!(village.told(), ["lea"]);
}

async fn a_revoked_token_is_told_to_its_owner_only(village: &Village) {
    let old = village.lea().mail();
    village.revokes(village.lea().address).await;

    let stranger = Letter::new("camille@ailleurs.example", &old.reply_to, "Bonjour");
    village.posts(&stranger).await.became("refused");
    assert_eq!(village.told(), [""; 0]);

    village.lea().writes("Bonjour,\n\nIl manque une pièce.").await.became("refused");
    assert_eq!(village.told(), ["lea"]);
    assert_eq!(village.thread().await, [""; 0]);

    village.paul().writes("Rien de notre côté.").await.done();
    assert_ne!(village.lea().mail().reply_to, old.reply_to);
    village.lea().writes("Bonjour,\n\nIl manque une pièce.").await.done();
}

async fn rotated_keys_still_open_old_addresses(village: &Village) {
    let path = village.path_of_the_keys();
    let mut ring = Keyring::load(&path).unwrap();
    ring.rotate(village.office.clock.now()).unwrap();
    ring.save(&path).unwrap();

    let old = village.lea().mail();
    village.lea().answers("replies/apple-mail-fr.eml").await.done();
    village.nadia().writes("Merci, elle la renvoie demain matin.").await.done();
    assert_ne!(village.lea().mail().reply_to, old.reply_to, "made with the new key");
    village.lea().writes("Bien noté, je surveille l’arrivée.").await.done();
    assert_eq!(village.thread().await.len(), 3);
}

async fn a_known_person_without_a_demande_is_helped(village: &Village) {
    let letter = Letter::new(village.lea().address, "notification@demandes.example", "Où en est-on ?");
    village.posts(&letter).await.became("refused");
    assert_eq!(village.told(), ["lea"]);
    assert!(village.lea().mail().text.contains(&format!("#{}", village.number)), "her open demandes");
    assert_eq!(village.thread().await, [""; 0]);
}

impl Village {
    pub(crate) async fn disables(&self, address: &str) {
        let mut tx = self.office.db.begin().await.unwrap();
        let known = people::disable(&mut tx, address, true, self.office.clock.now()).await.unwrap();
        assert!(known.is_some());
        tx.commit().await.unwrap();
    }

    pub(crate) async fn revokes(&self, address: &str) {
        let mut tx = self.office.db.begin().await.unwrap();
        let person = people::by_address(&mut tx, address).await.unwrap().unwrap();
        assert!(people::revoke_holder(&mut tx, Holder::Person(person.id)).await.unwrap());
        tx.commit().await.unwrap();
    }
}
