//! Mails out as files of a folder, `ID.eml` each: the default, which needs no mail server, and the one of
//! tests.
//!
//! Knows how to write a file that is either whole and on disk, or not there.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{Courier, Outcome, Parcel, UrlError};

/// A folder of mails, readable by our own user only.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// Opens the folder, made if missing.
    pub fn open(path: &Path) -> Result<Self, UrlError> {
        std::fs::create_dir_all(path).map_err(|error| UrlError::Folder(error.to_string()))?;
        Ok(Self(path.to_owned()))
    }
}

impl Courier for Folder {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Outcome> {
        async move {
            let (path, bytes) = (self.0.join(file_name(&parcel.id)), parcel.bytes.clone());
            let written = tokio::task::spawn_blocking(move || write(&path, &bytes).map(|()| path)).await;
            match written.map_err(io::Error::other).flatten() {
                Ok(path) => Outcome::Delivered { answer: path.display().to_string() },
                Err(error) => Outcome::Again { answer: error.to_string() },
            }
        }
        .boxed()
    }
}

/// An id cannot leave the folder, whatever it holds.
fn file_name(id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let name: String = id.trim_start_matches('.').chars().take(200).map(safe).collect();
    format!("{name}.eml")
}

/// A second try writes the same bytes over the same name.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".tmp-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::send::parcel;

    #[tokio::test]
    async fn a_mail_becomes_a_file_and_a_retry_the_same_file() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("out")).unwrap();
        let path = place.path().join("out/0190-a.eml");
        let wanted = Outcome::Delivered { answer: path.display().to_string() };
        assert_eq!(folder.deliver(&parcel("a@b.test")).await, wanted);
        assert_eq!(folder.deliver(&parcel("a@b.test")).await, wanted);
        assert_eq!(std::fs::read(&path).unwrap(), parcel("").bytes);
        assert_eq!(
            std::fs::read_dir(place.path().join("out")).unwrap().count(),
            1,
            "no temporary file is left"
        );
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_tried_again() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("out")).unwrap();
        std::fs::remove_dir(place.path().join("out")).unwrap();
        assert!(matches!(folder.deliver(&parcel("a@b.test")).await, Outcome::Again { .. }));
        std::fs::write(place.path().join("file"), "").unwrap();
        assert!(matches!(Folder::open(&place.path().join("file")), Err(UrlError::Folder(_))));
    }

    #[test]
    fn an_id_stays_in_the_folder() {
        assert_eq!(file_name("../../etc/x y"), "_.._etc_x_y.eml");
        assert_eq!(file_name("é"), "_.eml");
    }
}
