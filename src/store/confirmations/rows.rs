//! A question as it lies in its table.

use uuid::Uuid;

use super::super::{StoreError, values};
use super::Line;
use crate::demande::admission::Holder;
use crate::demande::confirmation::Kind;
use crate::demande::{GroupId, Millis, PersonId};

pub(super) const COLUMNS: &str =
    "id, inbox, kind, demande, holder, state, held_at, asked_at, expires_at, answered_at, answered_by";

/// Where a question stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// In line behind another.
    Waiting,
    /// Asked, not answered.
    Open,
    /// OUI, or let through by the operator.
    Yes,
    /// NON, or refused by the operator.
    No,
    /// Nobody answered in time.
    Expired,
}

impl State {
    const ALL: [State; 5] = [State::Waiting, State::Open, State::Yes, State::No, State::Expired];

    /// Name in the store and in JSON.
    pub fn code(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Open => "open",
            State::Yes => "yes",
            State::No => "no",
            State::Expired => "expired",
        }
    }

    fn from_code(code: &str) -> Option<Self> {
        State::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A held mail, and what was asked about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its number, which its token carries.
    pub id: u32,
    /// The held arrival.
    pub inbox: Uuid,
    /// What is asked.
    pub kind: Kind,
    /// The demande; 0 when the operator let through a mail that nobody was asked about.
    pub demande: u32,
    /// Who is asked; `None` for the same.
    pub holder: Option<Holder>,
    /// Where it stands.
    pub state: State,
    /// When the mail was held.
    pub held_at: Millis,
    /// When it was asked.
    pub asked_at: Option<Millis>,
    /// When it ends.
    pub expires_at: Millis,
    /// When it ended.
    pub answered_at: Option<Millis>,
    /// Who ended it: "person:12", "operator", "relais".
    pub answered_by: Option<String>,
}

impl Question {
    /// The line it stands in; `None` when nobody is asked.
    pub fn line(&self) -> Option<Line> {
        self.holder.map(|holder| Line { kind: self.kind, demande: self.demande, holder })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct Raw {
    id: i64,
    inbox: Uuid,
    kind: String,
    demande: i64,
    holder: String,
    state: String,
    held_at: i64,
    asked_at: Option<i64>,
    expires_at: i64,
    answered_at: Option<i64>,
    answered_by: Option<String>,
}

impl TryFrom<Raw> for Question {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self, StoreError> {
        Ok(Question {
            id: values::number(raw.id)?,
            inbox: raw.inbox,
            kind: Kind::from_code(&raw.kind).ok_or_else(|| StoreError::unreadable("confirmations.kind"))?,
            demande: values::number(raw.demande)?,
            holder: holder(&raw.holder)?,
            state: State::from_code(&raw.state)
                .ok_or_else(|| StoreError::unreadable("confirmations.state"))?,
            held_at: raw.held_at,
            asked_at: raw.asked_at,
            expires_at: raw.expires_at,
            answered_at: raw.answered_at,
            answered_by: raw.answered_by,
        })
    }
}

fn holder(key: &str) -> Result<Option<Holder>, StoreError> {
    let unreadable = || StoreError::unreadable("confirmations.holder");
    let Some((sort, id)) = key.split_once(':') else {
        return if key.is_empty() { Ok(None) } else { Err(unreadable()) };
    };
    let id = id.parse().map_err(|_| unreadable())?;
    match sort {
        "person" => Ok(Some(Holder::Person(PersonId(id)))),
        "group" => Ok(Some(Holder::Group(GroupId(id)))),
        _ => Err(unreadable()),
    }
}
