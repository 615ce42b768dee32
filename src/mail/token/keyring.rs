//! The keys of the tokens: the first mints, the retired ones only open. A file of its own, readable by us alone.
//!
//! Knows AES-SIV (RFC 5297) and the file. Does not know who asks for a rotation, nor tells a running daemon of it.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aes_siv::KeyInit;
use aes_siv::siv::Aes256Siv;
use data_encoding::HEXLOWER;
use time::{Date, OffsetDateTime};

use super::{Opened, PLAIN, TAG, Token, from_text, has_form, to_text};
use crate::demande::Millis;

/// What else the MAC covers: tokens of another layout, or of another program under the same key, do not open.
const CONTEXT: &[u8] = b"relais token 1";
/// Octets of a secret: two AES-256 keys, one for the MAC, one for the encryption.
const SECRET: usize = 64;
/// Most keys that a ring holds; each costs one MAC for every text tried.
const MAX_KEYS: usize = 16;
/// A file larger than this is no keyring.
const MAX_FILE: u64 = 16 * 1024;
const HEADER: &str = "# relais: the secret keys of the reply addresses (docs/security.md). Keep at 0600, back it up.\n\
    # One key a line: number, date, 64 octets in hexadecimal. The first mints; the others only open old addresses.\n";

/// Why a keyring cannot be used. Names the file and the remedy; never a secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The file can be neither read nor written.
    #[error(
        "token keys: {path}: {source}; give the account relais runs under the right to read and write it"
    )]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read it.
    #[error(
        "token keys: {path} can be read by others (mode {mode:o}); run: chmod 600 {path}, and if anybody may have read it, relais tokens rotate"
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is not in the form of a keyring.
    #[error(
        "token keys: {path}, line {line}: {what}; restore it from its backup, or move it away to have new keys made (every reply address already sent then stops working)"
    )]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1; 0 for the file as a whole.
        line: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The system gives no random numbers.
    #[error("token keys: the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

struct Key {
    id: u32,
    created: Date,
    secret: [u8; SECRET],
}

impl Key {
    fn cipher(&self) -> Aes256Siv {
        Aes256Siv::new(&self.secret.into())
    }
}

/// The keys, the current one first. `Debug` shows numbers and dates only.
pub struct Keyring {
    current: Key,
    retired: Vec<Key>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys().map(|key| (key.id, key.created))).finish()
    }
}

impl Keyring {
    /// A ring of one new key, from the system's random numbers, kept nowhere.
    pub fn generate(now: Millis) -> Result<Self, KeyringError> {
        Ok(Keyring { current: new_key(1, now)?, retired: Vec::new() })
    }

    /// A ring of these secrets, the current first: for tests, and for keys that are kept elsewhere.
    pub fn from_secrets(current: [u8; SECRET], retired: &[[u8; SECRET]]) -> Self {
        let created = OffsetDateTime::UNIX_EPOCH.date();
        let count = u32::try_from(retired.len()).unwrap_or(u32::MAX);
        let retired =
            retired.iter().zip((1..=count).rev()).map(|(secret, id)| Key { id, created, secret: *secret });
        Keyring {
            retired: retired.collect(),
            current: Key { id: count.saturating_add(1), created, secret: current },
        }
    }

    /// The ring in that file, which is made with one new key when there is none. Two daemons that start together
    /// agree on one file.
    pub fn load_or_create(path: &Path, now: Millis) -> Result<Self, KeyringError> {
        match Self::load(path) {
            Err(KeyringError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        let fresh = Self::generate(now)?;
        let written = fresh.temporary(path).and_then(|file| match file.persist_noclobber(path) {
            Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error.error),
            Ok(_) => sync_folder(path),
        });
        written.map_err(|source| KeyringError::Io { path: path.to_owned(), source })?;
        Self::load(path)
    }

    /// The ring in that file. Refused when anybody but its owner can read it.
    pub fn load(path: &Path) -> Result<Self, KeyringError> {
        let io = |source| KeyringError::Io { path: path.to_owned(), source };
        let file = File::open(path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyringError::Exposed { path: path.to_owned(), mode });
        }
        let mut text = String::new();
        file.take(MAX_FILE).read_to_string(&mut text).map_err(io)?;
        Self::parse(&text).map_err(|(line, what)| KeyringError::Malformed {
            path: path.to_owned(),
            line,
            what,
        })
    }

