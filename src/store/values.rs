//! How the domain's values lie in columns: small integers, lists as JSON, fingerprints.

use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::StoreError;
use crate::demande::{GroupId, PersonId};

/// A column that holds a number of ours.
pub(super) fn number(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::unreadable("a number beyond 32 bits"))
}

pub(super) fn maybe_number(value: Option<i64>) -> Result<Option<u32>, StoreError> {
    value.map(number).transpose()
}

pub(super) fn person(value: i64) -> Result<PersonId, StoreError> {
    number(value).map(PersonId)
}

pub(super) fn group(value: i64) -> Result<GroupId, StoreError> {
    number(value).map(GroupId)
}

/// A size in bytes, or a count; a database never holds a negative one of ours.
pub(super) fn size(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

pub(super) fn length(bytes: &[u8]) -> i64 {
    i64::try_from(bytes.len()).unwrap_or(i64::MAX)
}

/// An address as it is compared: domain.md §1, case does not matter.
pub(super) fn address_key(address: &str) -> String {
    clean(address.trim()).to_lowercase()
}

/// Without NUL, which PostgreSQL keeps in no text.
pub(super) fn clean(text: &str) -> String {
    text.replace('\0', "")
}

/// The same, everywhere in a JSON value.
pub(super) fn clean_json(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('\0') => *text = clean(text),
        Value::Array(items) => items.iter_mut().for_each(clean_json),
        Value::Object(map) => {
            let dirty: Vec<String> = map.keys().filter(|key| key.contains('\0')).cloned().collect();
            for key in dirty {
                let value = map.remove(&key).unwrap_or_default();
                map.insert(clean(&key), value);
            }
            map.values_mut().for_each(clean_json);
        }
        _ => {}
    }
}

/// A list of numbers for `SELECT CAST(value AS BIGINT) FROM json_each($1)`.
pub(super) fn numbers(list: impl IntoIterator<Item = u32>) -> String {
    Value::from(list.into_iter().collect::<Vec<_>>()).to_string()
}

/// A list of ids for `SELECT unhex(value) FROM json_each($1)`.
pub(super) fn ids(list: impl IntoIterator<Item = Uuid>) -> String {
    Value::from(list.into_iter().map(hex).collect::<Vec<_>>()).to_string()
}

/// A list of texts for `SELECT value ->> 0 FROM json_each($1)`.
pub(super) fn texts<S: Into<String>>(list: impl IntoIterator<Item = S>) -> String {
    Value::from(list.into_iter().map(|text| Value::from(vec![text.into()])).collect::<Vec<_>>()).to_string()
}

/// An id as `unhex` reads it.
pub(super) fn hex(id: Uuid) -> String {
    id.simple().to_string()
}

/// The smallest `UUIDv7` of that moment: ids before it are older.
pub(super) fn id_at(at: crate::demande::Millis) -> Uuid {
    let millis = u128::try_from(at.max(0)).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

/// SHA-256, in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A key of 122 bits for these parts together, as an id; parts are told apart by their length.
pub(super) fn fingerprint(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut first = [0; 16];
    for (byte, hashed) in first.iter_mut().zip(hash.finalize()) {
        *byte = hashed;
    }
    uuid::Builder::from_custom_bytes(first).into_uuid()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nul_is_taken_out_everywhere() {
        let mut value = json!({"a\0": ["x\0y", {"b": "\0"}], "c": 1});
        clean_json(&mut value);
        assert_eq!(value, json!({"a": ["xy", {"b": ""}], "c": 1}));
    }

    #[test]
    fn fingerprints_tell_parts_apart() {
        assert_eq!(fingerprint(&["ab", "c"]), fingerprint(&["ab", "c"]));
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }

    #[test]
    fn lists_are_json() {
        assert_eq!(numbers([1, 2]), "[1,2]");
        assert_eq!(texts(["a"]), r#"[["a"]]"#);
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
