//! Who is behind a proxy that passes connections on as they are, by the PROXY protocol of HAProxy, versions 1 and 2
//! (<https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>).
//!
//! It is read from those alone who are trusted with it, and from them nothing else is: whoever could say it himself could be
//! anybody, and whoever leaves it out would count as the proxy.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncReadExt};

/// With what version 2 begins.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The longest line of version 1, with its end.
const LINE_BYTES: usize = 107;

/// What may follow the first 16 bytes of version 2. Addresses take 36 of it; the rest is what proxies add, which nothing here
/// asks for: ids, names, what a cloud has to say.
const REST_BYTES: usize = 2 << 10;

/// Who is trusted to say for whom a connection is.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<[IpNet]>);

impl Proxies {
    /// All addresses of these networks.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self(networks.into_iter().collect())
    }

    pub(crate) fn include(&self, from: &SocketAddr) -> bool {
        let address = from.ip().to_canonical();
        self.0.iter().any(|it| it.contains(&address))
    }
}

/// Why it is not known for whom a connection is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsaid {
    /// It ended before it was said.
    #[error("the connection ended early: {0}")]
    Ended(#[from] io::Error),
    /// The proxy speaks for itself: it looks whether somebody is here.
    #[error("the proxy only looks whether somebody is here")]
    Check,
    /// Nothing of the kind.
    #[error(
        "no PROXY header: have the proxy send one (nginx: `proxy_protocol on`), or take its address out of `proxies`"
    )]
    Missing,
    /// It says that it cannot say it.
    #[error("the PROXY header names no address of TCP, so nobody can say who comes")]
    Nobody,
    /// Not as it is written.
    #[error("the PROXY header is none of version 1 or 2")]
    Malformed,
}

/// Reads what a proxy says first, and nothing beyond it: from whom it passes on what follows.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Result<SocketAddr, Unsaid> {
    let mut begin = [0; SIGNATURE.len()];
    stream.read_exact(&mut begin).await?;
    if begin == *SIGNATURE {
        return read_binary(stream).await;
    }
    if !begin.starts_with(b"PROXY ") {
        return Err(Unsaid::Missing);
    }
    let mut line = begin.to_vec();
    // What follows the line is for somebody else, so no byte too many is taken.
    while !line.ends_with(b"\r\n") {
        if line.len() == LINE_BYTES {
            return Err(Unsaid::Malformed);
        }
        line.push(stream.read_u8().await?);
    }
    let line = line.strip_suffix(b"\r\n").unwrap_or_default();
    of_line(std::str::from_utf8(line).map_err(|_| Unsaid::Malformed)?)
}

