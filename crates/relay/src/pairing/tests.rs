mod rig;

use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use rig::*;
use store::MemoryStore;
use tokio::{
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_tungstenite::{accept_async, client_async, tungstenite};
use trust::{
    pairing::{CODE_LIFE_MS, Pace, Typing},
    rand_core::OsRng,
};

use super::{message::Message, *};
use crate::{Limits, StoredRooms, Transport, now_ms};

#[tokio::test(flavor = "multi_thread")]
async fn k10_with_the_right_code_each_reads_what_the_other_seals() {
    let mut newcomer = Newcomer::start().await;
    let (asking, guest, done) = newcomer.asked().await;
    let asking = asking.unwrap();
    assert_eq!((guest.name(), guest.device()), ("Ana", device(OWNER)));
    assert_eq!(asking.device(), device(NEWCOMER));
    let code = guest.code().clone();
    let (near, far) = tokio::join!(asking.meet(async { Some(code) }), meet_quietly(guest));
    let (mut near, mut far) = (near.unwrap(), far.unwrap());
    near.send(b"an invitation");
    let got = soon("what was sealed", far.receive(60_000)).await.unwrap();
    assert_eq!(got[..], *b"an invitation");
    far.send(&[7; MAX_SEALED_BYTES]);
    let got = soon("what was sealed", near.receive(60_000)).await.unwrap();
    assert_eq!(got[..], [7; MAX_SEALED_BYTES]);
    assert!(newcomer.gate.take().is_none(), "it is not over");
    soon("both end", async { tokio::join!(near.end(), far.end()) }).await;
    assert!(newcomer.gate.take().is_some());
    drop(done);
}

#[tokio::test(flavor = "multi_thread")]
async fn k4_a_wrong_code_uses_the_code_up() {
    let mut newcomer = Newcomer::start().await;
    let (asking, guest, done) = newcomer.asked().await;
    let (code, wrong) = (guest.code().clone(), another(guest.code()));
    let typed = async { Some(wrong.parse().unwrap()) };
    let (near, far) = tokio::join!(asking.unwrap().meet(typed), meet_quietly(guest));
    let wrong = Declined::WrongCode;
    assert_eq!(failed(near), PairingFailure::Declined(wrong));
    assert_eq!(failed(far), PairingFailure::Ended(wrong));
    drop(done);
    // The right one comes too late: another is shown by now, which is as good as ever.
    let (asking, guest, done) = newcomer.asked().await;
    assert_ne!(
        guest.code().to_string(),
        code.to_string(),
        "one in a million"
    );
    let (near, far) = tokio::join!(
        asking.unwrap().meet(async { Some(code) }),
        meet_quietly(guest)
    );
    let words = [failed(near).word(), failed(far).word()];
    assert_eq!(words, [Some(wrong); 2]);
    drop(done);
    let (near, far) = newcomer.pair().await;
    assert!(near.is_ok() && far.is_ok());
}

#[tokio::test]
async fn k5_a_code_that_nobody_types_expires_at_both() {
    let mut newcomer = Newcomer::start().await;
    let (asking, guest, _done) = newcomer.asked().await;
    let asking = asking.unwrap();
    let left_ms = asking.until_ms() - now_ms();
    assert!(left_ms <= CODE_LIFE_MS && left_ms > CODE_LIFE_MS - 60_000);
    let near = tokio::spawn(asking.meet(std::future::pending()));
    let far = tokio::spawn(meet_quietly(guest));
    tokio::task::yield_now().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(CODE_LIFE_MS)).await;
    tokio::time::resume();
    for outcome in [near, far] {
        let failure = failed(soon("it expires", outcome).await.unwrap());
        assert_eq!(failure.word(), Some(Declined::Expired), "{failure}");
    }
    assert!(newcomer.gate.take().is_some(), "the place is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn k3_one_in_between_with_keys_of_his_own_does_not_profit_from_the_right_code() {
    let mut newcomer = Newcomer::start().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let between = listener.local_addr().unwrap();
    let to_newcomer = newcomer.connect(66).await;
    let forwarding = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let wire = Transport::from(identity(66)).accept(stream).await;
        let Ok(wire) = wire else {
            panic!("the owner does not come in");
        };
        let (to_owner, of_owner) = accept_async(wire).await.unwrap().split();
        let (to_newcomer, of_newcomer) = to_newcomer.split();
        // Whatever is said is passed on, unchanged.
        tokio::join!(of_owner.forward(to_newcomer), of_newcomer.forward(to_owner))
    });
    let asking = ask_whom(whom(between, None));
    let (asking, (guest, done)) = tokio::join!(asking, newcomer.guest());
    let asking = asking.unwrap();
    assert_eq!((asking.device(), guest.device()), (device(66), device(66)));
    let code = guest.code().clone();
    let (near, far) = tokio::join!(asking.meet(async { Some(code) }), meet_quietly(guest));
    let words = [failed(near).word(), failed(far).word()];
    assert_eq!(words, [Some(Declined::WrongCode); 2]);
    drop(done);
    forwarding.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn k1_another_machine_than_the_chosen_one_is_asked_for_nothing() {
    let mut newcomer = Newcomer::start().await;
    let chosen = whom(newcomer.address, Some(device(7)));
    let failure = ask_whom(chosen)
        .await
        .expect_err("another machine is there");
    let found = Unreached::Other(device(NEWCOMER));
    assert_eq!(failure, PairingFailure::Unreached(vec![found]));
    let own = whom(newcomer.address, None);
    let claim = Gate::new().take().unwrap();
    let newcomers = identity(NEWCOMER);
    let asked = ask(own, &newcomers, "", claim, Limits::default());
    let failure = soon("an answer", asked)
        .await
        .expect_err("it is the same machine");
    assert_eq!(failure, PairingFailure::Unreached(vec![Unreached::Own]));
    assert!(newcomer.has_no_guest());
}

