//! The audit of a life: every act, refusal and held mail is one line, without a word of what was written.

use relais::store::audit;

use super::house::{House, KARIM, LEA, MINUTE, Mail, NADIA, PAUL};

const TEXT: &str = "Il manque le bail de Zorglub";

#[tokio::test]
async fn every_act_refusal_and_held_mail_is_one_line_without_its_text() {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), TEXT)).await;
    house.receives(&Mail::new(KARIM, &house.address_of(KARIM), &format!("!note\n{TEXT}"))).await;
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), &format!("!bail {TEXT}"))).await;
    house.receives(&Mail::new("marc@ailleurs.example", &house.address_of(LEA), TEXT)).await;
    house
        .receives(&Mail::new(LEA, &house.address_of(LEA), TEXT).with(&[("Zorglub.exe", "text/plain", b"x")]))
        .await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "annuler")).await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
    house.works_later(11 * MINUTE).await;
    house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), "clore oui")).await;
    let mut lines = Vec::new();
    audit::export(&house.office.db, |line| lines.push(line)).await.unwrap();
    let what: Vec<_> = lines.iter().map(|line| line.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "texte",
            "note",
            "refus",
            "retenu",
            "fichier_retenu",
            "texte",
            "traitee",
            "parole",
            "traitee",
            "archivage"
        ]
    );
    let lea = format!("person:{}", house.person(LEA).await.id.0);
    assert_eq!((lines[0].who.as_str(), lines[3].who.as_str()), (lea.as_str(), "?"));
    assert_eq!(lines[2].detail["reason"], "mot_inconnu");
    for line in &lines {
        assert_eq!((line.demande, line.door.as_str()), (Some(house.demande), "mail"), "{line:?}");
        let whole = format!("{line:?}").to_lowercase();
        for word in ["bail", "zorglub", "ailleurs", "oui\"", "@", "martin"] {
            assert!(!whole.contains(word), "« {word} » in {line:?}");
        }
    }
}
