//! Sending a query to everybody and listening for it.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use super::Echo;
use crate::Interface;

const PORT: u16 = 5353;
const GROUP_V4: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 251);
const GROUP_V6: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb);
/// Responders wait a tenth of a second; a radio that sleeps needs longer.
const WINDOW: Duration = Duration::from_millis(1500);
/// How often it is sent within the window.
const ROUNDS: u32 = 3;

/// Tries the interface that these are the addresses of.
pub async fn echo(addresses: Vec<Interface>) -> Echo {
    match attempt(&addresses).await {
        Ok(echo) => echo,
        Err(error) if error.kind() == ErrorKind::AddrInUse => Echo::PortTaken,
        Err(error) => Echo::Failed(error.to_string()),
    }
}

async fn attempt(addresses: &[Interface]) -> io::Result<Echo> {
    let (socket, group) = open(addresses)?;
    // Unlike any other name, so that it is known again.
    let nonce = format!("{:016x}", RandomState::new().hash_one(PORT));
    let query = query(&nonce);
    let (mut is_heard, mut others) = (false, BTreeSet::new());
    let mut buffer = vec![0; 9000];
    let begin = Instant::now();
    for round in 1..=ROUNDS {
        socket.send_to(&query, group).await?;
        let end = begin + WINDOW * round / ROUNDS;
        while let Ok(received) = timeout_at(end, socket.recv_from(&mut buffer)).await {
            let (length, from) = received?;
            let message = &buffer[..length];
            is_heard |= contains(message, nonce.as_bytes());
            if is_other(message, from.ip(), addresses) {
                others.insert(from.ip());
            }
        }
    }
    Ok(if is_heard {
        Echo::Heard {
            others: others.len(),
        }
    } else {
        Echo::Silent
    })
}

/// A socket on the port of mDNS beside others that are open, and where to send to.
fn open(addresses: &[Interface]) -> io::Result<(UdpSocket, SocketAddr)> {
    let v4 = addresses
        .iter()
        .find_map(|interface| match interface.address {
            IpAddr::V4(v4) => Some(v4),
            IpAddr::V6(_) => None,
        });
    let index = addresses.first().map_or(0, |interface| interface.index);
    let domain = if v4.is_some() {
        Domain::IPV4
    } else {
        Domain::IPV6
    };
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    let group = match v4 {
        Some(address) => {
            socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)).into())?;
            socket.join_multicast_v4(&GROUP_V4, &address)?;
            socket.set_multicast_if_v4(&address)?;
            socket.set_multicast_loop_v4(true)?;
            SocketAddr::from((GROUP_V4, PORT))
        }
        None => {
            socket.set_only_v6(true)?;
            socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, PORT)).into())?;
            socket.join_multicast_v6(&GROUP_V6, index)?;
            socket.set_multicast_if_v6(index)?;
            socket.set_multicast_loop_v6(true)?;
            SocketAddrV6::new(GROUP_V6, PORT, 0, index).into()
        }
    };
    Ok((UdpSocket::from_std(socket.into())?, group))
}

/// Asks for a name that nobody has, for our service, and for any service at all, which most devices answer.
fn query(nonce: &str) -> Vec<u8> {
    const POINTER_INTERNET: [u8; 4] = [0, 12, 0, 1];
    let names: [&[&str]; 3] = [
        &[nonce, "_talus-tally", "_tcp", "local"],
        &["_talus-tally", "_tcp", "local"],
        &["_services", "_dns-sd", "_udp", "local"],
    ];
    let mut bytes = vec![0, 0, 0, 0, 0, names.len() as u8, 0, 0, 0, 0, 0, 0];
    for name in names {
        for label in name {
            bytes.push(label.len() as u8);
            bytes.extend(label.as_bytes());
        }
        bytes.push(0);
        bytes.extend(POINTER_INTERNET);
    }
    bytes
}

/// Whether a message is an answer of another machine behind this interface.
fn is_other(message: &[u8], from: IpAddr, addresses: &[Interface]) -> bool {
    let is_answer = message.get(2).is_some_and(|flags| flags & 0x80 != 0);
    let is_own = addresses.iter().any(|interface| interface.address == from);
    let is_behind = addresses.iter().any(|interface| interface.reaches(from));
    is_answer && !is_own && is_behind
}

fn contains(message: &[u8], part: &[u8]) -> bool {
    message.windows(part.len()).any(|window| window == part)
}
