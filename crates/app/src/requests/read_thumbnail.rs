//! A small picture of an attachment.

use std::io::Cursor;

use base64::{Engine, engine::general_purpose::STANDARD};
use graph::id::BlobId;
use graph::value::Seal;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use store::{BlobHash, StoreError};

use crate::app::Inner;
use crate::attachments::content::{self, ContentError};
use crate::failure::Failure;
use crate::reply::Reply;
use crate::world::{World, locked};

/// The longer side, in pixels: twice what is drawn, for dense screens.
const SIDE: u32 = 96;

/// A larger file gets no picture: it would be read whole.
const MAX_FILE_BYTES: u64 = 32 << 20;

/// What decoding may take; a photograph of 50 megapixels has 150 MB.
const MAX_MEMORY_BYTES: u64 = 192 << 20;

/// A longer side gets no picture, whatever the file says of itself.
const MAX_PIXELS: u32 = 20_000;

/// Makes it; none of what is no picture. Whatever the file says, one is made at a time and memory is bounded.
pub(super) async fn call(app: &Inner, blob: BlobId, seal: Option<Seal>) -> Result<Reply, Failure> {
    let hash = super::read_attachment::hash(&blob)?;
    let read = app
        .world
        .blocking(move |world| picture(world, hash, seal.as_ref()));
    Ok(Reply::Thumbnail {
        png: read.await?.map(|png| STANDARD.encode(png)),
    })
}

fn picture(
    world: &World,
    hash: BlobHash,
    seal: Option<&Seal>,
) -> Result<Option<Vec<u8>>, ContentError> {
    let blobs = world.store.blobs();
    let size = blobs.size(hash)?.ok_or(StoreError::UnknownBlob(hash))?;
    if size > MAX_FILE_BYTES {
        return Ok(None);
    }
    let _alone = locked(&world.drawing);
    let bytes = content::get(blobs, hash, seal)?;
    Ok(shrunk(&bytes, MAX_MEMORY_BYTES))
}

/// A file in memory, of which decoding may take so many bytes.
pub(crate) fn shrunk(bytes: &[u8], max_bytes: u64) -> Option<Vec<u8>> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_PIXELS), Some(MAX_PIXELS));
    limits.max_alloc = Some(max_bytes);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    // Not every decoder keeps to the limit by itself.
    if decoder.total_bytes() > max_bytes {
        return None;
    }
    let orientation = decoder.orientation().ok()?;
    let mut small = DynamicImage::from_decoder(decoder)
        .ok()?
        .thumbnail(SIDE, SIDE);
    small.apply_orientation(orientation);
    let mut png = Cursor::new(Vec::new());
    let small = DynamicImage::from(small.to_rgba8());
    small.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut png = Cursor::new(Vec::new());
        let image = DynamicImage::new_rgb8(width, height);
        image.write_to(&mut png, ImageFormat::Png).unwrap();
        png.into_inner()
    }

    #[test]
    fn a_picture_is_shrunk_and_keeps_its_shape() {
        let small = shrunk(&png(400, 100), MAX_MEMORY_BYTES).unwrap();
        let small = image::load_from_memory(&small).unwrap();
        assert_eq!((small.width(), small.height()), (96, 24));
    }

    #[test]
    fn what_is_too_large_or_no_picture_gets_none() {
        assert_eq!(shrunk(&png(400, 100), 400 * 100 * 3 - 1), None);
        assert_eq!(shrunk(b"", MAX_MEMORY_BYTES), None);
        assert_eq!(shrunk(b"<svg onload=alert(1)>", MAX_MEMORY_BYTES), None);
        let whole = png(40, 40);
        for length in 0..whole.len() - 12 {
            assert_eq!(shrunk(&whole[..length], MAX_MEMORY_BYTES), None);
        }
    }

    /// A few bytes that say to be a picture of a gigapixel.
    #[test]
    fn a_picture_that_claims_to_be_huge_gets_none() {
        let mut liar = png(1, 1);
        liar[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert_eq!(shrunk(&liar, MAX_MEMORY_BYTES), None);
    }
}
