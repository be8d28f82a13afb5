//! What is appended to a project, and how its fate is told.

use crate::{AuthorKey, ProjectKey, Result, RoomKey, RoomWrite, StoreError};

/// One of the documents of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Document(pub u8);

impl Document {
    /// Nodes, links, template, people.
    pub const PROJECT: Self = Self(0);
    /// Comments, which those may write who may not write the project.
    pub const COMMENTS: Self = Self(1);
}

/// The place of a chunk in the order in which all chunks of a store were written. Rises, with gaps.
///
/// It orders what is on this disk and means nothing elsewhere. A number that was [`Durable`](Acknowledgement::Durable)
/// is never given out again; one that was only [`Written`](Acknowledgement::Written) may be, after a power
/// loss or, if it brought frames and no chunk, after the process was killed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// Opaque bytes appended to a document, with the change of undo stacks and the frames that belong to them.
///
/// All are kept or lost together. Empty bytes are allowed: then only the rest changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Whose change it is.
    pub document: Document,
    /// The change; at most [`MAX_CHUNK_BYTES`].
    pub bytes: Vec<u8>,
    /// What happens to undo stacks, in this order.
    pub undo: Vec<UndoWrite>,
    /// The frames that brought the change, or in which it leaves.
    pub room: Option<RoomWrite>,
}

/// A chunk above this size is refused: SQLite takes no value above 1 GB, and one chunk is held in memory whole.
pub const MAX_CHUNK_BYTES: usize = 256 << 20;

/// A stack keeps this many entries; pushing one more forgets the oldest.
pub const MAX_UNDO_ENTRIES: usize = 100;

impl Chunk {
    /// A change without undo.
    pub fn new(document: Document, bytes: Vec<u8>) -> Self {
        Self {
            document,
            bytes,
            undo: Vec::new(),
            room: None,
        }
    }

    /// The same change with what happens to a room in the same commit.
    pub fn in_room(mut self, write: RoomWrite) -> Self {
        self.room = Some(write);
        self
    }

    /// The same change with what happens to an undo stack.
    pub fn with_undo(mut self, author: AuthorKey, stack: UndoStack, edit: UndoEdit) -> Self {
        self.undo.push(UndoWrite {
            author,
            stack,
            edit,
        });
        self
    }

    /// Everything that it belongs to.
    pub(crate) fn logs(&self, project: ProjectKey) -> Vec<Log> {
        let room = self.room.as_ref().map(|write| Log::Room(write.room));
        [Log::Project(project)].into_iter().chain(room).collect()
    }

    /// How much memory it holds, roughly.
    pub(crate) fn weight(&self) -> usize {
        let undo = self.undo.iter().map(|write| match &write.edit {
            UndoEdit::Push(entry) => entry.len(),
            UndoEdit::Pop => 0,
        });
        let room = self.room.as_ref().map_or(0, RoomWrite::weight);
        self.bytes.len() + undo.sum::<usize>() + room
    }

    /// Refuses what no store takes.
    pub(crate) fn check(&self) -> Result<()> {
        let room = self.room.as_ref();
        room.map_or(Ok(()), RoomWrite::check)?;
        let size = self.weight() - room.map_or(0, RoomWrite::weight);
        if size > MAX_CHUNK_BYTES {
            return Err(StoreError::TooLarge {
                size: size as u64,
                limit: MAX_CHUNK_BYTES as u64,
            });
        }
        Ok(())
    }
}

/// What is written in order and without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Log {
    Project(ProjectKey),
    Room(RoomKey),
}

/// One edit of one undo stack of one author.
///
/// A command is a `Push` on [`UndoStack::Undo`]; an undo is a `Pop` there and a `Push` on [`UndoStack::Redo`]; an entry
/// that changes is a `Pop` and a `Push`. So a command writes one entry, never a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoWrite {
    /// Whose stack.
    pub author: AuthorKey,
    /// Which of the two.
    pub stack: UndoStack,
    /// What happens to it.
    pub edit: UndoEdit,
}

/// The two stacks of an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UndoStack {
    /// What can be undone.
    Undo,
    /// What can be redone.
    Redo,
}

/// What happens to a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UndoEdit {
    /// Puts an entry on top.
    Push(Vec<u8>),
    /// Takes the top entry off; nothing happens if there is none.
    Pop,
}

/// What became of a chunk: `Written` and later `Durable`, or `Failed`.
#[derive(Clone, Debug)]
pub enum Acknowledgement {
    /// Committed: survives the death of the process, not yet a loss of power. It may be forwarded.
    Written(Seq),
    /// Synced to the disk: survives a loss of power. It may be called saved.
    Durable(Seq),
    /// Nothing of it was written. The caller keeps it, and offers it again after [`Store::retry`](crate::Store::retry).
    Failed(StoreError),
}

/// Told what became of one chunk, on the store's own thread or, for a refusal, before `append` returns.
///
/// It must be quick and must not call the store: every project waits for it. A channel's sender is the usual content.
pub type Acknowledge = Box<dyn FnMut(Acknowledgement) + Send>;
