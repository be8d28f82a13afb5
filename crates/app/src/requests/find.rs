//! Finding nodes by words.

use graph::delta::Delta;
use graph::id::FieldId;
use graph::template::{FieldKind, Template};
use graph::value::Value;
use graph::view::{NodeView, View};

use crate::find::{Found, Index, Place, excerpt, words};
use crate::project::Project;
use crate::reply::{Hit, Reply};

/// More hits are not sent, whatever is asked for.
const MAX_HITS: u32 = 500;

/// Nodes with all the words. The index is built by the first search and kept up to date from there.
pub(super) fn answer(project: &mut Project, query: &str, limit: u32) -> Reply {
    let view = project.graph.view();
    let search = project.search.get_or_insert_with(|| Search::new(view));
    let words = words(query);
    let found = search.index.search(&words, limit.min(MAX_HITS) as usize);
    let hits = found
        .into_iter()
        .filter_map(|found| hit(view, found, &words));
    Reply::Hits {
        hits: hits.collect(),
    }
}

/// What can be found, and the template that says which fields are texts.
pub(crate) struct Search {
    index: Index,
    template: Template,
}

impl Search {
    fn new(view: &View) -> Self {
        let mut index = Index::default();
        view.nodes().for_each(|node| put(&mut index, view, node));
        let template = view.frame().schema.template().clone();
        Self { index, template }
    }

    /// Follows a change of the view.
    pub(crate) fn update(&mut self, view: &View, delta: &Delta) {
        if delta.frame && self.template != *view.frame().schema.template() {
            // A field may have become or ceased to be a text.
            *self = Self::new(view);
            return;
        }
        let texts = delta.texts.iter().map(|(node, _)| node);
        for node in delta.nodes.keys().chain(&delta.comments).chain(texts) {
            match view.node(*node) {
                Some(live) => put(&mut self.index, view, live),
                None => self.index.remove(*node),
            }
        }
    }
}

fn put(index: &mut Index, view: &View, node: NodeView<'_>) {
    let texts = texts(view, node);
    index.put(
        node.id(),
        texts
            .iter()
            .map(|(place, text)| (place.clone(), text.as_str())),
    );
}

/// What can be found in a node, the title first.
fn texts(view: &View, node: NodeView<'_>) -> Vec<(Place, String)> {
    let schema = &view.frame().schema;
    let title = schema.title_field(node.node_type());
    let mut texts = Vec::new();
    let fields = schema.fields_of(node.node_type());
    for field in fields.filter(|field| is_text(field.kind)) {
        let Some(text) = text_of(node, &field.id) else {
            continue;
        };
        if Some(&field.id) == title {
            texts.insert(0, (Place::Title(field.id.clone()), text));
        } else {
            texts.push((Place::Field(field.id.clone()), text));
        }
    }
    let comments = view.comments_on(node.id());
    texts.extend(
        comments
            .iter()
            .map(|comment| (Place::Comment, comment.body.clone())),
    );
    texts
}

fn is_text(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::Text | FieldKind::Prose | FieldKind::Url)
}

fn hit(view: &View, found: Found, words: &[String]) -> Option<Hit> {
    let (field, text) = match found.place {
        Place::Title(field) | Place::Field(field) => {
            let text = text_of(view.node(found.node)?, &field)?;
            (Some(field), text)
        }
        Place::Comment => {
            let comments = view.comments_on(found.node);
            (None, comments.get(found.ordinal)?.body.clone())
        }
    };
    Some(Hit {
        node: found.node,
        field,
        excerpt: excerpt(&text, words),
    })
}

fn text_of(node: NodeView<'_>, field: &FieldId) -> Option<String> {
    match node.value(field)? {
        Value::Text(text) | Value::Prose(text) | Value::Url(text) => Some(text),
        _ => None,
    }
}
