//! Accounts and groups: found by address or id, imported by lists, disabled; and the generations that revoke tokens.
//!
//! Knows where they lie. Does not know what an account may do ([`crate::demande::rights`]).

mod import;
mod rows;

use std::collections::BTreeMap;

pub use import::{ImportReport, import, import_groups};
use rows::{GROUP_COLUMNS, GroupRow, PERSON_COLUMNS, PersonRow};
use sqlx::AssertSqlSafe;

use super::{StoreError, Tx, row, rows, run, values};
use crate::demande::admission::Holder;
use crate::demande::{Group, GroupId, Millis, Person, PersonId};

/// The account that address belongs to, whatever its case; any verified address counts. Disabled accounts too.
pub async fn by_address(tx: &mut Tx, address: &str) -> Result<Option<Person>, StoreError> {
    const SQL: &str = "SELECT person FROM people_addresses WHERE address_key = $1";
    match row!(tx, (i64,), SQL, values::address_key(address))? {
        Some((id,)) => person(tx, values::person(id)?).await,
        None => Ok(None),
    }
}

/// The group whose shared mailbox has that address; the first one if several share it.
pub async fn bal(tx: &mut Tx, address: &str) -> Result<Option<Group>, StoreError> {
    let sql =
        AssertSqlSafe(format!("SELECT {GROUP_COLUMNS} FROM groupes WHERE bal_key = $1 ORDER BY id LIMIT 1"));
    row!(tx, GroupRow, sql, values::address_key(address))?.map(Group::try_from).transpose()
}

/// An account by its id.
pub async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>, StoreError> {
    Ok(people(tx, &[id]).await?.remove(&id))
}

/// A group by its id.
pub async fn group(tx: &mut Tx, id: GroupId) -> Result<Option<Group>, StoreError> {
    Ok(groups(tx, &[id]).await?.remove(&id))
}

/// A group by its name, whatever its case.
pub async fn group_named(tx: &mut Tx, name: &str) -> Result<Option<Group>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {GROUP_COLUMNS} FROM groupes WHERE name_key = $1"));
    row!(tx, GroupRow, sql, values::address_key(name))?.map(Group::try_from).transpose()
}

/// The accounts of these ids, with their groups' ids: two queries, however many.
pub async fn people(tx: &mut Tx, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Person>, StoreError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {PERSON_COLUMNS} FROM people WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))"
    ));
    let found = rows!(tx, PersonRow, sql, values::numbers(ids.iter().map(|id| id.0)))?;
    with_groups(tx, found).await
}

/// The groups of these ids.
pub async fn groups(tx: &mut Tx, ids: &[GroupId]) -> Result<BTreeMap<GroupId, Group>, StoreError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {GROUP_COLUMNS} FROM groupes WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each($1))"
    ));
    let found = rows!(tx, GroupRow, sql, values::numbers(ids.iter().map(|id| id.0)))?;
    found.into_iter().map(|row| Group::try_from(row).map(|group| (group.id, group))).collect()
}

/// The active instructeurs of these groups: at creation they become participants (domain.md §2).
pub async fn instructeurs_of(tx: &mut Tx, ids: &[GroupId]) -> Result<BTreeMap<PersonId, Person>, StoreError> {
    let sql = AssertSqlSafe(format!(
        "SELECT {PERSON_COLUMNS} FROM people WHERE instructeur AND NOT disabled AND id IN (SELECT person \
         FROM memberships WHERE groupe IN (SELECT CAST(value AS BIGINT) FROM json_each($1)))"
    ));
    let found = rows!(tx, PersonRow, sql, values::numbers(ids.iter().map(|id| id.0)))?;
    with_groups(tx, found).await
}

/// Every account, by id.
pub async fn list(tx: &mut Tx) -> Result<Vec<Person>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {PERSON_COLUMNS} FROM people ORDER BY id"));
    let found = rows!(tx, PersonRow, sql)?;
    Ok(with_groups(tx, found).await?.into_values().collect())
}

/// Every group, by id.
pub async fn list_groups(tx: &mut Tx) -> Result<Vec<Group>, StoreError> {
    let sql = AssertSqlSafe(format!("SELECT {GROUP_COLUMNS} FROM groupes ORDER BY id"));
    rows!(tx, GroupRow, sql)?.into_iter().map(Group::try_from).collect()
}

