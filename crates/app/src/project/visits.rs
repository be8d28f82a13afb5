//! An open project and programs with a copy of its document of their own.

use graph::id::AuthorId;
use graph::time::Timestamp;
use graph::{Guest, Refusal, Said};
use trust::Right;

use super::{Answer, Effect, Project, Ticket};
use crate::failure::{Failure, sentence};
use crate::programs::{Because, Caller, Cause};

/// What such changes are called where commands have names.
const NAME: &str = "automergeChange";

/// What one program says, and the conversation with it, which comes back with the answer.
#[derive(Debug)]
pub struct Visit {
    /// The conversation.
    pub(crate) talk: Guest,
    /// Who it is at this installation.
    pub(crate) author: AuthorId,
    /// Who it says it is.
    pub(crate) caller: Caller,
    /// Whether its token lets it write.
    pub(crate) may_write: bool,
    /// What it says; none: it is to be told what is new.
    pub(crate) said: Option<Said>,
}

impl Project {
    /// Takes in what a program says, like a change from another machine; what it wrote is kept and sent like our own.
    pub(super) fn receive_visit(
        &mut self,
        now: Timestamp,
        ticket: Ticket,
        mut visit: Box<Visit>,
        effects: &mut Vec<Effect>,
    ) {
        let answer = self
            .hear(now, &mut visit)
            .and_then(|()| Ok(self.graph.tell(&mut visit.talk)?));
        self.send_written(now, effects);
        self.notice_name(effects);
        let answer = answer.map(|told| Answer::Visited(visit, told));
        effects.push(Effect::Answer(ticket, answer));
    }

    fn hear(&mut self, now: Timestamp, visit: &mut Visit) -> Result<(), Failure> {
        let Some(said) = visit.said.take() else {
            return Ok(());
        };
        let role = self.permits(Right::Edit);
        let may_write = visit.may_write && role.is_ok();
        let host = (self.author, may_write);
        let delta = match (self.graph.hear(&mut visit.talk, said, host, now), role) {
            (Ok(delta), _) => delta,
            (Err(Refusal::ReadOnly), Err(role)) => return Err(role),
            (Err(refusal), _) => return Err(refusal.into()),
        };
        let person = visit.talk.person();
        let client = visit.caller.client.as_deref().unwrap_or("automerge-repo");
        let cause = Cause::Command {
            id: format!("{}:{}", self.id.0, self.revision() + 1),
            name: NAME.to_owned(),
            label: format!("Changes of “{client}”"),
        };
        let caller = Some(visit.caller.clone());
        self.programs.because(Because { cause, caller });
        self.changed_by(delta, Some(visit.author), Some(person));
        Ok(())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Failure::new(refusal.code(), sentence(&refusal.to_string()))
    }
}
