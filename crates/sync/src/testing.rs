//! Bodies for hostile bytes, one for each decoder. They return whatever the bytes are; a panic is a defect.
//!
//! Property tests call them on stable Rust, and a fuzzer can call the same.

use bytes::Bytes;
use trust::{DeviceId, Genesis, Membership};

use crate::{
    Base, Bundle, Exchange, Frame, Limits, LinkId, Message, Peer, Setup, Side, Snapshots, State,
    Time, Vector,
};

/// What takes hostile bytes.
pub type Body = fn(&[u8]);

/// All bodies, by name.
pub const BODIES: &[(&str, Body)] = &[
    ("frame", frame),
    ("message", message),
    ("state", state),
    ("snapshots", snapshots),
    ("base", base),
    ("bundle", bundle),
    ("exchange", exchange),
];

/// A frame, and everything that can be asked of one.
pub fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::from_bytes(bytes) else {
        return;
    };
    assert_eq!(frame.bytes(), bytes);
    assert!(frame.deps().len() <= crate::limits::MAX_DEPS);
    assert!(frame.payload().len() + frame.body().len() <= bytes.len());
    let _ = (frame.id(), frame.snapshot(), frame.countersignature());
}

/// A message. What was read can be written and read again.
pub fn message(bytes: &[u8]) {
    if let Ok(message) = Message::decode(Bytes::copy_from_slice(bytes)) {
        assert_eq!(Message::decode(message.encode()), Ok(message));
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

/// Messages of one peer in a row, each behind two bytes that say how long it is.
pub fn exchange(bytes: &[u8]) {
    let mut exchange = Exchange::new(Setup {
        device: DeviceId([1; 32]),
        membership: Membership::begin(&Genesis::new([1; 32], [2; 32])),
        held: Vector::new(),
        base: None,
        own: None,
        limits: Limits::default(),
    });
    let peer = Peer {
        device: DeviceId([2; 32]),
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
