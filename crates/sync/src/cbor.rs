//! What every encoding here shares.

use minicbor::{Decoder, Encoder};

use crate::DecodeError;

/// Writes to memory, which cannot fail.
pub type Writer = Encoder<Vec<u8>>;

/// What a write to memory returns.
pub type Written<'a> = Result<&'a mut Writer, minicbor::encode::Error<std::convert::Infallible>>;

/// A message or record of which the first bytes are given.
pub fn encode(
    first: &[u8],
    capacity: usize,
    write: impl FnOnce(&mut Writer) -> Written<'_>,
) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(first.len() + capacity);
    bytes.extend_from_slice(first);
    let mut writer = Encoder::new(bytes);
    write(&mut writer).expect("writing to a Vec cannot fail");
    writer.into_writer()
}

impl From<minicbor::decode::Error> for DecodeError {
    fn from(_: minicbor::decode::Error) -> Self {
        Self("not the CBOR that was expected")
    }
}

/// The length of an array, which must be stated.
pub fn array(decoder: &mut Decoder<'_>) -> Result<u64, DecodeError> {
    decoder
        .array()?
        .ok_or(DecodeError("an array of no stated length"))
}

/// An array of exactly so many.
pub fn array_of(decoder: &mut Decoder<'_>, length: u64) -> Result<(), DecodeError> {
    if array(decoder)? == length {
        Ok(())
    } else {
        Err(DecodeError("an array of another length"))
    }
}

/// A hash or a key.
pub fn bytes32(decoder: &mut Decoder<'_>) -> Result<[u8; 32], DecodeError> {
    decoder
        .bytes()?
        .try_into()
        .map_err(|_| DecodeError("not 32 bytes"))
}

/// Nothing may follow.
pub fn end(decoder: &Decoder<'_>) -> Result<(), DecodeError> {
    if decoder.position() == decoder.input().len() {
        Ok(())
    } else {
        Err(DecodeError("bytes after the end"))
    }
}
