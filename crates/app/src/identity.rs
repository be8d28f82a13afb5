//! Which Automerge actor and which stream of frames writes, so that none ever counts the same number twice.
//!
//! An actor is reused for a project from one start to the next, because each new one costs a little
//! for ever. It is not reused once the store cannot vouch for its numbers: after an unclean end, in a
//! copied directory, in a restored one. That is known when the store is opened, and holds for every
//! project, also for those opened much later; so each such opening begins a new era, and an actor is
//! good only in the era in which it was made. The same holds for streams. A project that was imported or restored has no actor yet.

use graph::id::{AuthorId, PersonId};
use serde::{Deserialize, Serialize};
use store::{Store, StoreError};
use trust::RoomId;
use uuid::Uuid;

use crate::fault::{Fault, planted};
use crate::request::ProjectId;
use crate::world::random_id;

const ERA: &str = "identity.era";

const DEVICE: &str = "identity.device";
const SESSION: &str = "identity.session";

/// The stream of a room, and the era that it is good in.
#[derive(Serialize, Deserialize)]
struct Stream {
    era: Uuid,
    nonce: u64,
}

/// The actor of a project, the era that it is good in, and whose it is.
#[derive(Serialize, Deserialize)]
struct Actor {
    era: Uuid,
    person: PersonId,
    actor: Uuid,
}

/// The era of this opening of the store; a new one if the store says so. One that cannot be kept is
/// good for this opening only.
pub(crate) fn era(store: &dyn Store) -> Uuid {
    let kept = store.setting(ERA).ok().flatten();
    let kept = kept.and_then(|text| text.parse().ok());
    if let Some(era) = kept.filter(|_| !store.opened().fresh_identity_needed()) {
        return era;
    }
    let era = random_id();
    store.set_setting(ERA, Some(&era.to_string())).ok();
    era
}

/// Makes sure that this era is kept.
pub(crate) fn keep(store: &dyn Store, era: Uuid) -> Result<(), StoreError> {
    let era = era.to_string();
    if store.setting(ERA)?.as_deref() == Some(era.as_str()) {
        return Ok(());
    }
    store.set_setting(ERA, Some(&era))
}

/// The actor to write a project with. One that cannot be kept is used this time only.
pub(crate) fn actor(
    store: &dyn Store,
    era: Uuid,
    project: ProjectId,
    person: PersonId,
) -> [u8; 16] {
    actor_at(store, era, &key(project), person)
}

fn actor_at(store: &dyn Store, era: Uuid, key: &str, person: PersonId) -> [u8; 16] {
    let kept = store.setting(key).ok().flatten();
    let kept = kept.and_then(|json| serde_json::from_str::<Actor>(&json).ok());
    let kept = kept.filter(|kept| kept.person == person);
    if let Some(kept) = kept.filter(|kept| kept.era == era || planted(Fault::ReuseActor)) {
        return kept.actor.into_bytes();
    }
    let actor = random_id();
    let kept = Actor { era, person, actor };
    let json = serde_json::to_string(&kept).expect("ids become JSON");
    store.set_setting(key, Some(&json)).ok();
    actor.into_bytes()
}

/// The actor with which a program writes a project. One that cannot be kept is used this time only.
pub(crate) fn actor_of(
    store: &dyn Store,
    era: Uuid,
    project: ProjectId,
    author: AuthorId,
    person: PersonId,
) -> [u8; 16] {
    actor_at(store, era, &format!("{}.{author}", key(project)), person)
}

/// The stream of frames to go on with in a room. One that cannot be kept is used this time only.
pub(crate) fn stream(store: &dyn Store, era: Uuid, room: RoomId) -> u64 {
    let kept = store.setting(&stream_key(room)).ok().flatten();
    let kept = kept.and_then(|json| serde_json::from_str::<Stream>(&json).ok());
    match kept.filter(|kept| kept.era == era) {
        Some(kept) => kept.nonce,
        None => fresh_stream(store, era, room),
    }
}

/// Another stream for a room, since somebody else goes on with the one before.
pub(crate) fn fresh_stream(store: &dyn Store, era: Uuid, room: RoomId) -> u64 {
    let nonce = random_id().as_u64_pair().1;
    let json = serde_json::to_string(&Stream { era, nonce }).expect("ids become JSON");
    store.set_setting(&stream_key(room), Some(&json)).ok();
    nonce
}

/// Forgets the name that this installation had before it had keys: by its key it is another device.
pub(crate) fn forget_name(store: &dyn Store) {
    if let Ok(Some(_)) = store.setting(DEVICE) {
        store.set_setting(DEVICE, None).ok();
    }
}

/// Which start of this installation this is; greater than every earlier one, also if the clock was set back.
pub(crate) fn session(store: &dyn Store, now_ms: u64) -> u64 {
    let kept = store.setting(SESSION).ok().flatten();
    let before = kept.and_then(|text| text.parse::<u64>().ok());
    let session = before.map_or(now_ms, |before| now_ms.max(before.saturating_add(1)));
    store.set_setting(SESSION, Some(&session.to_string())).ok();
    session
}

/// Forgets the actor of a project that is no more.
pub(crate) fn forget(store: &dyn Store, project: ProjectId) -> Result<(), StoreError> {
    store.set_setting(&key(project), None)
}

fn stream_key(room: RoomId) -> String {
    format!("identity.stream.{room}")
}

fn key(project: ProjectId) -> String {
    format!("identity.actor.{}", project.0)
}

#[cfg(test)]
mod tests {
    use store::MemoryStore;

    use super::*;

    const ANA: PersonId = PersonId(Uuid::from_u128(8));

    fn project(number: u128) -> ProjectId {
        ProjectId(Uuid::from_u128(number))
    }

    #[test]
    fn an_actor_is_reused_in_its_era_only() {
        let store = MemoryStore::new();
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let actor_then = actor(&store, first, project(1), ANA);
        assert_eq!(actor(&store, first, project(1), ANA), actor_then);
        assert_ne!(actor(&store, first, project(2), ANA), actor_then);
        let actor_of_ben = actor(&store, first, project(2), PersonId(Uuid::from_u128(9)));
        assert_ne!(actor_of_ben, actor(&store, first, project(2), ANA));
        let actor_now = actor(&store, second, project(1), ANA);
        assert_ne!(actor_now, actor_then);
        assert_eq!(actor(&store, second, project(1), ANA), actor_now);
    }

    #[test]
    fn a_stream_is_reused_in_its_era_only() {
        let store = MemoryStore::new();
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let room = |byte| RoomId([byte; 32]);
        let then = stream(&store, first, room(1));
        assert_eq!(stream(&store, first, room(1)), then);
        assert_ne!(stream(&store, first, room(2)), then);
        let now = stream(&store, second, room(1));
        assert_ne!(now, then);
        assert_ne!(fresh_stream(&store, second, room(1)), now);
    }

    #[test]
    fn sessions_rise_even_if_the_clock_does_not() {
        let store = MemoryStore::new();
        let sessions = [500, 400, 400, 900].map(|now_ms| session(&store, now_ms));
        assert_eq!(sessions, [500, 501, 502, 900]);
    }

    #[test]
    fn a_name_from_before_there_were_keys_is_forgotten() {
        let store = MemoryStore::new();
        store.set_setting(DEVICE, Some("an old name")).unwrap();
        forget_name(&store);
        assert_eq!(store.setting(DEVICE).unwrap(), None);
    }

    #[test]
    fn a_store_that_cannot_vouch_begins_an_era() {
        let store = MemoryStore::new();
        assert!(store.opened().fresh_identity_needed());
        assert_ne!(era(&store), era(&store));
    }
}
