//! A node in depth.

use graph::details::{FieldDetails as Field, OtherValue as Other};
use graph::id::NodeId;
use graph::view::{CommentView, UnmappedValue, View};

use crate::failure::Failure;
use crate::project::Project;
use crate::reply::{Comment, Details, FieldDetails, OtherValue, Reply, Unmapped};

/// Who changed what, what lost a race, what has no place in the template, comments.
pub(super) fn answer(project: &Project, id: NodeId) -> Result<Reply, Failure> {
    let details = project.graph.details(id);
    let details = details.ok_or_else(|| super::no_such_node(id))?;
    let view = project.graph.view();
    let node = view.node(id).ok_or_else(|| super::no_such_node(id))?;
    let unmapped = details.unmapped.into_iter();
    let comments = view.comments_on(id).into_iter();
    Ok(Reply::Details(Box::new(Details {
        node: id,
        created_by: details.created_by,
        created_at: details.created_at,
        fields: details.fields.into_iter().map(field).collect(),
        unmapped: unmapped.map(|value| explain(view, value)).collect(),
        links: node.links().map(|link| link.id).collect(),
        comments: comments.map(|one| comment(project, one)).collect(),
    })))
}

fn field(field: Field) -> FieldDetails {
    FieldDetails {
        field: field.field,
        by: field.by,
        at: field.at,
        others: field.others.into_iter().map(other).collect(),
    }
}

fn other(other: Other) -> OtherValue {
    OtherValue {
        value: other.value,
        by: other.by,
        at: other.at,
    }
}

fn explain(view: &View, value: UnmappedValue) -> Unmapped {
    let definition = view.frame().schema.field(&value.field);
    Unmapped {
        label: definition.map_or_else(|| value.field.to_string(), |field| field.label.clone()),
        kind: definition.map(|field| field.kind),
        field: value.field,
        text: value.text,
        reason: value.reason,
    }
}

fn comment(project: &Project, comment: &CommentView) -> Comment {
    Comment {
        id: comment.id,
        reply_to: comment.reply_to,
        by: comment.by,
        at: comment.at,
        edited_at: comment.edited_at,
        body: comment.body.clone(),
        resolved: comment.resolved,
        mine: comment.by == Some(project.person()),
    }
}
