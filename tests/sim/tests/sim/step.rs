//! What can happen, one line of a plan each.

use std::fmt;
use std::str::FromStr;

/// A machine of the world: applications first, then relays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    App(usize),
    Relay(usize),
}

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub action: Action,
    /// Where, and at the other end of what.
    pub at: Vec<Name>,
    /// Decides all that is left to decide, in this step and in the moment after it.
    pub salt: u64,
}

/// What kind of thing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// A command of any kind.
    Edit,
    Undo,
    Redo,
    /// A file is attached.
    Attach,
    /// Somebody looks at something else.
    Presence,
    /// Nothing happens for some minutes.
    Calm,
    /// Somebody else joins.
    Join,
    /// Time passes.
    Wait,
    /// A machine that is down is started.
    Start,
    /// A machine ends in order.
    Quit,
    /// Two machines lose their link and what is on its way.
    Cut,
    /// One of two machines gives a link up, and the other does not know.
    HalfOpen,
    /// A message is lost.
    Lose,
    /// A message comes twice.
    Repeat,
    /// Two messages change places.
    Reorder,
    /// A link delivers nothing for a while.
    Delay,
    /// Half of the machines do not reach the other half.
    Partition,
    /// The partition is over.
    Heal,
    /// A process dies.
    Kill,
    /// The power goes, and with it part of what was not synced.
    LosePower,
    /// A machine does nothing until it is woken.
    Sleep,
    Wake,
    /// A disk takes no writes for a while.
    Fill,
    /// It does again.
    Empty,
    /// A copy of a data directory is made.
    Copy,
    /// The copy is put back, and goes on where it was made.
    PutBack,
    /// A copy of another machine's directory goes on here beside it.
    Clone,
    /// Somebody sends a frame that nobody can apply.
    Garbage,
    /// Somebody writes two frames in one place, for two machines.
    Fork,
    /// Somebody sends what she may not.
    Offend,
    /// An owner opens an invitation.
    Invite,
    /// An owner gives somebody another role.
    ChangeRole,
    /// An owner removes somebody.
    Remove,
    /// An owner makes somebody else an owner in her place.
    HandOver,
    /// An owner leaves.
    Resign,
    /// An owner takes an invitation back.
    Revoke,
    /// An owner begins another key.
    ChangeKey,
    /// A clock goes wrong by up to a day.
    Skew,
}

/// All actions by name, with how many machines they are about.
const ACTIONS: &[(Action, &str, usize)] = &[
    (Action::Edit, "edit", 1),
    (Action::Undo, "undo", 1),
    (Action::Redo, "redo", 1),
    (Action::Attach, "attach-file", 1),
    (Action::Presence, "presence", 1),
    (Action::Calm, "calm", 0),
    (Action::Join, "join", 0),
    (Action::Wait, "wait", 0),
    (Action::Start, "start", 1),
    (Action::Quit, "quit", 1),
    (Action::Cut, "cut", 2),
    (Action::HalfOpen, "half-open", 2),
    (Action::Lose, "lose", 2),
    (Action::Repeat, "repeat", 2),
    (Action::Reorder, "reorder", 2),
    (Action::Delay, "delay", 2),
    (Action::Partition, "partition", 0),
    (Action::Heal, "heal", 0),
    (Action::Kill, "kill", 1),
    (Action::LosePower, "lose-power", 1),
    (Action::Sleep, "sleep", 1),
    (Action::Wake, "wake", 1),
    (Action::Fill, "fill", 1),
    (Action::Empty, "empty", 1),
    (Action::Copy, "copy", 1),
    (Action::PutBack, "put-back", 1),
    (Action::Clone, "clone", 2),
    (Action::Garbage, "garbage", 1),
    (Action::Fork, "fork", 2),
    (Action::Offend, "offend", 1),
    (Action::Invite, "invite", 1),
    (Action::ChangeRole, "change-role", 1),
    (Action::Remove, "remove", 1),
    (Action::HandOver, "hand-over", 1),
    (Action::Resign, "resign", 1),
    (Action::Revoke, "revoke", 1),
    (Action::ChangeKey, "change-key", 1),
    (Action::Skew, "skew", 1),
];

/// What goes wrong; every one must have happened in the seeds of the test command.
pub const FAULTS: &[Action] = &[
    Action::Cut,
    Action::HalfOpen,
    Action::Lose,
    Action::Repeat,
    Action::Reorder,
    Action::Delay,
    Action::Partition,
    Action::Kill,
    Action::LosePower,
    Action::Sleep,
    Action::Fill,
    Action::PutBack,
    Action::Clone,
    Action::Garbage,
    Action::Fork,
    Action::Offend,
    Action::Skew,
];

/// What else must have happened, beside each command.
pub const EVENTS: &[Action] = &[
    Action::Undo,
    Action::Redo,
    Action::Presence,
    Action::Quit,
    Action::Start,
    Action::Attach,
    Action::Calm,
    Action::Join,
    Action::Invite,
    Action::ChangeRole,
    Action::Remove,
    Action::HandOver,
    Action::Resign,
    Action::Revoke,
    Action::ChangeKey,
];

/// What must have followed from that in one of them: as whoever does it tells.
pub const CONSEQUENCES: &[&str] = &[
    "attachment",
    "attachment-in-pieces",
    "compact",
    "condense",
    "drop-frames",
    "relay-drops-frames",
    "torn",
    "cut-off",
    "beyond-the-cut",
    "relay-drops",
    "relay-replays",
    "relay-reorders",
    "relay-substitutes",
    "relay-changes",
    "relay-forges",
    "liar-refused",
];

impl Action {
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// How many machines it is about.
    pub fn arity(self) -> usize {
        self.entry().2
    }

    fn entry(self) -> &'static (Action, &'static str, usize) {
        let found = ACTIONS.iter().find(|entry| entry.0 == self);
        found.expect("every action is in the table")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::App(number) => write!(f, "a{number}"),
            Name::Relay(number) => write!(f, "r{number}"),
        }
    }
}

impl FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
        if let Some(rest) = text.strip_prefix('a') {
            return number(rest).map(Name::App);
        }
        match text.strip_prefix('r') {
            Some(rest) => number(rest).map(Name::Relay),
            None => Err(format!("`{text}` is no machine")),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.action.name())?;
        self.at.iter().try_for_each(|name| write!(f, " {name}"))?;
        write!(f, " #{:x}", self.salt)
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let action = ACTIONS.iter().find(|entry| entry.1 == name);
        let action = action
            .ok_or_else(|| format!("`{name}` is nothing that happens"))?
            .0;
        let (mut at, mut salt) = (Vec::new(), 0);
        for word in words {
            match word.strip_prefix('#') {
                Some(digits) => {
                    salt = u64::from_str_radix(digits, 16)
                        .map_err(|_| format!("`{word}` is no salt"))?;
                }
                None => at.push(word.parse()?),
            }
        }
        if at.len() != action.arity() {
            return Err(format!("`{line}` names {} machines", at.len()));
        }
        Ok(Step { action, at, salt })
    }
}
