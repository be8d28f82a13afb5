//! A secret that is kept under a passphrase.
//!
//! The key is drawn out of the passphrase by Argon2id ([RFC 9106]), which makes every guess cost time and memory, and the
//! secret is sealed under it with XChaCha20-Poly1305. What is kept is
//!
//! ```text
//! memory in KiB (4 bytes, big-endian) | passes (1) | lanes (1) | salt (16) | nonce (24) | sealed secret
//! ```
//!
//! and everything before the sealed secret is associated data, so that nobody makes guesses cheaper by changing it. Salt and
//! nonce are drawn anew each time: no two keys are alike, and a key seals once.
//!
//! What it protects is as hard to guess as the passphrase, times the [`Cost`]. It does not tell a wrong passphrase from a
//! changed file; whoever keeps it has to notice slips of the disk by other means.
//!
//! [RFC 9106]: https://www.rfc-editor.org/rfc/rfc9106

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRngCore;
use zeroize::Zeroizing;

/// Another purpose has another context.
const CONTEXT: &[u8] = b"talus-tally v1 passphrase\0";

const COST_BYTES: usize = 6;
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const HEADER_BYTES: usize = COST_BYTES + SALT_BYTES + NONCE_BYTES;
const TAG_BYTES: usize = 16;

/// What one guess costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// How often all of it is gone through.
    pub passes: u8,
    /// Into how many parts it is divided.
    pub lanes: u8,
}

impl Cost {
    /// The second choice of RFC 9106, section 4, for where memory is scarce: 64 MiB, three passes, four lanes. A quarter of a
    /// second of one core.
    pub const USUAL: Self = Self {
        memory_kib: 64 << 10,
        passes: 3,
        lanes: 4,
    };

    /// No more is spent on what somebody may have changed: 1 GiB, 16 passes, 16 lanes.
    const MOST: Self = Self {
        memory_kib: 1 << 20,
        passes: 16,
        lanes: 16,
    };

    fn key(self, passphrase: &str, salt: &[u8]) -> Option<Zeroizing<[u8; 32]>> {
        let most = Self::MOST;
        if self.memory_kib > most.memory_kib || self.passes > most.passes || self.lanes > most.lanes
        {
            return None;
        }
        let (passes, lanes) = (self.passes.into(), self.lanes.into());
        let params = Params::new(self.memory_kib, passes, lanes, Some(32)).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), salt, &mut *key)
            .ok()?;
        Some(key)
    }

    fn to_bytes(self) -> [u8; COST_BYTES] {
        let [a, b, c, d] = self.memory_kib.to_be_bytes();
        [a, b, c, d, self.passes, self.lanes]
    }

    fn from_bytes([a, b, c, d, passes, lanes]: [u8; COST_BYTES]) -> Self {
        Self {
            memory_kib: u32::from_be_bytes([a, b, c, d]),
            passes,
            lanes,
        }
    }
}

/// Why what is kept does not open.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// Another passphrase, or not the bytes that were kept.
    #[error("the passphrase is wrong")]
    Wrong,
    /// These bytes were never kept by [`lock`].
    #[error("what was kept is damaged")]
    Damaged,
}

/// A secret as it may be kept, to be opened with `passphrase`. Takes as long as the cost says.
pub fn lock(
    secret: &[u8],
    passphrase: &str,
    cost: Cost,
    random: &mut impl CryptoRngCore,
) -> Vec<u8> {
    let mut kept = cost.to_bytes().to_vec();
    kept.resize(HEADER_BYTES, 0);
    random.fill_bytes(&mut kept[COST_BYTES..]);
    let cipher = cipher(passphrase, &kept).expect("whoever locks chooses a cost that is in range");
    let (aad, nonce) = (aad(&kept), XNonce::clone_from_slice(nonce(&kept)));
    let payload = Payload {
        msg: secret,
        aad: &aad,
    };
    let sealed = cipher.encrypt(&nonce, payload);
    kept.extend(sealed.expect("a secret is shorter than 256 GiB"));
    kept
}

