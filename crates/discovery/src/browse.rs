//! Looking for others.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use mdns_sd::{Receiver, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};
use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::address::Heard;
use crate::interfaces;
use crate::sightings::{Resolved, Sightings};
use crate::start::{DiscoveryError, Live};
use crate::task::Task;
use crate::{Announcement, DevicePrefix, Event, Instance, SERVICE};

/// How long a peer that is doubted has to answer before it counts as lost.
pub const DOUBT: Duration = Duration::from_secs(3);

/// mDNS asks less and less often, at last once an hour. A peer behind a switch that was off for a while announces itself
/// to nobody, so we begin anew.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// Events on their way to the reader; beyond that they are combined.
const IN_FLIGHT: usize = 16;
const NO_PANIC: &str = "nothing panics while it holds the lock";

/// A stream of what changes on the network. It ends when the [`Discovery`](crate::Discovery) does, or begins another.
#[must_use = "dropping it ends the search"]
pub struct Browse {
    events: mpsc::Receiver<Event>,
    search: Search,
}

enum Search {
    /// Discovery is off. The sender is held, so that the stream waits instead of ending.
    Off {
        _open: mpsc::Sender<Event>,
    },
    On {
        daemon: ServiceDaemon,
        _task: Task,
    },
}

pub fn begin(live: Option<&Live>, own: Option<DevicePrefix>) -> Result<Browse, DiscoveryError> {
    let (sender, events) = mpsc::channel(IN_FLIGHT);
    let Some(live) = live else {
        let search = Search::Off { _open: sender };
        return Ok(Browse { events, search });
    };
    let mut pump = Pump {
        daemon: live.daemon.clone(),
        sightings: Sightings::new(own),
        feeds: VecDeque::new(),
        number: take_turn(&live.turn),
        turn: Arc::clone(&live.turn),
    };
    pump.ask()?;
    let daemon = live.daemon.clone();
    let task = Task::spawn(pump.run(sender, live.renewals.clone()));
    let search = Search::On {
        daemon,
        _task: task,
    };
    Ok(Browse { events, search })
}

impl Browse {
    /// Waits for the next change. `None` once the [`Discovery`](crate::Discovery) has ended or begun another.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Asks an instance that could not be reached whether it is still there. If it does not answer within [`DOUBT`], it is
    /// [lost](Event::Lost).
    pub fn doubt(&self, instance: &Instance) {
        if let Search::On { daemon, .. } = &self.search {
            // If mDNS has ended, so does the stream.
            let _asked = daemon.verify(instance.full_name(), DOUBT);
        }
    }
}

impl Stream for Browse {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(context)
    }
}

/// Moves what mDNS says into [`Sightings`], and news from there to the reader.
struct Pump {
    daemon: ServiceDaemon,
    sightings: Sightings,
    /// The answers to each time that was asked, oldest first. One ends when the daemon has taken in the next.
    feeds: VecDeque<Receiver<ServiceEvent>>,
    /// Which search this is, and which one it is the turn of: the daemon has room for one.
    number: u64,
    turn: Arc<Mutex<u64>>,
}

fn take_turn(turn: &Mutex<u64>) -> u64 {
    let mut turn = turn.lock().expect(NO_PANIC);
    *turn += 1;
    *turn
}

enum Step {
    Heard(Option<ServiceEvent>),
    Ask,
    Told,
    End,
}

impl Pump {
    async fn run(mut self, reader: mpsc::Sender<Event>, mut renewals: watch::Receiver<()>) {
        let mut again = interval(ASK_AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        again.reset();
        loop {
            let is_alive = match self.step(&reader, &mut renewals, &mut again).await {
                Step::Heard(Some(event)) => {
                    self.absorb(event);
                    true
                }
                Step::Heard(None) => self.next_feed(),
                Step::Ask => self.ask().is_ok_and(|is_our_turn| is_our_turn),
                Step::Told => true,
                Step::End => false,
            };
            if !is_alive {
                return;
            }
        }
    }

    async fn step(
        &mut self,
        reader: &mpsc::Sender<Event>,
        renewals: &mut watch::Receiver<()>,
        again: &mut Interval,
    ) -> Step {
        let Some(feed) = self.feeds.front() else {
            return Step::Heard(None);
        };
        tokio::select! {
            heard = feed.recv_async() => Step::Heard(heard.ok()),
            place = reader.reserve(), if self.sightings.has_news() => {
                let Ok(place) = place else { return Step::End };
                if let Some(event) = self.sightings.next_news() {
                    place.send(event);
                }
                Step::Told
            }
            renewal = renewals.changed() => if renewal.is_ok() { Step::Ask } else { Step::End },
            _ = again.tick() => Step::Ask,
        }
    }

    /// Asks the network, unless another search has begun since.
    fn ask(&mut self) -> Result<bool, DiscoveryError> {
        let turn = self.turn.lock().expect(NO_PANIC);
        if *turn != self.number {
            return Ok(false);
        }
        // One that is still being read stands for the daemon being behind; asking more would not help.
        if self.feeds.len() < 2 {
            self.feeds.push_back(self.daemon.browse(SERVICE)?);
        }
        Ok(true)
    }

    /// Goes on to the answers to the next time that was asked. Whether that goes on at all.
    fn next_feed(&mut self) -> bool {
        self.feeds.pop_front();
        if self.feeds.is_empty() {
            // The daemon closes a feed that is not read in time, and what was in it is gone: begin anew.
            self.sightings.forget();
            return self.ask().is_ok_and(|is_our_turn| is_our_turn);
        }
        true
    }

    fn absorb(&mut self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                let own = interfaces::list();
                self.sightings.resolved(&resolved(&service), &own);
            }
            ServiceEvent::ServiceRemoved(_, full_name) => self.sightings.removed(&full_name),
            _ => {}
        }
    }
}

fn resolved(service: &ResolvedService) -> Resolved {
    let pairs: Vec<_> = service
        .txt_properties
        .iter()
        .map(|property| (property.key(), property.val()))
        .collect();
    let heard = service.addresses.iter().map(|scoped| Heard {
        address: scoped.to_ip_addr(),
        on: match scoped {
            ScopedIp::V4(v4) => v4.interface_ids().iter().map(|id| id.index).collect(),
            ScopedIp::V6(v6) => vec![v6.scope_id().index],
            _ => Vec::new(),
        },
    });
    Resolved {
        full_name: service.fullname.clone(),
        port: service.port,
        announcement: Announcement::decode(&pairs).ok(),
        heard: heard.collect(),
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        let turn = self.turn.lock();
        if turn.is_ok_and(|turn| *turn == self.number) {
            // If mDNS has ended, there is nothing to stop.
            let _stopped = self.daemon.stop_browse(SERVICE);
        }
    }
}
