//! A self-signed certificate of a device's key: the least that X.509 calls one ([RFC 5280], [RFC 8410]).
//!
//! It is written here because it has one variable part; a library would bring a clock and a parser.
//!
//! [RFC 5280]: https://www.rfc-editor.org/rfc/rfc5280
//! [RFC 8410]: https://www.rfc-editor.org/rfc/rfc8410

use rustls::{
    SignatureScheme,
    crypto::ring::sign::any_eddsa_type,
    pki_types::{CertificateDer, PrivatePkcs8KeyDer},
    sign::{CertifiedKey, SigningKey},
};
use trust::key::{DeviceKey, DevicePublic};
use zeroize::Zeroizing;

use super::der::{sequence, tagged};

/// The algorithm Ed25519, object identifier 1.3.101.112.
const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

/// Before the 32 bytes of a public key: algorithm, and a bit string without unused bits.
const PUBLIC_PREFIX: [u8; 12] = [0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 33, 0];

/// Before the 32 bytes of a secret key in PKCS #8 (RFC 8410, 7): version 0, algorithm, octet string in an octet string.
const SECRET_PREFIX: [u8; 16] = [
    0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32,
];

/// Version 3, which is counted from 0 and is the only one with a future.
pub(super) const VERSION: &[u8] = &[0xa0, 3, 2, 1, 2];

/// The serial number 1: a key certifies nothing but itself.
const SERIAL: &[u8] = &[2, 1, 1];

/// The common name (2.5.4.3) of issuer and subject: the same for everybody, since it would tell whoever connects more than
/// the key does.
pub(super) const COMMON_NAME: &[u8] = b"Talus Tally";

/// From 2000 to the end of time (RFC 5280, 4.1.2.5): keys are removed from rooms, certificates do not end.
pub(super) const VALIDITY: &[u8] = b"\x30\x20\x17\x0d000101000000Z\x18\x0f99991231235959Z";

/// The key as the library signs with it, and a certificate of it.
pub(super) fn certify(key: &DeviceKey) -> CertifiedKey {
    let mut secret = Zeroizing::new([0; 48]);
    secret[..16].copy_from_slice(&SECRET_PREFIX);
    secret[16..].copy_from_slice(&*key.seed());
    let signing = any_eddsa_type(&PrivatePkcs8KeyDer::from(&secret[..])).expect("it is a key");
    let certificate = certificate(key.public(), &*signing);
    CertifiedKey::new(vec![certificate], signing)
}

/// The public key of a certificate, if `subject_public_key` is one for Ed25519.
pub(super) fn public_key(subject_public_key: &[u8]) -> Option<DevicePublic> {
    let bytes = subject_public_key.strip_prefix(&PUBLIC_PREFIX)?;
    Some(DevicePublic(bytes.try_into().ok()?))
}

fn certificate(public: DevicePublic, signing: &dyn SigningKey) -> CertificateDer<'static> {
    let attribute = sequence(&[&[6, 3, 0x55, 4, 3], &tagged(0x0c, COMMON_NAME)]);
    let name = sequence(&[&tagged(0x31, &attribute)]);
    let subject_public_key = [&PUBLIC_PREFIX[..], &public.0].concat();
    let content = sequence(&[
        VERSION,
        SERIAL,
        ED25519,
        &name,
        VALIDITY,
        &name,
        &subject_public_key,
    ]);
    let signer = signing.choose_scheme(&[SignatureScheme::ED25519]);
    let signature = signer.and_then(|it| it.sign(&content).ok());
    let signature = signature.expect("an Ed25519 key signs anything");
    let bits = tagged(3, &[&[0], &signature[..]].concat());
    CertificateDer::from(sequence(&[&content, ED25519, &bits]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_the_same_at_every_start_and_shows_its_key() {
        let key = DeviceKey::from_seed(&[7; 32]);
        let shown = || {
            let certified = certify(&key);
            certified.keys_match().expect("they belong together");
            certified.cert[0].clone()
        };
        assert_eq!(shown(), shown());
        assert_eq!(super::super::device_of(&shown()), Ok(key.device()));
    }

    #[test]
    fn other_kinds_of_keys_are_none() {
        let public = DeviceKey::from_seed(&[7; 32]).public();
        let good = [&PUBLIC_PREFIX[..], &public.0].concat();
        assert_eq!(public_key(&good), Some(public));
        let mut of_x25519 = good.clone();
        of_x25519[8] = 0x6e;
        for wrong in [
            &of_x25519[..],
            &good[..43],
            &[&good[..], &[0]].concat(),
            &[],
        ] {
            assert_eq!(public_key(wrong), None);
        }
    }
}
