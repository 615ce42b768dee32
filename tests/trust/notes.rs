//! A note reaches the author's side by no road: one test a road, on the whole way of a mail.

use relais::demande::Visibility;
use relais::store::inbox::State;

use super::house::{ACCUEIL, CAF, House, KARIM, LEA, MINUTE, Mail, NADIA, OMAR, PAUL};

const SECRET: &str = "Ne pas lui dire que son dossier est chez le procureur";
const FILE: &str = "enquete-interne.pdf";

/// Léa leaves a note with a file.
async fn with_a_note() -> House {
    let house = House::open().await;
    let note = Mail::new(LEA, &house.address_of(LEA), &format!("!note\n{SECRET}")).with(&[(
        FILE,
        "application/pdf",
        b"%PDF-1.7 secret de l'enquete",
    )]);
    let row = house.receives(&note).await;
    assert_eq!((row.state, house.last_entry().await.visibility), (State::Done, Visibility::Instructeurs));
    assert!(house.last_to(KARIM).text.contains(SECRET) && house.last_to(KARIM).files == [FILE]);
    house
}

/// Nothing of a note in any mail to the author's side, nor in what its pages and exports are made of.
async fn nothing_leaked(house: &House) {
    for mail in house.all().iter().filter(|mail| [NADIA, OMAR, ACCUEIL].contains(&mail.to.as_str())) {
        let flat = mail.whole.split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in [SECRET, "chez le procureur", FILE, "secret de l'enquete", "réservée aux instructeurs"]
        {
            assert!(!flat.contains(secret), "« {secret} » to {}: {}", mail.to, mail.text);
        }
    }
    for entry in house.scene().await.demande.entries {
        let public = entry.visibility == Visibility::Tous;
        let whole = format!("{}\n{}\n{}", entry.text, entry.quoted, entry.signature);
        assert!(!(public && whole.contains("procureur")), "{entry:?}");
    }
}

fn quoted(text: &str) -> String {
    text.lines().flat_map(|line| ["> ", line, "\n"]).collect()
}

#[tokio::test]
async fn an_answer_to_the_note_is_a_note() {
    let house = with_a_note().await;
    let notice = house.last_to(KARIM);
    let text = format!("Compris.\n\nLe 24 nov. 2026, Administration+ a écrit :\n{}", quoted(&notice.text));
    house.receives(&Mail::new(KARIM, &notice.reply_to(), &text)).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Instructeurs);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn reply_to_all_with_the_aidante_in_copy_stays_a_note() {
    let house = with_a_note().await;
    let note = house.last_to(KARIM).reply_to();
    let public = house.address_of(KARIM);
    let all = Mail::new(KARIM, &note, "Le procureur m’a rappelé.").field(&format!("Cc: {NADIA}, {public}"));
    house.receives(&all).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Instructeurs);
    // She was in copy and answers all: what she quotes of the note is not shown to her colleagues.
    let text = format!(
        "Quel procureur ?\n\nLe 24 nov. 2026, Karim a écrit :\n> Le procureur m’a rappelé.\n> {SECRET}"
    );
    house.receives(&Mail::new(NADIA, &note, &text)).await;
    let entry = house.last_entry().await;
    assert_eq!((entry.visibility, entry.quoted.as_str()), (Visibility::Tous, ""), "{entry:?}");
    for mail in house.to(OMAR) {
        assert!(!mail.whole.contains(SECRET), "{}", mail.text);
    }
}

