//! What was probably meant.

/// The known name that is most like a wrong one, unless none is like it. Also the one that only lacks its section.
pub fn suggest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = |name: &'a str| name.rsplit('.').next().unwrap_or(name);
    let distance = |name: &'a str| {
        let whole = strsim::osa_distance(wrong, name);
        whole.min(strsim::osa_distance(wrong, last(name)))
    };
    let near = (wrong.chars().count() / 3).max(1);
    known
        .map(|name| (distance(name), name))
        .filter(|(distance, _)| *distance <= near)
        .min()
        .map(|(_, name)| name)
}

/// The same, as the end of a sentence.
pub fn advice<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    match suggest(wrong, known) {
        Some(meant) => format!("did you mean {meant}?"),
        None => "`tally-relay config print` shows all there are".to_owned(),
    }
}
