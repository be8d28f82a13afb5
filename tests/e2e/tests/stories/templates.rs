//! A new project from each built-in template: edited, undone, redone and found again.

use e2e::{Desktop, Home, Screen, Spot, Window};
use serde_json::Value;

const TEMPLATES: [&str; 6] = [
    "vehicle-restoration",
    "film-production",
    "software-delivery",
    "construction-detailing",
    "book",
    "blank",
];

fn row(window: &Window, title: &str, open: impl FnOnce()) {
    window.edit(title, || {
        open();
        window.type_into("title-editor", title);
        window.press("Enter");
    });
    window.press("Escape");
    window.sees_row(title);
}

/// Takes the second status there is.
fn go_on(window: &Window) {
    window.edit("a status", || {
        window.ask("Set status");
        window.press("ArrowDown");
        window.press("Enter");
    });
}

fn estimate(window: &Window) {
    window.choose("Go to field", "Estimated cost");
    let field = "inspector-field[data-field=\"estimated-cost\"] input";
    window.edit("money", || {
        window.type_into(field, "1250.75");
        window.press("Enter");
    });
    window.focus("outline-grid");
}

/// A phase beneath the vehicle, and a task beneath the phase, which is to be checked by somebody else.
fn check_a_task(window: &Window) {
    row(window, "Brakes", || window.press("Ctrl+Enter"));
    row(window, "Bleed the lines", || window.press("Ctrl+Enter"));
    window.edit("a conversion", || window.choose("Convert to", "Task"));
    window.choose("Go to field", "Safety critical");
    let field = "inspector-field[data-field=\"safety-critical\"] input";
    window.has_keyboard(field);
    window.edit("a tick", || window.press("Space"));
    window.sees(&format!("{field}:checked"));
    window.focus("outline-grid");
}

fn recent_project(window: &Window, name: &str) -> Spot {
    let find = "const all = [...document.querySelectorAll('[data-testid=\"recent-project\"]')];
        const project = all.find((one) => one.innerText.includes(arguments[0]));
        project.scrollIntoView({ block: 'center' });
        return project";
    window.spot_of(find, vec![name.into()], (0.2, 0.5))
}

fn undo_and_redo(window: &Window) -> Value {
    let done = window.content();
    let mut steps = 0;
    while window.history().0.is_some() {
        window.edit("an undo", || window.press("Ctrl+Z"));
        steps += 1;
    }
    window.sees("outline-nothing");
    for _ in 0..steps {
        window.edit("a redo", || window.press("Ctrl+Shift+Z"));
    }
    assert_eq!(window.content(), done);
    window.sees_saved();
    done
}

#[test]
fn a_project_can_be_made_from_each_template() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    assert_eq!(window.count("template-card"), TEMPLATES.len());
    let mut made = Vec::new();
    for template in TEMPLATES {
        let name = format!("From {template}");
        window.new_project(template, &name);
        row(window, "First things first", || {
            window.click("[data-testid^=\"first-\"]")
        });
        window.screenshot(&format!("new-{template}"));
        go_on(window);
        estimate(window);
        if template == TEMPLATES[0] {
            check_a_task(window);
        }
        made.push((name, undo_and_redo(window)));
        window.run_command("All projects");
        window.sees("welcome");
        assert_eq!(window.count("recent-project"), made.len());
    }
    desktop.close();

    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    for (name, content) in &made {
        window.sees("welcome");
        window.click_at(recent_project(window, name));
        window.reads("project-menu", name);
        assert_eq!(&window.content(), content, "{name}");
        window.run_command("All projects");
    }
    desktop.close();
}
