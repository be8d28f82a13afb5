//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.
//!
//! Property tests call them on stable Rust, and a fuzzer can call the same.

pub mod samples;

use bytes::Bytes;
use trust::{DeviceId, Genesis, Membership};

use crate::{
    Base, Bundle, Exchange, Frame, Limits, LinkId, Message, Peer, Setup, Side, Snapshots, State,
    Time, Vector,
};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// Good bytes to begin from.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// All bodies, by name.
pub const BODIES: &[(&str, Body, Samples)] = &[
    ("frame", frame, samples::frame_bytes),
    ("message", message, samples::message_bytes),
    ("hello", hello, || samples::contents(&[1, 2])),
    ("vector", vector, || samples::contents(&[4, 7])),
    ("signal", signal, || samples::contents(&[8])),
    ("blob", blob, || samples::contents(&[9, 10, 11, 12])),
    ("state", state, samples::state),
    ("snapshots", snapshots, samples::snapshots),
    ("base", base, samples::base),
    ("bundle", bundle, || vec![samples::bundle().encode()]),
    ("forged-bundle", forged_bundle, samples::forged_bundle),
    ("exchange", exchange, samples::conversation),
];

/// With what a bundle file begins.
const BUNDLE_MAGIC: &[u8] = b"tallybnd";

/// How long the hash at its end is.
const BUNDLE_HASH_BYTES: usize = 32;

/// A frame, and everything that can be asked of one.
pub fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::from_bytes(bytes) else {
        return;
    };
    assert_eq!(frame.bytes(), bytes);
    assert!(frame.deps().len() <= crate::limits::MAX_DEPS);
    assert!(frame.payload().len() + frame.body().len() <= bytes.len());
    let _ = (frame.id(), frame.snapshot(), frame.countersignature());
    assert!(frame.bytes().starts_with(frame.associated_data()));
    let _ = frame.verify(&samples::founder().public());
}

/// A message. What was read can be written and read again, and is then written the same.
pub fn message(bytes: &[u8]) {
    if let Ok(message) = Message::decode(Bytes::copy_from_slice(bytes)) {
        let written = message.encode();
        assert_eq!(Message::decode(written.clone()).as_ref(), Ok(&message));
        assert!(written.len() <= bytes.len(), "there is no shorter way");
    }
}

/// The handshake, from either side.
pub fn hello(bytes: &[u8]) {
    of_kinds(&[1, 2], bytes);
}

/// What somebody holds.
pub fn vector(bytes: &[u8]) {
    of_kinds(&[4, 7], bytes);
}

/// Something that passes.
pub fn signal(bytes: &[u8]) {
    of_kinds(&[8], bytes);
}

/// Wishes for blobs, and pieces of them.
pub fn blob(bytes: &[u8]) {
    of_kinds(&[9, 10, 11, 12], bytes);
}

fn of_kinds(kinds: &[u8], bytes: &[u8]) {
    for kind in kinds {
        message(&[&[*kind], bytes].concat());
    }
}

/// The payload of a state signal.
pub fn state(bytes: &[u8]) {
    if let Ok(state) = State::decode(bytes) {
        assert_eq!(State::decode(&state.encode()), Ok(state));
    }
}

/// What a host keeps of snapshots.
pub fn snapshots(bytes: &[u8]) {
    if let Ok(snapshots) = Snapshots::decode(bytes) {
        assert_eq!(Snapshots::decode(&snapshots.encode()), Ok(snapshots));
    }
}

/// What a host keeps of the beginning of a log.
pub fn base(bytes: &[u8]) {
    if let Ok(base) = Base::decode(bytes) {
        assert_eq!(Base::decode(&base.encode()), Ok(base));
    }
}

/// A bundle file.
pub fn bundle(bytes: &[u8]) {
    if let Ok(bundle) = Bundle::decode(bytes) {
        assert_eq!(Bundle::decode(&bundle.encode()), Ok(bundle));
    }
}

/// The content of a bundle file whose hash fits.
pub fn forged_bundle(bytes: &[u8]) {
    let mut file = [BUNDLE_MAGIC, bytes].concat();
    let hash = blake3::hash(&file);
    file.extend_from_slice(hash.as_bytes());
    bundle(&file);
}

/// Messages of one peer in a row, each behind two bytes that say how long it is: in an open room, and of the founder of a
/// closed one.
pub fn exchange(bytes: &[u8]) {
    let stranger = DeviceId([2; 32]);
    let open = Membership::begin(&Genesis::new([1; 32], [2; 32]));
    converse(open, stranger, bytes);
    let founder = samples::founder();
    let closed = Membership::begin(&Genesis::closed(&founder.public(), [2; 32]));
    converse(closed.clone(), stranger, bytes);
    converse(closed, founder.device(), bytes);
}

fn converse(membership: Membership, device: DeviceId, bytes: &[u8]) {
    let mut exchange = Exchange::new(Setup {
        device: DeviceId([1; 32]),
        membership,
        held: Vector::new(),
        base: None,
        own: None,
        limits: Limits::default(),
    });
    let peer = Peer {
        device,
        side: Side::Accepted,
        protocol: 1,
    };
    exchange.connect(LinkId(1), peer, Time(0));
    let mut rest = bytes;
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(more.len());
        let (message, more) = more.split_at(length);
        rest = more;
        let received = exchange.receive(LinkId(1), Bytes::copy_from_slice(message), Time(1));
        let Ok(received) = received else {
            return;
        };
        received
            .frames
            .iter()
            .for_each(|frame| exchange.publish(frame));
        for outgoing in exchange.poll(Time(1)) {
            if let crate::Outgoing::Send(link, message) = outgoing {
                exchange.sent(link, message.len());
            }
        }
    }
}
