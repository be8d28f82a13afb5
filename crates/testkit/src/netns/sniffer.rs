//! Everything that passes a machine's interfaces, as it is on the wire.

use std::io::{ErrorKind, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::{Domain, Protocol, Socket, Type};

use super::machine::Machine;

const ETH_P_ALL: u16 = 3;

/// Listens on all interfaces of one machine from the moment it is made until it is dropped.
pub struct Sniffer {
    frames: Arc<Mutex<Vec<Vec<u8>>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A UDP datagram that was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Datagram {
    /// The hardware address it came from.
    pub hardware: [u8; 6],
    /// The port it came from.
    pub from_port: u16,
    /// The port it was sent to.
    pub to_port: u16,
    /// What was sent.
    pub payload: Vec<u8>,
}

impl Sniffer {
    /// Begins to listen; what is sent after this returns is seen.
    pub fn start(machine: &Machine) -> Self {
        let socket = machine.run(|| {
            let all = Protocol::from(i32::from(ETH_P_ALL.to_be()));
            Socket::new(Domain::PACKET, Type::RAW, Some(all)).expect("root may open a raw socket")
        });
        socket
            .set_read_timeout(Some(Duration::from_millis(50)))
            .expect("a socket takes a timeout");
        let frames = Arc::new(Mutex::new(Vec::new()));
        let is_over = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (frames, is_over) = (Arc::clone(&frames), Arc::clone(&is_over));
            move || listen(&socket, &frames, &is_over)
        });
        Self {
            frames,
            is_over,
            thread: Some(thread),
        }
    }

    /// Every Ethernet frame so far, oldest first.
    pub fn frames(&self) -> Vec<Vec<u8>> {
        self.frames
            .lock()
            .expect("no thread panics with it")
            .clone()
    }

    /// Every UDP datagram so far, oldest first.
    pub fn datagrams(&self) -> Vec<Datagram> {
        self.frames()
            .iter()
            .filter_map(|frame| udp(frame))
            .collect()
    }

    /// Waits until a datagram is wanted, and returns it.
    ///
    /// # Panics
    ///
    /// After 10 seconds without one.
    pub fn wait_for(&self, is_wanted: impl Fn(&Datagram) -> bool) -> Datagram {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(found) = self.datagrams().into_iter().find(&is_wanted) {
                return found;
            }
            assert!(Instant::now() < deadline, "no such datagram was seen");
            thread::park_timeout(Duration::from_millis(10));
        }
    }
}

impl Drop for Sniffer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic: it only reads and pushes.
            let _ended = thread.join();
        }
    }
}

fn listen(mut socket: &Socket, frames: &Mutex<Vec<Vec<u8>>>, is_over: &AtomicBool) {
    let mut buffer = vec![0; 0x1_0000];
    while !is_over.load(Ordering::Relaxed) {
        match socket.read(&mut buffer) {
            Ok(length) => frames
                .lock()
                .expect("no thread panics with it")
                .push(buffer[..length].to_vec()),
            // An interface that goes down is an error once, and then it goes on.
            Err(error) if error.kind() == ErrorKind::NetworkDown => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// What a frame carries, if that is UDP without IPv6 extension headers.
fn udp(frame: &[u8]) -> Option<Datagram> {
    const UDP: u8 = 17;
    let hardware = frame.get(6..12)?.try_into().ok()?;
    let packet = frame.get(14..)?;
    let segment = match frame.get(12..14)? {
        [0x08, 0x00] if *packet.get(9)? == UDP => {
            packet.get(usize::from(*packet.first()? & 0x0f) * 4..)?
        }
        [0x86, 0xdd] if *packet.get(6)? == UDP => packet.get(40..)?,
        _ => return None,
    };
    let number = |at: usize| {
        let bytes = segment.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(bytes))
    };
    let (from_port, to_port, length) = (number(0)?, number(2)?, usize::from(number(4)?));
    Some(Datagram {
        hardware,
        from_port,
        to_port,
        payload: segment.get(8..length)?.to_vec(),
    })
}
