//! `tally-relay status`, `rooms`, `devices`, `kick` and `drain`.

use std::{path::Path, time::Duration};

use anyhow::Result;
use clap::{Args, Subcommand};
use serde::Serialize;
use store::{SqliteStore, Store};

use super::{
    Answer, Order, obey_alone,
    order::{Id, ShownDevice, ShownRoom, ShownStatus},
    words,
};
use crate::{
    audit::{self, Deed},
    config::Place,
    failure::{Exit, Failure},
};

/// For a store that nobody uses.
const STORE_END: Duration = Duration::from_secs(3);

/// Longer than a relay takes to end.
#[cfg(unix)]
const DRAIN: Duration = Duration::from_secs(20);

/// Fewer digits than this may fit a room by chance.
const LEAST_DIGITS: usize = 8;

#[derive(Args)]
pub struct Shown {
    #[command(flatten)]
    place: Place,

    /// For programs.
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub enum Rooms {
    /// All rooms: how large they are, who is in them, when somebody last was.
    List(Shown),
    /// Send everybody in a room away and delete it, with its attachments.
    Remove {
        #[command(flatten)]
        place: Place,
        /// The room, as the list names it; its first digits will do.
        room: String,
    },
}

/// What is asked of a relay that runs.
pub enum Control {
    Status(Shown),
    Devices(Shown),
    Kick(Place, String),
    Drain(Place),
}

pub fn rooms(rooms: Rooms) -> Result<()> {
    match rooms {
        Rooms::List(Shown { place, json }) => {
            let rooms = list(&place.load()?.config.data_dir)?;
            show(&rooms, json, |rooms| table_of_rooms(rooms))
        }
        Rooms::Remove { place, room } => {
            let dir = place.load()?.config.data_dir;
            let id = find(&list(&dir)?, &room)?;
            match ask(&dir, &Order::Remove(id))? {
                Answer::Removed(true) => println!("room {id} is removed"),
                Answer::Removed(false) => println!("room {id} was gone already"),
                other => return Err(unexpected(&other).into()),
            }
            eprintln!(
                "Whoever is still let keep it here brings it again; `tally-relay tokens revoke` ends that."
            );
            Ok(())
        }
    }
}

pub fn command(control: Control) -> Result<()> {
    match control {
        Control::Status(Shown { place, json }) => {
            match ask(&place.load()?.config.data_dir, &Order::Status)? {
                Answer::Status(status) => show(&*status, json, table_of_status),
                other => Err(unexpected(&other).into()),
            }
        }
        Control::Devices(Shown { place, json }) => {
            match ask(&place.load()?.config.data_dir, &Order::Devices)? {
                Answer::Devices(devices) => show(&devices, json, |it| table_of_devices(it)),
                other => Err(unexpected(&other).into()),
            }
        }
        Control::Kick(place, device) => {
            let id = Id::try_from(device.clone()).map_err(|_| {
                let message = format!(
                    "{device:?} is no device; `tally-relay devices` shows who is there, and `tokens list` who came"
                );
                Failure::new(Exit::Config, "DEVICE_UNKNOWN", message)
            })?;
            match ask(&place.load()?.config.data_dir, &Order::Kick(id))? {
                Answer::Kicked(ended) => {
                    println!(
                        "{ended} link(s) of {id} are ended; it comes again unless its token is revoked"
                    );
                    Ok(())
                }
                other => Err(unexpected(&other).into()),
            }
        }
        Control::Drain(place) => drain(&place.load()?.config.data_dir),
    }
}

#[cfg(unix)]
fn drain(dir: &Path) -> Result<()> {
    match ask(dir, &Order::Drain)? {
        Answer::Draining if super::socket::until_ended(dir, DRAIN) => {
            println!("the relay has ended; clients come back by themselves when it is up again");
            Ok(())
        }
        Answer::Draining => {
            let message = "the relay has not ended in time; look at its log, and end it with kill";
            Err(Failure::new(Exit::Unavailable, "NOT_ENDED", message).into())
        }
        other => Err(unexpected(&other).into()),
    }
}

#[cfg(not(unix))]
fn drain(dir: &Path) -> Result<()> {
    Err(unexpected(&ask(dir, &Order::Drain)?).into())
}

fn list(dir: &Path) -> Result<Vec<ShownRoom>> {
    match ask(dir, &Order::Rooms)? {
        Answer::Rooms(rooms) => Ok(rooms),
        other => Err(unexpected(&other).into()),
    }
}

/// Has the relay that runs do it, or does it where none runs.
pub fn ask(dir: &Path, order: &Order) -> Result<Answer, Failure> {
    let answer = match running(dir, order)? {
        Some(answer) => answer,
        None => alone(dir, order)?,
    };
    match answer {
        Answer::Refused(refusal) => {
            let message = format!("{} ({})", refusal.message, refusal.code);
            Err(Failure::new(Exit::Disk, "NOT_DONE", message))
        }
        answer => Ok(answer),
    }
}

#[cfg(unix)]
fn running(dir: &Path, order: &Order) -> Result<Option<Answer>, Failure> {
    use std::io;
    super::socket::ask(dir, order).map_err(|error| {
        let exit = match error.kind() {
            io::ErrorKind::PermissionDenied => Exit::Permission,
            _ => Exit::Unavailable,
        };
        let dir = dir.display();
        let message =
            format!("the relay of {dir} does not answer: {error}; run this as its user or as root");
        Failure::new(exit, "NO_ANSWER", message)
    })
}

#[cfg(not(unix))]
fn running(_: &Path, _: &Order) -> Result<Option<Answer>, Failure> {
    Ok(None)
}

fn alone(dir: &Path, order: &Order) -> Result<Answer, Failure> {
    let not_running = || {
        let dir = dir.display();
        let message = format!(
            "no relay runs on {dir}; start it with `tally-relay serve`, or say with --config or --data-dir which is meant"
        );
        Failure::new(Exit::Unavailable, "NOT_RUNNING", message)
    };
    if !dir.join("tally.db").exists()
        || matches!(order, Order::Status | Order::Devices | Order::AdminLink)
    {
        return Err(not_running());
    }
    let failed = |error| Failure::store(dir, &error);
    let store = SqliteStore::open(dir).map_err(failed)?;
    let answer = obey_alone(&store, order).ok_or_else(not_running)?;
    store.close(STORE_END).map_err(failed)?;
    if let (Order::Remove(room), Ok(Answer::Removed(true))) = (order, &answer) {
        audit::note(
            dir,
            Deed::RoomRemoved {
                room: &room.to_string(),
            },
        );
    }
    answer.map_err(failed)
}

/// The room that is meant.
fn find(rooms: &[ShownRoom], digits: &str) -> Result<Id, Failure> {
    let is_enough = digits.len() >= LEAST_DIGITS;
    let mut fitting = rooms
        .iter()
        .filter(|room| is_enough && room.room.starts_with(digits));
    match (fitting.next(), fitting.next()) {
        (Some(room), None) => Ok(Id::try_from(room.room.clone()).expect("a list has ids")),
        (found, _) => {
            let why = match found {
                Some(_) => "fits several rooms",
                None => "fits no room",
            };
            let message = format!(
                "{digits:?} {why}; `tally-relay rooms list` shows all, and {LEAST_DIGITS} digits or more name one"
            );
            Err(Failure::new(Exit::Config, "ROOM_UNKNOWN", message))
        }
    }
}

/// For an answer to something else.
pub fn unexpected(answer: &Answer) -> Failure {
    let message = format!(
        "the relay answers something else ({answer:?}); it may be another version, so start it anew"
    );
    Failure::new(Exit::Unavailable, "NO_ANSWER", message)
}

fn show<T: Serialize>(shown: &T, json: bool, table: impl Fn(&T) -> String) -> Result<()> {
    match json {
        true => println!("{}", serde_json::to_string_pretty(shown)?),
        false => print!("{}", table(shown)),
    }
    Ok(())
}

fn table_of_status(status: &ShownStatus) -> String {
    let since = status
        .since
        .map_or_else(String::new, |it| format!(" since {}", words::time(it)));
    let operations = status.operations.as_deref().unwrap_or("off");
    let admin = status.admin.as_deref().unwrap_or("off");
    let certificate = status.certificate_in_words();
    format!(
        "runs         {}, process {}{since}\n\
         device       {}\n\
         listens      {}\n\
         operations   {operations}\n\
         admin page   {admin}\n\
         certificate  {certificate}\n\
         disk         {}\n\
         connections  {}\n\
         rooms        {}\n",
        status.version,
        status.process,
        status.device,
        status.listen,
        status.store,
        status.connections_in_words(),
        status.rooms_in_words(),
    )
}

fn table_of_rooms(rooms: &[ShownRoom]) -> String {
    if rooms.is_empty() {
        return "no rooms\n".to_owned();
    }
    let bytes: u64 = rooms.iter().map(|it| it.bytes).sum();
    let mut text = format!(
        "{:<16}  {:>12}  {:>7}  {:>7}  {:>5}  visited\n",
        "room", "bytes", "members", "writers", "links"
    );
    for room in rooms {
        text += &format!(
            "{:<16}  {:>12}  {:>7}  {:>7}  {:>5}  {}\n",
            words::short(&room.room),
            room.bytes,
            room.members,
            room.writers,
            room.links,
            room.visit_in_words(),
        );
    }
    text + &format!("{} room(s), {bytes} bytes\n", rooms.len())
}

fn table_of_devices(devices: &[ShownDevice]) -> String {
    if devices.is_empty() {
        return "nobody is here\n".to_owned();
    }
    let row = |it: &ShownDevice| {
        let (device, links, rooms) = (&it.device, it.links, it.rooms.len());
        format!(
            "{device}  {links} link(s) in {rooms} room(s)  {}\n",
            it.addresses_in_words()
        )
    };
    devices.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_named_by_as_many_digits_as_tell_it_from_others() {
        let room = |digits| ShownRoom::unvisited(format!("{digits:0<64}"));
        let rooms = ["aaaaaaaa1", "aaaaaaaa2", "bbbbbbbb"].map(room);
        let found = |digits| find(&rooms, digits).map(|it| it.to_string());
        assert_eq!(found("aaaaaaaa2").ok(), Some(rooms[1].room.clone()));
        assert_eq!(found(&rooms[2].room).ok(), Some(rooms[2].room.clone()));
        for (digits, why) in [
            ("aaaaaaaa", "several"),
            ("bbbb", "no room"),
            ("cccccccc", "no room"),
        ] {
            let refused = found(digits).expect_err(digits);
            assert!(refused.message.contains(why), "{refused}");
        }
    }
}
