//! A certificate for stock programs: unlike a device's, it is judged by the names in it and by who vouches for it.
//!
//! One of our own is for P-256, which every TLS library knows (Ed25519 some browsers do not), names what it is for, and
//! vouches for nothing but itself: whoever is given it, or its fingerprint, knows the server again.

use std::{fmt, net::IpAddr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    digest,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use rustls::{
    ServerConfig, SignatureScheme,
    client::verify_server_name,
    crypto::ring::{default_provider, sign::any_ecdsa_type},
    pki_types::{
        CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer,
        pem::PemObject,
    },
    server::ParsedCertificate,
    sign::SigningKey,
};
use zeroize::Zeroizing;

use super::{
    certificate::{COMMON_NAME, VALIDITY, VERSION},
    der::{sequence, tagged},
    validity::Validity,
};

/// The algorithm ECDSA with SHA-256, object identifier 1.2.840.10045.4.3.2.
const ECDSA: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];

/// Basic constraints (RFC 5280, 4.2.1.9), critical and empty: it certifies nobody.
const NO_AUTHORITY: &[u8] = &[0x30, 12, 6, 3, 0x55, 0x1d, 19, 1, 1, 0xff, 4, 2, 0x30, 0];

/// Extended key usage (RFC 5280, 4.2.1.12): a server's.
const FOR_SERVERS: &[u8] = &[
    0x30, 19, 6, 3, 0x55, 0x1d, 37, 4, 12, 0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1,
];

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum NoCertificate {
    /// The text has no certificate in PEM.
    #[error("there is no certificate in it: PEM, the server's own first, is wanted")]
    Certificate,
    /// The text has no secret key in PEM.
    #[error("there is no secret key in it: PEM without a passphrase is wanted")]
    Key,
    /// The two are not of one pair, or of a kind that is not known here.
    #[error("certificate and key do not fit together: {0}")]
    Pair(#[source] rustls::Error),
    /// Not a name that a certificate can have.
    #[error("{0:?} is neither the name of a machine nor an address")]
    Name(String),
    /// The system gives no randomness.
    #[error("the system has no random numbers")]
    Randomness,
}

/// A certificate with its key, as a server shows it. Cloning shares both.
#[derive(Clone)]
pub struct Certificate {
    own: CertificateDer<'static>,
    validity: Validity,
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Makes a key and a certificate of it for these names and addresses; both in PEM, the certificate first.
    ///
    /// # Errors
    /// If one of the names is none, or there is no randomness.
    pub fn make(names: &[String]) -> Result<(String, Zeroizing<String>), NoCertificate> {
        let names: Vec<Vec<u8>> = names
            .iter()
            .map(|name| general_name(name))
            .collect::<Result<_, _>>()?;
        let secret =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        let secret = secret.map_err(|_| NoCertificate::Randomness)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(secret.as_ref()));
        let signing = any_ecdsa_type(&key).expect("it was made for this");
        let public = signing
            .public_key()
            .expect("a P-256 key shows its other half");
        let certificate = certificate(&public, &names, &*signing);
        let secret = Zeroizing::new(pem("PRIVATE KEY", secret.as_ref()));
        Ok((pem("CERTIFICATE", &certificate), secret))
    }

    /// Reads a certificate, with those that vouch for it after it, and its key, both in PEM.
    ///
    /// # Errors
    /// If one is missing or they do not belong together.
    pub fn read(certificates: &[u8], key: &[u8]) -> Result<Self, NoCertificate> {
        let chain = CertificateDer::pem_slice_iter(certificates).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|_| NoCertificate::Certificate)?;
        let own = chain.first().cloned().ok_or(NoCertificate::Certificate)?;
        let validity = Validity::of(&own).ok_or(NoCertificate::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| NoCertificate::Key)?;
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them");
        let config = builder
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(NoCertificate::Pair)?;
        Ok(Self {
            own,
            validity,
            config: Arc::new(config),
        })
    }

    /// Whether a client that asks for this name or address takes it for the right one.
    pub fn is_for(&self, name: &str) -> bool {
        let Ok(name) = ServerName::try_from(name.to_owned()) else {
            return false;
        };
        ParsedCertificate::try_from(&self.own)
            .is_ok_and(|it| verify_server_name(&it, &name).is_ok())
    }

    /// From when to when it is good. It is shown all the same.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// SHA-256 of it, in hexadecimal with colons, as browsers and `openssl x509 -fingerprint -sha256` show it.
    pub fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.own);
        let bytes: Vec<String> = hash.as_ref().iter().map(|it| format!("{it:02X}")).collect();
        bytes.join(":")
    }

    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        self.config.clone()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate {}", self.fingerprint())
    }
}

