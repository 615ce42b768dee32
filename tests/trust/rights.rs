//! Rights are those at arrival, and are looked at again when a notice leaves, not those of the day a mail went out.

use relais::demande::Etat;
use relais::demande::Side;
use relais::store::inbox::State;
use relais::store::people;

use super::house::{ACCUEIL, CAF, House, KARIM, LEA, MINUTE, Mail, NADIA, OMAR, PAUL};

const TEXT: &str = "Il manque le bail.";
const SUJET: &str = "Droits suspendus";

async fn disable(house: &House, address: &str) {
    let mut tx = house.office.db.begin().await.unwrap();
    people::disable(&mut tx, address, true, house.office.clock.now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

async fn leave(house: &House, address: &str) {
    let id = house.person(address).await.id.0;
    house.execute(&format!("UPDATE participants SET left_at = 1 WHERE person = {id}")).await;
}

async fn entries(house: &House) -> usize {
    house.scene().await.demande.entries.len()
}

async fn etat(house: &House) -> Etat {
    house.scene().await.demande.etat(Side::Instructeurs, house.office.clock.now())
}

async fn archived() -> House {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
    house.works_later(11 * MINUTE).await;
    house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), "clore oui")).await;
    house.works_later(11 * MINUTE).await;
    assert_eq!(etat(&house).await, Etat::Archivee);
    house
}

#[tokio::test]
async fn a_disabled_account_may_nothing_and_is_told_once_a_day_without_the_demande() {
    let house = House::open().await;
    let address = house.address_of(PAUL);
    disable(&house, PAUL).await;
    let before = house.to(PAUL).len();
    for _ in 0..3 {
        assert_eq!(house.receives(&Mail::new(PAUL, &address, TEXT)).await.state, State::Refused);
    }
    let told = house.to(PAUL).split_off(before);
    assert_eq!(told.len(), 1);
    assert!(!told[0].whole.contains(SUJET) && !told[0].whole.contains("reponse+"), "{}", told[0].whole);
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "Bonjour.")).await;
    assert_eq!((entries(&house).await, house.to(PAUL).len()), (1, before + 1), "and gets no notice");
}

#[tokio::test]
async fn who_was_disabled_after_the_order_gets_no_notice() {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "traitée")).await;
    disable(&house, NADIA).await;
    leave(&house, PAUL).await;
    let before = (house.to(NADIA).len(), house.to(PAUL).len(), house.to(OMAR).len());
    house.works_later(11 * MINUTE).await;
    assert_eq!((house.to(NADIA).len(), house.to(PAUL).len()), (before.0, before.1));
    assert_eq!(house.to(OMAR).len(), before.2 + 1, "the others do");
}

#[tokio::test]
async fn a_participant_no_more_is_told_so_without_the_demande() {
    let house = House::open().await;
    let address = house.address_of(PAUL);
    leave(&house, PAUL).await;
    let before = house.to(PAUL).len();
    let row = house.receives(&Mail::new(PAUL, &address, TEXT)).await;
    assert_eq!((row.state, entries(&house).await), (State::Refused, 0));
    let told = house.to(PAUL).split_off(before);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].text.contains("ne participez plus") && !told[0].whole.contains(SUJET),
        "{}",
        told[0].whole
    );
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "Bonjour.")).await;
    assert_eq!(house.to(PAUL).len(), before + 1, "and gets no notice");
}

#[tokio::test]
async fn an_archived_demande_is_reopened_by_its_author_alone() {
    let house = archived().await;
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), TEXT)).await;
    assert_eq!(etat(&house).await, Etat::Archivee);
    assert!(house.last_to(PAUL).text.contains("reste archivée"), "{}", house.last_to(PAUL).text);
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "prendre")).await;
    assert!(house.last_to(LEA).text.contains("déjà archivée"), "{}", house.last_to(LEA).text);
    house.receives(&Mail::new(NADIA, &house.last_to(NADIA).reply_to(), TEXT)).await;
    assert_eq!(etat(&house).await, Etat::EnCours);
}

#[tokio::test]
async fn a_moderateur_leaves_with_the_closing() {
    let house = House::open().await;
    let id = house.person(PAUL).await.id.0;
    house.execute(&format!("UPDATE participants SET role = 'moderateur' WHERE person = {id}")).await;
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), TEXT)).await;
    assert_eq!(entries(&house).await, 1);
    house.receives(&Mail::new(PAUL, &house.address_of(PAUL), "clore nsp")).await;
    house.works_later(11 * MINUTE).await;
    let before = (entries(&house).await, house.to(PAUL).len());
    let row = house.receives(&Mail::new(PAUL, &house.address_of(PAUL), TEXT)).await;
    assert_eq!((row.state, entries(&house).await), (State::Refused, before.0));
    assert!(!house.last_to(PAUL).whole.contains(SUJET), "{}", house.last_to(PAUL).whole);
    assert_eq!(house.to(PAUL).len(), before.1 + 1);
}

