//! What a person does with the pointer: press, carry, let go.

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use serde_json::{Value, json};

use crate::window::{Window, selector};

/// A place of the page in pixels, from its left and its top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
}

/// A hand does not leap: whoever listens hears of the way, too.
const STEPS: u32 = 8;

impl Window {
    /// A place within what has the id `name`: parts of its width and its height from its left and its top.
    pub fn spot(&self, name: &str, part: (f64, f64)) -> Spot {
        self.sees(name);
        self.spot_of(
            "return document.querySelector(arguments[0])",
            vec![json!(selector(name))],
            part,
        )
    }

    /// A place within the element that the body of a function in the page returns.
    pub fn spot_of(&self, find: &str, arguments: Vec<Value>, (across, down): (f64, f64)) -> Spot {
        let script = format!(
            "const box = (function () {{ {find} }}).apply(null, arguments).getBoundingClientRect();
            return [box.left, box.top, box.width, box.height]"
        );
        let found = self.run(&script, arguments);
        let [left, top, width, height]: [f64; 4] =
            serde_json::from_value(found).expect("four numbers");
        Spot {
            x: left + across * width,
            y: top + down * height,
        }
    }

    /// Clicks at a place, whatever is there.
    pub fn click_at(&self, spot: Spot) {
        self.carry(spot, spot);
        self.let_go();
    }

    /// Presses the pointer at one place, carries it to another and lets go there.
    pub fn drag(&self, from: Spot, to: Spot) {
        self.carry(from, to);
        self.let_go();
    }

    /// Presses the pointer at one place and carries it to another. It stays pressed.
    pub fn carry(&self, from: Spot, to: Spot) {
        let press = PointerAction::Down {
            button: MOUSE_BUTTON_LEFT,
        };
        let mut actions = pointer().then(move_to(from)).then(press);
        let steps = if from == to { 0 } else { STEPS };
        for step in 1..=steps {
            let part = f64::from(step) / f64::from(steps);
            actions = actions.then(move_to(Spot {
                x: from.x + (to.x - from.x) * part,
                y: from.y + (to.y - from.y) * part,
            }));
        }
        self.point(actions);
    }

    /// Lets go of what is carried.
    pub fn let_go(&self) {
        self.point(pointer().then(PointerAction::Up {
            button: MOUSE_BUTTON_LEFT,
        }));
    }

    fn point(&self, actions: MouseActions) {
        self.block_on(self.client().perform_actions(actions))
            .expect("the pointer works");
    }
}

fn pointer() -> MouseActions {
    MouseActions::new("pointer".to_owned())
}

fn move_to(Spot { x, y }: Spot) -> PointerAction {
    PointerAction::MoveTo {
        duration: None,
        x: x.round(),
        y: y.round(),
    }
}
