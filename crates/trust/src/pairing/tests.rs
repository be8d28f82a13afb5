use super::*;
use crate::testing::Draws;

const TYPING: DeviceId = DeviceId([1; 32]);
const SHOWING: DeviceId = DeviceId([2; 32]);
const OTHER: DeviceId = DeviceId([3; 32]);

/// A pairing where the typing side sees `seen_showing`, the other `seen_typing`, and `typed` is typed if it is not right.
fn pair(
    seen_showing: DeviceId,
    seen_typing: DeviceId,
    typed: Option<&str>,
) -> Result<(Paired, Paired), PairingError> {
    let showing = Showing::begin(SHOWING, 0, &mut Draws::new(1));
    let code = match typed {
        Some(typed) => typed.parse().unwrap(),
        None => showing.code().clone(),
    };
    let (typing, message) = Typing::begin(&code, TYPING, seen_showing, 0, &mut Draws::new(2));
    let (answered, answer) = showing.answer(seen_typing, &message, 1, &mut Draws::new(3))?;
    let (confirming, confirmation) = typing.confirm(&answer, 2)?;
    let (shown, confirmation) = answered.finish(&confirmation, 3)?;
    Ok((confirming.finish(&confirmation, 4)?, shown))
}

#[test]
fn with_the_code_both_have_the_same_keys() {
    let (typed, shown) = pair(SHOWING, TYPING, None).unwrap();
    let sealed = typed.seal(b"an invitation", &mut Draws::new(4));
    assert_eq!(shown.open(&sealed), Ok(b"an invitation".to_vec()));
    assert_eq!(
        typed.open(&sealed),
        Err(DoesNotOpen),
        "nobody is answered with her own words"
    );
    let back = shown.seal(b"thanks", &mut Draws::new(5));
    assert_eq!(typed.open(&back), Ok(b"thanks".to_vec()));
}

#[test]
fn with_another_code_or_one_in_between_nobody_is_paired() {
    let wrong = PairingError::WrongCode;
    assert_eq!(pair(SHOWING, TYPING, Some("000000")).unwrap_err(), wrong);
    assert_eq!(pair(OTHER, TYPING, None).unwrap_err(), wrong);
    assert_eq!(pair(SHOWING, OTHER, None).unwrap_err(), wrong);
}

#[test]
fn the_showing_side_says_nothing_to_who_does_not_know_the_code() {
    let showing = Showing::begin(SHOWING, 0, &mut Draws::new(1));
    let code = "000000".parse().unwrap();
    let (_, message) = Typing::begin(&code, TYPING, SHOWING, 0, &mut Draws::new(2));
    let (answered, _) = showing
        .answer(TYPING, &message, 0, &mut Draws::new(3))
        .unwrap();
    assert_eq!(
        answered.finish(&[0; 32], 0).unwrap_err(),
        PairingError::WrongCode
    );
}

/// Who shows a code of his own, or none, has nothing that the typing side takes for a confirmation: not her own either.
#[test]
fn the_typing_side_is_paired_with_nobody_who_does_not_know_the_code() {
    let code = "271828".parse().unwrap();
    let confirmed = || {
        let showing = Showing::begin(SHOWING, 0, &mut Draws::new(1));
        let (typing, message) = Typing::begin(&code, TYPING, SHOWING, 0, &mut Draws::new(2));
        let (_, answer) = showing
            .answer(TYPING, &message, 0, &mut Draws::new(3))
            .unwrap();
        typing.confirm(&answer, 0).unwrap()
    };
    let (_, own) = confirmed();
    for confirmation in [[0; 32], own] {
        let (confirming, _) = confirmed();
        let refused = confirming.finish(&confirmation, 0);
        assert_eq!(refused.unwrap_err(), PairingError::WrongCode);
    }
}

