//! Whether what this machine keeps of a project is whole: all of it is read, and nothing of it is changed. What turns out to
//! be damaged is set aside by the store, as when it is met at opening.
//!
//! What is on the disk is looked at, not what is in memory: a project that is open may have edits that wait for the disk.

mod file;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use graph::Project as Graph;
use graph::document::Document;
use store::{
    BlobHash, Loaded, QuarantinedKind, QuarantinedPart, RoomKey, RoomPart, Store, StoreError,
    StreamKey,
};
use sync::Frame;
use trust::{Membership, RoomId};

use crate::app::App;
use crate::failure::Failure;
use crate::package::Package;
use crate::progress::{Progress, long};
use crate::request::ProjectId;
use crate::world::World;
use crate::{catalogue, opening, panics, room, rooms};

pub use self::file::{InFile, verify_file};

/// Bytes of frames that are in memory at once.
const PIECE_BYTES: usize = 4 << 20;

/// Findings that are listed. More tell nobody more.
const MAX_FINDINGS: usize = 1_000;

/// What was read of a project, and what is wrong with it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Verification {
    /// Changes of its documents.
    pub changes: u64,
    /// Live nodes.
    pub nodes: u64,
    /// Frames of its room's log; 0 if it is not shared.
    pub frames: u64,
    /// Attachments that are on this machine.
    pub attachments: u64,
    /// Bytes of frames and attachments that were read.
    pub bytes: u64,
    /// How many of the findings are losses, those included that are not listed.
    pub losses: u64,
    /// What is wrong, 1,000 at most; empty if all is whole.
    pub findings: Vec<Finding>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable code, such as `attachment-damaged`.
    pub code: &'static str,
    /// Whether something was lost here; otherwise it is something to know.
    pub is_loss: bool,
    /// What was found, for people.
    pub message: String,
}

impl Verification {
    /// Whether nothing was lost.
    pub fn is_whole(&self) -> bool {
        self.losses == 0
    }

    fn find(&mut self, code: &'static str, is_loss: bool, message: impl Into<String>) {
        self.losses += u64::from(is_loss);
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                code,
                is_loss,
                message: message.into(),
            });
        }
    }
}

impl Verification {
    /// Reads both documents; the project, if it can be read.
    fn documents(&mut self, loaded: Loaded) -> Option<Graph> {
        let read = catch_unwind(AssertUnwindSafe(|| opening::read(loaded)));
        let (graph, notices) = match read {
            Ok(Ok(read)) => read,
            Ok(Err(failure)) => {
                self.find("unreadable", true, failure.message);
                return None;
            }
            Err(panic) => {
                let report = panics::message(&*panic);
                let message = format!("Reading the project fails; please report it: {report}.");
                self.find("unreadable", true, message);
                return None;
            }
        };
        for notice in notices {
            self.find("change-unread", true, notice);
        }
        for (document, name) in [
            (Document::Project, "project"),
            (Document::Comments, "comments"),
        ] {
            let missing = graph.missing(document).len();
            if missing > 0 {
                let message =
                    format!("Changes of the {name} wait for {missing} others that are not here.");
                self.find("changes-missing", false, message);
            }
        }
        self.nodes = graph.view().node_count() as u64;
        self.changes = graph.past(&[], 0, 0).1 as u64;
        Some(graph)
    }
}

impl App {
    /// Reads everything that is kept of a project here, its attachments included.
    ///
    /// # Errors
    /// If there is no such project, the disk cannot be read at all, or somebody has cancelled it.
    pub async fn verify(&self, project: ProjectId) -> Result<Verification, Failure> {
        let world = &self.inner().world;
        let record = world.blocking(move |world| catalogue::record(&*world.store, project));
        let label = format!("Verifying {}", record.await?.name);
        let verified = long(world, label, |progress| {
            world.blocking(move |world| verify(world, project, progress))
        });
        verified.await
    }
}

fn verify(world: &World, project: ProjectId, progress: Progress) -> Result<Verification, Failure> {
    let mut reading = Reading {
        store: &*world.store,
        progress,
        found: Verification::default(),
    };
    let is_shared = rooms::of(&*world.store, project)?.is_some();
    if let Some(graph) = reading.project(project)? {
        reading.attachments(&graph, is_shared)?;
    }
    Ok(reading.found)
}

struct Reading<'a> {
    store: &'a dyn Store,
    progress: Progress,
    found: Verification,
}

