//! The bytes of a record.

use minicbor::Decoder;
use minicbor::data::Type;
use minicbor::decode::Error;

use super::{Added, Begun, Changed, Content, Cut, EpochId, Joined, Left, Opened, Readmitted};
use super::{Record, RecordError, RecordId, Role, SealedKey, VERSION};
use crate::cbor::{self, Writer, Written, array_of, array_up_to, bytes, wrong};
use crate::key::{DevicePublic, SealingCertificate, SealingPublic};
use crate::{DeviceId, RoomId};

/// Records that one lists. More that nothing follows are made one by a record in between.
pub const MAX_DEPS: usize = 64;

/// More than a record can have in the bytes that it may have.
const MAX_ENTRIES: usize = 4096;

const PARTS: u64 = 7;

/// What the signature is over.
pub fn signed(record: &Record) -> Vec<u8> {
    cbor::encode(512, |writer| write_signed(writer, record, PARTS - 1))
}

pub fn encode(record: &Record) -> Vec<u8> {
    cbor::encode(512, |writer| {
        write_signed(writer, record, PARTS)?.bytes(&record.signature)
    })
}

pub fn decode(bytes: &[u8]) -> Result<Record, RecordError> {
    let record = read(bytes).map_err(|_| RecordError::Unknown)?;
    if encode(&record) == bytes {
        Ok(record)
    } else {
        Err(RecordError::Unknown)
    }
}

fn write_signed<'a>(writer: &'a mut Writer, record: &Record, parts: u64) -> Written<'a> {
    writer
        .array(parts)?
        .u32(VERSION)?
        .u8(kind(&record.content))?;
    writer.bytes(&record.room.0)?;
    writer.array(record.deps.len() as u64)?;
    for dep in &record.deps {
        writer.bytes(&dep.0)?;
    }
    match &record.content {
        Content::Added(added) => {
            writer.array(5)?.bytes(&added.device.0)?;
            write_certificate(writer, &added.sealing)?.u8(role_code(added.role))?;
            match &added.epoch {
                Some(key) => write_sealed(writer.array(2)?, key)?,
                None => {
                    writer.null()?;
                }
            }
        }
        Content::Changed(changed) => write_changed(writer, changed)?,
        Content::Opened(opened) => {
            writer.array(7)?.bytes(&opened.key.0)?;
            writer
                .bytes(&opened.sealing.0)?
                .u8(role_code(opened.role))?;
            writer.u64(opened.expires_ms)?.u32(opened.uses)?;
            write_sealed(writer, &opened.epoch)?;
        }
        Content::Revoked(invitation) => {
            writer.bytes(&invitation.0)?;
        }
        Content::Joined(joined) => {
            writer.array(3)?.bytes(&joined.invitation.0)?;
            writer.bytes(&joined.sealing.0)?.bytes(&joined.admission)?;
        }
        Content::Begun(begun) => write_begun(writer, begun)?,
        Content::Left(left) => {
            writer.array(2)?.bytes(&left.of.0)?;
            write_cut(writer, &left.cut)?;
        }
        Content::Readmitted(again) => {
            writer.array(4)?.bytes(&again.device.0)?;
            writer.u8(role_code(again.role))?;
            write_sealed(writer, &again.epoch)?;
        }
    }
    writer.bytes(&record.signer.0)
}

type Nothing = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn write_certificate<'a>(writer: &'a mut Writer, certificate: &SealingCertificate) -> Written<'a> {
    writer
        .bytes(&certificate.key.0)?
        .bytes(&certificate.signature)
}

fn write_sealed(writer: &mut Writer, key: &SealedKey) -> Nothing {
    writer.u64(key.epoch.0)?.bytes(&key.sealed)?;
    Ok(())
}

fn write_changed(writer: &mut Writer, changed: &Changed) -> Nothing {
    writer.array(3)?.bytes(&changed.device.0)?;
    match changed.role {
        Some(role) => writer.u8(role_code(role))?,
        None => writer.null()?,
    };
    write_cut(writer, &changed.cut)
}

fn write_cut(writer: &mut Writer, cut: &Cut) -> Nothing {
    writer.array(2 * cut.len() as u64)?;
    for (nonce, number) in cut {
        writer.u64(*nonce)?.u64(*number)?;
    }
    Ok(())
}

fn write_begun(writer: &mut Writer, begun: &Begun) -> Nothing {
    writer.array(3)?.array(2 * begun.previous.len() as u64)?;
    for previous in &begun.previous {
        write_sealed(writer, previous)?;
    }
    writer.array(2 * begun.members.len() as u64)?;
    for (device, sealed) in &begun.members {
        writer.bytes(&device.0)?.bytes(sealed)?;
    }
    writer.array(2 * begun.invitations.len() as u64)?;
    for (invitation, sealed) in &begun.invitations {
        writer.bytes(&invitation.0)?.bytes(sealed)?;
    }
    Ok(())
}

fn kind(content: &Content) -> u8 {
    match content {
        Content::Added(_) => 1,
        Content::Changed(_) => 2,
        Content::Opened(_) => 3,
        Content::Revoked(_) => 4,
        Content::Joined(_) => 5,
        Content::Begun(_) => 6,
        Content::Left(_) => 7,
        Content::Readmitted(_) => 8,
    }
}

fn role_code(role: Role) -> u8 {
    match role {
        Role::Viewer => 1,
        Role::Commenter => 2,
        Role::Editor => 3,
        Role::Owner => 4,
    }
}

