//! Properties, template and what was saved, as lines.

use graph::template::{Field, NodeType};
use graph::view::View;
use serde::Serialize;

use crate::peer::blank;

/// Lines that are new or gone, compared with what every test starts with.
pub fn difference(view: &View) -> String {
    let (before, after) = (lines(blank().view()), lines(view));
    let gone = before.iter().filter(|line| !after.contains(line));
    let new = after.iter().filter(|line| !before.contains(line));
    let gone = gone.map(|line| format!("- {line}\n"));
    gone.chain(new.map(|line| format!("+ {line}\n"))).collect()
}

fn lines(view: &View) -> Vec<String> {
    let frame = view.frame();
    let template = frame.schema.template();
    let mut lines = vec![format!("project {:?} {}", frame.name, frame.currency)];
    let people = frame.people.values();
    lines.extend(people.map(|person| format!("profile {:?} {}", person.name, person.colour)));
    let ids = template.fields.iter().map(|field| field.id.to_string());
    lines.push(format!("fields {}", ids.collect::<Vec<_>>().join(" ")));
    lines.extend(template.fields.iter().flat_map(field));
    let ids = template.types.iter().map(|known| known.id.to_string());
    lines.push(format!("types {}", ids.collect::<Vec<_>>().join(" ")));
    lines.extend(template.types.iter().flat_map(node_type));
    let filters = frame.filters.values();
    lines.extend(filters.map(|f| format!("filter {} {:?} {}", f.id, f.name, f.query)));
    let views = frame.views.values();
    lines.extend(views.map(|v| format!("view {} {:?} {}", v.id, v.name, v.layout)));
    let kits = frame.kits.iter();
    lines.extend(kits.map(|(id, (name, _))| format!("kit {id} {name:?}")));
    lines
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("definitions are JSON")
}

fn field(field: &Field) -> Vec<String> {
    let mut words = vec![format!(
        "field {} {:?} {}",
        field.id,
        field.label,
        json(&field.kind).trim_matches('"')
    )];
    words.extend(field.role.map(|role| format!("role={}", json(&role))));
    words.extend(
        field
            .default
            .as_ref()
            .map(|it| format!("default={}", json(it))),
    );
    words.extend(field.unit.as_ref().map(|unit| format!("unit={unit}")));
    words.extend(field.required.then(|| "required".to_owned()));
    words.extend((!field.help.is_empty()).then(|| format!("help={:?}", field.help)));
    words.extend((!field.targets.is_empty()).then(|| format!("targets={}", json(&field.targets))));
    let ids = field.options.iter().map(|option| option.id.to_string());
    let ids: Vec<String> = ids.collect();
    words.extend((!ids.is_empty()).then(|| format!("options={}", ids.join(","))));
    let options = field.options.iter().map(|option| {
        format!(
            "option {}/{} {:?} {}",
            field.id,
            option.id,
            option.label,
            json(&(&option.indicator, &option.category, &option.score))
        )
    });
    std::iter::once(words.join(" ")).chain(options).collect()
}

fn node_type(known: &NodeType) -> Vec<String> {
    let top = if known.top_level { " top" } else { "" };
    let about = format!(
        "type {} {:?} {:?}{top} {} {}",
        known.id, known.label, known.plural, known.icon, known.colour
    );
    let fields = known
        .fields
        .iter()
        .map(|placement| match placement.group.as_str() {
            "" => placement.field.to_string(),
            group => format!("{}({group})", placement.field),
        });
    vec![
        about,
        format!("{}.children {}", known.id, json(&known.children)),
        format!("{}.traits {}", known.id, json(&known.traits)),
        format!(
            "{}.fields {}",
            known.id,
            fields.collect::<Vec<_>>().join(" ")
        ),
    ]
}
