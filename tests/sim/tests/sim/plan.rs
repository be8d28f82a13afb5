//! A run as text: who takes part, and what happens.

use std::fmt;
use std::str::FromStr;

use crate::step::Step;

/// Everything that decides a run. It begins with a line of its kind, then has one line for each number and step; empty
/// lines and what follows `--` are comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Decides who reaches whom, how slow disks and links are, and what is done at rest.
    pub seed: u64,
    pub apps: usize,
    pub relays: usize,
    pub steps: Vec<Step>,
}

const KIND: &str = "talus-tally simulation 1";

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{KIND}\nseed {}", self.seed)?;
        writeln!(f, "apps {}\nrelays {}\n", self.apps, self.relays)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text
            .lines()
            .map(|line| line.split("--").next().unwrap_or(""));
        let mut lines = lines.map(str::trim).filter(|line| !line.is_empty());
        if lines.next() != Some(KIND) {
            return Err(format!("a plan begins with `{KIND}`"));
        }
        let mut number = |name: &str| {
            let line = lines.next().unwrap_or_default();
            let value = line
                .strip_prefix(name)
                .and_then(|rest| rest.trim().parse().ok());
            value.ok_or_else(|| format!("`{line}` should say `{name}`"))
        };
        let (seed, apps, relays) = (number("seed")?, number("apps")?, number("relays")?);
        Ok(Plan {
            seed,
            apps: apps as usize,
            relays: relays as usize,
            steps: lines.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}

#[test]
fn a_plan_is_read_back() {
    let text = format!(
        "{KIND}\nseed 7\napps 3\nrelays 1\n\nedit a0 #ff -- a comment\ncut a0 r0 #1\nwait #0\n"
    );
    let plan: Plan = text.parse().unwrap();
    assert_eq!(plan.steps.len(), 3);
    assert_eq!(plan.to_string().parse(), Ok(plan));
    for bad in ["cut a0 #1", "fly a0", "edit b0", "edit a0 #x"] {
        assert!(bad.parse::<Step>().is_err(), "{bad}");
    }
}
