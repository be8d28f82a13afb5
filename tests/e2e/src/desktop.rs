//! One running instance of the application.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::chromium::{Browser, Server};
use crate::driver::Driver;
use crate::process::{Ended, Process, Program};
use crate::window::{Place, Window};
use crate::{DEADLINE, FileManager, Home, Host, Screen, chromium, program, wait, webkit, x11};

/// The program with its page, as one user runs it on one screen: the desktop program with its window, or `tally serve`
/// with a browser.
pub struct Desktop {
    window: Window,
    program: Program,
    /// Ends after the page has let go of it.
    held: Held,
}

/// What ends with the story.
enum Held {
    Window(#[expect(dead_code, reason = "it is held")] Driver),
    Browser {
        browser: Option<Browser>,
        server: Server,
    },
}

impl Desktop {
    /// Starts the program and waits for its page.
    pub fn open(home: &Home, screen: &Screen) -> Self {
        Self::open_with(home, screen, &[])
    }

    /// Starts the program so that others reach it at `address`.
    pub fn open_at(home: &Home, screen: &Screen, address: SocketAddr) -> Self {
        let name = match Host::chosen() {
            Host::Window => "--listen",
            Host::Browser => "--peers",
        };
        Self::open_with(home, screen, &[name, &address.to_string()])
    }

    /// Starts the program with `arguments` and waits for its page.
    pub fn open_with(home: &Home, screen: &Screen, arguments: &[&str]) -> Self {
        let desktop = match Host::chosen() {
            Host::Window => Self::open_window(home, screen, arguments),
            Host::Browser => Self::open_browser(home, screen, arguments),
        };
        desktop
            .window
            .wait_for("the page", "return document.readyState === 'complete'");
        desktop
    }

    fn open_window(home: &Home, screen: &Screen, arguments: &[&str]) -> Self {
        let runtime = wait::runtime_beside();
        let opened = webkit::open(home, screen, arguments);
        let (driver, client, program) = runtime.block_on(opened);
        let place = Place::Screen {
            display: screen.display().to_owned(),
            program,
        };
        Self {
            window: Window::new(runtime, client, place),
            program,
            held: Held::Window(driver),
        }
    }

    fn open_browser(home: &Home, screen: &Screen, arguments: &[&str]) -> Self {
        let (desktop, page) = Self::open_blank(home, screen, arguments);
        desktop.window.go_to(&page);
        desktop
    }

    /// Serves the page and opens a browser that does not look at it yet. The address of the page, good once.
    pub(crate) fn open_blank(home: &Home, screen: &Screen, arguments: &[&str]) -> (Self, String) {
        let runtime = wait::runtime();
        let server = Server::start(home, arguments);
        let (browser, client) = runtime.block_on(chromium::browse(home, screen));
        let page = server.page.clone();
        let desktop = Self {
            window: Window::new(runtime, client, Place::Driver),
            program: server.process.program(),
            held: Held::Browser {
                browser: Some(browser),
                server,
            },
        };
        (desktop, page)
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
        FileManager::open(&self.window)
    }

    /// Links that left the page: the system opens them for the window, the browser itself in a page beside this one.
    pub fn opened_links(&self, home: &Home) -> Vec<String> {
        match self.held {
            Held::Window(_) => {
                let noted = std::fs::read_to_string(home.opened_links()).unwrap_or_default();
                noted.lines().map(str::to_owned).collect()
            }
            Held::Browser { .. } => self.window.block_on(chromium::others(self.window.client())),
        }
    }

    /// Closes the window as its close button does, and waits for the program to end. In a browser the page is left first,
    /// then the program is asked to end.
    pub fn close(mut self) {
        match &mut self.held {
            Held::Window(_) => {
                let (display, program) = self.window.on_screen().expect("it has a screen");
                let closed = x11::close_windows(display, program).expect("the screen answers");
                assert_eq!(closed, 1, "one window to close");
            }
            Held::Browser { browser, .. } => {
                self.window.go_to("about:blank");
                *browser = None;
                self.program.terminate();
            }
        }
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

    /// Ends the program behind the page, which stays.
    pub fn stop_serving(&self) {
        self.program.terminate();
        self.wait_for_end();
    }

    /// Starts the program behind the page where it was before. The address at which one is let in again.
    pub fn serve_again(&mut self, home: &Home) -> String {
        let Held::Browser { server, .. } = &mut self.held else {
            panic!("a window is not served")
        };
        *server = server.start_again(home);
        self.program = server.process.program();
        server.page.clone()
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
