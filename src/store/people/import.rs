//! Importing accounts and their groups from a list: one statement for all groups, one for all accounts.
//!
//! An account is recognised by its address, a group by its name. Knows nothing of CSV.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::super::{StoreError, Tx, rows, run, values};
use crate::demande::Millis;
use crate::demande::comptes::{ImportedGroup, ImportedPerson};
use crate::demande::people::Level;
use crate::demande::reference;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Accounts created.
    pub created: u32,
    /// Accounts that were there.
    pub updated: u32,
    /// Groups created.
    pub groups_created: u32,
}

/// Creates what is new and updates what is known; all or nothing, with the transaction.
pub async fn import(tx: &mut Tx, given: &[ImportedPerson], at: Millis) -> Result<ImportReport, StoreError> {
    let groups = merged_groups(given.iter().flat_map(|line| &line.groups));
    let people = merged_people(given);
    let known_groups = known(
        tx,
        "SELECT name_key, id FROM groupes WHERE name_key IN \
        (SELECT value ->> 0 FROM json_each($1))",
        groups.keys(),
    )
    .await?;
    let group_ids = write_groups(tx, &groups, at).await?;
    let known_people = known(
        tx,
        "SELECT address_key, person FROM people_addresses WHERE address_key IN \
        (SELECT value ->> 0 FROM json_each($1))",
        people.keys(),
    )
    .await?;
    update(tx, &people, &known_people, at).await?;
    let ids = create(tx, &people, known_people.clone(), at).await?;
    add_members(tx, &people, &ids, &group_ids).await?;
    Ok(ImportReport {
        created: count(people.len() - known_people.len()),
        updated: count(known_people.len()),
        groups_created: count(groups.len() - known_groups.len()),
    })
}

/// Creates or completes groups that no account of a list belongs to; how many were given.
pub async fn import_groups(tx: &mut Tx, given: &[ImportedGroup], at: Millis) -> Result<usize, StoreError> {
    let groups = merged_groups(given.iter());
    Ok(if groups.is_empty() { 0 } else { write_groups(tx, &groups, at).await?.len() })
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The account as all its lines tell it, and the keys of its groups.
struct Merged {
    person: ImportedPerson,
    groups: BTreeSet<String>,
}

fn merged_people(given: &[ImportedPerson]) -> BTreeMap<String, Merged> {
    let mut people: BTreeMap<String, Merged> = BTreeMap::new();
    for line in given {
        let groups = line.groups.iter().map(|group| values::address_key(&group.name));
        match people.entry(values::address_key(&line.address)) {
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(Merged { person: line.clone(), groups: groups.collect() });
            }
            std::collections::btree_map::Entry::Occupied(mut known) => {
                known.get_mut().groups.extend(groups);
                add(&mut known.get_mut().person, line);
            }
        }
    }
    people
}

/// A further line of the same address: its words replace, its roles add.
fn add(person: &mut ImportedPerson, line: &ImportedPerson) {
    person.first_name.clone_from(&line.first_name);
    person.last_name.clone_from(&line.last_name);
    person.qualite = line.qualite.clone().or(person.qualite.take());
    person.phone = line.phone.clone().or(person.phone.take());
    person.instructeur |= line.instructeur;
    person.aidant |= line.aidant;
    person.responsable |= line.responsable;
    person.shared |= line.shared;
}

fn merged_groups<'a>(given: impl Iterator<Item = &'a ImportedGroup>) -> BTreeMap<String, ImportedGroup> {
    let mut groups: BTreeMap<String, ImportedGroup> = BTreeMap::new();
    for group in given {
        let merged = groups
            .entry(values::address_key(&group.name))
            .or_insert_with(|| ImportedGroup { name: group.name.clone(), ..ImportedGroup::default() });
        if !group.organisme.is_empty() {
            merged.organisme.clone_from(&group.organisme);
        }
        merged.bal = group.bal.clone().or(merged.bal.take());
        for territoire in &group.territoires {
            if !merged.territoires.contains(territoire) {
                merged.territoires.push(territoire.clone());
            }
        }
    }
    groups
}

async fn known(
    tx: &mut Tx,
    sql: &'static str,
    keys: impl Iterator<Item = &String>,
) -> Result<HashMap<String, i64>, StoreError> {
    Ok(rows!(tx, (String, i64), sql, values::texts(keys))?.into_iter().collect())
}

