//! Listening by both kinds of addresses.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that wait to be accepted; what Tokio uses.
const BACKLOG: i32 = 1024;

/// How often a free port is drawn until it is free for both kinds of addresses.
const DRAWS: usize = 16;

/// Listens at an address, and with the same port at the one that means the same in IPv6: `::1` for `127.0.0.1`, `::` for
/// `0.0.0.0`. A machine without IPv6 listens at the first alone. Port 0 takes any that is free.
///
/// Call it on a Tokio runtime.
///
/// # Errors
///
/// If the address, or the port there, is not to be had; also if another program has the port in IPv6, since who comes
/// that way would meet somebody else.
pub fn listen(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..DRAWS {
        let first = bind(address)?;
        let Some(twin) = twin(first.local_addr()?) else {
            return Ok(vec![first]);
        };
        match bind(twin) {
            Ok(second) => return Ok(vec![first, second]),
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => return Ok(vec![first]),
            Err(error) if address.port() != 0 => return Err(error),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The address that means the same in IPv6.
fn twin(address: SocketAddr) -> Option<SocketAddr> {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::LOCALHOST) => Ipv6Addr::LOCALHOST,
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv6Addr::UNSPECIFIED,
        _ => return None,
    };
    Some(SocketAddr::new(ip.into(), address.port()))
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        // Systems differ in whether `::` stands for IPv4 too.
        socket.set_only_v6(true)?;
    }
    // Elsewhere it would let two programs have one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(listeners: &[TcpListener]) -> Vec<SocketAddr> {
        let addresses = listeners.iter().map(|it| it.local_addr());
        addresses.map(|it| it.expect("it is bound")).collect()
    }

    #[tokio::test]
    async fn loopback_is_both_loopbacks_with_one_port() {
        let listeners = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let found = addresses(&listeners);
        assert!(found.iter().all(|it| it.ip().is_loopback()), "{found:?}");
        assert!(found.iter().all(|it| it.port() == found[0].port()));
        let has_ipv6 = bind(SocketAddr::from((Ipv6Addr::LOCALHOST, 0))).is_ok();
        assert_eq!(found.len(), if has_ipv6 { 2 } else { 1 }, "{found:?}");
    }

    #[tokio::test]
    async fn a_port_that_is_taken_is_an_error() {
        let first = listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let taken = listen(addresses(&first)[0]).expect_err("the port is taken");
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn only_addresses_of_ipv4_that_have_one_have_a_twin() {
        let twin = |text: &str| {
            let twin = twin(text.parse().expect("an address"));
            twin.map(|it| it.to_string())
        };
        assert_eq!(twin("127.0.0.1:7"), Some("[::1]:7".to_owned()));
        assert_eq!(twin("0.0.0.0:7"), Some("[::]:7".to_owned()));
        for text in ["[::1]:7", "[::]:7", "192.168.1.7:7", "127.0.0.2:7"] {
            assert_eq!(twin(text), None, "{text}");
        }
    }
}
