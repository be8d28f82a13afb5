//! Steps that most stories have in common.

use serde_json::{Value, json};

use crate::window::Window;

/// What the page calls them, and what the palette does.
const THEMES: [(&str, &str); 3] = [
    ("dark", "dark"),
    ("light", "light"),
    ("highContrast", "high contrast"),
];

impl Window {
    /// Answers the first question of a new installation.
    pub fn introduce(&self, name: &str) {
        self.type_into("me-name", name);
        self.press("Enter");
        self.sees("template-card");
    }

    /// Makes an empty project from a built-in template and waits until it is open.
    pub fn new_project(&self, template: &str, name: &str) {
        self.click(&format!("template-card[data-key=\"{template}\"]"));
        self.type_into("project-name-input", name);
        self.press("Enter");
        self.reads("project-menu", name);
    }

    /// Makes a sample project and waits for its rows.
    pub fn open_sample(&self, template: &str) {
        self.click(&format!("sample-card[data-key=\"{template}\"]"));
        self.sees("outline-grid");
        self.sees("row-title");
    }

    /// Runs a command by its title, through the palette.
    pub fn run_command(&self, title: &str) {
        self.press("Ctrl+Shift+P");
        self.type_into("palette-input", title);
        self.reads("palette", title);
        self.press("Enter");
        self.no_longer_sees("palette");
    }

    /// Runs a command that asks for one of several, through the palette, and takes the first that is called so.
    pub fn choose(&self, command: &str, choice: &str) {
        self.ask(command);
        self.type_into("palette-input", choice);
        self.reads("palette", choice);
        self.press("Enter");
        self.no_longer_sees("palette");
    }

    /// Has a command ask for one of several.
    pub fn ask(&self, command: &str) {
        self.press("Ctrl+Shift+P");
        self.type_into("palette-input", command);
        self.reads("palette", command);
        self.press("Enter");
        self.has_keyboard(&format!("palette-input[aria-label=\"{command}\"]"));
    }

    /// Does something that changes the project, and waits until it is changed by exactly one step.
    pub fn edit(&self, what: &str, act: impl FnOnce()) {
        let before = self.revision();
        act();
        let after = self.until(what, || Some(self.revision()).filter(|now| *now > before));
        assert_eq!(after, before + 1, "{what} is one step");
        if let (Some(label), _) = self.history() {
            self.reads("status-undo", &label);
        }
    }

    /// The row that has the title; it has to be on the screen.
    pub fn select(&self, title: &str) {
        let rows = self.outline_rows();
        let row = rows
            .iter()
            .find(|row| row.title == title)
            .unwrap_or_else(|| panic!("no row is called {title:?}"));
        self.click(&format!(
            "[data-node=\"{}\"] [data-part=\"title\"]",
            row.node
        ));
        self.until("the row to be selected", || {
            (self.selected_row().title == title).then_some(())
        });
    }

    /// Selects the row that has the title, and waits until the inspector shows what it is about: what was selected before is
    /// shown a moment longer.
    pub fn inspect(&self, title: &str) {
        self.select(title);
        self.sees_inspected();
    }

    /// Waits until the inspector shows what is selected.
    pub fn sees_inspected(&self) {
        self.until("the inspector", || {
            (self.value("inspector-title") == self.selected_row().title).then_some(())
        });
    }

    /// The theme in force: `dark`, `light` or `highContrast`.
    pub fn theme(&self) -> String {
        let theme = self.run(
            "return document.documentElement.dataset.theme ?? ''",
            Vec::new(),
        );
        theme.as_str().expect("text").to_owned()
    }

    /// Looks in every theme, of which it is told the name. The last theme is the first again.
    pub fn in_every_theme(&self, look: impl Fn(&str)) {
        for (theme, title) in THEMES.iter().chain(&THEMES[..1]) {
            if self.theme() != *theme {
                self.run_command(&format!("Theme: {title}"));
                self.until("the theme", || (self.theme() == *theme).then_some(()));
            }
            look(theme);
        }
    }

    /// Waits until everything is on the disk.
    pub fn sees_saved(&self) {
        self.sees("saving[data-state=\"saved\"]");
    }

    /// How many projects there are.
    pub fn project_count(&self) -> usize {
        let projects = self
            .call(json!({ "kind": "listProjects" }))
            .expect("the catalogue");
        projects["projects"].as_array().map_or(0, Vec::len)
    }

    /// Id of the project that was opened last.
    pub fn project(&self) -> String {
        let projects = self
            .call(json!({ "kind": "listProjects" }))
            .expect("the catalogue");
        let newest = projects["projects"].get(0).expect("a project");
        newest["id"].as_str().expect("an id").to_owned()
    }

    /// Nodes, links and template of the open project as the application has them: what must never be lost.
    pub fn content(&self) -> Value {
        self.ask_of_snapshot("(({ nodes, links, frame, trashCount }) => ({ nodes, links, frame, trashCount }))(snapshot)")
    }

    /// What undo and redo would do.
    pub fn history(&self) -> (Option<String>, Option<String>) {
        let history = self.ask_of_snapshot("snapshot.history");
        let label = |name: &str| history[name].as_str().map(str::to_owned);
        (label("undo"), label("redo"))
    }

    fn revision(&self) -> u64 {
        let revision = self.ask_of_snapshot("snapshot.revision");
        revision.as_u64().expect("an open project")
    }
}