fn read(input: &[u8]) -> Result<Record, Error> {
    let mut decoder = Decoder::new(input);
    array_of(&mut decoder, PARTS)?;
    if decoder.u32()? != VERSION {
        return Err(wrong());
    }
    let kind = decoder.u8()?;
    let room = RoomId(bytes(&mut decoder)?);
    let deps = (0..array_up_to(&mut decoder, MAX_DEPS)?)
        .map(|_| bytes(&mut decoder).map(RecordId))
        .collect::<Result<_, _>>()?;
    let content = match kind {
        1 => Content::Added(read_added(&mut decoder)?),
        2 => Content::Changed(read_changed(&mut decoder)?),
        3 => Content::Opened(read_opened(&mut decoder)?),
        4 => Content::Revoked(RecordId(bytes(&mut decoder)?)),
        5 => Content::Joined(read_joined(&mut decoder)?),
        6 => Content::Begun(read_begun(&mut decoder)?),
        7 => Content::Left(read_left(&mut decoder)?),
        8 => Content::Readmitted(read_readmitted(&mut decoder)?),
        _ => return Err(wrong()),
    };
    let record = Record {
        room,
        deps,
        content,
        signer: DevicePublic(bytes(&mut decoder)?),
        signature: bytes(&mut decoder)?,
    };
    cbor::end(&decoder)?;
    Ok(record)
}

fn read_certificate(decoder: &mut Decoder<'_>) -> Result<SealingCertificate, Error> {
    Ok(SealingCertificate {
        key: SealingPublic(bytes(decoder)?),
        signature: bytes(decoder)?,
    })
}

fn read_role(decoder: &mut Decoder<'_>) -> Result<Role, Error> {
    match decoder.u8()? {
        1 => Ok(Role::Viewer),
        2 => Ok(Role::Commenter),
        3 => Ok(Role::Editor),
        4 => Ok(Role::Owner),
        _ => Err(wrong()),
    }
}

fn read_sealed(decoder: &mut Decoder<'_>) -> Result<SealedKey, Error> {
    Ok(SealedKey {
        epoch: EpochId(decoder.u64()?),
        sealed: decoder.bytes()?.to_vec(),
    })
}

fn read_added(decoder: &mut Decoder<'_>) -> Result<Added, Error> {
    array_of(decoder, 5)?;
    Ok(Added {
        device: DevicePublic(bytes(decoder)?),
        sealing: read_certificate(decoder)?,
        role: read_role(decoder)?,
        epoch: optional(decoder, |decoder| {
            array_of(decoder, 2)?;
            read_sealed(decoder)
        })?,
    })
}

fn read_changed(decoder: &mut Decoder<'_>) -> Result<Changed, Error> {
    array_of(decoder, 3)?;
    let device = DeviceId(bytes(decoder)?);
    let role = optional(decoder, read_role)?;
    let cut = read_cut(decoder)?;
    Ok(Changed { device, role, cut })
}

fn read_cut(decoder: &mut Decoder<'_>) -> Result<Cut, Error> {
    let mut cut = Cut::new();
    for _ in 0..pairs(decoder)? {
        let nonce = decoder.u64()?;
        cut.insert(nonce, decoder.u64()?);
    }
    Ok(cut)
}

fn read_left(decoder: &mut Decoder<'_>) -> Result<Left, Error> {
    array_of(decoder, 2)?;
    Ok(Left {
        of: RecordId(bytes(decoder)?),
        cut: read_cut(decoder)?,
    })
}

fn read_readmitted(decoder: &mut Decoder<'_>) -> Result<Readmitted, Error> {
    array_of(decoder, 4)?;
    Ok(Readmitted {
        device: DeviceId(bytes(decoder)?),
        role: read_role(decoder)?,
        epoch: read_sealed(decoder)?,
    })
}

fn read_opened(decoder: &mut Decoder<'_>) -> Result<Opened, Error> {
    array_of(decoder, 7)?;
    Ok(Opened {
        key: DevicePublic(bytes(decoder)?),
        sealing: SealingPublic(bytes(decoder)?),
        role: read_role(decoder)?,
        expires_ms: decoder.u64()?,
        uses: decoder.u32()?,
        epoch: read_sealed(decoder)?,
    })
}

fn read_joined(decoder: &mut Decoder<'_>) -> Result<Joined, Error> {
    array_of(decoder, 3)?;
    Ok(Joined {
        invitation: RecordId(bytes(decoder)?),
        sealing: SealingPublic(bytes(decoder)?),
        admission: bytes(decoder)?,
    })
}

fn read_begun(decoder: &mut Decoder<'_>) -> Result<Begun, Error> {
    array_of(decoder, 3)?;
    Ok(Begun {
        previous: (0..pairs(decoder)?)
            .map(|_| read_sealed(decoder))
            .collect::<Result<_, _>>()?,
        members: (0..pairs(decoder)?)
            .map(|_| Ok((DeviceId(bytes(decoder)?), decoder.bytes()?.to_vec())))
            .collect::<Result<_, Error>>()?,
        invitations: (0..pairs(decoder)?)
            .map(|_| Ok((RecordId(bytes(decoder)?), decoder.bytes()?.to_vec())))
            .collect::<Result<_, Error>>()?,
    })
}

fn optional<T>(
    decoder: &mut Decoder<'_>,
    read: impl FnOnce(&mut Decoder<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    if decoder.datatype()? == Type::Null {
        decoder.null()?;
        return Ok(None);
    }
    read(decoder).map(Some)
}

/// Half the length of an array, which must be even.
fn pairs(decoder: &mut Decoder<'_>) -> Result<usize, Error> {
    let length = array_up_to(decoder, MAX_ENTRIES)?;
    if length.is_multiple_of(2) {
        Ok(length / 2)
    } else {
        Err(wrong())
    }
}
