//! The two registers that make a tree: `@pos` and `@del`.
//!
//! `@pos` holds parent, order and the previous position in one register, so that a move is atomic.
//! `@del` names the `@pos` operation that it saw, so that a concurrent move revives the node.

use smol_str::{SmolStr, format_smolstr};

use crate::document::OpId;
use crate::id::NodeId;

/// A parent and an order among its children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    pub parent: Option<NodeId>,
    pub order: SmolStr,
}

impl Spot {
    fn parse(text: &str) -> Option<Spot> {
        let (parent, order) = text.split_once('/')?;
        let parent = if parent.is_empty() {
            None
        } else {
            Some(parent.parse().ok()?)
        };
        Some(Spot {
            parent,
            order: order.into(),
        })
    }

    fn print(&self) -> SmolStr {
        match self.parent {
            Some(parent) => format_smolstr!("{parent}/{}", self.order),
            None => format_smolstr!("/{}", self.order),
        }
    }
}

/// Content of `@pos`: where the node is, then where it was before.
pub(crate) fn print_position(now: &Spot, before: Option<&Spot>) -> SmolStr {
    match before {
        Some(before) => format_smolstr!("{}|{}", now.print(), before.print()),
        None => now.print(),
    }
}

/// Current and previous spot; what cannot be read is the end of the top level.
pub(crate) fn parse_position(text: &str) -> (Spot, Option<Spot>) {
    let mut parts = text.split('|');
    let now = parts.next().and_then(Spot::parse).unwrap_or(Spot {
        parent: None,
        order: "zz".into(),
    });
    (now, parts.next().and_then(Spot::parse))
}

/// Content of `@del`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tombstone {
    /// The `@pos` operation that it saw, as text.
    pub position: SmolStr,
    /// Root of the subtree that was deleted in one go; restoring that root restores the node.
    pub root: Option<NodeId>,
}

impl Tombstone {
    pub fn new(position: &OpId, root: NodeId) -> Self {
        Self {
            position: format_smolstr!("{position}"),
            root: Some(root),
        }
    }

    pub fn parse(text: &str) -> Tombstone {
        let (position, root) = text.split_once('|').unwrap_or((text, ""));
        Tombstone {
            position: position.into(),
            root: root.parse().ok(),
        }
    }

    pub fn print(&self) -> SmolStr {
        match self.root {
            Some(root) => format_smolstr!("{}|{root}", self.position),
            None => self.position.clone(),
        }
    }

    /// The same tombstone, seeing another position.
    pub fn seeing(&self, position: &OpId) -> Tombstone {
        Tombstone {
            position: format_smolstr!("{position}"),
            root: self.root,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_text() {
        let parent = Some(NodeId(uuid::Uuid::from_u128(7)));
        let now = Spot {
            parent,
            order: "a1".into(),
        };
        let before = Spot {
            parent: None,
            order: "a0".into(),
        };
        assert_eq!(
            parse_position(&print_position(&now, Some(&before))),
            (now.clone(), Some(before))
        );
        assert_eq!(parse_position(&print_position(&now, None)), (now, None));
    }

    #[test]
    fn nonsense_is_a_place_at_the_top() {
        for odd in ["", "x", "x/y", "|", "/|/"] {
            assert_eq!(parse_position(odd).0.parent, None, "{odd}");
        }
    }
}
