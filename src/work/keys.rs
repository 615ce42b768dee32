//! The keyring of a running daemon: read again when its file changes, so that `relais tokens rotate` needs no restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::demande::Millis;
use crate::mail::token::{Keyring, KeyringError};
use crate::store::people::Generations;

/// The generation that a token made now carries; a revocation raises either of the two numbers it is made of.
pub(super) fn generation(generations: Option<Generations>) -> u8 {
    generations.map_or(0, Generations::for_token)
}

/// A keyring and the file it comes from.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    current: Mutex<(Option<SystemTime>, Arc<Keyring>)>,
}

impl Keys {
    /// Loads the file, or makes it at first start.
    pub fn open(path: &Path, now: Millis) -> Result<Self, KeyringError> {
        let ring = Arc::new(Keyring::load_or_create(path, now)?);
        Ok(Keys { path: path.to_owned(), current: Mutex::new((modified(path), ring)) })
    }

    /// The keyring as its file is now; the last good one when the file cannot be read.
    pub fn ring(&self) -> Arc<Keyring> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = modified(&self.path);
        if now != current.0 {
            match Keyring::load(&self.path) {
                Ok(ring) => *current = (now, Arc::new(ring)),
                Err(error) => {
                    tracing::error!(%error, "the key file changed and cannot be read: the old keys stay in use");
                }
            }
        }
        current.1.clone()
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
