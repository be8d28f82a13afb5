//! An open project and programs: orders in, what happened out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use graph::command::Command;
use graph::delta::Delta;
use graph::id::{AuthorId, PersonId};
use graph::time::Timestamp;
use graph::{NothingToUndo, UndoReport};
use store::{AuthorKey, UndoStacks};
use trust::Right;

use super::{Answer, Effect, Project, Ticket};
use crate::failure::{Failure, store_words};
use crate::history;
use crate::programs::{
    self, Answered, Author, Because, Caller, Cause, Done, Happening, Journal, Level, Order,
    SignedOrder, Waiter,
};
use crate::reply::{HistoryState, Skipped};
use crate::requests;

/// What an open project knows of programs.
#[derive(Default)]
pub(super) struct Programs {
    journal: Journal,
    /// Who has signed on.
    authors: BTreeSet<AuthorId>,
    /// Undo histories of authors who have not signed on yet.
    pub(super) kept_undo: BTreeMap<AuthorKey, UndoStacks>,
    /// Who waits for the disk.
    waiting: Vec<Waiter>,
}

impl Programs {
    /// Says why, and at whose word, the next change was made.
    pub(super) fn because(&mut self, because: Because) {
        self.journal.because = Some(because);
    }
}

impl Project {
    /// Undo histories of others than the author of this installation.
    pub(crate) fn keep_undo(&mut self, stacks: BTreeMap<AuthorKey, UndoStacks>) {
        self.programs.kept_undo = stacks;
    }

    /// Notes the time of a step.
    pub(super) fn begin_step(&mut self, now: Timestamp) {
        self.programs.journal.now = now;
    }

    /// Whether anybody follows what happens.
    pub(crate) fn be_followed(&mut self, is_followed: bool) {
        self.programs.journal.is_followed = is_followed;
    }

    /// What followers are to be told now.
    pub(crate) fn take_happened(&mut self) -> Vec<Arc<Happening>> {
        self.programs.journal.take()
    }

    /// Says why the next change is made.
    pub(crate) fn because(&mut self, cause: impl FnOnce(String) -> Cause) {
        if self.programs.journal.is_followed {
            let id = format!("{}:{}", self.id.0, self.revision() + 1);
            let cause = cause(id);
            self.programs.journal.because = Some(Because {
                cause,
                caller: None,
            });
        }
    }

    /// Notes a change that is about to be told. The view shows it already.
    pub(super) fn journalize(
        &mut self,
        delta: &Delta,
        author: Option<AuthorId>,
        by: Option<PersonId>,
    ) {
        if delta.is_empty() || !self.programs.journal.is_wanted() {
            self.programs.journal.because = None;
            return;
        }
        let because = self.programs.journal.because.take();
        let people = &self.graph.view().frame().people;
        let person = by.and_then(|by| people.get(&by));
        let (cause, caller) = because.map_or((Cause::Others, None), |it| (it.cause, it.caller));
        let happening = Happening {
            revision: self.revision() + 1,
            at: self.programs.journal.now,
            author: Author {
                id: author,
                person_id: by,
                name: person.map(|person| person.name.clone()),
                client: caller.and_then(|caller| caller.client),
            },
            cause,
            changes: programs::changes(self.graph.view(), delta),
        };
        self.programs.journal.note(happening);
    }

