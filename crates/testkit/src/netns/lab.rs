//! The machines, the wires between them, and what can happen to a wire.

use std::collections::BTreeMap;

use super::ip;
use super::machine::{Machine, Plug};
use super::namespace::{Namespace, has_ipv6, sweep};

/// How a wire fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// The cable is pulled: the machine's interface has no carrier any more, and its system knows at once.
    Unplugged,
    /// Packets vanish. No interface goes down, no connection is closed, nobody is told.
    Silent,
}

/// Machines and wires. Removed, with all that is in it, when dropped.
pub struct Lab {
    machines: BTreeMap<String, Machine>,
    hub: Namespace,
}

impl Lab {
    /// One wire with all machines on it: a local network.
    pub fn lan(machines: &[&str]) -> Option<Self> {
        Self::new(&[machines])
    }

    /// A wire between each machine and the next, so that only neighbours reach each other.
    pub fn chain(machines: &[&str]) -> Option<Self> {
        let wires: Vec<&[&str]> = machines.windows(2).collect();
        Self::new(&wires)
    }

    /// Any wires; a machine is there as soon as a wire names it. `None`, with the reason printed, for anybody but root.
    ///
    /// # Panics
    ///
    /// If root cannot make namespaces here: what needs them would otherwise never be tested.
    pub fn new(wires: &[&[&str]]) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            eprintln!("not tested here: only root may make network namespaces");
            return None;
        }
        sweep();
        let mut lab = Self {
            machines: BTreeMap::new(),
            hub: Namespace::new(),
        };
        for (wire, names) in wires.iter().enumerate() {
            lab.add_wire(wire, names);
        }
        Some(lab)
    }

    fn add_wire(&mut self, wire: usize, names: &[&str]) {
        let hub = self.hub.name().to_owned();
        ip::run(&format!(
            "-n {hub} link add w{wire} type bridge stp_state 0 forward_delay 0 mcast_snooping 0"
        ));
        ip::run(&format!("-n {hub} link set w{wire} up"));
        for (index, name) in names.iter().enumerate() {
            let machine = self
                .machines
                .entry((*name).to_owned())
                .or_insert_with(|| Machine {
                    namespace: Namespace::new(),
                    plugs: Vec::new(),
                });
            let place = index + 1;
            plug_in(&hub, machine, Plug { wire, place });
        }
    }

    /// The machine of that name.
    ///
    /// # Panics
    ///
    /// If no wire named it.
    pub fn machine(&self, name: &str) -> &Machine {
        self.machines
            .get(name)
            .unwrap_or_else(|| panic!("no wire leads to `{name}`"))
    }

    /// Takes `name` off the wire it shares with `other`; on a wire of more machines, off all of these.
    pub fn cut(&self, name: &str, other: &str, cut: Cut) {
        let (hub, port, _) = self.port(name, other);
        match cut {
            Cut::Unplugged => ip::run(&format!("-n {hub} link set {port} down")),
            Cut::Silent => ip::run(&format!("-n {hub} link set {port} nomaster")),
        }
    }

    /// Undoes every [`cut`](Self::cut) of `name` from the wire it shares with `other`.
    pub fn mend(&self, name: &str, other: &str) {
        let (hub, port, wire) = self.port(name, other);
        ip::run(&format!("-n {hub} link set {port} master w{wire}"));
        ip::run(&format!("-n {hub} link set {port} up"));
    }

    /// The hub, and the port and the number of the wire by which `name` reaches `other`.
    fn port(&self, name: &str, other: &str) -> (&str, String, usize) {
        let there = &self.machine(other).plugs;
        let plug = self
            .machine(name)
            .plugs
            .iter()
            .find(|here| there.iter().any(|there| there.wire == here.wire))
            .unwrap_or_else(|| panic!("no wire joins `{name}` and `{other}`"));
        (self.hub.name(), port(plug), plug.wire)
    }
}

fn port(plug: &Plug) -> String {
    format!("w{}p{}", plug.wire, plug.place)
}

fn plug_in(hub: &str, machine: &mut Machine, plug: Plug) {
    let (namespace, n) = (machine.namespace.name(), machine.plugs.len());
    let (wire, port) = (plug.wire, port(&plug));
    let hardware = plug.hardware().map(|byte| format!("{byte:02x}")).join(":");
    ip::run(&format!(
        "-n {namespace} link add lan{n} address {hardware} type veth peer name {port} netns {hub}"
    ));
    ip::run(&format!("-n {hub} link set {port} master w{wire} up"));
    ip::run(&format!("-n {namespace} link set lan{n} up"));
    let v4 = plug.v4();
    ip::run(&format!("-n {namespace} addr add {v4}/24 brd + dev lan{n}"));
    if has_ipv6() {
        let v6 = plug.v6();
        ip::run(&format!("-n {namespace} addr add {v6}/64 dev lan{n} nodad"));
    }
    machine.plugs.push(plug);
}
