//! The certificate that STARTTLS shows, read from PEM files and read again without a stop.
//!
//! Knows files and rustls; when to read again (a signal, a timer) is the daemon's business.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Why a certificate cannot be used; names the file.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file that is missing, unreadable or not PEM.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: pem::Error,
    },
    /// A certificate and a key that do not belong together, or of a kind that rustls does not know.
    #[error("{} and {}: {cause}", chain.display(), key.display())]
    Pair {
        /// The certificate's file.
        chain: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        cause: rustls::Error,
    },
}

/// A certificate and where it came from.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.chain.display())
    }
}

impl Certificate {
    /// Reads a PEM chain, our own certificate first, and its PEM key.
    pub fn open(chain: &Path, key: &Path) -> Result<Arc<Self>, CertificateError> {
        let shown = RwLock::new(Arc::new(load(chain, key)?));
        Ok(Arc::new(Self { chain: chain.to_owned(), key: key.to_owned(), shown }))
    }

    /// Reads the files again. On an error the present certificate stays; connections that are open keep
    /// theirs.
    pub fn reload(&self) -> Result<(), CertificateError> {
        let fresh = Arc::new(load(&self.chain, &self.key)?);
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// What [`super::Settings::tls`] wants; it shows whatever was read last.
    pub fn config(self: &Arc<Self>) -> io::Result<Arc<ServerConfig>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let resolver = Arc::clone(self);
        Ok(Arc::new(config.map_err(io::Error::other)?.with_no_client_auth().with_cert_resolver(resolver)))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn load(chain: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
    let failed = |path: &Path, cause| CertificateError::File { path: path.to_owned(), cause };
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| failed(chain, cause))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|cause| failed(key, cause))?;
    CertifiedKey::from_der(certificates, secret, &aws_lc_rs::default_provider())
        .map_err(|cause| CertificateError::Pair { chain: chain.to_owned(), key: key.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str) -> rcgen::CertifiedKey<rcgen::KeyPair> {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        std::fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
        std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        made
    }

    #[test]
    fn a_renewed_certificate_is_shown_without_a_stop() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        assert!(matches!(Certificate::open(&chain, &key), Err(CertificateError::File { .. })));
        let first = write(folder.path(), "mx.test");
        let certificate = Certificate::open(&chain, &key).unwrap();
        let shown = || certificate.shown.read().unwrap().cert[0].to_vec();
        assert!(certificate.config().is_ok());
        assert_eq!(shown(), first.cert.der().to_vec());

        std::fs::write(&chain, "not PEM").unwrap();
        assert!(certificate.reload().is_err());
        assert_eq!(shown(), first.cert.der().to_vec(), "a bad file leaves the good certificate");

        let second = write(folder.path(), "mx.test");
        certificate.reload().unwrap();
        assert_eq!(shown(), second.cert.der().to_vec());

        std::fs::write(&key, first.signing_key.serialize_pem()).unwrap();
        let error = certificate.reload().unwrap_err();
        assert!(
            matches!(error, CertificateError::Pair { .. }) && error.to_string().contains("key.pem"),
            "{error}"
        );
    }
}
