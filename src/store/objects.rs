//! Files of demandes: their bytes once per content, and the images that a sender's mails carry every time.
//!
//! Knows bytes and names. Does not know what a file is, nor which are refused. Big ones leave the database later.

use uuid::Uuid;

use super::{StoreError, Tx, row, run, values};
use crate::clock::Clock;
use crate::demande::FileRef;

/// A file that came with a mail.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// Its demande.
    pub demande: u32,
    /// Cleaned name, at most 200 characters.
    pub name: &'a str,
    /// Type told by its bytes.
    pub kind: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Keeps a file; it belongs to an entry once [`super::demandes::record`] has recorded that entry.
pub async fn keep_file(tx: &mut Tx, clock: &Clock, file: NewFile<'_>) -> Result<FileRef, StoreError> {
    const CONTENT: &str =
        "INSERT INTO contents (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING";
    const FILE: &str = "INSERT INTO files (id, demande, name, kind, size, sha256, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (id, sha256, size) = (clock.new_id(), values::sha256_hex(file.bytes), values::length(file.bytes));
    let (name, kind) = (values::clean(file.name), values::clean(file.kind));
    run!(tx, CONTENT, &sha256, file.bytes)?;
    run!(tx, FILE, id, i64::from(file.demande), &name, &kind, size, &sha256, clock.now())?;
    Ok(FileRef { id, name, kind, size: values::size(size) })
}

/// What a file holds; `None` when there is no such file, or it was wiped.
pub async fn bytes(tx: &mut Tx, id: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
    const SQL: &str = "SELECT c.bytes FROM files f JOIN contents c ON c.sha256 = f.sha256 WHERE f.id = $1";
    Ok(row!(tx, (Vec<u8>,), SQL, id)?.map(|(bytes,)| bytes))
}

/// An image in a mail.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// The sender's address.
    pub sender: &'a str,
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
    /// The arrival that carried it: a mail that is worked again does not make its own images logos.
    pub source: Uuid,
    /// When.
    pub at: crate::demande::Millis,
}

/// True when an earlier mail of that sender carried the same image: a signature's logo, not a file. Remembers it.
pub async fn logo_seen(tx: &mut Tx, image: Image<'_>) -> Result<bool, StoreError> {
    const SQL: &str = "INSERT INTO logos (id, first_source, last_at) VALUES ($1, $2, $3) \
        ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at RETURNING first_source";
    let id = values::fingerprint(&[&values::address_key(image.sender), image.sha256]);
    let first = row!(tx, (Uuid,), SQL, id, image.source, image.at)?;
    Ok(first.is_some_and(|(source,)| source != image.source))
}
