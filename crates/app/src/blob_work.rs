//! What an open project wants done about attachments on the disk. It runs beside the tasks, and waits.

use store::{BlobHash, Store, StoreError};
use sync::BlobName;

use crate::attachments::{BlobDone, BlobWork, Found};
use crate::project::Input;
use crate::settings::Settings;
use crate::world::World;

/// Does it, and says what the project is to hear.
pub(crate) fn done(world: &World, work: BlobWork) -> Option<Input> {
    // A sweep that began before they were named is waited for: it may be about to remove some.
    let is_look = matches!(work, BlobWork::Look(_));
    let _keeping = is_look.then(|| world.keeping.blocking_read());
    if let BlobWork::Read(_, name, _) = &work {
        world.lend(*name);
    }
    on_disk(&*world.store, work).map(Input::Blob)
}

/// The same for a store that nobody else works on.
pub(crate) fn on_disk(store: &dyn Store, work: BlobWork) -> Option<BlobDone> {
    Some(match work {
        BlobWork::Look(names) => {
            let found = names.into_iter().map(|name| {
                let found = find(store, name);
                (name, found.unwrap_or(Found::Part(0)))
            });
            BlobDone::Looked(found.collect(), left_bytes(store))
        }
        BlobWork::Read(link, name, offset) => {
            BlobDone::Read(link, name, relay::read_piece(store, name, offset))
        }
        BlobWork::Keep(piece) => BlobDone::Kept(piece.name, relay::keep_piece(store, &piece)),
        BlobWork::Discard(name) => {
            // What stays behind is swept away one day.
            store.blobs().drop_part(BlobHash(name.0)).ok();
            return None;
        }
    })
}

fn find(store: &dyn Store, name: BlobName) -> Result<Found, StoreError> {
    let (blobs, hash) = (store.blobs(), BlobHash(name.0));
    match blobs.size(hash)? {
        Some(total) => Ok(Found::Whole(total)),
        None => Ok(Found::Part(blobs.part(hash)?)),
    }
}

/// How many bytes more attachments may take.
fn left_bytes(store: &dyn Store) -> Result<u64, StoreError> {
    let settings = store.setting(Settings::SETTING)?;
    let settings: Settings = settings
        .and_then(|json| serde_json::from_str(&json).ok())
        .unwrap_or_default();
    let quota_bytes = u64::from(settings.attachments_mb) << 20;
    Ok(quota_bytes.saturating_sub(store.blobs().bytes()?))
}
