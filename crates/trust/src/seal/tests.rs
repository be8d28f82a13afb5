use super::*;
use crate::hex::hex;
use crate::testing::Draws;

fn key() -> EpochKey {
    EpochKey::from_bytes(&[1; 32])
}

/// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
#[test]
fn known_answer_of_xchacha20_poly1305() {
    let key: Vec<u8> = (0x80..=0x9f).collect();
    let nonce: Vec<u8> = (0x40..=0x57).collect();
    let payload = Payload {
        msg: b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
        aad: &hex("50515253c0c1c2c3c4c5c6c7"),
    };
    let sealed = XChaCha20Poly1305::new(Key::from_slice(&key))
        .encrypt(XNonce::from_slice(&nonce), payload)
        .unwrap();
    let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49";
    assert_eq!(sealed, hex(expected));
}

#[test]
fn what_is_sealed_is_frozen() {
    let sealed = key().seal(Use::Frame, b"header", b"payload", &mut Draws::new(1));
    assert_eq!(
        blake3::hash(&sealed).to_string(),
        "a08aad584cec5e0360bf9f012ee29d69eb5a4c3808ba497bf85593154ba5b3c2"
    );
}

#[test]
fn it_opens_with_its_key_its_use_and_its_header() {
    let sealed = key().seal(Use::Frame, b"header", b"payload", &mut Draws::new(1));
    assert_eq!(sealed.len(), b"payload".len() + OVERHEAD_BYTES);
    assert_eq!(
        key().open(Use::Frame, b"header", &sealed),
        Ok(b"payload".to_vec())
    );
    assert_eq!(
        key().open(Use::Signal, b"header", &sealed),
        Err(DoesNotOpen)
    );
    assert_eq!(
        key().open(Use::Frame, b"headers", &sealed),
        Err(DoesNotOpen)
    );
    let other = EpochKey::from_bytes(&[2; 32]);
    assert_eq!(other.open(Use::Frame, b"header", &sealed), Err(DoesNotOpen));
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert_eq!(
            key().open(Use::Frame, b"header", &changed),
            Err(DoesNotOpen)
        );
        assert_eq!(
            key().open(Use::Frame, b"header", &sealed[..place]),
            Err(DoesNotOpen)
        );
    }
}

#[test]
fn a_cloned_machine_repeats_no_nonce_for_other_content() {
    let nonce = |purpose, header: &[u8], plain: &[u8], seed| {
        let sealed = key().seal(purpose, header, plain, &mut Draws::new(seed));
        sealed[..NONCE_BYTES].to_vec()
    };
    let first = nonce(Use::Frame, b"header", b"payload", 1);
    assert_eq!(first, nonce(Use::Frame, b"header", b"payload", 1));
    for other in [
        nonce(Use::Frame, b"header", b"payload", 2),
        nonce(Use::Frame, b"header", b"another", 1),
        nonce(Use::Frame, b"headers", b"payload", 1),
        nonce(Use::Frame, b"headerp", b"ayload", 1),
        nonce(Use::Signal, b"header", b"payload", 1),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn a_frame_is_signed_apart_from_everything_else() {
    let key = DeviceKey::from_seed(&[1; 32]);
    let (frame, signal) = (sign_frame(&key, b"bytes"), sign_signal(&key, b"bytes"));
    let public = key.public();
    assert_eq!(verify_frame(&public, b"bytes", &frame), Ok(()));
    assert_eq!(verify_signal(&public, b"bytes", &signal), Ok(()));
    assert_eq!(verify_frame(&public, b"byte", &frame), Err(BadSignature));
    assert_eq!(verify_frame(&public, b"bytes", &signal), Err(BadSignature));
    let hash = blake3::hash(b"bytes");
    assert_eq!(
        verify_signal(&public, hash.as_bytes(), &frame),
        Err(BadSignature)
    );
}

#[test]
fn nothing_secret_is_shown() {
    assert_eq!(format!("{:?}", key()), "EpochKey");
}
