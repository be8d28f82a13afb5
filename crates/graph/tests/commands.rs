//! Every command, every refusal, every merge: as text before and after.
//!
//! Each accepted command is taken back and repeated, and another peer reads it (see `Peer::check`).

#[path = "commands/batch.rs"]
mod batch;
#[path = "commands/comments.rs"]
mod comments;
#[path = "commands/conflicts.rs"]
mod conflicts;
#[path = "commands/copies.rs"]
mod copies;
#[path = "commands/definitions.rs"]
mod definitions;
#[path = "commands/deletions.rs"]
mod deletions;
#[path = "commands/delta.rs"]
mod delta;
#[path = "commands/dsl.rs"]
mod dsl;
#[path = "commands/fields.rs"]
mod fields;
#[path = "commands/fixes.rs"]
mod fixes;
#[path = "commands/foreign.rs"]
mod foreign;
#[path = "commands/forged.rs"]
mod forged;
#[path = "commands/frame.rs"]
mod frame;
#[path = "commands/guests.rs"]
mod guests;
#[path = "commands/guests_refused.rs"]
mod guests_refused;
#[path = "commands/guests_write.rs"]
mod guests_write;
#[path = "commands/kits.rs"]
mod kits;
#[path = "commands/limits.rs"]
mod limits;
#[path = "commands/links.rs"]
mod links;
#[path = "commands/members.rs"]
mod members;
#[path = "commands/nodes.rs"]
mod nodes;
#[path = "commands/notices.rs"]
mod notices;
#[path = "commands/options.rs"]
mod options;
#[path = "commands/packs.rs"]
mod packs;
#[path = "commands/past.rs"]
mod past;
#[path = "commands/paste_elsewhere.rs"]
mod paste_elsewhere;
#[path = "commands/peer.rs"]
mod peer;
#[path = "commands/places.rs"]
mod places;
#[path = "commands/print.rs"]
mod print;
#[path = "commands/races.rs"]
mod races;
#[path = "commands/refusals.rs"]
mod refusals;
#[path = "commands/refused_template.rs"]
mod refused_template;
#[path = "commands/refused_values.rs"]
mod refused_values;
#[path = "commands/saved.rs"]
mod saved;
#[path = "commands/say.rs"]
mod say;
#[path = "commands/storage.rs"]
mod storage;
#[path = "commands/template.rs"]
mod template;
#[path = "commands/texts.rs"]
mod texts;
#[path = "commands/traits.rs"]
mod traits;
#[path = "commands/trash.rs"]
mod trash;
#[path = "commands/trees.rs"]
mod trees;
#[path = "commands/types.rs"]
mod types;
#[path = "commands/undoing.rs"]
mod undoing;
