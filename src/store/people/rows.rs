//! Accounts and groups as rows.

use super::super::{StoreError, values};
use crate::demande::people::Level;
use crate::demande::{Group, Person, Roles};

pub(super) const PERSON_COLUMNS: &str = "id, first_name, last_name, qualite, address, phone, aidant, instructeur, \
    responsable, admin, moderateur, observateur, shared, disabled";
pub(super) const GROUP_COLUMNS: &str = "id, name, organisme, aidant_side, territoires, bal, level";

#[derive(sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "flags of an account, a column each")]
pub(super) struct PersonRow {
    id: i64,
    first_name: String,
    last_name: String,
    qualite: Option<String>,
    address: String,
    phone: Option<String>,
    aidant: bool,
    instructeur: bool,
    responsable: bool,
    admin: bool,
    moderateur: bool,
    observateur: bool,
    shared: bool,
    disabled: bool,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self, StoreError> {
        Ok(Person {
            id: values::person(row.id)?,
            first_name: row.first_name,
            last_name: row.last_name,
            qualite: row.qualite,
            address: row.address,
            phone: row.phone,
            roles: Roles {
                aidant: row.aidant,
                instructeur: row.instructeur,
                responsable: row.responsable,
                admin: row.admin,
                moderateur: row.moderateur,
                observateur: row.observateur,
            },
            groups: Vec::new(),
            shared: row.shared,
            disabled: row.disabled,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct GroupRow {
    id: i64,
    name: String,
    organisme: String,
    aidant_side: bool,
    #[sqlx(json)]
    territoires: Vec<String>,
    bal: Option<String>,
    level: String,
}

impl TryFrom<GroupRow> for Group {
    type Error = StoreError;

    fn try_from(row: GroupRow) -> Result<Self, StoreError> {
        Ok(Group {
            id: values::group(row.id)?,
            name: row.name,
            organisme: row.organisme,
            aidant_side: row.aidant_side,
            territoires: row.territoires,
            bal: row.bal,
            level: Level::from_code(&row.level).ok_or_else(|| StoreError::unreadable("groupes.level"))?,
        })
    }
}
