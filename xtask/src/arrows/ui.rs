//! The arrows of the UI, which point down only: shell, features, project, host; kit beside them, bindings for anyone.

use std::fs;

use anyhow::Result;

use crate::workspace::Workspace;

/// What the files of a folder in `ui/src` may import of the others. Files beside the folders are the shell's.
const LAYERS: &[(&str, &[&str])] = &[
    ("bindings", &[]),
    ("host", &["bindings"]),
    ("kit", &["bindings"]),
    ("project", &["host", "bindings"]),
    ("features", &["project", "host", "kit", "bindings"]),
    ("shell", &["features", "project", "host", "kit", "bindings"]),
];

/// One line per import that is not in the table.
pub fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for file in workspace.files()? {
        let Some(inner) = file.strip_prefix("ui/src/") else {
            continue;
        };
        if inner.ends_with(".ts") || inner.ends_with(".svelte") {
            let text = fs::read_to_string(workspace.path(&file))?;
            wrong.extend(of_file(inner, &text));
        }
    }
    Ok(wrong)
}

fn of_file(file: &str, text: &str) -> Vec<String> {
    let Some((folder, _)) = file.split_once('/') else {
        return Vec::new();
    };
    let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == folder) else {
        return vec![format!(
            "  ui/src/{folder} has no layer; give it one in xtask/src/arrows/ui.rs"
        )];
    };
    let targets = text
        .lines()
        .filter_map(imported)
        .filter_map(|target| layer(file, target));
    let wrong = targets.filter(|target| target != folder && !allowed.contains(&target.as_str()));
    wrong
        .map(|target| format!("  ui/src/{file} imports {target}; {folder} may not"))
        .collect()
}

/// What a line imports or exports from, if it does.
fn imported(line: &str) -> Option<&str> {
    let markers = [
        "from \"",
        "from '",
        "import \"",
        "import '",
        "import(\"",
        "import('",
    ];
    let (_, rest) = markers.iter().find_map(|marker| line.split_once(marker))?;
    rest.split(['"', '\'']).next()
}

/// The folder in `ui/src` that a relative path leads to. Packages and files beside the folders are none.
fn layer(file: &str, target: &str) -> Option<String> {
    let mut path: Vec<&str> = file.split('/').collect();
    path.pop();
    if !target.starts_with('.') {
        return None;
    }
    for step in target.split('/') {
        match step {
            "." => {}
            ".." => {
                path.pop()?;
            }
            name => path.push(name),
        }
    }
    let first = *path.first()?;
    let is_folder = path.len() > 1 || LAYERS.iter().any(|(name, _)| *name == first);
    is_folder.then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_that_point_down_are_allowed() {
        let text = "import { a } from \"../../project/store\";\nimport B from './Row.svelte';\nimport { c } from \"svelte\";";
        assert_eq!(
            of_file("features/outline/Outline.svelte", text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_import_that_points_up_is_caught() {
        let text = "import type { Palette } from '../shell/palette';";
        assert_eq!(
            of_file("project/store.ts", text),
            ["  ui/src/project/store.ts imports shell; project may not"]
        );
        let whole = "import { Palette } from '../shell';";
        assert_eq!(of_file("kit/Button.svelte", whole).len(), 1);
        let lazy = "const view = await import(\"../../shell/palette\");";
        assert_eq!(of_file("features/board/load.ts", lazy).len(), 1);
    }

    #[test]
    fn a_folder_without_a_layer_is_caught() {
        assert_eq!(of_file("misc/a.ts", "").len(), 1);
        assert_eq!(of_file("main.ts", "import './shell/App.svelte'").len(), 0);
    }
}
