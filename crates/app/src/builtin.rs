//! The built-in templates, each with a sample project.
//!
//! They are written in `templates/<key>.yaml` and compiled in, so a file that does not read is a
//! programming error: the first use panics and names file, node and reason. Ids of the sample's
//! nodes are derived from the template's key and the node's name or position, the same at every run.

mod definition;
mod draft;
mod notation;
mod outline;

use std::sync::LazyLock;

use graph::clipping::Clipping;
use graph::template::Template;
use serde::Deserialize;
use thiserror::Error;

use crate::reply::TemplateSummary;
use definition::{FieldDraft, TypeDraft};
use draft::Draft;

/// Node types that the summary names.
const PREVIEWED_TYPES: usize = 6;

static ALL: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    [
        (
            "vehicle-restoration",
            include_str!("../../../templates/vehicle-restoration.yaml"),
        ),
        (
            "film-production",
            include_str!("../../../templates/film-production.yaml"),
        ),
        (
            "software-delivery",
            include_str!("../../../templates/software-delivery.yaml"),
        ),
        (
            "construction-detailing",
            include_str!("../../../templates/construction-detailing.yaml"),
        ),
        ("book", include_str!("../../../templates/book.yaml")),
        ("blank", include_str!("../../../templates/blank.yaml")),
    ]
    .into_iter()
    .map(|(key, yaml)| {
        read(key, yaml).unwrap_or_else(|error| panic!("templates/{key}.yaml: {error}"))
    })
    .collect()
});

/// A template that comes with the application.
#[derive(Debug)]
pub struct Builtin {
    /// Key for `createProject`; the stem of its file.
    pub key: String,
    /// What people read.
    pub name: String,
    /// A sentence.
    pub description: String,
    /// Name of a Lucide icon.
    pub icon: String,
    /// `#rrggbb`.
    pub colour: String,
    /// ISO 4217 code of the currency that a project made from it begins with.
    pub currency: String,
    /// Name of the sample project.
    pub sample_name: String,
    /// Fields and node types.
    pub template: Template,
    /// Content of the sample project.
    pub sample: Clipping,
}

impl Builtin {
    /// What the welcome screen shows of it.
    pub fn summary(&self) -> TemplateSummary {
        TemplateSummary {
            key: self.key.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            icon: self.icon.clone(),
            colour: self.colour.clone(),
            types: self
                .template
                .types
                .iter()
                .take(PREVIEWED_TYPES)
                .map(|t| t.label.clone())
                .collect(),
            sample_name: self.sample_name.clone(),
            sample_nodes: u32::try_from(self.sample.nodes.len())
                .expect("a sample has a few hundred nodes"),
        }
    }
}

/// All built-in templates, in the order in which they are offered.
pub fn all() -> &'static [Builtin] {
    &ALL
}

/// Why a template's file does not read.
#[derive(Debug, Error)]
enum BuiltinError {
    #[error(transparent)]
    Yaml(#[from] Box<serde_saphyr::Error>),
    #[error("the file says that its key is {0:?}")]
    OtherKey(String),
    #[error("field {field:?}: {reason}")]
    Field { field: String, reason: String },
    #[error("{node_type} {title:?}: {reason}")]
    Node {
        node_type: String,
        title: String,
        reason: String,
    },
}

/// A template's file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    key: String,
    name: String,
    description: String,
    icon: String,
    colour: String,
    currency: String,
    sample_name: String,
    fields: Vec<FieldDraft>,
    types: Vec<TypeDraft>,
    sample: Vec<Draft>,
}

fn read(key: &str, yaml: &str) -> Result<Builtin, BuiltinError> {
    let file: File = serde_saphyr::from_str(yaml).map_err(Box::new)?;
    if file.key != key {
        return Err(BuiltinError::OtherKey(file.key));
    }
    let template = definition::template(file.fields, file.types)?;
    let sample = outline::clipping(key, &template, &file.sample)?;
    Ok(Builtin {
        key: file.key,
        name: file.name,
        description: file.description,
        icon: file.icon,
        colour: file.colour,
        currency: file.currency,
        sample_name: file.sample_name,
        template,
        sample,
    })
}

#[cfg(test)]
mod tests;
