//! What every encoding here shares: CBOR (RFC 8949) with definite lengths, of which there is one form.

use std::convert::Infallible;

use minicbor::{Decoder, Encoder, decode};

/// Writes to memory, which cannot fail.
pub type Writer = Encoder<Vec<u8>>;

/// What a write to memory returns.
pub type Written<'a> = Result<&'a mut Writer, minicbor::encode::Error<Infallible>>;

/// The bytes that something writes.
pub fn encode(capacity: usize, write: impl FnOnce(&mut Writer) -> Written<'_>) -> Vec<u8> {
    let mut writer = Encoder::new(Vec::with_capacity(capacity));
    write(&mut writer).expect("writing to a Vec cannot fail");
    writer.into_writer()
}

/// What was read is not what was expected.
pub fn wrong() -> decode::Error {
    decode::Error::message("not what was expected")
}

/// The length of an array, which must be stated and at most so much.
pub fn array_up_to(decoder: &mut Decoder<'_>, most: usize) -> Result<usize, decode::Error> {
    match decoder.array()? {
        Some(length) if length <= most as u64 => Ok(length as usize),
        _ => Err(wrong()),
    }
}

/// An array of exactly so many.
pub fn array_of(decoder: &mut Decoder<'_>, length: u64) -> Result<(), decode::Error> {
    if decoder.array()? == Some(length) {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// A byte string of exactly so many bytes.
pub fn bytes<const N: usize>(decoder: &mut Decoder<'_>) -> Result<[u8; N], decode::Error> {
    decoder.bytes()?.try_into().map_err(|_| wrong())
}

/// Nothing may follow.
pub fn end(decoder: &Decoder<'_>) -> Result<(), decode::Error> {
    if decoder.position() == decoder.input().len() {
        Ok(())
    } else {
        Err(wrong())
    }
}