async fn write_groups(
    tx: &mut Tx,
    groups: &BTreeMap<String, ImportedGroup>,
    at: Millis,
) -> Result<HashMap<String, i64>, StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO groupes (name, name_key, organisme, aidant_side, territoires, bal, bal_key, level, created_at) \
        SELECT v ->> 'name', v ->> 'key', v ->> 'organisme', CAST(v ->> 'aidant' AS BOOLEAN), v -> 'territoires', \
               v ->> 'bal', v ->> 'bal_key', v ->> 'level', $2 \
        FROM given WHERE true ON CONFLICT (name_key) DO UPDATE SET \
            organisme = CASE WHEN excluded.organisme = '' THEN groupes.organisme ELSE excluded.organisme END, \
            aidant_side = CASE WHEN excluded.organisme = '' THEN groupes.aidant_side ELSE excluded.aidant_side END, \
            territoires = CASE WHEN CAST(excluded.territoires AS TEXT) = '[]' THEN groupes.territoires \
                ELSE excluded.territoires END, \
            bal = COALESCE(excluded.bal, groupes.bal), bal_key = COALESCE(excluded.bal_key, groupes.bal_key) \
        RETURNING name_key, id";
    let described = |(key, group): (&String, &ImportedGroup)| {
        let aidant = reference::organisme(&group.organisme).is_some_and(|organisme| organisme.aidant_side);
        json!({
            "key": key, "name": group.name.trim(), "organisme": group.organisme, "aidant": aidant,
            "territoires": group.territoires, "bal": group.bal.as_deref().map(str::trim),
            "bal_key": group.bal.as_deref().map(values::address_key), "level": Level::Masque.code(),
        })
    };
    let given = list(groups.iter().map(described));
    Ok(rows!(tx, (String, i64), SQL, given, at)?.into_iter().collect())
}

fn list(items: impl Iterator<Item = Value>) -> String {
    let mut all = Value::from(items.collect::<Vec<_>>());
    values::clean_json(&mut all);
    all.to_string()
}

fn described(key: &str, person: &ImportedPerson) -> Value {
    json!({
        "key": key, "first": person.first_name.trim(), "last": person.last_name.trim(),
        "address": person.address.trim(), "qualite": person.qualite, "phone": person.phone,
        "aidant": person.aidant, "instructeur": person.instructeur, "responsable": person.responsable,
        "shared": person.shared,
    })
}

/// Names and roles become what the list says; other roles, the disabled flag and the registered address stay.
async fn update(
    tx: &mut Tx,
    people: &BTreeMap<String, Merged>,
    known: &HashMap<String, i64>,
    at: Millis,
) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        UPDATE people SET first_name = v ->> 'first', last_name = v ->> 'last', \
            qualite = COALESCE(v ->> 'qualite', qualite), phone = COALESCE(v ->> 'phone', phone), \
            aidant = CAST(v ->> 'aidant' AS BOOLEAN), instructeur = CAST(v ->> 'instructeur' AS BOOLEAN), \
            responsable = CAST(v ->> 'responsable' AS BOOLEAN), \
            shared = shared OR CAST(v ->> 'shared' AS BOOLEAN), updated_at = $2 \
        FROM given WHERE people.id = CAST(v ->> 'id' AS BIGINT)";
    let old = people.iter().filter_map(|(key, merged)| {
        let mut person = described(key, &merged.person);
        person["id"] = Value::from(*known.get(key)?);
        Some(person)
    });
    run!(tx, SQL, list(old), at).map(drop)
}

/// Creates the accounts that are not known; every account's id by its address.
async fn create(
    tx: &mut Tx,
    people: &BTreeMap<String, Merged>,
    known: HashMap<String, i64>,
    at: Millis,
) -> Result<HashMap<String, i64>, StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO people (first_name, last_name, address, qualite, phone, aidant, instructeur, responsable, \
            shared, created_at, updated_at) \
        SELECT v ->> 'first', v ->> 'last', v ->> 'address', v ->> 'qualite', v ->> 'phone', \
            CAST(v ->> 'aidant' AS BOOLEAN), CAST(v ->> 'instructeur' AS BOOLEAN), \
            CAST(v ->> 'responsable' AS BOOLEAN), CAST(v ->> 'shared' AS BOOLEAN), $2, $2 FROM given WHERE true RETURNING address, id";
    const ADDRESSES: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO people_addresses (address_key, person, verified_at) \
        SELECT v ->> 'key', CAST(v ->> 'id' AS BIGINT), $2 FROM given WHERE true";
    let new = people.iter().filter(|(key, _)| !known.contains_key(*key));
    let given = list(new.map(|(key, merged)| described(key, &merged.person)));
    let created = rows!(tx, (String, i64), SQL, given, at)?;
    let created: Vec<_> =
        created.into_iter().map(|(address, id)| (values::address_key(&address), id)).collect();
    let addresses = list(created.iter().map(|(key, id)| json!({"key": key, "id": id})));
    run!(tx, ADDRESSES, addresses, at)?;
    let mut ids = known;
    ids.extend(created);
    Ok(ids)
}

async fn add_members(
    tx: &mut Tx,
    people: &BTreeMap<String, Merged>,
    ids: &HashMap<String, i64>,
    groups: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($1)) \
        INSERT INTO memberships (person, groupe) \
        SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT) FROM given WHERE true \
        ON CONFLICT (person, groupe) DO NOTHING";
    let pairs = people.iter().flat_map(|(key, merged)| {
        let person = ids.get(key);
        merged.groups.iter().filter_map(move |group| Some(json!([person?, groups.get(group)?])))
    });
    run!(tx, SQL, list(pairs)).map(drop)
}
