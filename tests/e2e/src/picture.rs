//! How long the program takes until the screen shows something: no driver, only pixels.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::Process;
use crate::wait::{self, LOOK_EVERY};
use crate::{Home, Screen, program, x11};

/// A part of the screen in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Area {
    /// From the left.
    pub x: i16,
    /// From the top.
    pub y: i16,
    /// To the right of that.
    pub width: u16,
    /// Below that.
    pub height: u16,
}

/// For how long a picture must stay the same to be finished.
const STILL: Duration = Duration::from_secs(2);

/// Starts the program and measures how long `area` takes to look like `wanted`. Without that, waits until it has not
/// changed for a while. Answers how long it took and what it looks like.
pub fn start_until(
    home: &Home,
    screen: &Screen,
    area: Area,
    wanted: Option<&[u8]>,
) -> (Duration, Vec<u8>) {
    let mut command = Command::new(program());
    home.enter(&mut command);
    command
        .env("DISPLAY", screen.display())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let empty = pixels(screen, area);
    let begun = Instant::now();
    let mut process = Process::start(&mut command);
    let mut last = (begun, empty.clone());
    let look = || {
        let (now, seen) = (Instant::now(), pixels(screen, area));
        if seen != last.1 {
            last = (now, seen.clone());
        }
        let is_done = match wanted {
            Some(wanted) => is_like(&seen, wanted),
            None => seen != empty && last.0.elapsed() > STILL,
        };
        let taken = now - begun;
        async move { is_done.then_some((taken, seen)) }
    };
    let shown = wait::runtime().block_on(wait::every(LOOK_EVERY / 5, "the picture", look));
    process.terminate();
    shown
}

/// Whether two pictures show the same; edges of letters may be smoothed in another way.
fn is_like(seen: &[u8], wanted: &[u8]) -> bool {
    let differing = seen
        .iter()
        .zip(wanted)
        .filter(|(seen, wanted)| seen != wanted)
        .count();
    seen.len() == wanted.len() && differing * 200 < wanted.len()
}

fn pixels(screen: &Screen, area: Area) -> Vec<u8> {
    x11::pixels(screen.display(), area).expect("the screen answers")
}
