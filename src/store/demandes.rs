//! Demandes: opened, read as a scene, recorded as a decision says, listed.
//!
//! Knows where the thread lies. Stores no state: it is read off the thread ([`crate::demande::etat`]).

mod record;
mod scene;

use std::collections::BTreeMap;

pub use record::record;
pub use scene::{bring, scene, scenes};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::types::Json;

use super::{StoreError, Tx, row, rows, run, values};
use crate::demande::{GroupId, Mandat, Millis, Participant, PersonId};

/// A demande to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDemande {
    /// Its subject.
    pub sujet: String,
    /// What is asked.
    pub description: String,
    /// What is known of the usager.
    pub infos: BTreeMap<String, String>,
    /// Code of its territoire.
    pub territoire: String,
    /// The author's group, if he asks in its name, with its name now.
    pub structure: Option<(GroupId, String)>,
    /// The aidant.
    pub author: PersonId,
    /// The citizen's authorisation.
    pub mandat: Option<Mandat>,
    /// When.
    pub created_at: Millis,
    /// Everybody who takes part from the start, the author included.
    pub participants: Vec<Participant>,
    /// The groups asked, in the order they were chosen.
    pub groups: Vec<GroupId>,
}

/// Opens a demande; its number. Numbers start at 1 and are never used again.
pub async fn create(tx: &mut Tx, new: &NewDemande) -> Result<u32, StoreError> {
    const SQL: &str = "INSERT INTO demandes (sujet, description, infos, territoire, structure, structure_name, \
        author, mandat, created_at, last_activity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) \
        RETURNING number";
    let infos: BTreeMap<String, String> =
        new.infos.iter().map(|(key, value)| (values::clean(key), values::clean(value))).collect();
    let (structure, structure_name) = new.structure.clone().unzip();
    let created = row!(
        tx,
        (i64,),
        SQL,
        values::clean(&new.sujet),
        values::clean(&new.description),
        Json(&infos),
        &new.territoire,
        structure.map(|id| i64::from(id.0)),
        structure_name.as_deref(),
        i64::from(new.author.0),
        new.mandat.as_ref().map(Json),
        new.created_at,
    )?;
    let (number,) = created.ok_or_else(|| StoreError::unreadable("demandes.number"))?;
    let number = values::number(number)?;
    ask(tx, number, &new.groups).await?;
    record::join(tx, number, &new.participants).await?;
    Ok(number)
}

async fn ask(tx: &mut Tx, number: u32, groups: &[GroupId]) -> Result<(), StoreError> {
    const SQL: &str = "WITH given AS (SELECT value AS v FROM json_each($2)) \
        INSERT INTO demande_groupes (demande, groupe, rank) \
        SELECT $1, CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS BIGINT) FROM given WHERE true \
        ON CONFLICT (demande, groupe) DO NOTHING";
    if groups.is_empty() {
        return Ok(());
    }
    let ranked: Vec<Value> = groups.iter().enumerate().map(|(rank, id)| json!([id, rank])).collect();
    run!(tx, SQL, i64::from(number), Value::from(ranked).to_string()).map(drop)
}

/// Which demandes [`list`] shows.
#[derive(Debug, Clone, Copy)]
pub struct Filter {
    /// Only the archived ones, or only the others.
    pub closed: Option<bool>,
    /// Only those in which that person takes part.
    pub participant: Option<PersonId>,
    /// At most that many.
    pub limit: u32,
    /// Only numbers below, for the next page.
    pub below: Option<u32>,
}

impl Default for Filter {
    fn default() -> Self {
        Filter { closed: None, participant: None, limit: 50, below: None }
    }
}

/// A demande in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its number.
    pub number: u32,
    /// Its subject.
    pub sujet: String,
    /// Its territoire.
    pub territoire: String,
    /// The aidant.
    pub author: PersonId,
    /// When it was opened.
    pub created_at: Millis,
    /// When something was last said in it.
    pub last_activity: Millis,
    /// When it was archived, if it is.
    pub closed_at: Option<Millis>,
    /// When its personal data was wiped.
    pub wiped_at: Option<Millis>,
}

#[derive(sqlx::FromRow)]
struct SummaryRow {
    number: i64,
    sujet: String,
    territoire: String,
    author: i64,
    created_at: i64,
    last_activity: i64,
    closed_at: Option<i64>,
    wiped_at: Option<i64>,
}

impl TryFrom<SummaryRow> for Summary {
    type Error = StoreError;

    fn try_from(row: SummaryRow) -> Result<Self, StoreError> {
        Ok(Summary {
            number: values::number(row.number)?,
            sujet: row.sujet,
            territoire: row.territoire,
            author: values::person(row.author)?,
            created_at: row.created_at,
            last_activity: row.last_activity,
            closed_at: row.closed_at,
            wiped_at: row.wiped_at,
        })
    }
}

/// The highest numbers first.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<Vec<Summary>, StoreError> {
    let closed = filter.closed.map(|closed| format!("closed_at IS {}NULL", if closed { "NOT " } else { "" }));
    let whose = filter.participant.map(|PersonId(id)| {
        format!("number IN (SELECT demande FROM participants WHERE person = {id} AND left_at IS NULL)")
    });
    let which: Vec<String> = ["number < $2".to_owned()].into_iter().chain(closed).chain(whose).collect();
    let sql = AssertSqlSafe(format!(
        "SELECT number, sujet, territoire, author, created_at, last_activity, closed_at, wiped_at \
         FROM demandes WHERE {} ORDER BY number DESC LIMIT $1",
        which.join(" AND ")
    ));
    let below = filter.below.map_or(i64::MAX, i64::from);
    let found = rows!(tx, SummaryRow, sql, i64::from(filter.limit), below)?;
    found.into_iter().map(Summary::try_from).collect()
}

/// Numbers of the open demandes that person takes part in, the latest activity first, at most 100.
pub async fn open_of(tx: &mut Tx, person: PersonId) -> Result<Vec<u32>, StoreError> {
    const SQL: &str = "SELECT d.number FROM participants p JOIN demandes d ON d.number = p.demande \
        WHERE p.person = $1 AND p.left_at IS NULL AND d.closed_at IS NULL AND d.wiped_at IS NULL \
        ORDER BY d.last_activity DESC, d.number DESC LIMIT 100";
    let found = rows!(tx, (i64,), SQL, i64::from(person.0))?;
    found.into_iter().map(|(number,)| values::number(number)).collect()
}

/// The answers to "La réponse vous semble-t-elle utile pour l’usager ?" in a month ("2026-11"): territoire, answer
/// and sum, for sums of 5 and more only (domain.md §3).
pub async fn usefulness(tx: &mut Tx, month: &str) -> Result<Vec<(String, String, u64)>, StoreError> {
    const SQL: &str = "SELECT territoire, answer, answers FROM usefulness WHERE month = $1 AND answers >= 5 \
        ORDER BY territoire, answer";
    let found = rows!(tx, (String, String, i64), SQL, month)?;
    Ok(found.into_iter().map(|(territoire, answer, sum)| (territoire, answer, values::size(sum))).collect())
}
