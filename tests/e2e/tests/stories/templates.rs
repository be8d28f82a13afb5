//! A new project from each built-in template.

use e2e::{Desktop, Home, Screen};

const TEMPLATES: [&str; 6] = [
    "vehicle-restoration",
    "film-production",
    "software-delivery",
    "construction-detailing",
    "book",
    "blank",
];

#[test]
fn a_project_can_be_made_from_each_template() {
    let (home, screen) = (Home::new(), Screen::start(1280, 800));
    let desktop = Desktop::open(&home, &screen);
    let window = desktop.window();
    window.introduce("Ana");
    assert_eq!(window.count("template-card"), TEMPLATES.len());
    for (made, template) in TEMPLATES.iter().enumerate() {
        let name = format!("From {template}");
        window.new_project(template, &name);
        window.edit("the first row", || {
            window.click("[data-testid^=\"first-\"]");
            window.type_into("title-editor", "First things first");
            window.press("Enter");
        });
        window.press("Escape");
        window.sees_row("First things first");
        window.screenshot(&format!("new-{template}"));
        window.run_command("All projects");
        window.sees("welcome");
        assert_eq!(window.count("recent-project"), made + 1);
    }
    desktop.close();
}
