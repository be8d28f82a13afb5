//! What two people did at the same time: both sides are shown, and either of them decides.

use e2e::{Person, Window, mia_and_noah};
use graph::command::Command;
use graph::value::{Value, parse_decimal};

use crate::accessible::check_in_every_theme;

const ITEM: &str = "Pack the desks";
const RACE: &str = "inspector-field[data-field=\"estimated-hours\"] [data-testid=\"race\"]";
const VALUE: &str = "inspector-field[data-field=\"estimated-hours\"] .editor";

fn estimate(person: &Person, hours: &str) {
    person.change_alone(ITEM, |snapshot, node| {
        let mut fields = snapshot.frame.template.fields.iter();
        let field = fields.find(|field| field.key == "estimated-hours");
        Command::SetField {
            nodes: vec![node],
            field: field.expect("the template has it").id.clone(),
            value: Some(Value::Number(parse_decimal(hours).expect("a number"))),
        }
    });
}

/// The value in force and the one that lost, as they are shown.
fn sides(window: &Window) -> (String, String) {
    window.sees(RACE);
    let sides = window.texts(&format!("{RACE} .held"));
    let value = |side: &String| side.lines().next().unwrap_or_default().trim().to_owned();
    assert_eq!(sides.len(), 2, "{sides:?}");
    (value(&sides[0]), value(&sides[1]))
}

fn choose(window: &Window, choice: &str) {
    window.click(&format!("race-choose[data-choice=\"{choice}\"]"));
}

fn shows(windows: [&Window; 2], value: &str) {
    for window in windows {
        window.no_longer_sees(RACE);
        let input = format!("{VALUE} input");
        window.until(&format!("the value {value}"), || {
            (window.value(&input) == value).then_some(())
        });
        window.reads("status-problems .figures", "0");
    }
}

fn races(windows: [&Window; 2]) {
    for window in windows {
        window.sees(RACE);
    }
}

#[test]
fn a_race_is_shown_to_both_and_settled_by_either() {
    let (mia, noah) = mia_and_noah();
    estimate(&mia, "30");
    estimate(&noah, "16");
    let (at_mia, at_noah) = (mia.start(), noah.start());
    let (one, other) = (at_mia.window(), at_noah.window());
    let both = [one, other];

    one.sees("bell:not([data-unread=\"0\"])");
    one.click("bell");
    one.reads(
        "notices",
        "Noah and you changed Estimated hours of “Pack the desks”",
    );
    one.screenshot("notices-race");
    one.click("notice[data-kind=\"conflict\"] .main");
    one.no_longer_sees("notices");
    let (kept, lost) = sides(one);
    for words in [kept.as_str(), lost.as_str(), "Mia, ", "Noah, "] {
        one.reads(RACE, words);
    }
    check_in_every_theme(one, "race");
    one.screenshot("race");
    one.run_command("Problems");
    one.sees("problem[data-kind=\"fieldRace\"]");
    assert_eq!(one.count("conflict-side"), 2);
    for name in ["Mia", "Noah"] {
        one.reads("conflict-side", name);
    }
    check_in_every_theme(one, "conflicts");
    one.screenshot("race-problems");
    one.run_command("Outline");

    other.sees("row-title");
    other.run_command("Problems");
    other.click("problem[data-kind=\"fieldRace\"] .nodes button");
    races(both);
    choose(one, "keep");
    shows(both, &kept);
    one.press("Ctrl+Z");
    races(both);
    other.click("race-dismiss");
    shows(both, &kept);
    other.press("Ctrl+Z");
    races(both);
    assert_eq!(sides(other), (kept.clone(), lost.clone()));
    choose(other, "take");
    shows(both, &lost);
    other.press("Ctrl+Z");
    shows(both, &kept);
    at_noah.close();
    at_mia.close();
}
