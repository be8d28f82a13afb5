//! What is asked for on the page, and what there is to be seen.

use jiff::Timestamp;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::page::{Notice, Seen};
use crate::{
    control::{Answer, Desk, Id, Order},
    failure::Failure,
    hosting,
    invite::{self, Given},
};

/// A form that came in.
#[derive(Deserialize)]
pub struct Asked {
    /// What only a page of this visit has.
    pub form: String,
    pub deed: String,
    /// Of what it is to be done to.
    #[serde(default)]
    pub id: String,
    /// Whether it was asked if it is meant.
    #[serde(default)]
    sure: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    expires: String,
    #[serde(default)]
    uses: String,
    #[serde(default)]
    address: String,
}

/// What came of it.
pub enum Done {
    /// It has to be asked first.
    Unsure,
    /// Somebody goes.
    Left,
    Told(Notice),
}

/// Does it. It is in the audit log as what a command does is.
pub async fn obey(desk: &Desk, asked: &Asked) -> Done {
    let is_sure = asked.sure == "yes";
    match asked.deed.as_str() {
        "leave" => Done::Left,
        "remove" | "kick" | "revoke" if !is_sure => Done::Unsure,
        "remove" => Done::Told(order(desk, &asked.id, Order::Remove).await),
        "kick" => Done::Told(order(desk, &asked.id, Order::Kick).await),
        "revoke" => Done::Told(revoke(desk, asked.id.clone()).await),
        "invite" => Done::Told(invite(desk, asked).await),
        _ => Done::Told(Notice::Refused(
            "There is nothing of that kind to do.".to_owned(),
        )),
    }
}

async fn order(desk: &Desk, id: &str, order: fn(Id) -> Order) -> Notice {
    let Ok(id) = Id::try_from(id.to_owned()) else {
        return Notice::Refused(format!("{id:?} is no id."));
    };
    match desk.obey(order(id)).await {
        Answer::Removed(true) => Notice::Done(format!("Room {id} is removed.")),
        Answer::Removed(false) => Notice::Done(format!("Room {id} was gone already.")),
        Answer::Kicked(ended) => Notice::Done(format!("{ended} link(s) of {id} are ended.")),
        Answer::Refused(why) => Notice::Refused(format!("{}: {}", why.code, why.message)),
        other => Notice::Refused(format!("The relay answers something else: {other:?}")),
    }
}

async fn revoke(desk: &Desk, id: String) -> Notice {
    let dir = desk.dir.clone();
    on_disk(move || {
        let devices = invite::revoke(&dir, &id)?;
        Ok(Notice::Done(format!(
            "Token {id} is revoked, and with it {devices} device(s)."
        )))
    })
    .await
}

async fn invite(desk: &Desk, asked: &Asked) -> Notice {
    let Ok(uses) = asked.uses.parse::<u32>() else {
        return Notice::Refused(format!("{:?} is no number of devices.", asked.uses));
    };
    let given = Given {
        dir: desk.dir.clone(),
        device: desk.device,
        label: asked.label.trim().to_owned(),
        expires: asked.expires.clone(),
        uses: uses.max(1),
        address: asked.address.trim().to_owned(),
    };
    on_disk(move || {
        let (link, words) = given.give()?;
        let words = format!("Give this link to whom it is for: {words}");
        Ok(Notice::Link(link.to_string(), words))
    })
    .await
}

async fn on_disk(work: impl FnOnce() -> anyhow::Result<Notice> + Send + 'static) -> Notice {
    match spawn_blocking(work).await {
        Ok(Ok(notice)) => notice,
        Ok(Err(error)) => Notice::Refused(format!("{error:#}")),
        Err(_) => Notice::Refused("It came to an end by a defect; look at the log.".to_owned()),
    }
}

/// Looks at everything; or says why the store cannot be looked at.
pub async fn look(desk: &Desk) -> Result<Seen, String> {
    let answers = [Order::Status, Order::Rooms, Order::Devices].map(|order| desk.obey(order));
    let [status, rooms, devices] = answers;
    let dir = desk.dir.clone();
    let tokens = spawn_blocking(move || hosting::read(&dir)).await;
    let tokens = match tokens {
        Ok(read) => read.map_err(|failure: Failure| failure.to_string()),
        Err(_) => Err("the tokens cannot be looked at; look at the log".to_owned()),
    };
    match (status.await, rooms.await, devices.await) {
        (Answer::Status(status), Answer::Rooms(rooms), Answer::Devices(devices)) => Ok(Seen {
            status: *status,
            rooms,
            devices,
            tokens: tokens.map(|ledger| ledger.tokens),
            address: desk.address.clone(),
            now: Timestamp::now(),
        }),
        (Answer::Refused(why), ..) | (_, Answer::Refused(why), _) => {
            Err(format!("{}: {}\n", why.code, why.message))
        }
        _ => Err("the relay answers something else\n".to_owned()),
    }
}
