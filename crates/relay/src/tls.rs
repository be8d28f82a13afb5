//! TLS 1.3 ([RFC 8446]) between devices: both sides show a certificate, and all that counts of it is the key.
//!
//! - A certificate is made from the device's key at each start and is worth nothing by itself: nobody looks at its name,
//!   its time or who signed it. The handshake's own signature proves the key, and the key is who one is.
//! - There are no tickets and no resumption: every handshake proves both keys anew.
//! - No name of a server is sent (no SNI), and certificates travel encrypted.
//! - One algorithm of each kind that has no alternatives worth having: X25519, Ed25519.
//!
//! A device's key signs here what TLS and X.509 have it sign: 64 spaces and a context that names TLS (RFC 8446, 4.4.3), and
//! a certificate, which begins with the byte 0x30. Neither can be taken for what `trust` signs, which begins with a context
//! of its own, nor the other way round.
//!
//! [RFC 8446]: https://www.rfc-editor.org/rfc/rfc8446

mod certificate;
mod der;
mod failure;
mod named;
mod shared;
#[cfg(test)]
mod tests;
mod validity;
mod verify;

use std::{fmt, sync::Arc, sync::LazyLock};

use rustls::{
    ClientConfig, ServerConfig,
    client::Resumption,
    crypto::{
        CryptoProvider,
        ring::{cipher_suite, default_provider, kx_group},
    },
    pki_types::ServerName,
    server::NoServerSessionStorage,
    sign::{CertifiedKey, SingleCertAndKey},
    version::TLS13,
};
use trust::{DeviceId, key::DeviceKey};

use self::verify::Pin;
pub(crate) use self::{failure::failure, verify::device_of};
pub use self::{
    named::{Certificate, NoCertificate},
    shared::SharedCertificate,
    validity::Validity,
    verify::Stranger,
};

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
    Arc::new(CryptoProvider {
        cipher_suites: vec![
            cipher_suite::TLS13_AES_128_GCM_SHA256,
            cipher_suite::TLS13_AES_256_GCM_SHA384,
            cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
        ],
        kx_groups: vec![kx_group::X25519],
        ..default_provider()
    })
});

/// A device's key and a certificate of it, as a link needs them. Cloning shares both.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

struct Inner {
    device: DeviceId,
    own: Arc<SingleCertAndKey>,
    server: Arc<ServerConfig>,
}

impl Identity {
    /// Makes a certificate of this key.
    pub fn new(key: &DeviceKey) -> Self {
        let own: CertifiedKey = certificate::certify(key);
        let own = Arc::new(SingleCertAndKey::from(own));
        let server = Arc::new(server(own.clone()));
        Self(Arc::new(Inner {
            device: key.device(),
            own,
            server,
        }))
    }

    /// The device that has the key.
    pub fn device(&self) -> DeviceId {
        self.0.device
    }

    /// For the side that listens: takes any device that proves its key, and nobody else.
    pub fn server(&self) -> Arc<ServerConfig> {
        self.0.server.clone()
    }

    /// For the side that dials: takes this device and no other, or any if none is expected.
    pub fn client(&self, expected: Option<DeviceId>) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
            .with_protocol_versions(&[&TLS13])
            .expect("the provider has TLS 1.3");
        let mut config = builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pin::new(&PROVIDER, expected)))
            .with_client_cert_resolver(self.0.own.clone());
        config.enable_sni = false;
        config.resumption = Resumption::disabled();
        config
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity of {}", self.0.device)
    }
}

fn server(own: Arc<SingleCertAndKey>) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(PROVIDER.clone())
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has TLS 1.3");
    let mut config = builder
        .with_client_cert_verifier(Arc::new(Pin::new(&PROVIDER, None)))
        .with_cert_resolver(own);
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config
}

/// The library wants the name of a server; nobody sees or compares this one.
pub(crate) fn no_name() -> ServerName<'static> {
    ServerName::try_from("device.invalid").expect("it is a name")
}
