//! What shows the messages of a desktop, by the protocol of desktop notifications (freedesktop.org, 1.2).

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use gio::glib::{MainContext, MainLoop, Variant, prelude::*};
use gio::{BusNameOwnerFlags, Cancellable, DBusConnection, DBusConnectionFlags, DBusNodeInfo};

use testkit::keyring::SessionBus;

use crate::{DEADLINE, Home};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const INTERFACE: &str = r#"<node>
  <interface name="org.freedesktop.Notifications">
    <method name="Notify">
      <arg name="app_name" type="s" direction="in"/>
      <arg name="replaces_id" type="u" direction="in"/>
      <arg name="app_icon" type="s" direction="in"/>
      <arg name="summary" type="s" direction="in"/>
      <arg name="body" type="s" direction="in"/>
      <arg name="actions" type="as" direction="in"/>
      <arg name="hints" type="a{sv}" direction="in"/>
      <arg name="expire_timeout" type="i" direction="in"/>
      <arg name="id" type="u" direction="out"/>
    </method>
  </interface>
</node>"#;

/// The arguments of `Notify`.
type Notify = (
    String,
    u32,
    String,
    String,
    String,
    Vec<String>,
    HashMap<String, Variant>,
    i32,
);

/// A session bus of one user with the one service that shows messages.
pub struct NotificationServer {
    shown: Receiver<Notification>,
    work: MainLoop,
    thread: Option<JoinHandle<()>>,
    _bus: SessionBus,
}

/// A message that was shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Notification {
    /// The line on top.
    pub summary: String,
    /// What stands beneath it, with markup.
    pub body: String,
}

impl NotificationServer {
    /// Starts both. Programs that `home` runs from now on find the bus where a session has it.
    pub fn start(home: &Home) -> Self {
        let bus = home.session_bus();
        let address = bus.address();
        let context = MainContext::new();
        let work = MainLoop::new(Some(&context), false);
        let ((tell, shown), (be_ready, ready)) = (channel(), channel());
        let serve = work.clone();
        let thread = std::thread::spawn(move || {
            let served = context.with_thread_default(|| {
                let bus = offer(&address, tell);
                gio::bus_own_name_on_connection(
                    &bus,
                    NAME,
                    BusNameOwnerFlags::NONE,
                    move |_, _| be_ready.send(()).expect("somebody waits for it"),
                    |_, _| {},
                );
                serve.run();
            });
            served.expect("the context is this thread's");
        });
        ready
            .recv_timeout(DEADLINE)
            .expect("nobody else has the name");
        Self {
            shown,
            work,
            thread: Some(thread),
            _bus: bus,
        }
    }

    /// The next message. Waits for it.
    pub fn next(&self) -> Notification {
        self.shown
            .recv_timeout(DEADLINE)
            .expect("a message within the deadline")
    }
}

impl Drop for NotificationServer {
    fn drop(&mut self) {
        self.work.quit();
        if let Some(thread) = self.thread.take() {
            // If it has failed it has said so.
            let _ = thread.join();
        }
    }
}

/// Takes messages and passes them on.
fn offer(address: &str, tell: Sender<Notification>) -> DBusConnection {
    let flags =
        DBusConnectionFlags::AUTHENTICATION_CLIENT | DBusConnectionFlags::MESSAGE_BUS_CONNECTION;
    let bus = DBusConnection::for_address_sync(address, flags, None, Cancellable::NONE)
        .expect("the bus answers");
    let interface = DBusNodeInfo::for_xml(INTERFACE)
        .expect("the interface is well formed")
        .lookup_interface(NAME)
        .expect("it is in it");
    bus.register_object(
        PATH,
        &interface,
        move |_, _, _, _, _, arguments, call| {
            let (_, _, _, summary, body, ..) =
                arguments.get::<Notify>().expect("the bus checks types");
            call.return_value(Some(&(1_u32,).to_variant()));
            // Nobody looks at it once the story is over.
            let _ = tell.send(Notification { summary, body });
        },
        |_, _, _, _, _| unreachable!("it has no properties"),
        |_, _, _, _, _, _| false,
    )
    .expect("the path is free");
    bus
}