    /// The ring in these octets, as [`Keyring::load`] reads them from a file (a secret given by the environment).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyringError> {
        let malformed =
            |(line, what)| KeyringError::Malformed { path: PathBuf::from("(given bytes)"), line, what };
        let text = std::str::from_utf8(bytes).map_err(|_| malformed((0, "it is not text")))?;
        Self::parse(text).map_err(malformed)
    }

    fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let keys: Result<Vec<Key>, _> =
            lines.map(|(at, line)| parse_key(line).map_err(|what| (at, what))).collect();
        let mut keys = keys?.into_iter();
        let Some(current) = keys.next() else { return Err((0, "it holds no key")) };
        let retired: Vec<Key> = keys.collect();
        if retired.len() >= MAX_KEYS {
            return Err((0, "it holds more than 16 keys"));
        }
        Ok(Keyring { current, retired })
    }

    /// Puts a new key first; the former ones only open. Beyond 16, the oldest is forgotten with its addresses.
    pub fn rotate(&mut self, now: Millis) -> Result<(), KeyringError> {
        let next = new_key(self.current.id.saturating_add(1), now)?;
        self.retired.insert(0, std::mem::replace(&mut self.current, next));
        self.retired.truncate(MAX_KEYS - 1);
        Ok(())
    }

    /// Forgets the retired keys: what they minted becomes forged. After [`Keyring::rotate`], this revokes all.
    pub fn drop_retired(&mut self) {
        self.retired.clear();
    }

    /// Replaces that file by this ring, whole or not at all, at 0600.
    pub fn save(&self, path: &Path) -> Result<(), KeyringError> {
        let saved = self
            .temporary(path)
            .and_then(|file| file.persist(path).map_err(|error| error.error))
            .and_then(|_| sync_folder(path));
        saved.map_err(|source| KeyringError::Io { path: path.to_owned(), source })
    }

    /// Numbers and dates of the keys, the current first.
    pub fn ages(&self) -> Vec<(u32, Date)> {
        self.keys().map(|key| (key.id, key.created)).collect()
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.retired)
    }

    /// The file beside its final place, durable, at 0600 from its first moment.
    fn temporary(&self, path: &Path) -> io::Result<tempfile::NamedTempFile> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new()
            .prefix(".keys-")
            .make_in(folder, |name| OpenOptions::new().write(true).create_new(true).mode(0o600).open(name))?;
        file.write_all(HEADER.as_bytes())?;
        for key in self.keys() {
            writeln!(file, "{} {} {}", key.id, key.created, HEXLOWER.encode(&key.secret))?;
        }
        keep_owner(file.path(), path)?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// The 42 characters of this token, by the current key: the same token always gives the same text. A holder whose
    /// id needs the 32nd bit has none: his token opens as that of the person, or group, 2³¹ − 1, who does not exist.
    pub fn mint(&self, token: &Token) -> String {
        let mut sealed = [0; TAG + PLAIN];
        let (tag, message) = sealed.split_at_mut(TAG);
        message.copy_from_slice(&token.to_plain());
        // Only more than 126 headers make this fail, and there is one.
        if let Ok(mac) = self.current.cipher().encrypt_inout_detached([CONTEXT], message.into()) {
            tag.copy_from_slice(&mac);
        }
        to_text(&sealed)
    }

    /// What this text is, now. Every key is tried whatever came out of those before: a forged, an expired and a
    /// retired key's token take the same time.
    pub fn open(&self, text: &str, now: Millis) -> Opened {
        let Some(sealed) = from_text(text) else {
            return if has_form(text) { Opened::Forged } else { Opened::NotAToken };
        };
        let mut plain = None;
        for key in self.keys() {
            let opened = open_with(key, sealed);
            plain = plain.or(opened);
        }
        match plain.and_then(Token::from_plain) {
            None => Opened::Forged,
            Some(token) if token.expires.is_some_and(|month| month.is_past(now)) => Opened::Expired(token),
            Some(token) => Opened::Valid(token),
        }
    }
}

/// The library compares the MAC in constant time.
fn open_with(key: &Key, mut sealed: [u8; TAG + PLAIN]) -> Option<[u8; PLAIN]> {
    let (tag, message) = sealed.split_at_mut(TAG);
    let tag: [u8; TAG] = (&*tag).try_into().ok()?;
    key.cipher().decrypt_inout_detached([CONTEXT], (&mut *message).into(), &tag.into()).ok()?;
    (&*message).try_into().ok()
}

fn new_key(id: u32, now: Millis) -> Result<Key, KeyringError> {
    let mut secret = [0; SECRET];
    getrandom::fill(&mut secret).map_err(KeyringError::Random)?;
    let created =
        OffsetDateTime::from_unix_timestamp(now.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    Ok(Key { id, created: created.date(), secret })
}

fn parse_key(line: &str) -> Result<Key, &'static str> {
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let [id, created, secret] = fields[..] else { return Err("a key is a number, a date and a secret") };
    let secret = HEXLOWER.decode(secret.to_ascii_lowercase().as_bytes()).ok().and_then(|s| s.try_into().ok());
    Ok(Key {
        id: id.parse().map_err(|_| "the key's number is no number")?,
        created: Date::parse(created, format).map_err(|_| "the key's date is no date (2026-11-24)")?,
        secret: secret.ok_or("the secret is not 64 octets in hexadecimal")?,
    })
}

