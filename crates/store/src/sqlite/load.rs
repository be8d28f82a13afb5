//! Reading a project, all of it that is whole.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};

use super::{
    catalogue,
    log::{CHUNK, SNAPSHOT},
    quarantine::RowKey,
    salvage,
};
use crate::{
    AuthorKey, Document, Loaded, LoadedDocument, ProjectKey, Quarantined, QuarantinedKind, Result,
    Seq, Snapshot, StoreError, UndoStacks,
    checksum::{of_document, of_entry},
};

/// A project as read, and the rows in which the damage was.
pub(super) struct Found {
    pub(super) loaded: Loaded,
    pub(super) damaged: Vec<RowKey>,
}

/// Reads a project in one consistent view.
pub(super) fn load(connection: &Connection, project: ProjectKey) -> Result<Found> {
    let view = connection.unchecked_transaction()?;
    if !catalogue::exists(&view, project)? {
        return Err(StoreError::UnknownProject(project));
    }
    let mut reading = Reading {
        connection: &view,
        project,
        loaded: Loaded::default(),
        damaged: Vec::new(),
    };
    reading.snapshots()?;
    for document in (0..=u8::MAX).map(Document) {
        reading.chunks(document)?;
    }
    reading.undo()?;
    Ok(Found {
        loaded: reading.loaded,
        damaged: reading.damaged,
    })
}

struct Reading<'a> {
    connection: &'a Connection,
    project: ProjectKey,
    loaded: Loaded,
    damaged: Vec<RowKey>,
}

impl Reading<'_> {
    fn snapshots(&mut self) -> Result<()> {
        // Both downwards, as the index runs: sorting would copy every snapshot.
        let sql = "SELECT document, through, sum, bytes FROM snapshot WHERE project = ? \
            ORDER BY document DESC, through DESC";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.project.0])?;
        while let Some(row) = rows.next()? {
            let (document, through) = (row.get(0)?, row.get(1)?);
            let known = u8::try_from(document).map(Document).ok();
            if known.is_some_and(|document| self.loaded.documents.contains_key(&document)) {
                continue; // the generation kept in case the newer one is damaged
            }
            let sum =
                |bytes: &[u8]| Some(of_document(SNAPSHOT, self.project, known?, through, bytes));
            match (known, whole(row, 2, sum)) {
                (Some(document), Ok(bytes)) => {
                    let snapshot = Some(Snapshot {
                        through: Seq(through as u64),
                        bytes,
                    });
                    let chunks = Vec::new();
                    self.loaded
                        .documents
                        .insert(document, LoadedDocument { snapshot, chunks });
                }
                (_, Err(bytes) | Ok(bytes)) => {
                    let row = RowKey::Snapshot { document, through };
                    self.set_aside(row, QuarantinedKind::Snapshot, known, through, bytes);
                }
            }
        }
        Ok(())
    }

    fn chunks(&mut self, document: Document) -> Result<()> {
        let snapshot = self
            .loaded
            .documents
            .get(&document)
            .and_then(|found| found.snapshot.as_ref());
        let mut after = snapshot.map_or(0, |snapshot| snapshot.through.0 as i64);
        let mut whole = Vec::new();
        while let Err(error) = self.chunks_after(document, &mut after, &mut whole) {
            let StoreError::Damaged(_) = error else {
                return Err(error);
            };
            // Everything up to `after` is read; what can be reached behind the damaged page is, too.
            self.set_aside(
                RowKey::Unreadable,
                QuarantinedKind::Chunk,
                Some(document),
                after + 1,
                Vec::new(),
            );
            match salvage::chunks_after(self.connection, self.project, document, after)? {
                Some(readable) => after = readable,
                None => break,
            }
        }
        if !whole.is_empty() {
            self.loaded.documents.entry(document).or_default().chunks = whole;
        }
        Ok(())
    }

    /// Reads on from `after` and moves it along.
    fn chunks_after(
        &mut self,
        document: Document,
        after: &mut i64,
        chunks: &mut Vec<(Seq, Vec<u8>)>,
    ) -> Result<()> {
        let sql = "SELECT seq, sum, bytes FROM chunk WHERE project = ? AND document = ? AND seq > ? ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![self.project.0, document.0, *after])?;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            match whole(row, 1, |bytes| {
                Some(of_document(CHUNK, self.project, document, seq, bytes))
            }) {
                Ok(bytes) => chunks.push((Seq(seq as u64), bytes)),
                Err(bytes) => {
                    let row = RowKey::Chunk {
                        document: document.0.into(),
                        seq,
                    };
                    self.set_aside(row, QuarantinedKind::Chunk, Some(document), seq, bytes);
                }
            }
            *after = seq;
        }
        Ok(())
    }

    fn undo(&mut self) -> Result<()> {
        let sql = "SELECT author, stack, position, sum, entry FROM undo WHERE project = ? \
            ORDER BY author, stack, position";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.project.0])?;
        let mut undo: BTreeMap<AuthorKey, UndoStacks> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let (author, stack, position): (Vec<u8>, i64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let sum = |bytes: &[u8]| Some(of_entry(self.project, &author, stack, position, bytes));
            match (
                <[u8; 16]>::try_from(author.as_slice()),
                stack,
                whole(row, 3, sum),
            ) {
                (Ok(author), 0, Ok(entry)) => {
                    undo.entry(AuthorKey(author)).or_default().undo.push(entry)
                }
                (Ok(author), 1, Ok(entry)) => {
                    undo.entry(AuthorKey(author)).or_default().redo.push(entry)
                }
                (_, _, Ok(bytes) | Err(bytes)) => {
                    let row = RowKey::UndoEntry {
                        author,
                        stack,
                        position,
                    };
                    self.set_aside(row, QuarantinedKind::UndoEntry, None, position, bytes);
                }
            }
        }
        self.loaded.undo = undo;
        Ok(())
    }

    fn set_aside(
        &mut self,
        row: RowKey,
        kind: QuarantinedKind,
        document: Option<Document>,
        seq: i64,
        bytes: Vec<u8>,
    ) {
        let reason = match row {
            RowKey::Unreadable => "damaged: a page of the database cannot be read".to_owned(),
            _ => "damaged: the checksum does not match".to_owned(),
        };
        let seq = Seq(seq.max(0) as u64);
        self.damaged.push(row);
        self.loaded.quarantined.push(Quarantined {
            kind,
            document,
            seq,
            reason,
            bytes,
        });
    }
}

/// The bytes of a row if its checksum, in the column before, matches; else the bytes as they are, if they are any.
fn whole(
    row: &Row<'_>,
    sum_column: usize,
    sum_of: impl FnOnce(&[u8]) -> Option<[u8; 16]>,
) -> Result<Vec<u8>, Vec<u8>> {
    let column = |index| {
        row.get_ref(index)
            .ok()
            .and_then(|value| value.as_blob().ok())
    };
    let (Some(sum), Some(bytes)) = (column(sum_column), column(sum_column + 1)) else {
        return Err(column(sum_column + 1).unwrap_or_default().to_vec());
    };
    if sum_of(bytes).is_some_and(|expected| expected == sum) {
        Ok(bytes.to_vec())
    } else {
        Err(bytes.to_vec())
    }
}
