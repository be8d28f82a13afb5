//! What one device reads: HPKE ([RFC 9180]) in its base mode, sealing once, with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256
//! and ChaCha20-Poly1305. What is sealed is the encapsulated key of 32 bytes, the ciphertext and the tag of 16 bytes.
//!
//! It says nothing of who sealed it: it stands in a signed record or in a channel that is authenticated. It has no forward
//! secrecy: who gets the device's key later reads it.
//!
//! # Why no nonce repeats
//!
//! The nonce of HPKE's first message is the same for the same encapsulated key, which therefore seals once. It is made of 32
//! bytes of fresh randomness and of what is sealed to whom in which room ([`Hedged`]): where the randomness repeats, because a
//! machine was cloned or set back, the encapsulated key repeats only where all of that does, and then the result is the same
//! bytes.
//!
//! [RFC 9180]: https://www.rfc-editor.org/rfc/rfc9180

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::{CryptoRng, CryptoRngCore, Error, RngCore};
use zeroize::Zeroizing;

use super::DoesNotOpen;
use crate::RoomId;
use crate::key::{SealingKey, SealingPublic};

/// Bytes of a sealed key of 32 bytes.
pub const SEALED_KEY_BYTES: usize = ENCAPSULATED_BYTES + 32 + 16;

const ENCAPSULATED_BYTES: usize = 32;

fn context(room: &RoomId) -> Vec<u8> {
    [b"talus-tally v1 epoch key\0".as_slice(), &room.0].concat()
}

/// Seals the key of an epoch of a room to whoever has the secret key. Nothing comes back if the public key is none, of which no secret one exists.
pub fn seal_to(
    recipient: &SealingPublic,
    room: &RoomId,
    plain: &[u8],
    random: &mut impl CryptoRngCore,
) -> Option<Vec<u8>> {
    let mut hedged = Hedged::new(recipient, room, plain, random);
    let recipient = <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(&recipient.0).ok()?;
    let (encapsulated, sealed) =
        hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &recipient,
            &context(room),
            plain,
            b"",
            &mut hedged,
        )
        .ok()?;
    let mut all = encapsulated.to_bytes().to_vec();
    all.extend_from_slice(&sealed);
    Some(all)
}

/// Opens the key of an epoch of a room that was sealed to this key.
pub fn open_from(
    key: &SealingKey,
    room: &RoomId,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
    open(key, &context(room), b"", sealed)
}

fn open(
    key: &SealingKey,
    context: &[u8],
    header: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DoesNotOpen> {
    let (encapsulated, sealed) = sealed
        .split_at_checked(ENCAPSULATED_BYTES)
        .ok_or(DoesNotOpen)?;
    let encapsulated = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated)
        .map_err(|_| DoesNotOpen)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &key.secret(),
        &encapsulated,
        context,
        sealed,
        header,
    )
    .map(Zeroizing::new)
    .map_err(|_| DoesNotOpen)
}

/// Fresh randomness, mixed with what it is for (as in "Randomness improvements for security protocols", [RFC 8937], with what is
/// sealed in the place of a long-term key).
///
/// [RFC 8937]: https://www.rfc-editor.org/rfc/rfc8937
struct Hedged(blake3::OutputReader);

impl Hedged {
    /// All but the last part have one length, so that no two of them are the same bytes.
    fn new(
        recipient: &SealingPublic,
        room: &RoomId,
        plain: &[u8],
        random: &mut impl CryptoRngCore,
    ) -> Self {
        let mut fresh = Zeroizing::new([0; 32]);
        random.fill_bytes(&mut *fresh);
        let mut hasher = blake3::Hasher::new_derive_key("talus-tally v1 encapsulated keys");
        hasher.update(&*fresh).update(&recipient.0).update(&room.0);
        hasher.update(plain);
        Self(hasher.finalize_xof())
    }
}

impl RngCore for Hedged {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl CryptoRng for Hedged {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;
    use crate::testing::Draws;

    /// RFC 9180, appendix A.2.1, the first encryption.
    #[test]
    fn known_answer_of_hpke() {
        let key = "8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb";
        let key = SealingKey::from_bytes(&hex(key).try_into().unwrap());
        let mut sealed = hex("1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a");
        sealed.extend(hex(
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
        ));
        let opened = open(&key, b"Ode on a Grecian Urn", b"Count-0", &sealed);
        assert_eq!(opened.unwrap().as_slice(), b"Beauty is truth, truth beauty");
    }

    #[test]
    fn it_opens_for_one_key_and_one_room() {
        let (key, other) = (
            SealingKey::from_bytes(&[1; 32]),
            SealingKey::from_bytes(&[2; 32]),
        );
        let (here, there) = (&RoomId([1; 32]), &RoomId([2; 32]));
        let sealed = seal_to(&key.public(), here, &[7; 32], &mut Draws::new(1)).unwrap();
        assert_eq!(sealed.len(), SEALED_KEY_BYTES);
        assert_eq!(open_from(&key, here, &sealed).unwrap().as_slice(), [7; 32]);
        assert_eq!(open_from(&key, there, &sealed), Err(DoesNotOpen));
        assert_eq!(open_from(&other, here, &sealed), Err(DoesNotOpen));
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(open_from(&key, here, &changed), Err(DoesNotOpen));
            assert_eq!(open_from(&key, here, &sealed[..place]), Err(DoesNotOpen));
        }
    }

    /// Each goes on with the randomness that the other has.
    #[test]
    fn a_cloned_machine_encapsulates_no_key_twice_for_other_content() {
        let (one, other) = (
            SealingKey::from_bytes(&[1; 32]).public(),
            SealingKey::from_bytes(&[2; 32]).public(),
        );
        let encapsulated = |to: &SealingPublic, room: u8, plain: u8| {
            let sealed = seal_to(to, &RoomId([room; 32]), &[plain; 32], &mut Draws::new(1));
            sealed.unwrap()[..ENCAPSULATED_BYTES].to_vec()
        };
        let first = encapsulated(&one, 1, 1);
        assert_eq!(first, encapsulated(&one, 1, 1));
        assert_ne!(first, encapsulated(&one, 1, 2));
        assert_ne!(first, encapsulated(&one, 2, 1));
        assert_ne!(first, encapsulated(&other, 1, 1));
    }

    #[test]
    fn nothing_is_sealed_to_a_key_that_is_none() {
        assert_eq!(
            seal_to(
                &SealingPublic([0; 32]),
                &RoomId([1; 32]),
                b"",
                &mut Draws::new(1)
            ),
            None
        );
    }
}