/// A name in a certificate (RFC 5280, 4.2.1.6): 2 is a name of DNS, 7 an address.
fn general_name(name: &str) -> Result<Vec<u8>, NoCertificate> {
    match ServerName::try_from(name) {
        Ok(ServerName::DnsName(name)) => Ok(tagged(0x82, name.as_ref().as_bytes())),
        Ok(ServerName::IpAddress(_)) => match name.parse() {
            Ok(IpAddr::V4(address)) => Ok(tagged(0x87, &address.octets())),
            Ok(IpAddr::V6(address)) => Ok(tagged(0x87, &address.octets())),
            Err(_) => Err(NoCertificate::Name(name.to_owned())),
        },
        _ => Err(NoCertificate::Name(name.to_owned())),
    }
}

fn certificate(
    public: &SubjectPublicKeyInfoDer<'_>,
    names: &[Vec<u8>],
    signing: &dyn SigningKey,
) -> Vec<u8> {
    // Another key has another number: browsers refuse two certificates of one name and number.
    let hash = digest::digest(&digest::SHA256, public);
    let mut serial = hash.as_ref()[..16].to_vec();
    serial[0] = serial[0] & 0x7f | 0x40;
    let attribute = sequence(&[&[6, 3, 0x55, 4, 3], &tagged(0x0c, COMMON_NAME)]);
    let name = sequence(&[&tagged(0x31, &attribute)]);
    let names = tagged(4, &sequence(&[&names.concat()]));
    let names = sequence(&[&[6, 3, 0x55, 0x1d, 17], &names]);
    let extensions = sequence(&[NO_AUTHORITY, FOR_SERVERS, &names]);
    let content = sequence(&[
        VERSION,
        &tagged(2, &serial),
        ECDSA,
        &name,
        VALIDITY,
        &name,
        public,
        &tagged(0xa3, &extensions),
    ]);
    let signer = signing.choose_scheme(&[SignatureScheme::ECDSA_NISTP256_SHA256]);
    let signature = signer.and_then(|it| it.sign(&content).ok());
    let signature = signature.expect("a P-256 key signs anything");
    let bits = tagged(3, &[&[0], &signature[..]].concat());
    sequence(&[&content, ECDSA, &bits])
}

/// Text of 64 columns between two lines that name it (RFC 7468).
fn pem(kind: &str, der: &[u8]) -> String {
    let text = Zeroizing::new(STANDARD.encode(der));
    let mut pem = format!("-----BEGIN {kind}-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem.push_str(&format!("-----END {kind}-----\n"));
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn read((certificate, key): &(String, Zeroizing<String>)) -> Certificate {
        Certificate::read(certificate.as_bytes(), key.as_bytes()).expect("it was just made")
    }

    #[test]
    fn it_is_for_the_names_that_it_was_made_for_and_no_others() {
        let made = Certificate::make(&names(&["tally.local", "192.168.1.7", "fd00::7"]));
        let certificate = read(&made.expect("these are names"));
        for name in ["tally.local", "192.168.1.7", "fd00::7"] {
            assert!(certificate.is_for(name), "{name}");
        }
        for name in ["local", "a.tally.local", "192.168.1.8", "::1", "", "a b"] {
            assert!(!certificate.is_for(name), "{name}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", "a b", "http://a", "10.0.0.1:7", "[::1]", "a/24"] {
            let refused = Certificate::make(&names(&[name]));
            assert!(matches!(refused, Err(NoCertificate::Name(_))), "{name}");
        }
    }

    #[test]
    fn another_one_has_another_fingerprint() {
        let make = || Certificate::make(&names(&["a"])).expect("a name");
        let (one, other) = (make(), make());
        assert_eq!(read(&one).fingerprint(), read(&one).fingerprint());
        assert_ne!(read(&one).fingerprint(), read(&other).fingerprint());
        assert_eq!(read(&one).fingerprint().len(), 32 * 3 - 1);
        let mixed = Certificate::read(one.0.as_bytes(), other.1.as_bytes());
        assert!(matches!(mixed, Err(NoCertificate::Pair(_))));
        let none = Certificate::read(b"", one.1.as_bytes());
        assert!(matches!(none, Err(NoCertificate::Certificate)));
        let none = Certificate::read(one.0.as_bytes(), one.0.as_bytes());
        assert!(matches!(none, Err(NoCertificate::Key)));
    }
}
