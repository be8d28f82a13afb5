//! What a window manager would do, since the screen has none.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, CLIENT_MESSAGE_EVENT, ClientMessageEvent, ConnectionExt, EventMask, ImageFormat,
    MapState, Window,
};
use x11rb::rust_connection::RustConnection;

use crate::picture::Area;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Asks the windows of a program to close, as the button in the title bar does. How many there were.
pub fn close_windows(display: &str, program: u32) -> Result<usize> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let protocols = atom(&connection, "WM_PROTOCOLS")?;
    let delete = atom(&connection, "WM_DELETE_WINDOW")?;
    let root = connection.setup().roots[screen].root;
    let mut closed = 0;
    for window in windows_of(&connection, root, program)? {
        if numbers(&connection, window, protocols, AtomEnum::ATOM)?.contains(&delete) {
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

/// The windows that a program shows.
pub fn windows_of(connection: &RustConnection, root: Window, program: u32) -> Result<Vec<Window>> {
    let process = atom(connection, "_NET_WM_PID")?;
    let mut found = Vec::new();
    for window in connection.query_tree(root)?.reply()?.children {
        let attributes = connection.get_window_attributes(window)?.reply()?;
        // What no window manager is to touch is a menu or a tooltip.
        let is_shown = attributes.map_state == MapState::VIEWABLE && !attributes.override_redirect;
        if is_shown && numbers(connection, window, process, AtomEnum::CARDINAL)? == [program] {
            found.push(window);
        }
    }
    Ok(found)
}

/// What the largest window of a program shows.
pub struct Picture {
    pub width: u32,
    pub height: u32,
    /// Red, green and blue of each pixel.
    pub colours: Vec<u8>,
}

/// What the largest window of a program shows.
pub fn picture(display: &str, program: u32) -> Result<Picture> {
    let (connection, screen) = x11rb::connect(Some(display))?;
    let root = connection.setup().roots[screen].root;
    let mut largest = (root, 0, 0);
    for window in windows_of(&connection, root, program)? {
        let seen = connection.get_geometry(window)?.reply()?;
        let area = |width, height| u32::from(width) * u32::from(height);
        if area(seen.width, seen.height) > area(largest.1, largest.2) {
            largest = (window, seen.width, seen.height);
        }
    }
    let (window, width, height) = largest;
    let image = connection
        .get_image(ImageFormat::Z_PIXMAP, window, 0, 0, width, height, !0)?
        .reply()?;
    // Of each pixel blue comes first, and something that is no colour last.
    let pixels = image.data.chunks_exact(4);
    let colours = pixels.flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]);
    Ok(Picture {
        width: width.into(),
        height: height.into(),
        colours: colours.collect(),
    })
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

/// The number of a name.
pub fn atom(connection: &RustConnection, name: &str) -> Result<u32> {
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
