//! The commands, one file each. All else (undo, delta, sync, TypeScript type, palette entry, a place
//! in the random simulation) is derived from what a command writes.

mod attach;
pub(crate) mod check;
mod clip;
mod comment;
mod convert_type;
mod create_node;
mod definition;
mod edit_members;
mod edit_text;
mod indent;
mod keep_removed;
mod kit;
mod link;
mod move_nodes;
mod paste;
mod place;
mod properties;
mod put_field;
mod put_option;
mod put_type;
mod saved;
mod set_blockers;
mod set_field;
mod set_trait;
mod settle;
mod settle_conflict;
mod setup;
mod trash;

use crate::command::Command;
use crate::edit::Edit;
use crate::rejection::Rejection;

pub(crate) use clip::clip;
pub(crate) use setup::set_up;

/// What a step is called.
type Label = String;

/// Carries a command out; on refusal the caller rolls the edit back.
pub(crate) fn run(edit: &mut Edit<'_>, command: &Command) -> Result<Label, Rejection> {
    use Command::*;
    match command {
        CreateNode {
            node,
            node_type,
            place,
            values,
        } => create_node::run(edit, *node, node_type, place, values),
        SetField {
            nodes,
            field,
            value,
        } => set_field::run(edit, nodes, field, value.as_ref()),
        EditMembers {
            nodes,
            field,
            add,
            remove,
        } => edit_members::run(edit, nodes, field, add.as_ref(), remove.as_ref()),
        EditText {
            node,
            field,
            base,
            splices,
        } => edit_text::run(edit, *node, field, base.as_deref(), splices),
        MoveNodes { nodes, place } => move_nodes::run(edit, nodes, place),
        Indent { nodes } => indent::indent(edit, nodes),
        Outdent { nodes } => indent::outdent(edit, nodes),
        DuplicateNodes { nodes, seed } => paste::duplicate(edit, nodes, *seed),
        PasteNodes {
            clipping,
            place,
            seed,
        } => paste::run(edit, clipping, place, *seed),
        KeepRemoved { nodes, containers } => keep_removed::run(edit, nodes, containers),
        SettleConflict {
            node,
            conflict,
            field,
        } => settle_conflict::run(edit, *node, *conflict, field.as_ref()),
        TrashNodes { nodes } => trash::trash(edit, nodes),
        RestoreNodes { nodes } => trash::restore(edit, nodes),
        PurgeNodes { nodes } => trash::purge(edit, nodes),
        ConvertType { nodes, node_type } => convert_type::run(edit, nodes, node_type),
        Link {
            link,
            relation,
            from,
            to,
            lag,
        } => link::link(edit, *link, *relation, *from, *to, *lag),
        EditLink {
            link,
            relation,
            lag,
        } => link::edit_link(edit, *link, *relation, *lag),
        Unlink { links } => link::unlink(edit, links),
        SetBlockers {
            node,
            blockers,
            seed,
        } => set_blockers::run(edit, *node, blockers, *seed),
        AddComment {
            comment,
            node,
            reply_to,
            body,
        } => comment::add(edit, *comment, *node, *reply_to, body),
        EditComment { comment, body } => comment::edit_comment(edit, *comment, body),
        ResolveComment { comment, resolved } => comment::resolve(edit, *comment, *resolved),
        DeleteComment { comment } => comment::delete(edit, *comment),
        Attach {
            node,
            field,
            blob,
            file,
        } => attach::attach(edit, *node, field, blob, file),
        Detach { node, field, blob } => attach::detach(edit, *node, field, blob),
        PutField { field } => put_field::run(edit, field),
        RemoveField { field } => put_field::remove(edit, field),
        ReorderField { field, index } => put_field::reorder(edit, field, *index),
        PutOption {
            field,
            option,
            index,
        } => put_option::run(edit, field, option, *index),
        RemoveOption { field, option } => put_option::remove(edit, field, option),
        PutType { node_type } => put_type::run(edit, node_type),
        RemoveType { node_type } => put_type::remove(edit, node_type),
        ReorderType { node_type, index } => put_type::reorder(edit, node_type, *index),
        SetTrait {
            node_type,
            behaviour,
            on,
        } => set_trait::run(edit, node_type, *behaviour, *on),
        SaveKit { kit, name, nodes } => kit::save(edit, kit, name, nodes),
        RemoveKit { kit } => kit::remove(edit, kit),
        ApplyKit { kit, place, seed } => kit::apply(edit, kit, place, *seed),
        PutFilter { filter } => saved::put_filter(edit, filter),
        RemoveFilter { filter } => saved::remove_filter(edit, filter),
        PutView { view } => saved::put_view(edit, view),
        RemoveView { view } => saved::remove_view(edit, view),
        SetProject { name, currency } => {
            properties::set_project(edit, name.as_deref(), currency.as_deref())
        }
        PutPerson { id, person } => properties::put_person(edit, *id, person),
        Batch { label, commands } => batch(edit, label.as_deref(), commands),
    }
}

/// Several commands as one step; each sees what the earlier ones did.
fn batch(
    edit: &mut Edit<'_>,
    label: Option<&str>,
    commands: &[Command],
) -> Result<Label, Rejection> {
    let mut first = None;
    for (place, command) in commands.iter().enumerate() {
        let label = run(edit, command).map_err(|why| why.of_command(place + 1))?;
        first.get_or_insert(label);
        edit.absorb();
    }
    let first = first.ok_or(Rejection::NothingChosen)?;
    Ok(label.map_or(first, ToOwned::to_owned))
}
