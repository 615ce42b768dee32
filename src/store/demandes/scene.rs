//! Reading demandes whole, with everybody in them: eight queries, for one demande as for a hundred.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sqlx::types::Json;
use uuid::Uuid;

use super::super::{StoreError, Tx, people, rows, values};
use crate::demande::decide::Scene;
use crate::demande::{
    Author, Channel, Demande, Entry, FileRef, GroupId, Kind, Mandat, Part, Participant, PersonId, Side,
    Visibility,
};

/// The demande of that number with all that a decision may look at; `None` when there is none.
pub async fn scene(tx: &mut Tx, number: u32) -> Result<Option<Scene>, StoreError> {
    Ok(scenes(tx, &[number]).await?.pop())
}

/// The demandes of these numbers, in the order of their numbers; unknown ones are left out.
pub async fn scenes(tx: &mut Tx, numbers: &[u32]) -> Result<Vec<Scene>, StoreError> {
    let wanted = values::numbers(numbers.iter().copied());
    let mut entries = entries(tx, &wanted).await?;
    let mut participants = participants(tx, &wanted).await?;
    let mut asked = asked(tx, &wanted).await?;
    let mut demandes = Vec::new();
    for row in demandes_of(tx, &wanted).await? {
        let mut demande = row.demande()?;
        demande.entries = entries.remove(&demande.number).unwrap_or_default();
        demande.participants = participants.remove(&demande.number).unwrap_or_default();
        demande.groups = asked.remove(&demande.number).unwrap_or_default();
        demandes.push(demande);
    }
    with_cast(tx, demandes).await
}

/// Brings further people, and their groups, into a scene: who acts without taking part yet.
pub async fn bring(tx: &mut Tx, scene: &mut Scene, ids: &[PersonId]) -> Result<(), StoreError> {
    let missing: Vec<PersonId> = ids.iter().copied().filter(|id| !scene.people.contains_key(id)).collect();
    let people = people::people(tx, &missing).await?;
    let groups: Vec<GroupId> = people.values().flat_map(|person| person.groups.iter().copied()).collect();
    scene.groups.extend(people::groups(tx, &groups).await?);
    scene.people.extend(people);
    Ok(())
}

