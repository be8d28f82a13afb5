//! Typed values of fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::id::{BlobId, NodeId, OptionId};

/// What a field of a node holds. Exact: no floating point, no time zone, no option by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub enum Value {
    /// One line of text.
    Text(String),
    /// Long text (Markdown). Merged character by character.
    Prose(String),
    /// An exact decimal: numbers and amounts of money alike.
    Number(
        #[serde(with = "exact")]
        #[ts(type = "string")]
        Decimal,
    ),
    /// A checkbox.
    Flag(bool),
    /// A plain date without time zone, `yyyy-mm-dd`.
    Date(#[ts(type = "string")] Date),
    /// The chosen option of a select field.
    Option(OptionId),
    /// The chosen options of a multi-select field.
    Options(BTreeSet<OptionId>),
    /// References to nodes, people among them.
    Nodes(BTreeSet<NodeId>),
    /// Hours by person (a node of a person type) and day.
    Hours(#[ts(type = "Record<string, Record<string, string>>")] Hours),
    /// A web address.
    Url(String),
    /// Attached files by content.
    Files(BTreeMap<BlobId, File>),
}

/// Hours by person and day.
pub type Hours = BTreeMap<NodeId, BTreeMap<Date, ExactHours>>;

/// A number of hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExactHours(#[serde(with = "exact")] pub Decimal);

/// What is known of an attached file apart from its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct File {
    /// File name without a path.
    pub name: String,
    /// Media type (RFC 6838), for example `image/jpeg`.
    pub media_type: String,
    /// Size in bytes, of the file as it was attached.
    #[ts(type = "number")]
    pub size_bytes: u64,
    /// How its content is sealed; none: it is kept as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seal: Option<Seal>,
}

/// What opens the content of an attached file. Both are opaque here. `Debug` does not show the key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, export_to = "graph.ts")]
pub struct Seal {
    /// The key, in base64url without padding.
    pub key: String,
    /// The BLAKE3 hash of the file as it was attached, in lower-case hexadecimal.
    pub hash: String,
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal")
            .field("hash", &self.hash)
            .finish_non_exhaustive()
    }
}

/// Decimals as text, refused rather than rounded.
mod exact {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::parse_decimal(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("{text:.40} is not a number of at most 28 digits"))
        })
    }
}

/// A decimal number, unless it has more digits than can be kept.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_version_is_read_and_written_as_it_was() {
        let json = r#"{"name":"a.jpg","mediaType":"image/jpeg","sizeBytes":81234}"#;
        let file: File = serde_json::from_str(json).unwrap();
        assert_eq!(file.seal, None);
        assert_eq!(serde_json::to_string(&file).unwrap(), json);
    }

    #[test]
    fn a_key_is_written_and_not_shown() {
        let seal = Seal {
            key: "quokka".to_owned(),
            hash: "abc".to_owned(),
        };
        let json = r#"{"key":"quokka","hash":"abc"}"#;
        assert_eq!(serde_json::to_string(&seal).unwrap(), json);
        assert_eq!(serde_json::from_str::<Seal>(json).unwrap(), seal);
        let shown = format!("{seal:?} {seal:#?}");
        assert!(
            !shown.contains("quokka") && shown.contains("abc"),
            "{shown}"
        );
    }
}