    /// Carries an order out. What changes something is answered by [`Project::answer_waiting`].
    pub(super) fn order(
        &mut self,
        now: Timestamp,
        ticket: Ticket,
        order: SignedOrder,
        effects: &mut Vec<Effect>,
    ) {
        let SignedOrder {
            signature,
            caller,
            ids,
            order,
        } = order;
        let author = signature.author;
        if self.programs.authors.contains(&author) {
            // The person may have become another since.
            self.graph.go_on_as(signature);
        } else {
            let stacks = self.programs.kept_undo.remove(&history::author_key(author));
            let stored = stacks.map(history::read).unwrap_or_default();
            self.graph.sign_on(signature, &stored);
            self.programs.authors.insert(author);
        }
        let answer = match order {
            Order::Execute {
                steps,
                label,
                command_id,
                if_match,
                level,
            } => {
                let who = (author, &caller);
                let translated = self
                    .check_heads(if_match)
                    .and_then(|()| programs::translate(&self.graph, steps, label, ids));
                let applied = translated.and_then(|(name, command)| {
                    self.execute(now, who, (command_id, name), &command)
                });
                applied.map(|done| (done, level))
            }
            Order::Undo {
                command_id,
                if_match,
                level,
            } => {
                let checked = self.check_heads(if_match);
                let undone =
                    checked.and_then(|()| self.step(now, (author, &caller), command_id, true));
                undone.map(|done| (done, level))
            }
            Order::Redo {
                command_id,
                if_match,
                level,
            } => {
                let checked = self.check_heads(if_match);
                let redone =
                    checked.and_then(|()| self.step(now, (author, &caller), command_id, false));
                redone.map(|done| (done, level))
            }
            Order::Wait { level } => Ok((self.done(author, None, None, Vec::new()), level)),
            question => {
                let answer = self.look_up(author, &question);
                let answer = answer.map(|it| Answer::Ordered(Box::new(it)));
                return effects.push(Effect::Answer(ticket, answer));
            }
        };
        self.send_written(now, effects);
        self.notice_name(effects);
        match answer {
            Ok((done, level)) => self.programs.waiting.push(Waiter {
                ticket,
                before: self.outbox.next(),
                level,
                done,
            }),
            Err(failure) => effects.push(Effect::Answer(ticket, Err(failure))),
        }
    }

    /// Answers those whose change the disk has by now, and all if it takes nothing.
    pub(super) fn answer_waiting(&mut self, effects: &mut Vec<Effect>) {
        if self.programs.waiting.is_empty() {
            return;
        }
        if let Some(error) = self.outbox.stalled() {
            let (code, message) = store_words(error);
            let unwritten = Failure::new(code, message);
            let waiting = self.programs.waiting.drain(..);
            effects.extend(waiting.map(|it| {
                let unwritten = Some(unwritten.clone());
                answer_done(
                    it.ticket,
                    Done {
                        unwritten,
                        ..it.done
                    },
                )
            }));
            return;
        }
        let outbox = &self.outbox;
        self.programs.waiting.retain(|waiter| {
            let is_durable = outbox.is_durable_before(waiter.before);
            let is_there = match waiter.level {
                Level::Written => outbox.is_written_before(waiter.before),
                Level::Durable => is_durable,
            };
            if is_there {
                let done = waiter.done.clone();
                effects.push(answer_done(waiter.ticket, Done { is_durable, ..done }));
            }
            !is_there
        });
    }

    fn check_heads(&self, expected: Option<Vec<String>>) -> Result<(), Failure> {
        match expected {
            Some(heads) if !heads.contains(&programs::heads(&self.graph)) => Err(Failure::new(
                "PRECONDITION_FAILED",
                "The project was changed since it was read.",
            )),
            _ => Ok(()),
        }
    }

    fn execute(
        &mut self,
        now: Timestamp,
        (author, caller): (AuthorId, &Caller),
        (id, name): (String, String),
        command: &Command,
    ) -> Result<Done, Failure> {
        self.permits(requests::apply::right(command))?;
        let applied = self.graph.apply(author, command, now);
        let applied = applied.map_err(programs::refused)?;
        let label = applied.label;
        let shown = label.clone();
        let cause = Cause::Command { id, name, label };
        let happening = self.changed_for(applied.delta, (author, caller), cause);
        Ok(self.done(author, Some(shown), happening, Vec::new()))
    }

