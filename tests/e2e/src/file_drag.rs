//! A file that is dragged over the window and dropped, as a file manager does it (XDND, version 5).

use std::path::Path;

use x11rb::COPY_DEPTH_FROM_PARENT;
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window as XWindow,
    WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::window::Window;
use crate::x11::{self, Result};

const VERSION: u32 = 5;

/// A program beside the window out of which files are dragged.
pub struct FileManager<'a> {
    window: &'a Window,
    connection: RustConnection,
    /// Ours, which the program asks for the file.
    source: XWindow,
    target: XWindow,
}

impl<'a> FileManager<'a> {
    pub(crate) fn open(window: &'a Window, display: &str, program: u32) -> Result<Self> {
        let (connection, screen) = x11rb::connect(Some(display))?;
        let root = connection.setup().roots[screen].root;
        let target = x11::windows_of(&connection, root, program)?
            .pop()
            .ok_or("the program shows no window")?;
        let source = connection.generate_id()?;
        connection.create_window(
            COPY_DEPTH_FROM_PARENT,
            source,
            root,
            0,
            0,
            1,
            1,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new(),
        )?;
        Ok(Self {
            window,
            connection,
            source,
            target,
        })
    }

    /// Takes hold of a file and comes into the window with it.
    pub fn drag(&self, path: &Path) -> FileDrag<'_> {
        self.enter().expect("the screen answers");
        let uri = format!("file://{}\r\n", path.display());
        FileDrag { manager: self, uri }
    }

    fn enter(&self) -> Result<()> {
        let selection = self.atom("XdndSelection")?;
        self.connection
            .set_selection_owner(self.source, selection, x11rb::CURRENT_TIME)?;
        let kind = self.atom("text/uri-list")?;
        self.tell("XdndEnter", [self.source, VERSION << 24, kind, 0, 0])
    }

    fn point(&self, x: i16, y: i16) -> Result<()> {
        let root = self.connection.setup().roots[0].root;
        let at = self
            .connection
            .translate_coordinates(self.target, root, x, y)?
            .reply()?;
        let [x, y] = [at.dst_x, at.dst_y].map(|number| u32::from(number.unsigned_abs()));
        let copy = self.atom("XdndActionCopy")?;
        self.tell(
            "XdndPosition",
            [self.source, 0, x << 16 | y, x11rb::CURRENT_TIME, copy],
        )
    }

    /// Waits for a message of the program; gives it the file when it asks.
    fn answer(&self, wanted: &str, uri: &str) {
        let wanted_atom = self.atom(wanted).expect("the screen answers");
        self.window.until(wanted, || {
            while let Some(event) = self
                .connection
                .poll_for_event()
                .expect("the screen answers")
            {
                match event {
                    Event::SelectionRequest(request) => {
                        self.give(&request, uri).expect("the screen answers");
                    }
                    Event::ClientMessage(message) if message.type_ == wanted_atom => {
                        return Some(());
                    }
                    _ => {}
                }
            }
            None
        });
    }

    fn give(&self, request: &SelectionRequestEvent, uri: &str) -> Result<()> {
        let kind = self.atom("text/uri-list")?;
        let is_known = request.target == kind;
        if is_known {
            let bytes = uri.as_bytes();
            self.connection.change_property8(
                PropMode::REPLACE,
                request.requestor,
                request.property,
                kind,
                bytes,
            )?;
        }
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if is_known {
                request.property
            } else {
                x11rb::NONE
            },
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, notice)?;
        Ok(self.connection.flush()?)
    }

    fn tell(&self, kind: &str, data: [u32; 5]) -> Result<()> {
        let message = ClientMessageEvent::new(32, self.target, self.atom(kind)?, data);
        self.connection
            .send_event(false, self.target, EventMask::NO_EVENT, message)?;
        Ok(self.connection.flush()?)
    }

    fn atom(&self, name: &str) -> Result<Atom> {
        x11::atom(&self.connection, name)
    }
}

/// A file under the pointer.
pub struct FileDrag<'a> {
    manager: &'a FileManager<'a>,
    uri: String,
}

impl FileDrag<'_> {
    /// Moves the pointer over what has the id `name`, until `is_seen` can be seen in the page.
    pub fn over(&self, name: &str, is_seen: &str) {
        self.manager.window.sees(name);
        let (x, y) = self.manager.window.middle_of(name);
        self.manager
            .window
            .until(&format!("{is_seen} to be seen"), || {
                self.manager.point(x, y).expect("the screen answers");
                self.manager.answer("XdndStatus", &self.uri);
                (self.manager.window.count(is_seen) > 0).then_some(())
            });
    }

    /// Lets the file go where the pointer is.
    pub fn drop_it(self) {
        let FileDrag { manager, uri } = self;
        manager
            .tell("XdndDrop", [manager.source, 0, x11rb::CURRENT_TIME, 0, 0])
            .expect("the screen answers");
        manager.answer("XdndFinished", &uri);
    }
}
