use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn node(number: u128) -> NodeId {
    NodeId(Uuid::from_u128(number))
}

fn title() -> Place {
    Place::Title("title".into())
}

fn index(texts: &[(u128, Place, &str)]) -> Index {
    let mut by_node: BTreeMap<u128, Vec<(Place, &str)>> = BTreeMap::new();
    for (number, place, text) in texts {
        by_node
            .entry(*number)
            .or_default()
            .push((place.clone(), text));
    }
    let mut index = Index::default();
    for (number, texts) in by_node {
        index.put(node(number), texts.into_iter());
    }
    index
}

fn found(index: &Index, query: &str) -> Vec<u128> {
    let hits = index.search(&words(query), 100);
    hits.iter().map(|hit| hit.node.0.as_u128()).collect()
}

#[test]
fn case_and_accents_do_not_matter() {
    let index = index(&[
        (1, title(), "Éclairage de scène"),
        (2, title(), "STRASSE"),
        (3, title(), "İstanbul"),
        (4, title(), "ﬁnal Ærø"),
    ]);
    assert_eq!(found(&index, "eclairage SCENE"), [1]);
    assert_eq!(found(&index, "Straße"), [2]);
    assert_eq!(found(&index, "istanbul"), [3]);
    assert_eq!(found(&index, "final aero"), [4]);
    assert_eq!(found(&index, "E\u{301}clairage"), [1]);
}

#[test]
fn every_word_must_occur_but_not_in_one_text() {
    let description = Place::Field("description".into());
    let index = index(&[
        (1, title(), "Front axle"),
        (1, description.clone(), "Sand and paint"),
        (2, title(), "Front door"),
        (2, Place::Comment, "no axle here"),
    ]);
    assert_eq!(found(&index, "front paint"), [1]);
    assert_eq!(found(&index, "front axle"), [1, 2]);
    assert_eq!(found(&index, "axlesand"), [0; 0]);
    assert_eq!(found(&index, "  "), [0; 0]);
}

#[test]
fn titles_come_first() {
    let description = Place::Field("description".into());
    let index = index(&[
        (1, title(), "other"),
        (1, Place::Comment, "first"),
        (1, Place::Comment, "paint"),
        (2, title(), "other"),
        (2, description.clone(), "paint"),
        (3, title(), "repaint"),
        (4, title(), "the paint"),
        (5, title(), "paint it"),
    ]);
    assert_eq!(found(&index, "paint"), [5, 4, 3, 2, 1]);
    let hits = index.search(&words("paint"), 100);
    assert_eq!((&hits[4].place, hits[4].ordinal), (&Place::Comment, 1));
    assert_eq!(index.search(&words("paint"), 2).len(), 2);
}

#[test]
fn an_excerpt_shows_the_word() {
    let text = format!(
        "{}der Änderungswunsch{}",
        "ä ".repeat(100),
        " ü".repeat(100)
    );
    let excerpt = excerpt(&text, &words("anderung"));
    assert!(excerpt.contains("Änderungswunsch"), "{excerpt}");
    assert!(
        excerpt.starts_with('…') && excerpt.ends_with('…'),
        "{excerpt}"
    );
}

proptest! {
    #[test]
    fn any_word_of_a_text_finds_it(text in ".{0,60}", other in ".{0,60}") {
        let index = index(&[(1, title(), &text), (2, Place::Comment, &other)]);
        for word in text.split_whitespace().take(MAX_WORDS).filter(|word| !fold(word).trim().is_empty()) {
            prop_assert!(found(&index, word).contains(&1), "{word:?} in {text:?}");
        }
        excerpt(&text, &words(&other));
    }

    #[test]
    fn folding_twice_is_folding_once(text in ".{0,40}") {
        prop_assert_eq!(fold(&fold(&text)), fold(&text));
    }
}
