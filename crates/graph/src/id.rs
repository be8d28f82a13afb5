//! Names of things. Every id is minted by whoever creates the thing, so a command can be repeated
//! without doing its work twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use ts_rs::TS;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(export, export_to = "graph.ts", type = "string")]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
        #[serde(transparent)]
        #[ts(export, export_to = "graph.ts", type = "string")]
        pub struct $name(pub SmolStr);

        impl $name {
            /// The id as it stands in the document.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

uuid_id!(
    /// A node. UUIDv7 (RFC 9562), so that ids sort by creation.
    NodeId
);
uuid_id!(
    /// A link between two nodes.
    LinkId
);
uuid_id!(
    /// A comment on a node.
    CommentId
);
uuid_id!(
    /// A person who takes part in the project, on whichever device.
    PersonId
);
uuid_id!(
    /// One person at one installation (or one access token): the owner of an undo history.
    AuthorId
);
text_id!(
    /// A field of the template. Stable for ever; readable in built-in templates.
    FieldId
);
text_id!(
    /// An option of a select field.
    OptionId
);
text_id!(
    /// A node type of the template.
    TypeId
);
text_id!(
    /// A saved filter.
    FilterId
);
text_id!(
    /// A saved view.
    ViewId
);
text_id!(
    /// A kit: a prepared subtree that can be inserted.
    KitId
);
text_id!(
    /// The BLAKE3 hash of an attached file's content, 64 lower-case hexadecimal digits.
    BlobId
);
