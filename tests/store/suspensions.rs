//! Addresses that do not receive: suspended once, resumed once.

use relais::store::suspensions::{self, Suspension};

use super::cast::NOON;
use super::databases::Database;

fn of(address: &str, code: &str) -> Suspension {
    let (address, code) = (address.to_owned(), code.to_owned());
    Suspension { address, since: NOON, code, reason: "bounce".to_owned() }
}

pub(crate) async fn an_address_is_suspended_until_it_is_resumed(database: &Database) {
    let mut tx = database.db.begin().await.unwrap();
    assert!(suspensions::suspend(&mut tx, &of("Lea.Martin@caf54.example", "5.1.1")).await.unwrap());
    let again = of("lea.martin@CAF54.example", "5.2.2");
    assert!(!suspensions::suspend(&mut tx, &again).await.unwrap());
    let known = suspensions::of(&mut tx, "LEA.martin@caf54.example").await.unwrap().unwrap();
    assert_eq!((known.since, known.code.as_str()), (NOON, "5.1.1"), "the first report stays");
    assert_eq!(suspensions::list(&mut tx).await.unwrap(), [known]);
    assert!(suspensions::resume(&mut tx, "lea.martin@caf54.example").await.unwrap());
    assert!(!suspensions::resume(&mut tx, "lea.martin@caf54.example").await.unwrap());
    assert!(suspensions::of(&mut tx, "lea.martin@caf54.example").await.unwrap().is_none());
}
