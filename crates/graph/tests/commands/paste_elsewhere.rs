//! Clippings that go to a project with another template.

use expect_test::expect;
use graph::clipping::Clipping;
use graph::id::FieldId;
use graph::template::{Field, FieldKind, NodeType, Role, Template};
use graph::time::Timestamp;
use graph::value::Value;
use graph::{NewProject, Project};

use crate::dsl::{nodes, uuid};
use crate::peer::{ann, signature};
use crate::print;
use crate::say::*;
use crate::template::{field, node_type, option};

const SOURCE: &str = r#"
person "Ana" #ana
task "Sketch" #t status=done labels=red,green size=3 assignees=#ana
  step "Ink" #s status=todo
"#;

/// Ids differ everywhere; types match by key or label, fields by key, options by label.
fn elsewhere() -> Template {
    let title = Field {
        role: Some(Role::Title),
        ..field("t", "Name", FieldKind::Text)
    };
    let keyed = |key: &str, field: Field| Field {
        key: key.into(),
        ..field
    };
    let labelled = |kind, options: &[(&str, &str)]| Field {
        options: options
            .iter()
            .map(|(id, label)| option(id, label))
            .collect(),
        ..field("x", "X", kind)
    };
    let state = Field {
        id: FieldId::from("state"),
        ..labelled(FieldKind::Select, &[("s1", "to do"), ("s2", "DONE")])
    };
    let tags = Field {
        id: FieldId::from("tags"),
        ..labelled(FieldKind::MultiSelect, &[("r", "red")])
    };
    Template {
        fields: vec![
            keyed("title", title),
            keyed("status", state),
            keyed("labels", tags),
            keyed("size", field("size-in-words", "Size", FieldKind::Text)),
        ],
        types: vec![
            NodeType {
                key: "task".into(),
                ..node_type("job", "Job", "Jobs", "part", "t state tags size-in-words")
            },
            node_type("part", "step", "Parts", "", "t state"),
        ],
    }
}

fn create(template: Template, content: Clipping) -> Project {
    let new = NewProject {
        name: "Other".into(),
        currency: "USD".into(),
        template,
        content,
    };
    Project::create(&new, signature(b'o'), uuid("other"), Timestamp(0))
        .expect("the other template keeps the rules")
}

/// The nodes alone: the template differs in every line.
fn outline(project: &Project) -> String {
    let shown = print::show(project.view());
    let lines = shown.lines().filter(|line| !line.starts_with(['+', '-']));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn types_go_by_key_or_label_fields_by_key_options_by_label_the_rest_is_kept() {
    let source = ann(SOURCE).project;
    let mut other = create(elsewhere(), Clipping::default());
    let author = signature(b'o').author;
    let command = paste(source.clip(&nodes("t")), last(""));
    other
        .apply(author, &command, Timestamp(1))
        .expect("all types have a counterpart");
    expect![[r#"
        job "Sketch" #new1 state=s2 t="Sketch" size?="3" tags?="green, r"
          part "Ink" #new2 state=s1 t="Ink"
        ! Unmapped #new1: “Sketch” has a value for size that has no place in the template. It is kept.
            Remove the value
        ! Unmapped #new1: “Sketch” has a value for X that has no place in the template. It is kept.
            Remove the value
    "#]].assert_eq(&outline(&other));
    let undone = other
        .undo(author, Timestamp(2))
        .expect("pasting was a step");
    assert_eq!((undone.skipped.len(), outline(&other).as_str()), (0, ""));
}

#[test]
fn a_type_without_a_counterpart_is_refused_by_name() {
    let source = ann(SOURCE).project;
    let mut other = create(elsewhere(), Clipping::default());
    let command = paste(source.clip(&nodes("ana")), last(""));
    let refused = other.apply(signature(b'o').author, &command, Timestamp(1));
    expect!["there is no node type person in this project's template"]
        .assert_eq(&refused.expect_err("there are no people").to_string());
}

#[test]
fn a_value_of_another_kind_under_the_same_id_is_read_as_that_kind() {
    let source = ann(SOURCE).project;
    let mut template = elsewhere();
    template.fields[3].id = "size".into();
    template.types[0].fields[3].field = "size".into();
    let mut other = create(template, Clipping::default());
    let command = paste(source.clip(&nodes("t")), last(""));
    let author = signature(b'o').author;
    other
        .apply(author, &command, Timestamp(1))
        .expect("all types have a counterpart");
    expect![[r#"
        job "Sketch" #new1 size="3" state=s2 t="Sketch" tags?="green, r"
          part "Ink" #new2 state=s1 t="Ink"
        ! Unmapped #new1: “Sketch” has a value for X that has no place in the template. It is kept.
            Remove the value
    "#]]
    .assert_eq(&outline(&other));
}

#[test]
fn a_project_is_created_with_content_that_undo_leaves() {
    let source = ann(SOURCE).project;
    let clipping = source.clip(&nodes("ana t"));
    let mut project = create(crate::template::template(), clipping);
    expect![[r#"
        person "Ana" #new1
        task "Sketch" #new2 assignees=#new1 labels=green,red size=3 status=done
          step "Ink" #new3 status=todo
    "#]]
    .assert_eq(&outline(&project));
    assert!(project.undo(signature(b'o').author, Timestamp(1)).is_err());
    let value = project
        .view()
        .roots()
        .nth(1)
        .and_then(|node| node.value(&FieldId::from("assignees")));
    let ana = project.view().roots().next().expect("Ana is first").id();
    assert_eq!(value, Some(Value::Nodes([ana].into())));
}
