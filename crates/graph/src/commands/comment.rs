//! Comments.

use super::{Label, check};
use crate::document::{Document, bucket_of, record_key};
use crate::edit::{Edit, Registers};
use crate::history::Stored;
use crate::id::{CommentId, NodeId};
use crate::rejection::Rejection;

pub(super) fn add(
    edit: &mut Edit<'_>,
    comment: CommentId,
    node: NodeId,
    reply_to: Option<CommentId>,
    body: &str,
) -> Result<Label, Rejection> {
    let slot = check::live(edit.view, node)?;
    text(body)?;
    if edit.view.comment_record(comment).is_some() {
        return Err(Rejection::BadId(comment.to_string()));
    }
    if let Some(thread) = reply_to {
        let first = edit
            .view
            .comment(thread)
            .filter(|first| first.node == node)
            .ok_or(Rejection::NoSuchComment(thread))?;
        if first.reply_to.is_some() {
            return Err(Rejection::NestedReply);
        }
    }
    let mut registers = Registers::from([
        ("node".to_owned(), node.to_string().as_str().into()),
        (
            "by".to_owned(),
            edit.occasion.person.to_string().as_str().into(),
        ),
        ("at".to_owned(), edit.occasion.now.0.into()),
        ("body".to_owned(), body.into()),
    ]);
    if let Some(thread) = reply_to {
        registers.insert("replyTo".into(), thread.to_string().as_str().into());
    }
    let bucket = edit.view.comment_containers.comments[bucket_of(comment.0)].clone();
    edit.create(
        Document::Comments,
        &bucket,
        &record_key(comment.0),
        registers,
        Stored::Flag(true),
    );
    Ok(format!("Comment on {}", check::name_all(edit, &[slot])))
}

pub(super) fn edit_comment(
    edit: &mut Edit<'_>,
    comment: CommentId,
    body: &str,
) -> Result<Label, Rejection> {
    text(body)?;
    let object = own(edit, comment)?;
    edit.put(Document::Comments, &object, "body", body);
    edit.put(Document::Comments, &object, "editedAt", edit.occasion.now.0);
    Ok("Edit comment".into())
}

pub(super) fn resolve(
    edit: &mut Edit<'_>,
    comment: CommentId,
    resolved: bool,
) -> Result<Label, Rejection> {
    let first = edit
        .view
        .comment(comment)
        .ok_or(Rejection::NoSuchComment(comment))?;
    if first.reply_to.is_some() {
        return Err(Rejection::NestedReply);
    }
    let record = edit
        .view
        .comment_record(comment)
        .ok_or(Rejection::NoSuchComment(comment))?;
    let object = record.object.clone();
    edit.put(Document::Comments, &object, "resolved", resolved);
    Ok(if resolved {
        "Resolve comment".into()
    } else {
        "Reopen comment".into()
    })
}

pub(super) fn delete(edit: &mut Edit<'_>, comment: CommentId) -> Result<Label, Rejection> {
    let object = own(edit, comment)?;
    edit.put(Document::Comments, &object, "@del", true);
    Ok("Delete comment".into())
}

fn own(edit: &Edit<'_>, comment: CommentId) -> Result<automerge::ObjId, Rejection> {
    let known = edit
        .view
        .comment(comment)
        .ok_or(Rejection::NoSuchComment(comment))?;
    if known.by != Some(edit.occasion.person) {
        return Err(Rejection::NotYourComment);
    }
    Ok(edit
        .view
        .comment_record(comment)
        .ok_or(Rejection::NoSuchComment(comment))?
        .object
        .clone())
}

fn text(body: &str) -> Result<(), Rejection> {
    if body.trim().is_empty() {
        return Err(Rejection::Empty("a comment".into()));
    }
    check::prose("a comment", body)
}
