//! A file that is dragged over the window and dropped, as a file manager does it (XDND, version 5).

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
pub struct Source<'a> {
    window: &'a Window,
    connection: RustConnection,
    /// Ours, which the program asks for the file.
    source: XWindow,
    target: XWindow,
}

impl<'a> Source<'a> {
    pub fn open(window: &'a Window, display: &str, program: u32) -> Result<Self> {
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

    /// Comes into the window with something.
    pub fn enter(&self) -> Result<()> {
        let selection = self.atom("XdndSelection")?;
        self.connection
            .set_selection_owner(self.source, selection, x11rb::CURRENT_TIME)?;
        let kind = self.atom("text/uri-list")?;
        self.tell("XdndEnter", [self.source, VERSION << 24, kind, 0, 0])
    }

    /// Moves to a place of the page, in pixels, with the file of this address.
    pub fn point(&self, (x, y): (i16, i16), uri: &str) -> Result<()> {
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
        )?;
        self.answer("XdndStatus", uri);
        Ok(())
    }

    /// Lets the file of this address go.
    pub fn drop_it(&self, uri: &str) -> Result<()> {
        self.tell("XdndDrop", [self.source, 0, x11rb::CURRENT_TIME, 0, 0])?;
        self.answer("XdndFinished", uri);
        Ok(())
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
