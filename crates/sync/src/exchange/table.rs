//! The streams of a room and how much of each is here.

use crate::fault::{Fault, planted};
use crate::limits::{MAX_ANNOUNCED_STREAMS, MAX_STREAMS};
use crate::{LinkError, StreamId, Vector};

/// Rows ascending by stream. Links keep a slot for each row at the same place, so a frame costs one look-up however
/// many links there are, and a new stream costs an insertion in each.
pub struct Table {
    rows: Vec<Row>,
}

pub struct Row {
    pub stream: StreamId,
    /// Handed to the host.
    pub accepted: u64,
    /// Written.
    pub held: u64,
    /// Survives a loss of power.
    pub durable: u64,
}

/// Where a row is, and whether it has just been inserted there.
pub struct Found {
    pub row: usize,
    pub is_new: bool,
}

impl Table {
    /// What is held when the room is opened has survived already.
    pub fn new(held: &Vector) -> Self {
        let rows = held.iter().map(|(stream, number)| Row {
            stream,
            accepted: number,
            held: number,
            durable: number,
        });
        Self {
            rows: rows.collect(),
        }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn find(&self, stream: &StreamId) -> Option<usize> {
        self.rows
            .binary_search_by(|row| row.stream.cmp(stream))
            .ok()
    }

    /// The row of a stream of which there will be frames.
    pub fn intern(&mut self, stream: StreamId) -> Result<Found, LinkError> {
        let is_full = self.rows.len() >= MAX_STREAMS + MAX_ANNOUNCED_STREAMS;
        self.insert(stream, is_full)
            .ok_or(LinkError::TooManyStreams)
    }

    /// The row of a stream that a peer has announced; none if there are too many of which nothing is here.
    pub fn announce(&mut self, stream: StreamId) -> Option<Found> {
        let is_full = self.rows.len() >= MAX_ANNOUNCED_STREAMS
            && self.rows.iter().filter(|row| row.accepted == 0).count() >= MAX_ANNOUNCED_STREAMS;
        self.insert(stream, is_full)
    }

    fn insert(&mut self, stream: StreamId, is_full: bool) -> Option<Found> {
        match self.rows.binary_search_by(|row| row.stream.cmp(&stream)) {
            Ok(row) => Some(Found { row, is_new: false }),
            Err(_) if is_full => None,
            Err(row) => {
                self.rows.insert(
                    row,
                    Row {
                        stream,
                        accepted: 0,
                        held: 0,
                        durable: 0,
                    },
                );
                Some(Found { row, is_new: true })
            }
        }
    }

    pub fn held(&self) -> Vector {
        self.vector(|row| row.held)
    }

    /// Only what is written counts as received.
    pub fn forget_accepted(&mut self) {
        for row in &mut self.rows {
            row.accepted = row.held;
        }
    }

    /// Nothing is known to survive.
    pub fn forget_durable(&mut self) {
        self.rows.iter_mut().for_each(|row| row.durable = 0);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.rows.iter()
    }

    /// A vector of one column.
    pub fn vector(&self, number: impl Fn(&Row) -> u64) -> Vector {
        let numbers = self.rows.iter().map(|row| (row.stream, number(row)));
        numbers.filter(|(_, number)| *number > 0).collect()
    }
}

impl Row {
    /// What may be acknowledged.
    pub fn acknowledgeable(&self) -> u64 {
        match planted(Fault::AckBeforeDurable) {
            true => self.held,
            false => self.durable,
        }
    }
}

impl std::ops::Index<usize> for Table {
    type Output = Row;

    fn index(&self, row: usize) -> &Row {
        &self.rows[row]
    }
}

impl std::ops::IndexMut<usize> for Table {
    fn index_mut(&mut self, row: usize) -> &mut Row {
        &mut self.rows[row]
    }
}
