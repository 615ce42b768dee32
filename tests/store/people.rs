//! Accounts and groups.

use relais::demande::comptes::{ImportedGroup, ImportedPerson};
use relais::demande::people::Level;
use relais::store::people::{
    ImportReport, add_address, bal, by_address, disable, group_named, import, instructeurs_of, list,
    list_groups, person,
};

use super::cast::{self, Cast, NOON};
use super::databases::Database;

pub(crate) async fn an_import_creates_then_updates(database: &Database) {
    let db = &database.db;
    let cast = Cast::come_in(db).await;
    assert_eq!(cast.caf.territoires, ["54", "55"]);
    assert_eq!((cast.caf.level, cast.caf.aidant_side), (Level::Masque, false));
    let mut promoted = ImportedPerson { last_name: "Martin-Roy".to_owned(), ..cast::instructeur() };
    promoted.address = promoted.address.to_uppercase();
    promoted.responsable = true;
    promoted.groups = vec![
        ImportedGroup { name: "caf 54".to_owned(), organisme: "CAF".to_owned(), ..ImportedGroup::default() },
        ImportedGroup {
            name: "CPAM 54".to_owned(),
            organisme: "CPAM".to_owned(),
            ..ImportedGroup::default()
        },
    ];
    let new = ImportedPerson { address: "paul@cpam54.example".to_owned(), ..ImportedPerson::default() };
    let mut tx = db.begin().await.unwrap();
    let report = import(&mut tx, &[promoted, new], NOON + 1).await.unwrap();
    assert_eq!(report, ImportReport { created: 1, updated: 1, groups_created: 1 });
    let lea = person(&mut tx, cast.instructeur.id).await.unwrap().unwrap();
    assert_eq!((lea.name().as_str(), lea.address.as_str()), ("Léa Martin-Roy", "lea.martin@caf54.example"));
    assert!(lea.roles.responsable && lea.roles.instructeur && lea.groups.len() == 2);
    let caf = group_named(&mut tx, "CAF 54").await.unwrap().unwrap();
    assert_eq!(
        (caf.territoires, caf.bal),
        (cast.caf.territoires, cast.caf.bal),
        "empty cells change nothing"
    );
    assert_eq!(list(&mut tx).await.unwrap().len(), 3);
    assert_eq!(list_groups(&mut tx).await.unwrap().len(), 3);
    assert_eq!(instructeurs_of(&mut tx, &[cast.caf.id]).await.unwrap().len(), 1);
}

pub(crate) async fn lines_for_one_address_are_one_account(database: &Database) {
    let mut other = cast::instructeur();
    other.address = "LEA.MARTIN@caf54.example".to_owned();
    other.aidant = true;
    other.groups[0].name = "CAF 55".to_owned();
    let mut tx = database.db.begin().await.unwrap();
    let report = import(&mut tx, &[cast::instructeur(), other], NOON).await.unwrap();
    assert_eq!(report, ImportReport { created: 1, updated: 0, groups_created: 2 });
    let lea = by_address(&mut tx, "lea.martin@caf54.example").await.unwrap().unwrap();
    assert!(lea.roles.aidant && lea.roles.instructeur);
    assert_eq!(lea.groups.len(), 2);
}

pub(crate) async fn an_address_is_found_whatever_its_case(database: &Database) {
    let cast = Cast::come_in(&database.db).await;
    let mut tx = database.db.begin().await.unwrap();
    let found = by_address(&mut tx, " NADIA.benali@Mairie-Valbrume.example ").await.unwrap().unwrap();
    assert_eq!(found, cast.aidante);
    assert_eq!(found.address, "Nadia.Benali@mairie-valbrume.example", "as it was given");
    assert_eq!(bal(&mut tx, "CONTACT@caf54.example").await.unwrap().unwrap(), cast.caf);
    assert_eq!(by_address(&mut tx, "contact@caf54.example").await.unwrap(), None);
    add_address(&mut tx, cast.aidante.id, "n.benali@valbrume.example", NOON).await.unwrap();
    assert_eq!(by_address(&mut tx, "N.Benali@valbrume.example").await.unwrap().unwrap().id, cast.aidante.id);
    let taken = add_address(&mut tx, cast.aidante.id, "LEA.martin@caf54.example", NOON).await.unwrap_err();
    assert!(taken.is_conflict());
    assert!(!taken.to_string().contains("lea"), "{taken}");
}

pub(crate) async fn a_disabled_account_is_still_found(database: &Database) {
    let cast = Cast::come_in(&database.db).await;
    let mut tx = database.db.begin().await.unwrap();
    assert_eq!(disable(&mut tx, "nobody@x.example", true, NOON).await.unwrap(), None);
    let address = "Lea.Martin@caf54.example";
    assert_eq!(disable(&mut tx, address, true, NOON).await.unwrap(), Some(cast.instructeur.id));
    assert!(by_address(&mut tx, address).await.unwrap().unwrap().disabled);
    assert!(instructeurs_of(&mut tx, &[cast.caf.id]).await.unwrap().is_empty());
    import(&mut tx, &[cast::instructeur()], NOON).await.unwrap();
    assert!(by_address(&mut tx, address).await.unwrap().unwrap().disabled, "an import enables nobody");
    disable(&mut tx, address, false, NOON).await.unwrap();
    assert!(!by_address(&mut tx, address).await.unwrap().unwrap().disabled);
}

pub(crate) async fn a_large_import_is_two_statements(database: &Database) {
    let line = |n: usize| {
        let mut line = cast::instructeur();
        line.address = format!("agent{n}@caf54.example");
        line.groups[0].name = format!("CAF {}", n % 50);
        line
    };
    let lines: Vec<_> = (0..4_000).map(line).collect();
    let mut tx = database.db.begin().await.unwrap();
    let report = import(&mut tx, &lines, NOON).await.unwrap();
    assert_eq!(report, ImportReport { created: 4_000, updated: 0, groups_created: 50 });
    let report = import(&mut tx, &lines, NOON).await.unwrap();
    assert_eq!(report, ImportReport { created: 0, updated: 4_000, groups_created: 0 });
    assert_eq!(list(&mut tx).await.unwrap().len(), 4_000);
}
