//! Saying that it serves, to whoever started it.

use std::{
    ffi::OsStr,
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

/// Where systemd hears it, if a service is of the type `notify`.
const VARIABLE: &str = "NOTIFY_SOCKET";

/// Tells systemd that it is ready, as in sd_notify(3). Started by anything else it tells nobody.
pub fn tell() {
    let Some(place) = std::env::var_os(VARIABLE) else {
        return;
    };
    if let Err(error) = send(&place) {
        tracing::warn!(%error, "systemd does not hear that this is ready, and will end it");
    }
}

fn send(place: &OsStr) -> io::Result<()> {
    let address = match place.as_bytes() {
        [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(place)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.send_to_addr(b"READY=1", &address)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_heard_at_a_path_and_at_a_name_without_one() {
        let dir = tempfile::TempDir::new().expect("a directory");
        let path = dir.path().join("notify");
        let name = format!("tally-relay-{}", std::process::id());
        let unnamed = SocketAddr::from_abstract_name(&name).expect("it is short");
        for (socket, place) in [
            (UnixDatagram::bind(&path), path.clone().into_os_string()),
            (UnixDatagram::bind_addr(&unnamed), format!("@{name}").into()),
        ] {
            let socket = socket.expect("nobody has it");
            send(&place).expect("somebody listens");
            let mut heard = [0; 16];
            let length = socket.recv(&mut heard).expect("it was sent");
            assert_eq!(&heard[..length], b"READY=1");
        }
        send(OsStr::new("/nowhere/notify")).expect_err("nobody listens");
    }
}
