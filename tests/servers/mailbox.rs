//! What a person received: the Maildir that Dovecot fills.

use std::path::PathBuf;
use std::time::Duration;

/// The mailbox of one address; it comes into being with its first mail.
pub(crate) struct Mailbox {
    folder: PathBuf,
}

impl Mailbox {
    /// Upper case does not count; nothing after a `+` in the local part is wanted here.
    pub(crate) fn of(address: &str) -> Self {
        let root = PathBuf::from(super::address("RELAIS_TEST_MAILDIRS"));
        Self { folder: root.join(address.to_lowercase()).join("Maildir") }
    }

    /// Every mail, oldest first, as the bytes on disk: lines end with LF, Dovecot's and Postfix's headers on top.
    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = ["new", "cur"].iter().flat_map(|part| self.files_in(part)).collect();
        files.sort_by_key(|file| arrival(file));
        files.iter().map(|file| std::fs::read(file).unwrap()).collect()
    }

    /// Until at least `wanted` mails are there, ten seconds at most.
    pub(crate) async fn wait_for(&self, wanted: usize) -> Vec<Vec<u8>> {
        let what = format!("{wanted} mails in {}", self.folder.display());
        super::wait_until(&what, Duration::from_secs(10), async || {
            Some(self.mails()).filter(|mails| mails.len() >= wanted)
        })
        .await
    }

    fn files_in(&self, part: &str) -> Vec<PathBuf> {
        match std::fs::read_dir(self.folder.join(part)) {
            Ok(entries) => entries.map(|entry| entry.unwrap().path()).collect(),
            Err(_) => Vec::new(),
        }
    }
}

/// Maildir names begin with `SECONDS.MmicrosecondsP…`: as numbers, since `M999` comes before `M1000`.
fn arrival(file: &std::path::Path) -> (u64, u64) {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = name.split('.');
    let seconds = parts.next().and_then(|part| part.parse().ok()).unwrap_or_default();
    let micros = parts.next().and_then(|part| part.strip_prefix('M')?.split('P').next()?.parse().ok());
    (seconds, micros.unwrap_or_default())
}
