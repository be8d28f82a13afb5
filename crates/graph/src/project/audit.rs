//! Looking at a project from outside, for tests and checks. Slow.

use std::collections::BTreeMap;

use automerge::{ReadDoc, ValueRef};

use super::Project;
use crate::document::OpId;
use crate::view::View;

impl Project {
    /// A view read anew from the documents; it equals [`Project::view`], which tests check.
    pub fn rebuilt_view(&self) -> View {
        View::rebuild(&self.project, &self.comments).expect("an open project has all containers")
    }

    /// The visible operations of every register (object and key) and text (object and an empty key)
    /// of nodes and links, as text. Slow; for tests and checks.
    pub fn visible_operations(&self) -> BTreeMap<(String, String), Vec<String>> {
        let mut all = BTreeMap::new();
        for bucket in self
            .view
            .containers
            .nodes
            .iter()
            .chain(&self.view.containers.links)
        {
            for record in self.project.map_range(bucket, ..) {
                for item in self.project.map_range(record.id(), ..) {
                    let place = || (OpId::of(&record.id()).to_string(), item.key.to_string());
                    if !item.conflict && matches!(item.value, ValueRef::Scalar(_)) {
                        all.insert(place(), vec![OpId::of(&item.id()).to_string()]);
                        continue;
                    }
                    let values = self
                        .project
                        .get_all(record.id(), &*item.key)
                        .unwrap_or_default();
                    for (_, text) in values.iter().filter(|(value, _)| value.is_object()) {
                        let characters = self
                            .project
                            .list_range(text, ..)
                            .map(|item| OpId::of(&item.id()).to_string());
                        all.insert(
                            (OpId::of(text).to_string(), String::new()),
                            characters.collect(),
                        );
                    }
                    let operations = values
                        .iter()
                        .map(|(_, op)| OpId::of(op).to_string())
                        .collect();
                    all.insert(place(), operations);
                }
            }
        }
        all
    }
}
