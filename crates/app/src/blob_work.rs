//! What an open project wants done about attachments on the disk. It runs beside the tasks, and waits.

use store::{BlobHash, StoreError};
use sync::BlobName;

use crate::attachments::{BlobDone, BlobWork, Found};
use crate::project::Input;
use crate::settings::Settings;
use crate::world::World;

/// Does it, and says what the project is to hear.
pub(crate) fn done(world: &World, work: BlobWork) -> Option<Input> {
    let store = &*world.store;
    let done = match work {
        BlobWork::Look(names) => look(world, names),
        BlobWork::Read(link, name, offset) => {
            world.lend(name);
            BlobDone::Read(link, name, relay::read_piece(store, name, offset))
        }
        BlobWork::Keep(piece) => BlobDone::Kept(piece.name, relay::keep_piece(store, &piece)),
        BlobWork::Discard(name) => {
            // What stays behind is swept away one day.
            store.blobs().drop_part(BlobHash(name.0)).ok();
            return None;
        }
    };
    Some(Input::Blob(done))
}

/// Which are here. A sweep that began before they were named is waited for: it may be about to remove some.
fn look(world: &World, names: Vec<BlobName>) -> BlobDone {
    let _keeping = world.keeping.blocking_read();
    let found = names.into_iter().map(|name| {
        let found = find(world, name);
        (name, found.unwrap_or(Found::Part(0)))
    });
    BlobDone::Looked(found.collect(), left_bytes(world))
}

fn find(world: &World, name: BlobName) -> Result<Found, StoreError> {
    let (blobs, hash) = (world.store.blobs(), BlobHash(name.0));
    match blobs.size(hash)? {
        Some(total) => Ok(Found::Whole(total)),
        None => Ok(Found::Part(blobs.part(hash)?)),
    }
}

/// How many bytes more attachments may take.
fn left_bytes(world: &World) -> Result<u64, StoreError> {
    let settings = world.store.setting(Settings::SETTING)?;
    let settings: Settings = settings
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    let quota_bytes = u64::from(settings.attachments_mb) << 20;
    Ok(quota_bytes.saturating_sub(world.store.blobs().bytes()?))
}