#[test]
fn what_was_typed_is_good_for_two_minutes() {
    let finished = |confirmed_ms, finished_ms| {
        let showing = Showing::begin(SHOWING, 1_000, &mut Draws::new(1));
        let code = showing.code().clone();
        let (typing, message) = Typing::begin(&code, TYPING, SHOWING, 1_000, &mut Draws::new(2));
        let (answered, answer) = showing
            .answer(TYPING, &message, 1_000, &mut Draws::new(3))
            .unwrap();
        let (confirming, confirmation) = typing.confirm(&answer, confirmed_ms)?;
        let (_, confirmation) = answered.finish(&confirmation, 1_000).unwrap();
        confirming.finish(&confirmation, finished_ms).map(drop)
    };
    assert_eq!(finished(120_999, 120_999), Ok(()));
    assert_eq!(finished(121_000, 121_000), Err(PairingError::Expired));
    assert_eq!(finished(120_999, 121_000), Err(PairingError::Expired));
}

/// So the other side hears nothing of it.
#[test]
fn what_was_typed_too_long_ago_is_not_confirmed() {
    let showing = Showing::begin(SHOWING, 1_000, &mut Draws::new(1));
    let code = showing.code().clone();
    let (typing, message) = Typing::begin(&code, TYPING, SHOWING, 1_000, &mut Draws::new(2));
    let answer = showing.answer(TYPING, &message, 1_000, &mut Draws::new(3));
    let (_, answer) = answer.unwrap();
    let confirmed = typing.confirm(&answer, 121_000).map(drop);
    assert_eq!(confirmed, Err(PairingError::Expired));
}

/// Of more digits than a number has, too.
#[test]
fn what_is_longer_than_a_code_is_none() {
    for digits in [7, 20, 1_000] {
        assert!("9".repeat(digits).parse::<Code>().is_err());
    }
}

#[test]
fn a_code_lives_for_two_minutes() {
    let begin = || Showing::begin(SHOWING, 1_000, &mut Draws::new(1));
    let code = begin().code().clone();
    let (_, message) = Typing::begin(&code, TYPING, SHOWING, 1_000, &mut Draws::new(2));
    let answer = |now_ms| begin().answer(TYPING, &message, now_ms, &mut Draws::new(3));
    assert_eq!(answer(121_000).unwrap_err(), PairingError::Expired);
    let (answered, _) = answer(120_999).unwrap();
    assert_eq!(
        answered.finish(&[0; 32], 121_000).unwrap_err(),
        PairingError::Expired
    );
}

#[test]
fn what_is_no_message_is_refused() {
    let showing = || Showing::begin(SHOWING, 0, &mut Draws::new(1));
    let code = showing().code().clone();
    let typing = || Typing::begin(&code, TYPING, SHOWING, 0, &mut Draws::new(2));
    let (_, message) = typing();
    for message in [
        b"".to_vec(),
        vec![0; 33],
        message[1..].to_vec(),
        [message.clone(), vec![0]].concat(),
    ] {
        let refused = showing().answer(TYPING, &message, 0, &mut Draws::new(3));
        assert_eq!(refused.unwrap_err(), PairingError::Damaged);
    }
    // One's own message, sent back.
    assert_eq!(
        typing().0.confirm(&message, 0).unwrap_err(),
        PairingError::Damaged
    );
    let (answered, _) = showing()
        .answer(TYPING, &message, 0, &mut Draws::new(3))
        .unwrap();
    assert_eq!(
        answered.finish(b"short", 0).unwrap_err(),
        PairingError::Damaged
    );
}

#[test]
fn the_bytes_of_a_pairing_are_frozen() {
    let code = "271828".parse().unwrap();
    let (typing, message) = Typing::begin(&code, TYPING, SHOWING, 0, &mut Draws::new(2));
    let showing = Showing {
        code,
        own: SHOWING,
        until_ms: 1,
    };
    let (_, answer) = showing
        .answer(TYPING, &message, 0, &mut Draws::new(3))
        .unwrap();
    let (_, confirmation) = typing.confirm(&answer, 0).unwrap();
    let all = [message, answer, confirmation.to_vec()].concat();
    assert_eq!(
        blake3::hash(&all).to_string(),
        "192110aa230a66440f87ba3f69eda07c7a0581f88c5442b632aa6aa6bbb0f2c5"
    );
}

#[test]
fn nothing_secret_is_shown() {
    let (typed, _) = pair(SHOWING, TYPING, None).unwrap();
    assert_eq!(format!("{typed:?}"), "Paired");
}
