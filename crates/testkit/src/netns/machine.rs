//! One machine of a lab.

use std::future::Future;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::process::Command;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::ip;
use super::namespace::Namespace;

/// A computer with a loopback and one interface per wire it is plugged into: `lan0`, `lan1`, ...
pub struct Machine {
    pub(super) namespace: Namespace,
    pub(super) plugs: Vec<Plug>,
}

/// Where a machine is plugged in.
pub struct Plug {
    /// Which wire, by number.
    pub wire: usize,
    /// The place on the wire, from 1.
    pub place: usize,
}

impl Plug {
    /// The hardware address of the interface.
    pub fn hardware(&self) -> [u8; 6] {
        // Locally administered, and no printable character for a test of texts to stumble over.
        [2, 1, 1, 1, self.wire as u8, self.place as u8]
    }

    /// The IPv4 address it is given at first.
    pub fn v4(&self) -> Ipv4Addr {
        Ipv4Addr::new(10, 177, self.wire as u8, self.place as u8)
    }

    /// The IPv6 address it is given beside the link-local one.
    pub fn v6(&self) -> Ipv6Addr {
        Ipv6Addr::new(0xfdb1, 0, 0, self.wire as u16, 0, 0, 0, self.place as u16)
    }
}

impl Machine {
    /// Runs `work` in a thread on this machine's network and waits for it.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.namespace.run(work)
    }

    /// A Tokio whose threads are on this machine's network, as are all they start.
    pub fn tokio(&self) -> Tokio {
        let name = self.namespace.name().to_owned();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .on_thread_start(move || Namespace::enter(&name))
            .enable_all()
            .build()
            .expect("a runtime needs a thread and a poller");
        Tokio(Some(runtime))
    }

    /// A program to be started on this machine's network. Its process is the program itself, so it can be killed.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", self.namespace.name(), program]);
        command
    }

    /// The name by which `ip netns` knows it.
    pub fn namespace(&self) -> &str {
        self.namespace.name()
    }

    /// The IPv4 address that the interface `lanN` was given at first.
    pub fn v4(&self, n: usize) -> Ipv4Addr {
        self.plugs[n].v4()
    }

    /// The unique local IPv6 address that the interface `lanN` was given, if the kernel has IPv6.
    pub fn v6(&self, n: usize) -> Option<Ipv6Addr> {
        super::namespace::has_ipv6().then(|| self.plugs[n].v6())
    }

    /// The hardware address of the interface `lanN`.
    pub fn hardware(&self, n: usize) -> [u8; 6] {
        self.plugs[n].hardware()
    }

    /// Replaces the IPv4 address of the interface `lanN`, as a lease that was not renewed does.
    pub fn change_address(&self, n: usize, address: Ipv4Addr) {
        let namespace = self.namespace.name();
        ip::run(&format!("-n {namespace} -4 addr flush dev lan{n}"));
        ip::run(&format!(
            "-n {namespace} addr add {address}/24 brd + dev lan{n}"
        ));
    }
}

/// A Tokio runtime on one machine's network. Tasks that are left when it is dropped are dropped.
pub struct Tokio(Option<Runtime>);

impl Tokio {
    /// Starts a task.
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        self.runtime().spawn(future)
    }

    /// Runs a future as a task and waits for it; a panic goes on in the caller.
    pub fn block_on<F>(&self, future: F) -> F::Output
    where
        F: Future<Output: Send> + Send + 'static,
    {
        // Not on the calling thread, which is not on this machine.
        match self.runtime().block_on(self.spawn(future)) {
            Ok(output) => output,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Waits for a future that may borrow, with this runtime's clock, but not on this machine: a socket that it opened
    /// would be the host's.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime().block_on(future)
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("only taken when dropped")
    }
}

impl Drop for Tokio {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(Duration::from_secs(1));
        }
    }
}
