//! What a window manager would do, since the screen has none.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat,
    MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::picture::Area;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Asks the windows of a program to close, as the button in the title bar does. How many there were.
pub fn close_windows(display: &str, program: u32) -> Result<usize> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let (process, protocols) = (
        atom(&connection, "_NET_WM_PID")?,
        atom(&connection, "WM_PROTOCOLS")?,
    );
    let delete = atom(&connection, "WM_DELETE_WINDOW")?;
    let root = connection.setup().roots[screen].root;
    let mut closed = 0;
    for window in connection.query_tree(root)?.reply()?.children {
        let is_shown =
            connection.get_window_attributes(window)?.reply()?.map_state == MapState::VIEWABLE;
        let is_theirs = numbers(&connection, window, process, AtomEnum::CARDINAL)? == [program];
        let can_close = numbers(&connection, window, protocols, AtomEnum::ATOM)?.contains(&delete);
        if is_shown && is_theirs && can_close {
            let message = ClientMessageEvent {
                response_type: CLIENT_MESSAGE_EVENT,
                format: 32,
                sequence: 0,
                window,
                type_: protocols,
                data: [delete, x11rb::CURRENT_TIME, 0, 0, 0].into(),
            };
            connection.send_event(false, window, EventMask::NO_EVENT, message)?;
            closed += 1;
        }
    }
    // An answer to anything says that the server has read what came before.
    connection.get_input_focus()?.reply()?;
    Ok(closed)
}

/// The pixels of a part of the screen.
pub fn pixels(display: &str, area: Area) -> Result<Vec<u8>> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let Area {
        x,
        y,
        width,
        height,
    } = area;
    Ok(connection
        .get_image(ImageFormat::Z_PIXMAP, root, x, y, width, height, !0)?
        .reply()?
        .data)
}

fn atom(connection: &RustConnection, name: &str) -> Result<u32> {
    Ok(connection
        .intern_atom(false, name.as_bytes())?
        .reply()?
        .atom)
}

/// A property of a window as 32-bit numbers; none if it has no such property.
fn numbers(
    connection: &RustConnection,
    window: Window,
    name: u32,
    kind: AtomEnum,
) -> Result<Vec<u32>> {
    let reply = connection
        .get_property(false, window, name, kind, 0, 64)?
        .reply()?;
    Ok(reply.value32().map(Iterator::collect).unwrap_or_default())
}
