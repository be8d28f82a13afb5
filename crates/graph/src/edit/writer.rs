//! A document that is read until somebody writes to it.

use automerge::transaction::{CommitOptions, Transaction};
use automerge::{Automerge, ChangeHash};

use crate::time::Timestamp;

/// A document that becomes a transaction when it is first written to.
pub(super) enum Writer<'a> {
    Idle(&'a mut Automerge),
    Open(Box<Transaction<'a>>),
    Taken,
}

impl<'a> Writer<'a> {
    pub fn open(&mut self) -> &mut Transaction<'a> {
        if let Writer::Idle(_) = self {
            let Writer::Idle(doc) = std::mem::replace(self, Writer::Taken) else {
                unreachable!("just matched")
            };
            *self = Writer::Open(Box::new(doc.transaction()));
        }
        match self {
            Writer::Open(transaction) => transaction,
            _ => unreachable!("a writer is taken only for the time of opening it"),
        }
    }

    pub fn commit(self, now: Timestamp) -> Option<ChangeHash> {
        match self {
            Writer::Open(transaction) => {
                transaction
                    .commit_with(CommitOptions::default().with_time(now.0.div_euclid(1000)))
                    .0
            }
            _ => None,
        }
    }

    pub fn roll_back(self) {
        if let Writer::Open(transaction) = self {
            transaction.rollback();
        }
    }
}

/// Calls a generic reader with whichever form the document has.
macro_rules! with_reader {
    ($writer:expr, $reader:ident => $body:expr) => {
        match $writer {
            Writer::Idle(doc) => {
                let $reader: &Automerge = doc;
                $body
            }
            Writer::Open(transaction) => {
                let $reader: &Transaction<'_> = transaction;
                $body
            }
            Writer::Taken => unreachable!("a writer is taken only for the time of opening it"),
        }
    };
}

pub(super) use with_reader;
