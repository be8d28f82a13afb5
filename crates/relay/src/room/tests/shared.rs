use super::*;
use crate::cluster::{self, CLUSTER};

fn acknowledged(effects: &[Effect], to: LinkId) -> bool {
    let is_ack = |message: &Bytes| matches!(Message::decode(message.clone()), Ok(Message::Ack(_)));
    effects.iter().any(
        |effect| matches!(effect, Effect::Send(link, message) if *link == to && is_ack(message)),
    )
}

#[test]
fn a_frame_of_a_shared_room_is_acknowledged_once_it_is_shared() {
    let mut room = Room::unknown(members().room(), DeviceId([200; 32])).shared();
    greet(&mut room, ANA);
    show(&mut room, ANA, &members());
    send(&mut room, 1);
    room.poll(NOW);
    room.handle(NOW, Input::Stored(Fate::Written));
    room.handle(NOW, Input::Stored(Fate::Durable));
    assert!(!acknowledged(&room.poll(NOW), ANA), "others have it not");
    assert!(!room.is_settled());
    let kept = Vector::from_iter([(frame(1).header().stream, 1)]);
    room.handle(NOW, Input::Shared(kept));
    assert!(acknowledged(&room.poll(NOW), ANA));
    assert!(room.is_settled() && room.is_shared());
}

#[test]
fn what_was_on_disk_is_not_acknowledged_again_before_it_is_shared() {
    let kept = Vector::from_iter([(frame(1).header().stream, 1)]);
    let known = || Room::known(DeviceId([200; 32]), members(), kept.clone(), None);
    for (mut room, is_told) in [(known(), true), (known().shared(), false)] {
        // A3: whoever comes back is told what of its own is durable.
        greet(&mut room, ANA);
        show(&mut room, ANA, &members());
        let own = Advert {
            held: kept.clone(),
            base: None,
        };
        room.handle(NOW, Input::Message(ANA, Message::Vector(own).encode()));
        assert_eq!(acknowledged(&room.poll(NOW), ANA), is_told);
        room.handle(NOW, Input::Shared(kept.clone()));
        assert!(is_told || acknowledged(&room.poll(NOW), ANA));
    }
}

#[test]
fn what_relays_share_is_served_in_a_closed_room_and_is_no_visitor() {
    let alice = Actor::founder(1);
    let device = DeviceId([200; 32]);
    let mut room = Room::known(device, alice.log, Vector::new(), None).shared();
    room.handle(NOW, Input::Up(CLUSTER, cluster::peer()));
    let effects = room.poll(NOW);
    let is_served = effects.iter().any(|effect| {
        matches!(effect, Effect::Send(CLUSTER, message)
            if matches!(Message::decode(message.clone()), Ok(Message::Vector(_))))
    });
    assert!(is_served && room.is_idle());
}