#[tokio::test]
async fn a_public_answer_that_quotes_the_note_does_not_carry_it() {
    let house = with_a_note().await;
    for cut in
        ["Le 24 nov. 2026, Léa a écrit :\n", "-----Message d’origine-----\nDe : Léa\nObjet : x\n\n", ""]
    {
        let text = format!("Il manque le bail.\n\n{cut}{}", quoted(SECRET));
        house.receives(&Mail::new(PAUL, &house.address_of(PAUL), &text)).await;
        assert_eq!(house.last_entry().await.visibility, Visibility::Tous);
        assert!(house.last_to(NADIA).text.contains("Il manque le bail."));
    }
    let notice = house.to(PAUL).into_iter().find(|mail| mail.text.contains(SECRET)).unwrap();
    let text = format!("!répondre\nIl manque le bail.\n\n{}", quoted(&notice.text));
    house.receives(&Mail::new(PAUL, &notice.reply_to(), &text)).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Tous);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn no_public_mail_quotes_a_note_even_to_those_who_may_read_it() {
    let house = with_a_note().await;
    let before = house.all().len();
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), "Il manque le bail.")).await;
    let after = house.all().split_off(before);
    assert!(after.iter().any(|mail| mail.to == KARIM || mail.to == LEA), "{after:#?}");
    for mail in after {
        assert!(!mail.whole.contains(SECRET) && !mail.whole.contains(FILE), "to {}: {}", mail.to, mail.text);
    }
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn the_mailbox_of_the_aidants_gets_no_note_and_that_of_the_caf_one_masked() {
    let house = House::open().await;
    let text = format!("!note\n{SECRET}. NIR 2 85 05 78 006 084 36");
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), &text)).await;
    assert!(house.last_to(CAF).text.contains("procureur"), "{}", house.last_to(CAF).text);
    assert!(!house.last_to(CAF).whole.contains("006 084"), "{}", house.last_to(CAF).text);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn who_corrects_a_refused_note_by_answering_writes_a_note() {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "!note")).await;
    let refusal = house.last_to(LEA);
    assert!(refusal.text.contains("sera une note"), "{}", refusal.text);
    house.receives(&Mail::new(LEA, &refusal.reply_to(), SECRET)).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Instructeurs);
    let receipt = house.last_to(LEA);
    assert!(receipt.text.contains("elle aussi une note"), "{}", receipt.text);
    house.receives(&Mail::new(LEA, &receipt.reply_to(), "Et le siège le sait.")).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Instructeurs);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn a_note_answered_at_an_address_of_old_or_without_any_stays_a_note() {
    let house = with_a_note().await;
    let notice = house.last_to(PAUL);
    let id = notice.raw.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    let old = Mail::new(PAUL, &house.address_of(PAUL), SECRET).field(&format!("In-Reply-To: {id}"));
    house.receives(&old).await;
    assert_eq!(house.last_entry().await.visibility, Visibility::Instructeurs);
    let before = house.scene().await.demande.entries.len();
    let none = Mail::new(PAUL, "notification@demandes.example", "Et le siège le sait.")
        .field(&format!("In-Reply-To: {id}"));
    house.receives(&none).await;
    let entries = house.scene().await.demande.entries;
    assert_eq!(entries.len(), before + 1);
    assert_eq!(entries[before].visibility, Visibility::Instructeurs);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn an_act_beside_the_answer_to_a_note_does_not_take_its_words_along() {
    let house = with_a_note().await;
    let notice = house.last_to(KARIM);
    house.receives(&Mail::new(KARIM, &notice.reply_to(), &format!("Traitée\n\n{SECRET}"))).await;
    house.works_later(11 * MINUTE).await;
    assert!(house.last_to(NADIA).text.contains("traité"), "{}", house.last_to(NADIA).text);
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn an_absence_or_a_report_that_quotes_a_note_is_shown_to_nobody() {
    let house = with_a_note().await;
    let notice = house.last_to(PAUL);
    let text = format!("Je suis absent jusqu’au 30 novembre.\n\n{}", quoted(&notice.text));
    let absence = Mail::new(PAUL, &notice.reply_to(), &text)
        .field("Auto-Submitted: auto-replied")
        .field("Subject: Absence du bureau");
    let before = house.all().len();
    let row = house.receives(&absence).await;
    assert_eq!((row.state, house.all().len()), (State::Ignored, before));
    nothing_leaked(&house).await;
}

#[tokio::test]
async fn the_state_and_the_help_tell_the_author_side_of_no_note() {
    let house = with_a_note().await;
    for word in ["état", "aide", "traitée"] {
        house.receives(&Mail::new(OMAR, &house.address_of(LEA), word)).await;
    }
    nothing_leaked(&house).await;
}