#[tokio::test(flavor = "multi_thread")]
async fn k1_nobody_pairs_without_tls() {
    let mut newcomer = Newcomer::over(device(NEWCOMER).into(), Limits::default()).await;
    let stream = TcpStream::connect(newcomer.address).await.unwrap();
    let (mut web, _) = client_async("ws://newcomer/pair", stream).await.unwrap();
    let ask = Message::Ask(1, 1, String::new()).encode();
    // It may be closed by now.
    web.send(tungstenite::Message::Binary(ask)).await.ok();
    let answer = soon("an end", web.next()).await;
    assert!(!matches!(answer, Some(Ok(tungstenite::Message::Binary(_)))));
    assert!(newcomer.has_no_guest());
}

#[tokio::test(flavor = "multi_thread")]
async fn k6_there_is_one_pairing_at_a_time() {
    let mut newcomer = Newcomer::start().await;
    let (_web, guest, done) = asked_by(&mut newcomer, 2).await;
    let second = ask_at(newcomer.address).await.expect_err("there is one");
    assert_eq!(second, PairingFailure::Declined(Declined::Busy));
    assert!(newcomer.has_no_guest());
    drop((guest, done));
    let (near, far) = newcomer.pair().await;
    assert!(near.is_ok() && far.is_ok(), "it is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn k7_who_comes_too_soon_is_told_how_long_to_wait() {
    let mut newcomer = Newcomer::start().await;
    // On a machine that is slower than the first waits more are shown.
    for shown in 0..10 {
        match ask_at(newcomer.address).await {
            Ok(asking) => {
                let (guest, done) = newcomer.guest().await;
                let wrong = another(guest.code()).parse().unwrap();
                let meet = asking.meet(async { Some(wrong) });
                let outcomes = async { tokio::join!(meet, meet_quietly(guest)) };
                let (near, far) = soon("an outcome", outcomes).await;
                assert!(near.is_err() && far.is_err());
                drop(done);
            }
            Err(PairingFailure::Declined(Declined::TooSoon { wait_ms })) => {
                assert!(shown >= Pace::FREE, "people mistype");
                assert!((1..=Pace::LONGEST_MS).contains(&wait_ms));
                assert!(newcomer.has_no_guest());
                return;
            }
            Err(other) => panic!("{other}"),
        }
    }
    panic!("nobody has to wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn k8_who_is_not_to_be_found_is_not_asked() {
    let mut newcomer = Newcomer::start().await;
    newcomer.gate.set_open(false);
    let not_now = PairingFailure::Declined(Declined::NotNow);
    let failure = ask_at(newcomer.address).await.expect_err("it is closed");
    assert_eq!(failure, not_now);
    assert!(newcomer.has_no_guest());
    let store = Arc::new(MemoryStore::new());
    let relay = StoredRooms::new(store, identity(NEWCOMER), Limits::default());
    let (address, relay) = listen(relay, Limits::default()).await;
    let failure = ask_at(address)
        .await
        .expect_err("a relay pairs with nobody");
    assert_eq!(failure, not_now);
    relay.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn k2_garbage_is_answered_in_one_word_and_shows_no_code() {
    let mut newcomer = Newcomer::start().await;
    let guess = Message::Guess(Bytes::from_static(&[7; 33])).encode();
    for garbage in [
        Bytes::new(),
        Bytes::from_static(b"\x01"),
        Bytes::from_static(b"GET / HTTP/1.1\r\n\r\n"),
        Bytes::from(vec![0xff; 8 << 10]),
        Bytes::from(vec![0x01; (8 << 10) + 1]),
        guess,
    ] {
        let mut web = newcomer.connect(66).await;
        say(&mut web, garbage).await;
        assert_eq!(last_word(&mut web).await, Declined::Misbehaved);
    }
    let mut web = newcomer.connect(66).await;
    web.send("text".into()).await.unwrap();
    assert_eq!(last_word(&mut web).await, Declined::Misbehaved);
    let mut web = newcomer.connect(66).await;
    say(&mut web, Message::Ask(8, 9, String::new()).encode()).await;
    assert_eq!(last_word(&mut web).await, Declined::TooNew);
    assert!(newcomer.has_no_guest());
    let (near, far) = newcomer.pair().await;
    assert!(near.is_ok() && far.is_ok(), "nothing of it counts");
}

#[tokio::test(flavor = "multi_thread")]
async fn k4_garbage_instead_of_a_guess_uses_the_code_up() {
    let mut newcomer = Newcomer::start().await;
    for garbage in [
        Bytes::from_static(b"\x03"),
        Message::Confirm([0; 32]).encode(),
        Message::Guess(Bytes::from_static(&[0xff; 33])).encode(),
    ] {
        let (mut web, guest, done) = asked_by(&mut newcomer, 66).await;
        let meet = tokio::spawn(meet_quietly(guest));
        say(&mut web, garbage).await;
        assert_eq!(last_word(&mut web).await, Declined::Misbehaved);
        let failure = failed(meet.await.unwrap());
        assert_eq!(failure, PairingFailure::Ended(Declined::Misbehaved));
        drop(done);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn k10_who_does_not_confirm_gets_no_confirmation() {
    let mut newcomer = Newcomer::start().await;
    let (mut web, guest, _done) = asked_by(&mut newcomer, 66).await;
    let code = another(guest.code()).parse().unwrap();
    let meet = tokio::spawn(meet_quietly(guest));
    let (own, peer) = (device(66), device(NEWCOMER));
    let (_, guess) = Typing::begin(&code, own, peer, now_ms(), &mut OsRng);
    say(&mut web, Message::Guess(guess.into()).encode()).await;
    assert!(matches!(heard(&mut web).await, Some(Message::Answer(_))));
    say(&mut web, Message::Confirm([0; 32]).encode()).await;
    assert_eq!(last_word(&mut web).await, Declined::WrongCode);
    assert!(meet.await.unwrap().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn k9_who_connects_and_says_nothing_holds_no_place() {
    let mut limits = Limits::default();
    limits.timing.greet_ms = 1_000;
    let transport = identity(NEWCOMER).into();
    let mut newcomer = Newcomer::over(transport, limits).await;
    let begin = Instant::now();
    let mut silent = newcomer.connect(66).await;
    let (near, far) = newcomer.pair().await;
    assert!(near.is_ok() && far.is_ok(), "the silent one does not count");
    assert_eq!(last_word(&mut silent).await, Declined::Misbehaved);
    let held = begin.elapsed();
    assert!(held < Duration::from_secs(20), "{held:?}");
}

#[tokio::test]
async fn k9_who_falls_silent_after_the_guess_is_left() {
    let mut newcomer = Newcomer::start().await;
    let (mut web, guest, _done) = asked_by(&mut newcomer, 66).await;
    let code = guest.code().clone();
    let meet = tokio::spawn(meet_quietly(guest));
    let (own, peer) = (device(66), device(NEWCOMER));
    let (_, guess) = Typing::begin(&code, own, peer, now_ms(), &mut OsRng);
    say(&mut web, Message::Guess(guess.into()).encode()).await;
    assert!(matches!(heard(&mut web).await, Some(Message::Answer(_))));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(11)).await;
    tokio::time::resume();
    let failure = failed(soon("it ends", meet).await.unwrap());
    assert_eq!(failure, PairingFailure::Silent);
    assert!(newcomer.gate.take().is_some(), "the place is free");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_hear_who_does_not_want_to() {
    let mut newcomer = Newcomer::start().await;
    let (asking, guest, done) = newcomer.asked().await;
    let meet = asking.unwrap().meet(std::future::pending());
    let (near, far) = tokio::join!(meet, guest.meet(async {}, || panic!("no guess came")));
    let refused = Declined::Refused;
    assert_eq!(failed(near), PairingFailure::Declined(refused));
    assert_eq!(failed(far), PairingFailure::Ended(refused));
    drop(done);
    let (asking, guest, done) = newcomer.asked().await;
    let meet = asking.unwrap().meet(async { None });
    let (near, far) = tokio::join!(meet, meet_quietly(guest));
    let withdrawn = Declined::Withdrawn;
    assert_eq!(failed(near), PairingFailure::Ended(withdrawn));
    assert_eq!(failed(far), PairingFailure::Declined(withdrawn));
    drop(done);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_noticed_at_once() {
    let mut newcomer = Newcomer::start().await;
    let (asking, guest, _done) = newcomer.asked().await;
    drop(asking);
    let failure = failed(soon("it ends", meet_quietly(guest)).await);
    assert!(matches!(failure, PairingFailure::Gone(_)), "{failure}");
}
