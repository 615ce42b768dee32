//! The audit: who did what by which door; appended, never changed (the database itself refuses it).

use serde_json::Value;
use sqlx::types::Json;

use super::{Db, StoreError, Tx, rows, run, values};
use crate::demande::Millis;

/// A line to append.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLine<'a> {
    /// When.
    pub at: Millis,
    /// "person:12", "group:3", "operator", "relais".
    pub who: &'a str,
    /// The door: "mail", "commande", "passerelle"…
    pub door: &'a str,
    /// What was done.
    pub what: &'a str,
    /// To which demande.
    pub demande: Option<u32>,
    /// The rest, without the answer to the archiving question (domain.md §3).
    pub detail: Value,
}

/// A line that was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its rank; ranks grow, with gaps.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who.
    pub who: String,
    /// By which door.
    pub door: String,
    /// What was done.
    pub what: String,
    /// To which demande.
    pub demande: Option<u32>,
    /// The rest.
    pub detail: Value,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    id: i64,
    at: i64,
    who: String,
    door: String,
    what: String,
    demande: Option<i64>,
    #[sqlx(json)]
    detail: Value,
}

impl TryFrom<LineRow> for Line {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self, StoreError> {
        let demande = values::maybe_number(row.demande)?;
        let LineRow { id, at, who, door, what, detail, .. } = row;
        Ok(Line { id, at, who, door, what, demande, detail })
    }
}

/// Appends a line, in the transaction of what it tells.
pub async fn append(tx: &mut Tx, line: &NewLine<'_>) -> Result<(), StoreError> {
    const SQL: &str =
        "INSERT INTO audit (at, who, door, what, demande, detail) VALUES ($1, $2, $3, $4, $5, $6)";
    let mut detail = line.detail.clone();
    values::clean_json(&mut detail);
    let who = values::clean(line.who);
    run!(tx, SQL, line.at, who, line.door, line.what, line.demande.map(i64::from), Json(&detail)).map(drop)
}

/// Everything that was done to a demande, oldest first.
pub async fn of_demande(tx: &mut Tx, number: u32) -> Result<Vec<Line>, StoreError> {
    const SQL: &str =
        "SELECT id, at, who, door, what, demande, detail FROM audit WHERE demande = $1 ORDER BY id";
    rows!(tx, LineRow, SQL, i64::from(number))?.into_iter().map(Line::try_from).collect()
}

/// Lines after that rank, oldest first, at most `limit`.
pub async fn page(tx: &mut Tx, after: i64, limit: u32) -> Result<Vec<Line>, StoreError> {
    const SQL: &str =
        "SELECT id, at, who, door, what, demande, detail FROM audit WHERE id > $1 ORDER BY id LIMIT $2";
    rows!(tx, LineRow, SQL, after, i64::from(limit))?.into_iter().map(Line::try_from).collect()
}

/// Hands every line to `each`, oldest first, a page in memory at a time; returns how many.
pub async fn export(db: &Db, mut each: impl FnMut(Line)) -> Result<u64, StoreError> {
    const PAGE: u32 = 500;
    let (mut after, mut lines) = (0, 0);
    loop {
        let page = page(&mut db.read().await?, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(lines) };
        after = last.id;
        lines += page.len() as u64;
        page.into_iter().for_each(&mut each);
    }
}
