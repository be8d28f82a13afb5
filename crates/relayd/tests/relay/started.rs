//! Whoever starts it as a service hears when it serves.

use std::{os::unix::net::UnixDatagram, time::Duration};

use testkit::links::PATIENCE;

use crate::{
    fresh::Fresh,
    process::{Relay, run},
};

#[test]
fn systemd_hears_that_it_is_ready_once_it_is() {
    let fresh = Fresh::new(&["--plain"]);
    let place = fresh.dir.path().join("notify");
    let systemd = UnixDatagram::bind(&place).unwrap();
    systemd.set_read_timeout(Some(PATIENCE)).unwrap();
    let arguments = ["--config", &fresh.config];
    let serve = format!("export NOTIFY_SOCKET={}", place.display());
    let asked = std::thread::scope(|scope| {
        let relay = scope.spawn(|| Relay::start_by_shell(&serve, &arguments));
        let mut heard = [0; 64];
        let length = systemd.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"READY=1");
        let asked = run(&["status", "--config", &fresh.config]);
        drop(relay.join().unwrap());
        asked
    });
    assert_eq!(asked.0, 0, "{}", asked.2);
    systemd
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    systemd.recv(&mut [0; 64]).expect_err("it is said once");
}