fn of_line(line: &str) -> Result<SocketAddr, Unsaid> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [_, kind, from, to, from_port, to_port] = fields[..] else {
        return match fields[..] {
            [_, "UNKNOWN", ..] => Err(Unsaid::Nobody),
            _ => Err(Unsaid::Malformed),
        };
    };
    let address = |text: &str| -> Option<IpAddr> {
        match kind {
            "TCP4" => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            "TCP6" => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let port = |text: &str| {
        let is_number = text.bytes().all(|it| it.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_number)
    };
    let read = || {
        address(to).and(port(to_port))?;
        Some(SocketAddr::new(address(from)?, port(from_port)?))
    };
    match kind {
        "UNKNOWN" => Err(Unsaid::Nobody),
        _ => read().ok_or(Unsaid::Malformed),
    }
}

async fn read_binary(stream: &mut (impl AsyncRead + Unpin)) -> Result<SocketAddr, Unsaid> {
    let version = stream.read_u8().await?;
    let family = stream.read_u8().await?;
    let length = usize::from(stream.read_u16().await?);
    if length > REST_BYTES {
        return Err(Unsaid::Malformed);
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).await?;
    match version {
        0x20 => return Err(Unsaid::Check),
        0x21 => {}
        _ => return Err(Unsaid::Malformed),
    }
    let from = match family {
        0x11 => addresses::<4>(&rest).map(|(from, port)| (IpAddr::from(from), port)),
        0x21 => addresses::<16>(&rest).map(|(from, port)| (IpAddr::from(from), port)),
        _ => return Err(Unsaid::Nobody),
    };
    from.map(SocketAddr::from).ok_or(Unsaid::Malformed)
}

/// The first of two addresses of so many bytes, with its port, which stands behind both.
fn addresses<const BYTES: usize>(rest: &[u8]) -> Option<([u8; BYTES], u16)> {
    let (from, rest) = rest.split_first_chunk::<BYTES>()?;
    let (_to, rest) = rest.split_first_chunk::<BYTES>()?;
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let _to_port = rest.first_chunk::<2>()?;
    Some((*from, u16::from_be_bytes(*port)))
}

/// What hostile bytes are thrown at: nothing is read beyond what is bounded, and a proxy that is there names somebody.
#[cfg(feature = "testing")]
pub(crate) fn read_all(bytes: &[u8]) -> Option<(SocketAddr, usize)> {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };
    let mut rest = bytes;
    let read = pin!(read(&mut rest)).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(read) = read else {
        unreachable!("bytes are there or they are not");
    };
    Some((read.ok()?, bytes.len() - rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Who is named, and what is left for whoever comes next.
    async fn said(bytes: &[u8]) -> Result<(String, Vec<u8>), String> {
        let mut rest = bytes;
        let read = read(&mut rest).await;
        let from = read.map_err(|why| {
            let word = format!("{why:?}");
            word.split('(').next().unwrap_or_default().to_owned()
        })?;
        Ok((from.to_string(), rest.to_vec()))
    }

    fn binary(version: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).expect("it is short");
        let head = [&SIGNATURE[..], &[version, family], &length.to_be_bytes()];
        [&head.concat(), rest].concat()
    }

    #[tokio::test]
    async fn an_address_is_read_and_what_follows_is_left() {
        let four = [10, 0, 0, 7, 192, 168, 0, 1, 0x1f, 0x90, 0x1e, 0x91];
        let mut six = [0; 36];
        (six[15], six[33]) = (1, 9);
        let more = [&four[..], &[0x04, 0, 3, b'a', b'b', b'c']].concat();
        let line = |text: &str| text.as_bytes().to_vec();
        for (header, expected) in [
            (
                line("PROXY TCP4 10.0.0.7 192.168.0.1 8080 7825\r\n"),
                "10.0.0.7:8080",
            ),
            (
                line("PROXY TCP6 fe80::1 ::1 65535 0\r\n"),
                "[fe80::1]:65535",
            ),
            (binary(0x21, 0x11, &four), "10.0.0.7:8080"),
            (binary(0x21, 0x11, &more), "10.0.0.7:8080"),
            (binary(0x21, 0x21, &six), "[::1]:9"),
        ] {
            let bytes = [&header[..], b"\x16\x03\x01"].concat();
            let expected = (expected.to_owned(), b"\x16\x03\x01".to_vec());
            assert_eq!(said(&bytes).await, Ok(expected));
            for end in 0..header.len() {
                let cut = said(&header[..end]).await;
                assert_eq!(cut, Err("Ended".to_owned()), "{end} bytes of {header:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_not_said_as_it_is_written_is_refused() {
        let long = format!("PROXY TCP4 {}\r\n", "1".repeat(LINE_BYTES));
        for (line, expected) in [
            (
                "\x16\x03\x01\x02\0\x01\0\x01\x7c\x03\x03abcdefgh",
                "Missing",
            ),
            ("GET /sync HTTP/1.1\r\n", "Missing"),
            ("proxy TCP4 1.1.1.1 1.1.1.1 1 1\r\n", "Missing"),
            ("PROXY UNKNOWN\r\n", "Nobody"),
            ("PROXY UNKNOWN ::1 ::1 1 1\r\n", "Nobody"),
            ("PROXY TCP4 1.1.1.1 1.1.1.1 1\r\n", "Malformed"),
            ("PROXY TCP4 1.1.1.1 1.1.1.1 1 1 1\r\n", "Malformed"),
            ("PROXY TCP4  1.1.1.1 1.1.1.1 1 1\r\n", "Malformed"),
            ("PROXY TCP4 ::1 ::1 1 1\r\n", "Malformed"),
            ("PROXY TCP4 1.1.1.1 1.1.1.1 65536 1\r\n", "Malformed"),
            ("PROXY TCP4 1.1.1.1 1.1.1.1 +1 1\r\n", "Malformed"),
            ("PROXY TCP4 1.1.1.1 1.1.1.1 1 \r\n", "Malformed"),
            ("PROXY UDP4 1.1.1.1 1.1.1.1 1 1\r\n", "Malformed"),
            (&long, "Malformed"),
        ] {
            let found = said(line.as_bytes()).await;
            assert_eq!(found, Err(expected.to_owned()), "{line:?}");
        }
        for (header, expected) in [
            (binary(0x20, 0, &[]), "Check"),
            (binary(0x21, 0, &[]), "Nobody"),
            (binary(0x21, 0x12, &[0; 12]), "Nobody"),
            (binary(0x21, 0x11, &[0; 11]), "Malformed"),
            (binary(0x21, 0x21, &[0; 35]), "Malformed"),
            (binary(0x22, 0x11, &[0; 12]), "Malformed"),
            (binary(0x11, 0x11, &[0; 12]), "Malformed"),
            (binary(0x21, 0x11, &[0; REST_BYTES + 1]), "Malformed"),
        ] {
            assert_eq!(said(&header).await, Err(expected.to_owned()), "{header:?}");
        }
    }

    #[test]
    fn who_is_trusted_is_a_matter_of_networks() {
        let networks = ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"];
        let proxies = Proxies::new(networks.map(|it| it.parse().expect("a network")));
        let includes = |text: &str| proxies.include(&text.parse().expect("an address"));
        for near in [
            "127.0.0.1:1",
            "[::ffff:10.1.2.3]:1",
            "10.255.0.1:1",
            "[fd12::1]:1",
        ] {
            assert!(includes(near), "{near}");
        }
        for far in ["127.0.0.2:1", "11.0.0.1:1", "[::1]:1", "[fe80::1]:1"] {
            assert!(!includes(far), "{far}");
        }
        assert!(!Proxies::default().include(&"127.0.0.1:1".parse().expect("an address")));
    }
}