async fn with_groups(tx: &mut Tx, found: Vec<PersonRow>) -> Result<BTreeMap<PersonId, Person>, StoreError> {
    const SQL: &str = "SELECT person, groupe FROM memberships WHERE person IN \
        (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY person, groupe";
    let people = found.into_iter().map(Person::try_from).map(|person| person.map(|p| (p.id, p)));
    let mut people: BTreeMap<_, _> = people.collect::<Result<_, _>>()?;
    for (person, group) in rows!(tx, (i64, i64), SQL, values::numbers(people.keys().map(|id| id.0)))? {
        if let Some(person) = people.get_mut(&values::person(person)?) {
            person.groups.push(values::group(group)?);
        }
    }
    Ok(people)
}

/// Disables an account (or enables it again), by any of its addresses; the account, or `None` if nobody has it.
pub async fn disable(
    tx: &mut Tx,
    address: &str,
    disabled: bool,
    at: Millis,
) -> Result<Option<PersonId>, StoreError> {
    const SQL: &str = "UPDATE people SET disabled = $2, updated_at = $3 WHERE id = \
        (SELECT person FROM people_addresses WHERE address_key = $1) RETURNING id";
    let found = row!(tx, (i64,), SQL, values::address_key(address), disabled, at)?;
    found.map(|(id,)| values::person(id)).transpose()
}

/// A further address that was proved to be an account's.
///
/// # Errors
/// [`StoreError::Conflict`] when it is somebody's already.
pub async fn add_address(tx: &mut Tx, id: PersonId, address: &str, at: Millis) -> Result<(), StoreError> {
    const SQL: &str = "INSERT INTO people_addresses (address_key, person, verified_at) VALUES ($1, $2, $3)";
    run!(tx, SQL, values::address_key(address), i64::from(id.0), at).map(drop)
}

/// Generations that go into a token's MAC (mail.md §1): raising one revokes every token made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// The demande's.
    pub demande: u32,
    /// The person's or group's.
    pub holder: u32,
}

impl Generations {
    /// What a token made now carries: 0 to 15, another value once either number was raised.
    pub fn for_token(self) -> u8 {
        u8::try_from((self.demande + self.holder) & 15).unwrap_or(0)
    }
}

/// The generations in force, `None` when there is no such demande or holder.
pub async fn generations(
    tx: &mut Tx,
    demande: u32,
    holder: Holder,
) -> Result<Option<Generations>, StoreError> {
    const PERSON: &str = "SELECT d.token_generation, h.token_generation FROM demandes d, people h \
        WHERE d.number = $1 AND h.id = $2";
    const GROUP: &str = "SELECT d.token_generation, h.token_generation FROM demandes d, groupes h \
        WHERE d.number = $1 AND h.id = $2";
    let (sql, id) = match holder {
        Holder::Person(id) => (PERSON, id.0),
        Holder::Group(id) => (GROUP, id.0),
    };
    let found = row!(tx, (i64, i64), sql, i64::from(demande), i64::from(id))?;
    let read = |(demande, holder)| {
        Ok(Generations { demande: values::number(demande)?, holder: values::number(holder)? })
    };
    found.map(read).transpose()
}

/// Revokes every token of a person or group; false when there is none.
pub async fn revoke_holder(tx: &mut Tx, holder: Holder) -> Result<bool, StoreError> {
    const PERSON: &str = "UPDATE people SET token_generation = token_generation + 1 WHERE id = $1";
    const GROUP: &str = "UPDATE groupes SET token_generation = token_generation + 1 WHERE id = $1";
    let (sql, id) = match holder {
        Holder::Person(id) => (PERSON, id.0),
        Holder::Group(id) => (GROUP, id.0),
    };
    Ok(run!(tx, sql, i64::from(id))? == 1)
}

/// Revokes every token of a demande; false when there is none.
pub async fn revoke_demande(tx: &mut Tx, number: u32) -> Result<bool, StoreError> {
    const SQL: &str = "UPDATE demandes SET token_generation = token_generation + 1 WHERE number = $1";
    Ok(run!(tx, SQL, i64::from(number))? == 1)
}