async fn with_cast(tx: &mut Tx, demandes: Vec<Demande>) -> Result<Vec<Scene>, StoreError> {
    let cast = |demande: &Demande| -> Vec<PersonId> {
        demande.participants.iter().map(|p| p.person).chain([demande.author]).collect()
    };
    let ids: BTreeSet<PersonId> = demandes.iter().flat_map(cast).collect();
    let people = people::people(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let of_people = people.values().flat_map(|person| person.groups.iter().copied());
    let asked =
        demandes.iter().flat_map(|d| d.groups.iter().copied().chain(d.structure.as_ref().map(|s| s.0)));
    let ids: BTreeSet<GroupId> = of_people.chain(asked).collect();
    let groups = people::groups(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
    let scene = |demande: Demande| {
        let people: BTreeMap<_, _> =
            cast(&demande).iter().filter_map(|id| Some((*id, people.get(id)?.clone()))).collect();
        let of_people = people.values().flat_map(|person| person.groups.iter());
        let ids = of_people.chain(&demande.groups).chain(demande.structure.as_ref().map(|s| &s.0));
        let groups = ids.filter_map(|id| Some((*id, groups.get(id)?.clone()))).collect();
        Scene { demande, people, groups }
    };
    Ok(demandes.into_iter().map(scene).collect())
}

#[derive(sqlx::FromRow)]
struct DemandeRow {
    number: i64,
    sujet: String,
    description: String,
    #[sqlx(json)]
    infos: BTreeMap<String, String>,
    territoire: String,
    structure: Option<i64>,
    structure_name: Option<String>,
    author: i64,
    mandat: Option<Json<Mandat>>,
    created_at: i64,
    wiped_at: Option<i64>,
}

impl DemandeRow {
    fn demande(self) -> Result<Demande, StoreError> {
        let structure = self.structure.map(values::group).transpose()?;
        Ok(Demande {
            number: values::number(self.number)?,
            sujet: self.sujet,
            description: self.description,
            infos: self.infos,
            territoire: self.territoire,
            structure: structure.zip(self.structure_name),
            author: values::person(self.author)?,
            mandat: self.mandat.map(|Json(mandat)| mandat),
            created_at: self.created_at,
            wiped_at: self.wiped_at,
            entries: Vec::new(),
            participants: Vec::new(),
            groups: Vec::new(),
        })
    }
}

async fn demandes_of(tx: &mut Tx, wanted: &str) -> Result<Vec<DemandeRow>, StoreError> {
    const SQL: &str = "SELECT number, sujet, description, infos, territoire, structure, structure_name, author, \
        mandat, created_at, wiped_at FROM demandes \
        WHERE number IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY number";
    rows!(tx, DemandeRow, SQL, wanted)
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    demande: i64,
    n: i64,
    kind: String,
    author_person: Option<i64>,
    author_group: Option<i64>,
    author_name: String,
    author_side: Option<String>,
    visibility: String,
    text: String,
    quoted: String,
    signature: String,
    channel: String,
    source: Option<Uuid>,
    at: i64,
    pending_until: Option<i64>,
    withdrawn_at: Option<i64>,
}

fn known<T>(code: &str, read: fn(&str) -> Option<T>, column: &'static str) -> Result<T, StoreError> {
    read(code).ok_or_else(|| StoreError::unreadable(column))
}

impl EntryRow {
    fn entry(self, files: Vec<FileRef>) -> Result<Entry, StoreError> {
        let side =
            self.author_side.as_deref().map(|side| known(side, Side::from_code, "entries.author_side"));
        Ok(Entry {
            n: values::number(self.n)?,
            kind: known(&self.kind, Kind::from_code, "entries.kind")?,
            author: Author {
                person: self.author_person.map(values::person).transpose()?,
                group: self.author_group.map(values::group).transpose()?,
                name: self.author_name,
                side: side.transpose()?,
            },
            visibility: known(&self.visibility, Visibility::from_code, "entries.visibility")?,
            text: self.text,
            quoted: self.quoted,
            signature: self.signature,
            files,
            channel: known(&self.channel, Channel::from_code, "entries.channel")?,
            source: self.source,
            at: self.at,
            pending_until: self.pending_until,
            withdrawn_at: self.withdrawn_at,
        })
    }
}

async fn entries(tx: &mut Tx, wanted: &str) -> Result<HashMap<u32, Vec<Entry>>, StoreError> {
    const SQL: &str = "SELECT demande, n, kind, author_person, author_group, author_name, author_side, visibility, \
        text, quoted, signature, channel, source, at, pending_until, withdrawn_at FROM entries \
        WHERE demande IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY demande, n";
    let mut files = files(tx, wanted).await?;
    let mut threads: HashMap<u32, Vec<Entry>> = HashMap::new();
    for row in rows!(tx, EntryRow, SQL, wanted)? {
        let files = files.remove(&(row.demande, row.n)).unwrap_or_default();
        threads.entry(values::number(row.demande)?).or_default().push(row.entry(files)?);
    }
    Ok(threads)
}

#[derive(sqlx::FromRow)]
struct FileRow {
    demande: i64,
    entry: i64,
    id: Uuid,
    name: String,
    kind: String,
    size: i64,
}

async fn files(tx: &mut Tx, wanted: &str) -> Result<HashMap<(i64, i64), Vec<FileRef>>, StoreError> {
    const SQL: &str = "SELECT demande, entry, id, name, kind, size FROM files WHERE entry IS NOT NULL \
        AND demande IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY demande, entry, rank, id";
    let mut files: HashMap<(i64, i64), Vec<FileRef>> = HashMap::new();
    for row in rows!(tx, FileRow, SQL, wanted)? {
        let file = FileRef { id: row.id, name: row.name, kind: row.kind, size: values::size(row.size) };
        files.entry((row.demande, row.entry)).or_default().push(file);
    }
    Ok(files)
}

#[derive(sqlx::FromRow)]
struct ParticipantRow {
    demande: i64,
    person: i64,
    side: String,
    role: String,
    joined_at: i64,
    left_at: Option<i64>,
    follows: bool,
}

async fn participants(tx: &mut Tx, wanted: &str) -> Result<HashMap<u32, Vec<Participant>>, StoreError> {
    const SQL: &str = "SELECT demande, person, side, role, joined_at, left_at, follows FROM participants \
        WHERE demande IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY demande, joined_at, side, person";
    let mut participants: HashMap<u32, Vec<Participant>> = HashMap::new();
    for row in rows!(tx, ParticipantRow, SQL, wanted)? {
        participants.entry(values::number(row.demande)?).or_default().push(Participant {
            person: values::person(row.person)?,
            side: known(&row.side, Side::from_code, "participants.side")?,
            role: known(&row.role, Part::from_code, "participants.role")?,
            joined_at: row.joined_at,
            left_at: row.left_at,
            follows: row.follows,
        });
    }
    Ok(participants)
}

async fn asked(tx: &mut Tx, wanted: &str) -> Result<HashMap<u32, Vec<GroupId>>, StoreError> {
    const SQL: &str = "SELECT demande, groupe FROM demande_groupes \
        WHERE demande IN (SELECT CAST(value AS BIGINT) FROM json_each($1)) ORDER BY demande, rank";
    let mut asked: HashMap<u32, Vec<GroupId>> = HashMap::new();
    for (demande, group) in rows!(tx, (i64, i64), SQL, wanted)? {
        asked.entry(values::number(demande)?).or_default().push(values::group(group)?);
    }
    Ok(asked)
}
