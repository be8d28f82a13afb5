//! Link, edit a link, unlink.

use super::{Label, check};
use crate::document::{Document, bucket_of, record_key};
use crate::edit::{Edit, Registers};
use crate::history::Stored;
use crate::id::{LinkId, NodeId};
use crate::link::{Lag, Link, LinkKind};
use crate::rejection::Rejection;
use crate::view::print_relation;

pub(super) fn link(
    edit: &mut Edit<'_>,
    link: LinkId,
    relation: LinkKind,
    from: NodeId,
    to: NodeId,
    lag: Lag,
) -> Result<Label, Rejection> {
    let ends = [check::live(edit.view, from)?, check::live(edit.view, to)?];
    if from == to {
        return Err(Rejection::SelfLink);
    }
    if edit.view.link_record(link).is_some() {
        return Err(Rejection::LinkExists);
    }
    if edit
        .view
        .links_at(ends[0])
        .any(|known| says(known, relation, from, to))
    {
        return Err(Rejection::LinkExists);
    }
    if relation.blocks() {
        no_cycle(edit, from, to)?;
    }
    create(edit, link, relation, from, to, lag);
    let verb = if relation.blocks() { "Block" } else { "Relate" };
    Ok(format!(
        "{verb} {} {} {}",
        check::name_all(edit, &ends[1..]),
        if relation.blocks() { "by" } else { "to" },
        check::name_all(edit, &ends[..1])
    ))
}

/// Whether a link says this already; a relation says the same in both directions.
fn says(known: &Link, relation: LinkKind, from: NodeId, to: NodeId) -> bool {
    known.relation == relation
        && ((known.from, known.to) == (from, to)
            || !relation.blocks() && (known.to, known.from) == (from, to))
}

/// Refuses a blocking link that would close a circle, naming it.
pub(super) fn no_cycle(edit: &Edit<'_>, from: NodeId, to: NodeId) -> Result<(), Rejection> {
    match edit.view.blocking_path(to, from) {
        Some(path) => Err(Rejection::BlockingCycle(edit.view.chain(&path))),
        None => Ok(()),
    }
}

pub(super) fn create(
    edit: &mut Edit<'_>,
    link: LinkId,
    relation: LinkKind,
    from: NodeId,
    to: NodeId,
    lag: Lag,
) {
    let registers = Registers::from([
        ("from".to_owned(), from.to_string().as_str().into()),
        ("to".to_owned(), to.to_string().as_str().into()),
        ("relation".to_owned(), print_relation(relation).into()),
        ("lag".to_owned(), i64::from(lag.0).into()),
    ]);
    let bucket = edit.view.containers.links[bucket_of(link.0)].clone();
    edit.create(
        Document::Project,
        &bucket,
        &record_key(link.0),
        registers,
        Stored::Flag(true),
    );
}

pub(super) fn edit_link(
    edit: &mut Edit<'_>,
    id: LinkId,
    relation: LinkKind,
    lag: Lag,
) -> Result<Label, Rejection> {
    let link = edit.view.link(id).ok_or(Rejection::NoSuchLink(id))?;
    let slot = check::live(edit.view, link.from)?;
    let same = |other: &Link| other.id != id && says(other, relation, link.from, link.to);
    if edit.view.links_at(slot).any(same) {
        return Err(Rejection::LinkExists);
    }
    if relation.blocks() && !link.relation.blocks() {
        no_cycle(edit, link.from, link.to)?;
    }
    let object = edit
        .view
        .link_record(id)
        .ok_or(Rejection::NoSuchLink(id))?
        .object
        .clone();
    edit.put(
        Document::Project,
        &object,
        "relation",
        print_relation(relation),
    );
    edit.put(Document::Project, &object, "lag", i64::from(lag.0));
    Ok("Edit link".into())
}

pub(super) fn unlink(edit: &mut Edit<'_>, links: &[LinkId]) -> Result<Label, Rejection> {
    if links.is_empty() {
        return Err(Rejection::NothingChosen);
    }
    for id in links {
        edit.view.link(*id).ok_or(Rejection::NoSuchLink(*id))?;
        remove(edit, *id);
    }
    Ok(if links.len() == 1 {
        "Remove link".into()
    } else {
        format!("Remove {} links", links.len())
    })
}

pub(super) fn remove(edit: &mut Edit<'_>, link: LinkId) {
    if let Some(object) = edit
        .view
        .link_record(link)
        .map(|record| record.object.clone())
    {
        edit.put(Document::Project, &object, "@del", true);
    }
}