    fn step(
        &mut self,
        now: Timestamp,
        (author, caller): (AuthorId, &Caller),
        id: String,
        back: bool,
    ) -> Result<Done, Failure> {
        self.permits(Right::Edit)?;
        let report = match back {
            true => self.graph.undo(author, now),
            false => self.graph.redo(author, now),
        };
        let UndoReport {
            delta,
            label,
            skipped,
        } = match report {
            Ok(report) => report,
            Err(NothingToUndo { skipped }) => {
                let skipped = self.name_skipped(skipped);
                return Ok(self.done(author, None, None, skipped));
            }
        };
        let skipped = self.name_skipped(skipped);
        let (shown, left) = (label.clone(), skipped.clone());
        let cause = match back {
            true => Cause::Undo { id, label, skipped },
            false => Cause::Redo { id, label, skipped },
        };
        let happening = self.changed_for(delta, (author, caller), cause);
        Ok(self.done(author, Some(shown), happening, left))
    }

    fn changed_for(
        &mut self,
        delta: Delta,
        (author, caller): (AuthorId, &Caller),
        cause: Cause,
    ) -> Option<Arc<Happening>> {
        if delta.is_empty() {
            return None;
        }
        let caller = Some(caller.clone());
        self.programs.journal.because = Some(Because { cause, caller });
        self.changed(delta, Some(author));
        self.programs.journal.last()
    }

    fn done(
        &self,
        author: AuthorId,
        label: Option<String>,
        happening: Option<Arc<Happening>>,
        skipped: Vec<Skipped>,
    ) -> Done {
        Done {
            revision: self.revision(),
            heads: programs::heads(&self.graph),
            label,
            happening,
            skipped,
            history: self.history_of(author),
            is_durable: false,
            unwritten: None,
        }
    }

    fn look_up(&self, author: AuthorId, order: &Order) -> Result<Answered, Failure> {
        let heads = || programs::heads(&self.graph);
        match order {
            Order::Node(id) => {
                let node = self.graph.view().node(*id);
                let node = node.ok_or(graph::rejection::Rejection::NoSuchNode(*id))?;
                Ok(Answered::Node {
                    node: Box::new(programs::card(node)),
                    heads: heads(),
                })
            }
            Order::Nodes {
                under,
                offset,
                limit,
            } => {
                let (nodes, total) = programs::page(&self.graph, *under, *offset, *limit)?;
                Ok(Answered::Nodes(programs::Page {
                    nodes,
                    total,
                    revision: self.revision(),
                    heads: heads(),
                }))
            }
            Order::Problems => Ok(Answered::Problems(self.graph.problems())),
            Order::Past { offset, limit } => {
                let absent = self.programs.kept_undo.values().cloned();
                let absent: Vec<_> = absent.map(history::read).collect();
                let (changes, total) = programs::past(&self.graph, &absent, *offset, *limit);
                Ok(Answered::Past {
                    changes,
                    total,
                    heads: heads(),
                })
            }
            _ => Ok(Answered::State {
                revision: self.revision(),
                heads: heads(),
                history: self.history_of(author),
                name: self.name.clone(),
                node_count: self.node_count(),
            }),
        }
    }

    /// What undo and redo would do for an author.
    fn history_of(&self, author: AuthorId) -> HistoryState {
        let (undo, redo) = self.graph.history_labels(author);
        HistoryState {
            undo: undo.map(str::to_owned),
            redo: redo.map(str::to_owned),
        }
    }

    /// What was left alone, with names instead of ids.
    pub(crate) fn name_skipped(&self, skipped: Vec<graph::undo::Skipped>) -> Vec<Skipped> {
        let people = &self.graph.view().frame().people;
        let named = skipped.into_iter().map(|left| Skipped {
            what: left.what,
            field: left.aspect,
            by: left.by.and_then(|by| Some(people.get(&by)?.name.clone())),
        });
        named.collect()
    }
}

fn answer_done(ticket: Ticket, done: Done) -> Effect {
    let answered = Answered::Done(Box::new(done));
    Effect::Answer(ticket, Ok(Answer::Ordered(Box::new(answered))))
}