#[tokio::test]
async fn a_wiped_demande_says_its_number_and_a_date() {
    let house = House::open().await;
    house.execute("UPDATE demandes SET wiped_at = 1790000000000").await;
    let row = house.receives(&Mail::new(LEA, &house.address_of(LEA), TEXT)).await;
    assert_eq!((row.state, entries(&house).await), (State::Refused, 0));
    let told = house.last_to(LEA);
    assert!(told.text.contains("effacée") && !told.whole.contains(SUJET), "{}", told.whole);
}

#[tokio::test]
async fn a_token_belongs_to_a_person_whatever_his_address() {
    let house = House::open().await;
    let (address, new) = (house.address_of(PAUL), "paul.girard@cpam88.example");
    let id = house.person(PAUL).await.id.0;
    house
        .execute(&format!(
            "UPDATE people SET address = '{new}' WHERE id = {id};
             UPDATE people_addresses SET address_key = '{new}' WHERE person = {id}"
        ))
        .await;
    let row = house.receives(&Mail::new(PAUL, &address, "de l’ancienne adresse")).await;
    assert_eq!((row.state, entries(&house).await), (State::Held, 0), "that address is nobody's now");
    let row = house.receives(&Mail::new(new, &address, "de la nouvelle")).await;
    assert_eq!((row.state, entries(&house).await), (State::Done, 1));
    let before = house.to(PAUL).len();
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "Bonjour.")).await;
    assert_eq!(house.to(PAUL).len(), before, "nothing goes to the old address");
    assert!(house.last_to(new).text.contains("Bonjour"));
}

#[tokio::test]
async fn a_further_verified_address_is_the_person() {
    let house = House::open().await;
    let id = house.person(PAUL).await.id;
    let mut tx = house.office.db.begin().await.unwrap();
    people::add_address(&mut tx, id, "pg@interne.cpam54.example", 1).await.unwrap();
    tx.commit().await.unwrap();
    let mail = Mail::new("pg@interne.cpam54.example", &house.address_of(PAUL), TEXT);
    assert_eq!(house.receives(&mail).await.state, State::Done);
    assert_eq!(house.last_entry().await.author.person, Some(id));
}

#[tokio::test]
async fn who_left_the_group_answers_for_its_mailbox_no_more() {
    let house = House::open().await;
    let bal = house.address_of(CAF);
    leave(&house, KARIM).await;
    let karim = house.person(KARIM).await.id.0;
    house.execute(&format!("DELETE FROM memberships WHERE person = {karim}")).await;
    let row = house.receives(&Mail::new(KARIM, &bal, TEXT)).await;
    assert_eq!((row.state, entries(&house).await), (State::Held, 0));
}

#[tokio::test]
async fn a_group_that_is_asked_no_more_acts_no_more_and_is_told_no_more() {
    let house = House::open().await;
    let bal = house.address_of(CAF);
    let caf = house.person(LEA).await.groups[0].0;
    house.execute(&format!("DELETE FROM demande_groupes WHERE groupe = {caf}")).await;
    let text = format!("{TEXT}\n\n-- \nLéa Martin\nCAF 54");
    let row = house.receives(&Mail::new(CAF, &bal, &text)).await;
    assert_eq!((row.state, entries(&house).await), (State::Held, 0));
    let before = house.to(CAF).len();
    house.receives(&Mail::new(NADIA, &house.address_of_reader(NADIA).await, "Bonjour.")).await;
    assert_eq!((entries(&house).await, house.to(CAF).len()), (1, before));
}

#[tokio::test]
async fn the_mailbox_of_the_aidants_answers_as_nobody_of_the_other_side() {
    let house = House::open().await;
    house.receives(&Mail::new(LEA, &house.address_of(LEA), "Bonjour.")).await;
    let signed = "traitée\n\n-- \nNadia Benali\nFrance Services";
    let row = house.receives(&Mail::new(ACCUEIL, &house.address_of(ACCUEIL), signed)).await;
    assert_eq!((row.state, entries(&house).await), (State::Refused, 1), "{row:?}");
}
