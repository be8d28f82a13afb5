use graph::clipping::Clipping;
use graph::command::Command;
use store::testing::{Image, SteppedStore};

use super::*;
use crate::builtin;

/// Its writer has fallen over; what it handed to the store does not wait for anybody.
#[test]
fn what_is_still_on_its_way_to_the_disk_is_read_with_the_rest() {
    let store = SteppedStore::open(Image::empty(), true);
    let (me, now, era) = (Me::load(&store).unwrap(), Timestamp(0), Uuid::nil());
    let blank = builtin::all().iter().find(|it| it.key == "blank").unwrap();
    let new = NewProject {
        name: "Before".to_owned(),
        currency: "EUR".to_owned(),
        template: blank.template.clone(),
        content: Clipping::default(),
    };
    let signature = me.signature(random_id().into_bytes());
    let mut graph = Graph::create(&new, signature, new_id(), now).unwrap();
    let id = store_new(&store, &mut graph, "Before", "blank", now).unwrap();
    let rename = Command::SetProject {
        name: Some("After".to_owned()),
        currency: None,
    };
    graph.apply(me.author, &rename, now).unwrap();
    for chunk in graph.take_written().into_iter().flat_map(history::chunks) {
        store.append(id.into(), chunk, Box::new(|_| {}));
    }
    assert!(store.pending().0 > 0, "it was to wait");

    let read = load(&store, era, &me, id).unwrap();
    assert_eq!(read.project.graph.view().frame().name, "After");
}
