//! One running instance of the desktop app.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::driver::Driver;
use crate::process::{Ended, Process, Program};
use crate::window::Window;
use crate::{DEADLINE, FileManager, Home, Screen, program, wait, x11};

/// The program with its window, as one user runs it on one screen.
pub struct Desktop {
    window: Window,
    program: Program,
    /// Ends after the window has let go of it.
    _driver: Driver,
}

impl Desktop {
    /// Starts the program and waits for its page.
    pub fn open(home: &Home, screen: &Screen) -> Self {
        Self::open_with(home, screen, &[])
    }

    /// Starts the program with `arguments` and waits for its page.
    pub fn open_with(home: &Home, screen: &Screen, arguments: &[&str]) -> Self {
        let runtime = wait::runtime_beside();
        let (driver, (client, program)) = runtime.block_on(async {
            let driver = Driver::start(home, screen).await;
            let opened = driver.open(&program(), arguments).await;
            (driver, opened)
        });
        let window = Window::new(runtime, client, screen.display(), program);
        window.wait_for("the page", "return document.readyState === 'complete'");
        Self {
            window,
            program,
            _driver: driver,
        }
    }

    /// What is on the screen.
    pub fn window(&self) -> &Window {
        &self.window
    }

    /// Resident memory of the program in bytes, without the processes that draw.
    pub fn resident_bytes(&self) -> u64 {
        self.program.resident_bytes()
    }

    /// What the program was started with, as every user of the machine can read it.
    pub fn command_line(&self) -> String {
        self.program.command_line()
    }

    /// Opens a program beside the window out of which files can be dragged.
    pub fn file_manager(&self) -> FileManager<'_> {
        FileManager::open(&self.window, self.window.display(), self.program.id())
            .expect("the screen answers")
    }

    /// Closes the window as its close button does, and waits for the program to end.
    pub fn close(self) {
        let closed = x11::close_windows(self.window.display(), self.program.id())
            .expect("the screen answers");
        assert_eq!(closed, 1, "one window to close");
        self.wait_for_end();
    }

    /// Asks the program to end as the system does, and waits for that.
    pub fn terminate(self) {
        self.program.terminate();
        self.wait_for_end();
    }

    /// Ends the program in the midst of what it does.
    pub fn kill(self) {
        self.program.kill();
        self.wait_for_end();
    }

    fn wait_for_end(&self) {
        let program = self.program;
        self.window
            .block_on(wait::until("the program to end", || async move {
                (!program.is_running()).then_some(())
            }));
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.window.show_failure();
        } else if self.program.is_running() {
            self.program.terminate();
            self.wait_for_end();
        }
    }
}

/// Starts the program once more, without a driver, and waits until it has ended by itself.
pub fn launch(home: &Home, screen: &Screen, arguments: &[&Path]) -> Ended {
    let mut command = Command::new(program());
    home.enter(&mut command);
    command
        .args(arguments)
        .env("DISPLAY", screen.display())
        .stdout(Stdio::null());
    let complaint = home.file("complaint.txt");
    command.stderr(std::fs::File::create(&complaint).expect("the home can be written"));
    let (mut process, begun) = (Process::start(&mut command), Instant::now());
    let code = wait::blocking("the second launch to end", || {
        process.child().try_wait().expect("it is our child")
    });
    assert!(begun.elapsed() < DEADLINE);
    Ended {
        code: code.code(),
        complaint: std::fs::read_to_string(complaint).expect("text"),
    }
}
