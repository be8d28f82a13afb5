//! Version 1 of the protocol of rooms, written down once more and by hand: what whoever speaks it can read.
//!
//! It does not follow the code. If that says something to a peer of version 1 that is not in here, the peer ends the link.

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

type Read = Result<(), Error>;

/// Panics if a program of version 1 could not read the message of an answer.
pub fn assert_is_version_1(message: &[u8]) {
    let mut decoder = Decoder::new(message);
    decoder.set_position(1);
    let read = match message[0] {
        2 => welcome(&mut decoder),
        3 => of(&mut decoder, 1..4097, |it| byte_string(it, 0..65_537)),
        4 => advert(&mut decoder),
        5 => frame(&mut decoder),
        6 => of(&mut decoder, 1..2049, |it| {
            frame(&mut Decoder::new(it.bytes()?))
        }),
        7 => vector(&mut decoder),
        8 => signal(&mut decoder),
        9 => tuple(&mut decoder, &[name, number]),
        10 => tuple(&mut decoder, &[name, number, number, piece]),
        11 => tuple(&mut decoder, &[name]),
        12 => tuple(&mut decoder, &[name, number]),
        13 => tuple(&mut decoder, &[number, |it| it.str().map(drop)]),
        kind => panic!("version 1 has no answer of kind {kind}"),
    };
    read.unwrap_or_else(|error| panic!("{error} in {message:02x?}"));
    assert_eq!(
        decoder.position(),
        message.len(),
        "nothing is behind it: {message:02x?}"
    );
}

fn welcome(decoder: &mut Decoder<'_>) -> Read {
    tuple(decoder, &[is_version_1, name, name])
}

fn advert(decoder: &mut Decoder<'_>) -> Read {
    tuple(decoder, &[vector, base])
}

fn base(decoder: &mut Decoder<'_>) -> Read {
    if decoder.datatype()? == Type::Null {
        return decoder.null();
    }
    of(decoder, 0..65, |it| {
        tuple(it, &[name, number, number, vector])
    })
}

/// For each device an array of its id, and of stream and number in turn.
fn vector(decoder: &mut Decoder<'_>) -> Read {
    of(decoder, 0..16_385, |it| {
        let length = array(it)?;
        assert!(length >= 3 && length % 2 == 1, "a device with its streams");
        name(it)?;
        (1..length).try_for_each(|_| number(it))
    })
}

fn frame(decoder: &mut Decoder<'_>) -> Read {
    let read: [fn(&mut Decoder<'_>) -> Read; 12] = [
        is_version_1,
        |it| below(it, 3),
        name,
        |it| below(it, 3),
        number,
        name,
        number,
        number,
        |it| of(it, 0..65, name),
        |it| it.bytes().map(drop),
        |it| it.bytes().map(drop),
        signature,
    ];
    tuple(decoder, &read)
}

fn signal(decoder: &mut Decoder<'_>) -> Read {
    let payload = |it: &mut Decoder<'_>| byte_string(it, 0..4096);
    tuple(
        decoder,
        &[name, number, number, |it| below(it, 3), payload, signature],
    )
}

/// None in an open room.
fn signature(decoder: &mut Decoder<'_>) -> Read {
    let length = decoder.bytes()?.len();
    assert!(length == 0 || length == 64, "a signature of {length} bytes");
    Ok(())
}

fn piece(decoder: &mut Decoder<'_>) -> Read {
    byte_string(decoder, 0..65_537)
}

/// A hash, a device, a nonce: 32 bytes.
fn name(decoder: &mut Decoder<'_>) -> Read {
    byte_string(decoder, 32..33)
}

fn number(decoder: &mut Decoder<'_>) -> Read {
    decoder.u64().map(drop)
}

fn is_version_1(decoder: &mut Decoder<'_>) -> Read {
    assert_eq!(decoder.u32()?, 1);
    Ok(())
}

fn below(decoder: &mut Decoder<'_>, end: u64) -> Read {
    let found = decoder.u64()?;
    assert!(found < end, "{found} is not below {end}");
    Ok(())
}

fn byte_string(decoder: &mut Decoder<'_>, length: std::ops::Range<usize>) -> Read {
    let found = decoder.bytes()?.len();
    assert!(length.contains(&found), "{found} bytes");
    Ok(())
}

/// Exactly these, in this order.
fn tuple(decoder: &mut Decoder<'_>, parts: &[fn(&mut Decoder<'_>) -> Read]) -> Read {
    assert_eq!(array(decoder)?, parts.len() as u64);
    parts.iter().try_for_each(|part| part(decoder))
}

/// Any number of the same.
fn of(
    decoder: &mut Decoder<'_>,
    length: std::ops::Range<u64>,
    mut part: impl FnMut(&mut Decoder<'_>) -> Read,
) -> Read {
    let found = array(decoder)?;
    assert!(length.contains(&found), "an array of {found}");
    (0..found).try_for_each(|_| part(decoder))
}

fn array(decoder: &mut Decoder<'_>) -> Result<u64, Error> {
    Ok(decoder.array()?.expect("a definite length"))
}