impl Reading<'_> {
    /// All but the attachments; the project, if it can be read.
    fn project(&mut self, project: ProjectId) -> Result<Option<Graph>, Failure> {
        let graph = self.documents(project)?;
        if let Some(room) = rooms::of(self.store, project)? {
            self.log(room)?;
        }
        Ok(graph)
    }

    /// The documents and undo histories; the project, if it can be read.
    fn documents(&mut self, project: ProjectId) -> Result<Option<Graph>, Failure> {
        let loaded = self.store.load(project.into())?;
        let mut aside = self.store.quarantined(project.into())?;
        // What is on a page that cannot be read is told by this load alone.
        let only_now = loaded.quarantined.iter().filter(|it| !aside.contains(it));
        let only_now: Vec<_> = only_now.cloned().collect();
        aside.extend(only_now);
        for part in aside {
            let (code, is_loss, what) = match part.kind {
                QuarantinedKind::Chunk => ("change-set-aside", true, "A change"),
                // It was made from changes that are here, or from an older state that is.
                QuarantinedKind::Snapshot => ("state-set-aside", false, "A saved state"),
                QuarantinedKind::UndoEntry => ("undo-set-aside", false, "An undo step"),
            };
            let message = format!("{what} was set aside: {}.", part.reason);
            self.found.find(code, is_loss, message);
        }
        self.progress.check()?;
        Ok(self.found.documents(loaded))
    }

    /// The log of the room: who made each frame, and that it is what was made.
    fn log(&mut self, id: RoomId) -> Result<(), Failure> {
        let key = RoomKey(id.0);
        let loaded = self.store.rooms().load(key)?;
        let members = loaded.meta.get(room::MEMBERS);
        let members = members.and_then(|it| rooms::decode_members(it));
        let members = members.and_then(|it| Membership::open(&it).ok());
        let Some(members) = members else {
            let message = "Who shares the project cannot be read; join it again.";
            self.found.find("members-unreadable", true, message);
            return Ok(());
        };
        for stream in loaded.vector.keys() {
            let mut after = 0;
            loop {
                let frames = self.store.rooms();
                let frames = frames.frames(key, *stream, after, PIECE_BYTES)?;
                let Some(last) = frames.last() else { break };
                after = last.number;
                for frame in &frames {
                    self.frame(&members, *stream, frame);
                }
                self.progress.reached(self.found.bytes)?;
            }
        }
        for part in self.store.rooms().quarantined(key)? {
            self.part(key, &part)?;
        }
        Ok(())
    }

    fn frame(&mut self, members: &Membership, stream: StreamKey, kept: &store::Frame) {
        self.found.frames += 1;
        self.found.bytes += kept.bytes.len() as u64;
        let named = format!("Frame {} of {}", kept.number, short(&stream));
        let Ok(frame) = Frame::from_bytes(&kept.bytes) else {
            self.found
                .find("frame-unreadable", true, format!("{named} is none."));
            return;
        };
        let header = frame.header();
        let is_in_place = header.room == members.room()
            && header.number == kept.number
            && header.stream.device.0 == stream.device
            && header.stream.nonce == stream.stream;
        if !is_in_place {
            let message = format!("{named} says that it is another one.");
            self.found.find("frame-misplaced", true, message);
        }
        // In an open room nothing is signed.
        let key = members.key_of(&header.stream.device);
        if let (Some(key), false) = (key, members.is_open())
            && frame.verify(&key).is_err()
        {
            let message = format!("{named} was not signed by the machine that it names.");
            self.found.find("frame-forged", true, message);
        }
    }

    /// What was set aside of the log, if it has not come again since.
    fn part(&mut self, room: RoomKey, part: &QuarantinedPart) -> Result<(), StoreError> {
        match &part.part {
            RoomPart::Frame { stream, number } => {
                let again = self.store.rooms();
                let again = again.frames(room, *stream, number.saturating_sub(1), 1)?;
                if !again.iter().any(|frame| frame.number == *number) {
                    let message = format!(
                        "Frame {number} of {} was set aside: {}. It is fetched from another machine that has it.",
                        short(stream),
                        part.reason
                    );
                    self.found.find("frame-set-aside", true, message);
                }
            }
            RoomPart::Meta(name) => {
                let message = format!("What is kept as “{name}” was set aside: {}.", part.reason);
                self.found.find("room-set-aside", false, message);
            }
            // It was counted anew.
            RoomPart::Count(_) => {}
        }
        Ok(())
    }

    /// The attachments that the project names, or ever named and are here.
    fn attachments(&mut self, graph: &Graph, is_shared: bool) -> Result<(), Failure> {
        let now = Package::of(graph).blobs;
        let mut named = graph.blobs_ever_named();
        named.extend(now.iter().cloned());
        let blobs = self.store.blobs();
        let mut here = Vec::new();
        for blob in named {
            let Ok(hash) = blob.as_str().parse::<BlobHash>() else {
                continue;
            };
            match blobs.size(hash)? {
                Some(size) => here.push((hash, size)),
                None if now.contains(&blob) => {
                    let message =
                        format!("The content of attachment {hash} is not on this machine.");
                    self.found.find("attachment-missing", !is_shared, message);
                }
                None => {}
            }
        }
        let total: u64 = here.iter().map(|(_, size)| size).sum();
        self.progress.expect(self.found.bytes + total);
        for (hash, _) in here {
            self.attachment(hash)?;
        }
        Ok(())
    }

    fn attachment(&mut self, hash: BlobHash) -> Result<(), Failure> {
        let mut counted = self.progress.writer(io::sink());
        let copied = self.store.blobs().copy(hash, &mut counted);
        self.progress.check()?;
        match copied {
            Ok(size) => {
                self.found.attachments += 1;
                self.found.bytes += size;
            }
            // Let go of in between: nothing names it any more.
            Err(StoreError::UnknownBlob(_)) => {}
            Err(error) => {
                let message = format!("The content of attachment {hash} cannot be read: {error}.");
                self.found.find("attachment-damaged", true, message);
            }
        }
        Ok(())
    }
}

/// Names a stream for people.
fn short(stream: &StreamKey) -> String {
    let device = stream.device.iter().take(4);
    let device: String = device.map(|byte| format!("{byte:02x}")).collect();
    format!("machine {device}")
}
