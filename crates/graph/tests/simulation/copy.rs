//! A copy without history shows what its original shows.

use std::ops::ControlFlow;

use graph::id::{AuthorId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::view::Picture;
use graph::{Project, Signature};
use uuid::Uuid;

use crate::world::{Broken, same};

pub fn check_copy(original: &Project) -> Result<(), Broken> {
    let signature = Signature {
        author: AuthorId(Uuid::from_u128(77)),
        actor: [77; 16],
        person: PersonId(Uuid::from_u128(77)),
        profile: Person {
            name: "Copier".into(),
            colour: "#000000".into(),
        },
    };
    let mut stop = |_| ControlFlow::Break(());
    if original.view().node_count() > 0
        && let Some(_) = original.copy("Copy", signature.clone(), Timestamp(5), &mut stop)
    {
        return Err("a copy that was broken off is there".into());
    }
    let mut go_on = |_| ControlFlow::Continue(());
    let copy = original
        .copy("Copy", signature, Timestamp(5), &mut go_on)
        .ok_or("there is no copy")?;
    let (mut from, to) = (original.view().picture(), copy.view().picture());
    same(
        &copy.rebuilt_view().picture(),
        &to,
        "a copy is read otherwise when it is opened",
    )?;
    from.frame.name = "Copy".into();
    same(&content(from), &content(to), "a copy shows something else")
}

/// What a copy takes along: neither the trash, nor what lost a race, nor problems that come of either.
fn content(mut picture: Picture) -> Picture {
    picture.trash.clear();
    picture.problems.clear();
    let mut frame = std::mem::take(&mut picture.frame);
    frame.people.remove(&PersonId(Uuid::from_u128(77)));
    let kept = &mut picture.frame;
    (kept.name, kept.currency, kept.schema) = (frame.name, frame.currency, frame.schema);
    (kept.people, kept.kits) = (frame.people, frame.kits);
    (kept.filters, kept.views) = (frame.filters, frame.views);
    let nodes: Vec<_> = picture.nodes.keys().copied().collect();
    picture.comments.retain(|node, _| nodes.contains(node));
    picture
        .nodes
        .values_mut()
        .for_each(|node| node.races.clear());
    picture
}
