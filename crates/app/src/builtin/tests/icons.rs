//! Icons exist in the set that the UI draws them from.
#![allow(
    clippy::disallowed_methods,
    reason = "reads the UI's packages where they are installed"
)]

use std::path::Path;

use super::{each, ensure};

#[test]
fn icons_are_lucide_icons() {
    let icons = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../ui/node_modules/@lucide/svelte/dist/icons");
    if !icons.is_dir() {
        eprintln!("the UI's packages are not installed: names of icons are not compared with them");
    }
    each(|builtin| {
        let template = &builtin.template;
        let options = template
            .fields
            .iter()
            .flat_map(|field| &field.options)
            .map(|option| &option.indicator.icon);
        let types = template.types.iter().map(|node_type| &node_type.icon);
        for name in options.chain(types).chain([&builtin.icon]) {
            let kebab = !name.is_empty()
                && name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            ensure(kebab, || format!("{name:?} is not a name of an icon"))?;
            let known = !icons.is_dir() || icons.join(format!("{name}.svelte")).is_file();
            ensure(known, || format!("there is no icon {name:?}"))?;
        }
        Ok(())
    });
}