/// The secret that [`lock`] was given. Takes as long as its cost says.
///
/// # Errors
/// If the passphrase is another one, or these are other bytes.
pub fn unlock(kept: &[u8], passphrase: &str) -> Result<Zeroizing<Vec<u8>>, Refused> {
    if kept.len() < HEADER_BYTES + TAG_BYTES {
        return Err(Refused::Damaged);
    }
    let (header, sealed) = kept.split_at(HEADER_BYTES);
    let cipher = cipher(passphrase, header).ok_or(Refused::Damaged)?;
    let payload = Payload {
        msg: sealed,
        aad: &aad(header),
    };
    let opened = cipher.decrypt(XNonce::from_slice(nonce(header)), payload);
    opened.map(Zeroizing::new).map_err(|_| Refused::Wrong)
}

fn cipher(passphrase: &str, header: &[u8]) -> Option<XChaCha20Poly1305> {
    let cost = Cost::from_bytes(*header.first_chunk()?);
    let key = cost.key(passphrase, &header[COST_BYTES..COST_BYTES + SALT_BYTES])?;
    Some(XChaCha20Poly1305::new((&*key).into()))
}

fn nonce(header: &[u8]) -> &[u8] {
    &header[COST_BYTES + SALT_BYTES..]
}

fn aad(header: &[u8]) -> Vec<u8> {
    [CONTEXT, header].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex::hex;
    use crate::testing::Draws;

    /// Quick enough to be tried hundreds of times.
    const CHEAP: Cost = Cost {
        memory_kib: 8,
        passes: 1,
        lanes: 1,
    };

    /// RFC 9106, section 5.3.
    #[test]
    fn known_answer_of_argon2id() {
        let params = argon2::ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .output_len(32)
            .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon2 =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut tag = [0; 32];
        argon2
            .hash_password_into(&[1; 32], &[2; 16], &mut tag)
            .unwrap();
        assert_eq!(
            tag.to_vec(),
            hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
        );
    }

    #[test]
    fn it_opens_with_its_passphrase_alone() {
        let kept = lock(b"secret", "correct horse", CHEAP, &mut Draws::new(1));
        assert_eq!(
            unlock(&kept, "correct horse").unwrap().as_slice(),
            b"secret"
        );
        for wrong in ["", "correct hors", "Correct horse", "correct horse "] {
            assert_eq!(unlock(&kept, wrong), Err(Refused::Wrong));
        }
        assert!(!kept.windows(6).any(|window| window == b"secret"));
    }

    #[test]
    fn nothing_of_it_can_be_changed() {
        let kept = lock(b"secret", "correct horse", CHEAP, &mut Draws::new(1));
        for place in 0..kept.len() {
            let mut changed = kept.clone();
            changed[place] ^= 1;
            assert!(unlock(&changed, "correct horse").is_err(), "{place}");
            assert!(unlock(&kept[..place], "correct horse").is_err(), "{place}");
        }
    }

    #[test]
    fn no_two_are_alike() {
        let mut draws = Draws::new(1);
        let [one, other] = [(); 2].map(|()| lock(b"secret", "same", CHEAP, &mut draws));
        assert_ne!(
            one[COST_BYTES..HEADER_BYTES],
            other[COST_BYTES..HEADER_BYTES]
        );
        assert_ne!(one[HEADER_BYTES..], other[HEADER_BYTES..]);
    }

    #[test]
    fn who_changed_the_cost_makes_nobody_spend_all_memory() {
        let kept = lock(b"secret", "same", CHEAP, &mut Draws::new(1));
        let (most, more) = (Cost::MOST, |part: u8| part + 1);
        for cost in [
            Cost {
                memory_kib: most.memory_kib + 1,
                ..CHEAP
            },
            Cost {
                passes: more(most.passes),
                ..CHEAP
            },
            Cost {
                memory_kib: 1024,
                lanes: more(most.lanes),
                ..CHEAP
            },
            Cost { passes: 0, ..CHEAP },
        ] {
            let changed = [&cost.to_bytes(), &kept[COST_BYTES..]].concat();
            assert_eq!(unlock(&changed, "same"), Err(Refused::Damaged), "{cost:?}");
        }
    }
}
