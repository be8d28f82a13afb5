//! The certificate of a server whose admin renews it.

use std::sync::{Arc, PoisonError, RwLock};

use super::Certificate;

/// The certificate that a server shows, which can be replaced while it serves. Copies share it.
///
/// Whoever comes next sees the new one, since it remembers none of those who came before. Connections that there are go on.
#[derive(Clone, Debug)]
pub struct SharedCertificate(Arc<RwLock<Certificate>>);

impl SharedCertificate {
    /// As it is now.
    pub fn now(&self) -> Certificate {
        let now = self.0.read().unwrap_or_else(PoisonError::into_inner);
        now.clone()
    }

    /// This one from now on.
    pub fn set(&self, certificate: Certificate) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = certificate;
    }
}

impl From<Certificate> for SharedCertificate {
    fn from(certificate: Certificate) -> Self {
        Self(Arc::new(RwLock::new(certificate)))
    }
}