/// A key file changed by root (`relais tokens rotate`) stays its owner's: the daemon must still read it.
fn keep_owner(new: &Path, old: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, chown};
    match (std::fs::metadata(old), std::fs::metadata(new)) {
        (Ok(old), Ok(made)) if (old.uid(), old.gid()) != (made.uid(), made.gid()) => {
            chown(new, Some(old.uid()), Some(old.gid()))
        }
        _ => Ok(()),
    }
}

/// A new name is durable only once its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demande::PersonId;
    use crate::demande::admission::Holder;
    use crate::mail::token::Purpose;

    const NOW: Millis = 1_795_543_200_000;

    fn token() -> Token {
        let holder = Holder::Person(PersonId(7));
        Token { demande: 12, holder, purpose: Purpose::Repondre, generation: 0, expires: None }
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn a_rotation_by_root_leaves_the_file_to_its_owner() {
        use std::os::unix::fs::{MetadataExt, chown};
        let folder = folder();
        let path = folder.path().join("cles");
        let mut keys = Keyring::load_or_create(&path, 0).unwrap();
        if chown(&path, Some(65_534), Some(65_534)).is_err() {
            return; // not root: the file is its maker's in any case
        }
        keys.rotate(1).unwrap();
        keys.save(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().uid(), 65_534);
    }

    #[test]
    fn the_first_start_makes_a_key_that_the_next_reads() {
        let folder = folder();
        let path = folder.path().join("tokens.keys");
        let text = Keyring::load_or_create(&path, NOW).unwrap().mint(&token());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Keyring::load_or_create(&path, NOW).unwrap().open(&text, NOW), Opened::Valid(token()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_rotation_keeps_old_addresses_until_they_are_dropped() {
        let folder = folder();
        let path = folder.path().join("tokens.keys");
        let mut keys = Keyring::load_or_create(&path, NOW).unwrap();
        let old = keys.mint(&token());
        keys.rotate(NOW).unwrap();
        keys.save(&path).unwrap();
        let mut keys = Keyring::load(&path).unwrap();
        assert_ne!(keys.mint(&token()), old);
        assert_eq!(keys.open(&old, NOW), Opened::Valid(token()));
        assert_eq!(keys.ages().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [2, 1]);
        keys.drop_retired();
        assert_eq!(keys.open(&old, NOW), Opened::Forged);
    }

    #[test]
    fn only_so_many_keys_are_kept() {
        let mut keys = Keyring::from_secrets([1; 64], &[[2; 64]]);
        for _ in 0..20 {
            keys.rotate(NOW).unwrap();
        }
        assert_eq!(keys.ages().len(), MAX_KEYS);
        assert_eq!(keys.ages()[0].0, 22);
    }

    #[test]
    fn a_file_that_others_read_is_refused_with_the_remedy() {
        let folder = folder();
        let path = folder.path().join("tokens.keys");
        Keyring::load_or_create(&path, NOW).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let said = Keyring::load_or_create(&path, NOW).unwrap_err().to_string();
        assert!(said.contains("chmod 600") && said.contains("tokens.keys") && said.contains("640"), "{said}");
    }

    #[test]
    fn a_damaged_file_is_never_replaced_and_never_shown() {
        let folder = folder();
        let path = folder.path().join("tokens.keys");
        let secret = "ab".repeat(64);
        for (content, says) in [
            (String::new(), "no key"),
            (format!("# only\n1 2026-11-24 {}", &secret[1..]), "line 2: the secret"),
            (format!("x 2026-11-24 {secret}"), "line 1: the key's number"),
            (format!("1 24/11/2026 {secret}"), "line 1: the key's date"),
            (secret.clone(), "line 1: a key is"),
            (format!("1 2026-11-24 {secret}\n").repeat(17), "more than 16"),
        ] {
            fs::write(&path, &content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            let said = Keyring::load_or_create(&path, NOW).unwrap_err().to_string();
            assert!(said.contains(says) && !said.contains("abab"), "{said}");
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let said = Keyring::load_or_create(Path::new("/nowhere/tokens.keys"), NOW).unwrap_err().to_string();
        assert!(said.contains("/nowhere/tokens.keys"), "{said}");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", Keyring::from_secrets([0xab; 64], &[[0xab; 64]]));
        assert!(!shown.to_lowercase().contains("ab") && !shown.contains("171"), "{shown}");
    }

    #[test]
    fn another_ring_opens_nothing() {
        let text = Keyring::from_secrets([1; 64], &[]).mint(&token());
        assert_eq!(Keyring::from_secrets([2; 64], &[[3; 64]]).open(&text, NOW), Opened::Forged);
        assert_eq!(
            Keyring::from_secrets([2; 64], &[[3; 64], [1; 64]]).open(&text, NOW),
            Opened::Valid(token())
        );
    }
}
