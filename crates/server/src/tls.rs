//! HTTPS without a proxy: the certificate from two files, taken anew when whoever renews it replaced them.
//!
//! Owns: reading the files and the handshake's settings (TLS 1.2 and 1.3, no client certificates). Refuses: to get a
//! certificate; a client of the authority does that, and writes the files. Invariant: files that do not fit each other change
//! nothing: the pair that worked goes on.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Why there is no HTTPS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file that does not read as PEM.
    #[error("{path:?} can not be read as PEM: {source}")]
    Pem {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        #[source]
        source: pem::Error,
    },
    /// A chain without a certificate.
    #[error("{path:?} holds no certificate")]
    Empty {
        /// Which file.
        path: PathBuf,
    },
    /// Certificate and key do not belong together, or are of a kind that is not known.
    #[error("certificate and key can not be used together: {0}")]
    Pair(#[from] rustls::Error),
}

/// The pair of files, and what was read from them last.
#[derive(Debug)]
pub struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Pair {
    /// Reads both files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn open(certificate: PathBuf, key: PathBuf) -> Result<Arc<Self>, TlsError> {
        let current = RwLock::new(read(&certificate, &key)?);
        Ok(Arc::new(Self { certificate, key, current }))
    }

    /// What shakes hands with it.
    ///
    /// # Errors
    /// [`TlsError::Pair`] when this build has no usable protocol version.
    pub fn acceptor(self: &Arc<Self>) -> Result<TlsAcceptor, TlsError> {
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let builder = builder.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = builder.with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// Reads the files again.
    ///
    /// # Errors
    /// [`TlsError`]; what was read before stays.
    pub fn renew(&self) -> Result<(), TlsError> {
        let fresh = read(&self.certificate, &self.key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Looks after the files as long as it is polled.
    pub async fn follow(&self) {
        let mut every = tokio::time::interval(LOOK_EVERY);
        let mut seen = self.changed();
        loop {
            every.tick().await;
            let now = self.changed();
            if now == seen {
                continue;
            }
            match self.renew() {
                Ok(()) => tracing::info!("the certificate was renewed"),
                Err(error) => tracing::error!(%error, "the new certificate can not be used; the old one goes on"),
            }
            seen = now;
        }
    }

    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.certificate, &self.key].map(|path| std::fs::metadata(path).and_then(|facts| facts.modified()).ok())
    }
}

impl ResolvesServerCert for Pair {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

fn read(certificate: &Path, key: &Path) -> Result<Arc<CertifiedKey>, TlsError> {
    let pem = |path: &Path| {
        let path = path.to_owned();
        move |source| TlsError::Pem { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).map_err(pem(certificate))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(pem(certificate))?;
    if chain.is_empty() {
        return Err(TlsError::Empty { path: certificate.to_owned() });
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(pem(key))?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?))
}

#[cfg(test)]
mod tests {
    use rcgen::generate_simple_self_signed;

    use super::*;

    fn write(folder: &Path, name: &str) -> [PathBuf; 2] {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let paths = [folder.join(format!("{name}.pem")), folder.join(format!("{name}.key"))];
        std::fs::write(&paths[0], made.cert.pem()).unwrap();
        std::fs::write(&paths[1], made.signing_key.serialize_pem()).unwrap();
        paths
    }

    #[test]
    fn a_renewed_pair_is_taken_and_a_torn_one_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let [certificate, key] = write(folder.path(), "used");
        let pair = Pair::open(certificate.clone(), key.clone()).unwrap();
        let leaf = || pair.current.read().unwrap().cert[0].clone();
        let first = leaf();
        let [other, other_key] = write(folder.path(), "other");
        std::fs::copy(&other, &certificate).unwrap();
        assert!(matches!(pair.renew(), Err(TlsError::Pair(_))));
        assert_eq!(leaf(), first);
        std::fs::copy(&other_key, &key).unwrap();
        pair.renew().unwrap();
        assert_ne!(leaf(), first);
        std::fs::write(&certificate, "").unwrap();
        assert!(matches!(pair.renew(), Err(TlsError::Empty { .. })));
        std::fs::write(&key, "no key").unwrap();
        assert!(Pair::open(other, key).is_err());
    }
}
