//! Authorities of an operator's own, which stand in a file in PEM and take the place of those that are trusted otherwise.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Authorities from which certificates may come. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authorities(Arc<RootCertStore>);

/// A file of authorities that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the file {file} holds no certificates that can be used: {reason}")]
pub struct AuthoritiesError {
    /// Which.
    file: PathBuf,
    /// What is wrong with it.
    reason: String,
}

impl Authorities {
    /// The certificates of a file in PEM, at least one.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, AuthoritiesError> {
        let unusable = |reason: String| AuthoritiesError {
            file: file.to_owned(),
            reason,
        };
        let certificates = CertificateDer::pem_file_iter(file);
        let certificates = certificates.map_err(|error| unusable(error.to_string()))?;
        let mut authorities = RootCertStore::empty();
        for certificate in certificates {
            let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
            let added = authorities.add(certificate);
            added.map_err(|error| unusable(error.to_string()))?;
        }
        match authorities.is_empty() {
            true => Err(unusable("there is none in it".to_owned())),
            false => Ok(Self(Arc::new(authorities))),
        }
    }

    /// As rustls takes them.
    pub(crate) fn store(&self) -> Arc<RootCertStore> {
        Arc::clone(&self.0)
    }
}
