//! Samples become projects in which nothing is wrong and nothing is missing.

use std::collections::BTreeMap;

use graph::id::{AuthorId, PersonId};
use graph::person::Person;
use graph::time::Timestamp;
use graph::{NewProject, Project, Signature};
use uuid::Uuid;

use super::{Builtin, Index, each, ensure};

fn project(builtin: &Builtin) -> Result<Project, String> {
    let new = NewProject {
        name: builtin.sample_name.clone(),
        currency: builtin.currency.clone(),
        template: builtin.template.clone(),
        content: builtin.sample.clone(),
    };
    let signature = Signature {
        author: AuthorId(Uuid::from_u128(1)),
        actor: [1; 16],
        person: PersonId(Uuid::from_u128(2)),
        profile: Person {
            name: "Test".into(),
            colour: "#808080".into(),
        },
    };
    Project::create(&new, signature, Uuid::from_u128(3), Timestamp(0))
        .map_err(|refused| refused.to_string())
}

#[test]
fn every_sample_becomes_a_project_without_problems() {
    each(|builtin| {
        let project = project(builtin)?;
        let problems = project.view().problems();
        ensure(problems.is_empty(), || format!("{:?}", problems[0].message))
    });
}

#[test]
fn nodes_values_links_and_order_arrive() {
    each(|builtin| {
        let project = project(builtin)?;
        let (view, index) = (project.view(), Index::of(builtin));
        ensure(view.links().count() == builtin.sample.links.len(), || {
            "links".into()
        })?;
        ensure(view.frame().schema.template() == &builtin.template, || {
            "template".into()
        })?;
        let arrived: Vec<_> = view.nodes().collect();
        ensure(arrived.len() == index.nodes().len(), || "nodes".into())?;
        for (node, clipped) in arrived.iter().zip(index.nodes()) {
            ensure(node.title() == index.title(clipped), || {
                format!("{:?} is elsewhere", index.title(clipped))
            })?;
            let values: BTreeMap<_, _> = node.values();
            let same = clipped.values.iter().all(|(id, _)| values.contains_key(id))
                && values.len() == clipped.values.len();
            ensure(same && node.unmapped().is_empty(), || {
                format!("values of {:?}", node.title())
            })?;
        }
        Ok(())
    });
}
