//! What an open project wants done about attachments on the disk. It runs beside the tasks, and waits.

use store::{BlobHash, Blobs, Store, StoreError};
use sync::BlobName;

use crate::attachments::{BlobDone, BlobWork, Claim, Found, content};
use crate::project::Input;
use crate::settings::Settings;
use crate::world::World;

/// Does it, and says what the project is to hear.
pub(crate) fn done(world: &World, work: BlobWork) -> Option<Input> {
    // A sweep that began before they were named is waited for: it may be about to remove some.
    let is_about_kept = matches!(work, BlobWork::Look(_) | BlobWork::Seal(..));
    let _keeping = is_about_kept.then(|| world.keeping.blocking_read());
    if let BlobWork::Read(_, name, _) = &work {
        world.lend(*name);
    }
    let done = on_disk(&*world.store, work)?;
    if let BlobDone::Sealed(_, Some(sealed)) = &done {
        // A sweep leaves it until it is named.
        world.lend(BlobName(sealed.name.0));
    }
    Some(Input::Blob(done))
}

/// The same for a store that nobody else works on.
pub(crate) fn on_disk(store: &dyn Store, work: BlobWork) -> Option<BlobDone> {
    Some(match work {
        BlobWork::Look(claimed) => {
            let found = claimed.into_iter().map(|(name, claims)| {
                let found = find(store, name, &claims);
                (name, claims, found.unwrap_or(Found::Part(0)))
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
        BlobWork::Seal(name, key) => {
            let sealed = content::seal_again(store.blobs(), BlobHash(name.0), key).ok();
            BlobDone::Sealed(name, sealed)
        }
    })
}

/// Sealed is what opens. So nobody gets what is kept here as it is by saying in a project that it were sealed.
fn find(store: &dyn Store, name: BlobName, claims: &[Claim]) -> Result<Found, StoreError> {
    let (blobs, hash) = (store.blobs(), BlobHash(name.0));
    let whole = match blobs.size(hash)? {
        None => finished(blobs, hash, claims)?,
        found => found,
    };
    let Some(bytes) = whole else {
        return Ok(Found::Part(blobs.part(hash)?));
    };
    for claim in claims {
        if let Claim::Sealed(size, Some(key)) = claim
            && *size == bytes
            && content::begins(blobs, hash, bytes, key)?
        {
            let is_sealed = true;
            return Ok(Found::Whole { bytes, is_sealed });
        }
    }
    let is_plain = claims.iter().any(|claim| matches!(claim, Claim::Plain(_)));
    let is_sealed = false;
    Ok(match is_plain {
        true => Found::Whole { bytes, is_sealed },
        false => Found::Other,
    })
}

/// How many bytes it has, if all of them came and the program ended before it had looked at them.
fn finished(
    blobs: &dyn Blobs,
    hash: BlobHash,
    claims: &[Claim],
) -> Result<Option<u64>, StoreError> {
    let part = blobs.part(hash)?;
    if part == 0 || claims.iter().all(|claim| claim.bytes() != part) {
        return Ok(None);
    }
    match blobs.finish_part(hash) {
        Err(StoreError::DamagedBlob(_)) => Ok(None),
        finished => finished.map(Some),
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

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    fn look(store: &MemoryStore, name: BlobName, claims: &[Claim]) -> Found {
        let work = BlobWork::Look(vec![(name, claims.to_vec())]);
        match on_disk(store, work) {
            Some(BlobDone::Looked(mut found, Ok(_))) => found.remove(0).2,
            _ => panic!("it has looked"),
        }
    }

    #[test]
    fn what_came_whole_before_the_program_ended_is_not_fetched_again() {
        let (store, content) = (MemoryStore::default(), b"all of it");
        let hash = BlobHash(*blake3::hash(content).as_bytes());
        let name = BlobName(hash.0);
        store.blobs().put_part(hash, 0, content).expect("room");
        let (other, right) = (Claim::Plain(4), Claim::Plain(content.len() as u64));
        assert!(matches!(
            look(&store, name, std::slice::from_ref(&other)),
            Found::Part(9)
        ));
        let found = look(&store, name, &[other, right]);
        assert!(matches!(
            found,
            Found::Whole {
                bytes: 9,
                is_sealed: false
            }
        ));
    }

    #[test]
    fn what_is_as_long_and_something_else_begins_anew() {
        let (store, hash) = (
            MemoryStore::default(),
            BlobHash(*blake3::hash(b"right").as_bytes()),
        );
        store.blobs().put_part(hash, 0, b"wrong").expect("room");
        let found = look(&store, BlobName(hash.0), &[Claim::Plain(5)]);
        assert!(matches!(found, Found::Part(0)));
    }
}
