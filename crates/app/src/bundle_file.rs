//! Files of changes, and for whom they are made.

use std::io::Read;
use std::path::Path;

use store::{RoomKey, Store, StoreError};
use sync::{Bundle, BundleError, Vector};
use trust::DeviceId;

use crate::app::Inner;
use crate::failure::Failure;
use crate::files;
use crate::links;
use crate::project::{Answer, Ask, Packed};
use crate::request::ProjectId;
use crate::room::acquainted::{self, Acquaintances};

/// A longer file is none that was written here: it would not fit into memory.
const MAX_BYTES: u64 = 2 << 30;

/// Reads a file and refuses whatever is not wholly a bundle of a version that is known.
pub(crate) fn read(path: &Path) -> Result<Bundle, Failure> {
    let (input, size) = files::open(path)?;
    if size > MAX_BYTES {
        return Err(refused(BundleError::NotABundle));
    }
    let mut bytes = Vec::new();
    let mut input = input.take(MAX_BYTES);
    input
        .read_to_end(&mut bytes)
        .map_err(|error| files::failure(&error))?;
    Bundle::decode(&bytes).map_err(refused)
}

/// Reads the frames from the log and writes the file whole or not at all. How many frames, and how many bytes.
pub(crate) fn write(
    store: &dyn Store,
    packed: Packed,
    path: &Path,
) -> Result<(usize, u64), Failure> {
    let Packed { mut bundle, ranges } = packed;
    let room = RoomKey(bundle.room().0);
    bundle.frames = links::read_log(store, room, &ranges, usize::MAX);
    let bytes = bundle.encode();
    files::replace(path, |output| {
        output
            .write_all(&bytes)
            .map_err(|error| files::failure(&error))
    })?;
    Ok((bundle.frames.len(), bytes.len() as u64))
}

/// Why a file is not taken in.
fn refused(error: BundleError) -> Failure {
    let failure = match error {
        BundleError::NotABundle => Failure::new(
            "BUNDLE_UNREADABLE",
            "This is not a file of changes. Choose one that was exported by “Export changes”.",
        ),
        BundleError::TooNew(_) => Failure::new(
            "BUNDLE_TOO_NEW",
            "The file was written by a later version of Talus Tally. Update Talus Tally here.",
        ),
        BundleError::Damaged | BundleError::Frame(_) | BundleError::Membership(_) => Failure::new(
            "BUNDLE_DAMAGED",
            "The file is damaged or not whole, so nothing was taken in. Copy it again, or export it anew.",
        ),
    };
    failure.with_detail(error)
}

impl Inner {
    /// What others are known to hold of an open project, as was kept and as it has heard since; and what is held here.
    pub(crate) async fn acquaintances(
        &self,
        project: ProjectId,
    ) -> Result<(Acquaintances, Vector), Failure> {
        let read = self
            .world
            .blocking(move |world| kept(&*world.store, project));
        let mut known = read.await?;
        let answer = self.door(project)?.ask(Ask::Acquaintances).await?;
        let Answer::Acquaintances(heard, held, gone) = answer else {
            unreachable!("asking for acquaintances is answered by them");
        };
        acquainted::merge(&mut known, heard);
        known.remove(&self.installation.device());
        known.retain(|device, _| !gone.contains(device));
        Ok((known, held))
    }

    /// Keeps what others are known to hold, for when the project is opened again.
    pub(crate) async fn keep_acquaintances(&self, project: ProjectId) -> Result<(), Failure> {
        let (known, _) = self.acquaintances(project).await?;
        if known.is_empty() {
            return Ok(());
        }
        let json = acquainted::encode(&known);
        let keep = self
            .world
            .blocking(move |world| world.store.set_setting(&setting(project), Some(&json)));
        keep.await
    }
}

fn kept(store: &dyn Store, project: ProjectId) -> Result<Acquaintances, StoreError> {
    let kept = store.setting(&setting(project))?;
    Ok(kept
        .map(|text| acquainted::decode(&text))
        .unwrap_or_default())
}

/// Forgets what others are known to hold of a project that is no more.
pub(crate) fn forget(store: &dyn Store, project: ProjectId) -> Result<(), StoreError> {
    store.set_setting(&setting(project), None)
}

/// The device that somebody chose.
pub(crate) fn chosen(device: &str) -> Result<DeviceId, Failure> {
    device.parse().map_err(|_| unknown())
}

/// Nobody knows what that machine holds.
pub(crate) fn unknown() -> Failure {
    Failure::new(
        "MACHINE_UNKNOWN",
        "It is not known what that machine has. Export everything instead.",
    )
}

fn setting(project: ProjectId) -> String {
    format!("acquaintances.{}", project.0)
}
