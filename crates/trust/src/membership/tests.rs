//! Tests are named after the rules.

mod hostile;
mod invited;
mod keys;
mod leaving;
mod limits;
mod open;
mod owners;
mod properties;
mod roles;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::invitation::InvitationSecret;
use crate::record::Content;
use crate::testing::Actor;

/// A founder, and others whom she has made owners, in this order.
fn owners(others: usize) -> Vec<Actor> {
    let mut all = vec![Actor::founder(1)];
    for number in 0..others {
        let other = all[0].beside(2 + number as u8);
        all[0].add(&other, Role::Owner).unwrap();
        all.push(other);
    }
    hear_all(&mut all);
    all
}

/// Everybody hears everybody, and then has the same.
fn hear_all(actors: &mut [Actor]) {
    for hearer in 0..actors.len() {
        for speaker in 0..actors.len() {
            let speaker = actors[speaker].clone();
            actors[hearer].hear(&speaker);
        }
    }
    for hearer in 0..actors.len() {
        let last = actors.last().unwrap().clone();
        actors[hearer].hear(&last);
        assert_eq!(actors[hearer].log, last.log);
    }
}

/// The records that no other lists, whether they count or not. A cheat builds on them.
fn heads(log: &Membership) -> Vec<RecordId> {
    let listed: BTreeSet<RecordId> = (log.history())
        .flat_map(|(_, record)| record.deps.clone())
        .collect();
    let ids = log.history().map(|(id, _)| id);
    ids.filter(|id| !listed.contains(id)).collect()
}

fn roles(actors: &[Actor]) -> Vec<Option<Role>> {
    let log = &actors[0].log;
    actors
        .iter()
        .map(|actor| log.role_of(&actor.device()))
        .collect()
}

fn secret(number: u8) -> InvitationSecret {
    InvitationSecret::from_seed(&[number; 32])
}

const OWNER: Option<Role> = Some(Role::Owner);
const EDITOR: Option<Role> = Some(Role::Editor);
const COMMENTER: Option<Role> = Some(Role::Commenter);
const VIEWER: Option<Role> = Some(Role::Viewer);
