//! `tally-relay invite` and `tally-relay tokens`.

use std::{
    io::Write,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::mpsc::channel,
    thread,
    time::Duration,
};

use anyhow::Result;
use clap::{Args, Subcommand};
use jiff::{Span, Timestamp, tz::TimeZone};
use relay::Address;
use trust::{
    DeviceId,
    hosting::{HostingLink, HostingToken},
};
use zeroize::Zeroizing;

use crate::{
    audit::{self, Deed},
    config::{Config, Place, USUAL_PORT},
    control::words,
    device, doctor,
    failure::{Exit, Failure},
    hosting::{self, State, Terms, Token},
};

/// For the system to say where a name leads.
const LOOK_UP: Duration = Duration::from_secs(2);

#[derive(Args)]
pub struct Invite {
    #[command(flatten)]
    place: Place,

    /// Whom it is for; shown in the list of tokens.
    #[arg(long, default_value = "")]
    label: String,

    /// For how long somebody can come with it, such as 12h, 7d or never. Who has come stays.
    #[arg(long, default_value = "7d")]
    expires: String,

    /// How many devices can come with it.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    uses: u32,

    /// How others reach this relay, such as relay.example:7825; by default where it listens.
    #[arg(long)]
    address: Option<String>,
}

#[derive(Subcommand)]
pub enum Tokens {
    /// All tokens that were given out, and who came with them.
    List(Place),
    /// Let neither a token nor who came with it count any more, from now on.
    Revoke {
        #[command(flatten)]
        place: Place,
        /// The token, as the list names it.
        id: String,
    },
}

/// Prints the link, which is shown this once, on standard output, and what it is good for on standard error.
pub fn invite(invite: Invite) -> Result<()> {
    let config = invite.place.load()?.config;
    let is_near = invite.address.is_none() && config.listen.ip().is_loopback();
    let address = match invite.address {
        Some(address) => address,
        None => own_address(&config)?,
    };
    let Some(key) = device::kept(&config.data_dir)? else {
        let dir = config.data_dir.display();
        let message = format!("there is no relay in {dir} yet; run `tally-relay init` first");
        return Err(Failure::new(Exit::Config, "NO_RELAY_YET", message).into());
    };
    let shown = address.clone();
    let given = Given {
        dir: config.data_dir,
        device: key.device(),
        label: invite.label,
        expires: invite.expires,
        uses: invite.uses,
        address,
    };
    let (link, words) = given.give()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", *link)?;
    out.flush()?;
    eprintln!("{words}");
    if let Some(failure) = leads_nowhere(&shown) {
        eprintln!("{failure}. Before that is mended nobody comes by this link.");
    }
    eprintln!("Who gets it puts it into Settings, Network, Relays.");
    if is_near {
        eprintln!(
            "It leads to this machine from this machine alone; say with --address how others reach it."
        );
    }
    Ok(())
}

pub fn tokens(tokens: Tokens) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match tokens {
        Tokens::List(place) => {
            let ledger = hosting::read(&place.load()?.config.data_dir)?;
            let now = Timestamp::now();
            if ledger.tokens.is_empty() {
                writeln!(out, "no tokens; `tally-relay invite` makes one")?;
            }
            for token in &ledger.tokens {
                out.write_all(row(token, now).as_bytes())?;
            }
        }
        Tokens::Revoke { place, id } => {
            let devices = revoke(&place.load()?.config.data_dir, &id)?;
            writeln!(
                out,
                "token {id} is revoked, and with it {devices} device(s); a relay that runs sends them away within a second"
            )?;
        }
    }
    Ok(out.flush()?)
}

/// A token that is about to be given out, and to whom the link leads.
pub struct Given {
    pub dir: PathBuf,
    /// The relay.
    pub device: DeviceId,
    pub label: String,
    /// For how long, in words.
    pub expires: String,
    pub uses: u32,
    pub address: String,
}

impl Given {
    /// Notes it. Returns the link, which nothing here knows afterwards, and what it is good for.
    ///
    /// # Errors
    /// If the time or the address is none, or the ledger cannot be changed.
    pub fn give(self) -> Result<(Zeroizing<String>, String)> {
        let now = Timestamp::now();
        let expires = expiry(&self.expires, now)?;
        readable(&self.address)?;
        let (label, uses) = (self.label, self.uses);
        let token = HostingToken::from_bytes(&*device::secret()?);
        let terms = Terms {
            label: label.clone(),
            expires,
            uses,
        };
        let (_, id) = hosting::change(&self.dir, |ledger| {
            ledger.add(&token.digest(), terms, now).id.clone()
        })?;
        let (token_id, label) = (&*id, &*label);
        let deed = Deed::TokenGiven {
            token: token_id,
            label,
            uses,
        };
        audit::note(&self.dir, deed);
        let link = HostingLink {
            address: self.address,
            device: self.device,
            token,
        };
        let until = words::until(expires);
        let words = format!("token {id}, for {uses} device(s), {until}. It is not shown again.");
        Ok((link.to_text(), words))
    }
}

/// Lets neither a token nor who came with it count any more, and says how many came.
///
/// # Errors
/// If there is no such token, or the ledger cannot be changed.
pub fn revoke(dir: &Path, id: &str) -> Result<usize> {
    let now = Timestamp::now();
    let (_, devices) = hosting::change(dir, |ledger| Some(ledger.revoke(id, now)?.devices.len()))?;
    let Some(devices) = devices else {
        let message =
            format!("there is no token {id}; `tally-relay tokens list` shows all there are");
        return Err(Failure::new(Exit::Config, "TOKEN_UNKNOWN", message).into());
    };
    audit::note(dir, Deed::TokenRevoked { token: id, devices });
    Ok(devices)
}

/// How a token stands, in words.
pub fn words_of(state: State) -> &'static str {
    match state {
        State::Good => "good",
        State::UsedUp => "used up",
        State::Expired => "expired",
        State::Revoked => "revoked",
    }
}

/// A token and who came with it.
fn row(token: &Token, now: Timestamp) -> String {
    let state = words_of(token.state(now));
    let until = words::until(token.expires);
    let (id, used, uses) = (&token.id, token.devices.len(), token.uses);
    let head = format!(
        "{id}  {state:<8} {used} of {uses}  {until}  {}",
        token.label
    );
    let devices = token.devices.iter().map(|device| format!("  {device}\n"));
    format!("{}\n{}", head.trim_end(), devices.collect::<String>())
}

/// When a time that begins now is over; nothing for `never`.
fn expiry(text: &str, now: Timestamp) -> Result<Option<Timestamp>, Failure> {
    if text == "never" {
        return Ok(None);
    }
    let span = text.parse::<Span>().ok().filter(|it| it.is_positive());
    let end = span.and_then(|span| now.to_zoned(TimeZone::UTC).checked_add(span).ok());
    let end = end.ok_or_else(|| {
        let message =
            format!("--expires {text:?} is no time; say for example 12h, 7d, 2w or never");
        Failure::new(Exit::Config, "EXPIRY_UNREADABLE", message)
    })?;
    Ok(Some(end.timestamp()))
}

/// An address as Talus Tally takes it, which adds the port if there is none.
fn readable(address: &str) -> Result<(), Failure> {
    let is_one = |text: &str| text.parse::<Address>().is_ok();
    let with_port = format!("{address}:{USUAL_PORT}");
    if is_one(address) || is_one(&with_port) || address.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    let message = format!(
        "{address:?} is no address; say the name or number of a machine, such as relay.example:7825"
    );
    Err(Failure::new(Exit::Config, "ADDRESS_UNREADABLE", message))
}

/// Whether a name that is given away leads anywhere as seen from here, which those who get it need not share.
fn leads_nowhere(address: &str) -> Option<Failure> {
    let address = address.to_owned();
    let (say, said) = channel();
    // The system may take its time, and nobody waits for that.
    thread::spawn(move || say.send(doctor::resolve(&address).err()));
    said.recv_timeout(LOOK_UP).ok().flatten()
}

/// Where others reach it, if that is where it listens.
pub fn own_address(config: &Config) -> Result<String, Failure> {
    let listen = config.listen;
    if listen.ip().is_unspecified() || listen.port() == 0 {
        let message = format!(
            "the relay listens on {listen}, which is no address to give away; say with --address how others reach it, such \
             as relay.example:7825"
        );
        return Err(Failure::new(Exit::Config, "ADDRESS_NEEDED", message));
    }
    Ok(listen.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_people_write_it() {
        let end = |text| expiry(text, Timestamp::UNIX_EPOCH).map(|it| it.map(|at| at.as_second()));
        assert_eq!(end("never").ok(), Some(None));
        assert_eq!(end("12h").ok(), Some(Some(43_200)));
        assert_eq!(end("7d").ok(), Some(Some(604_800)));
        for wrong in ["", "soon", "-1d", "0h"] {
            assert_eq!(
                end(wrong).err().map(|it| it.code),
                Some("EXPIRY_UNREADABLE"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn an_address_may_lack_its_port_and_is_nothing_else() {
        let code = |text| readable(text).err().map(|it| it.code);
        for text in [
            "relay.example",
            "relay.example:1",
            "10.0.0.1",
            "::1",
            "[::1]:7825",
        ] {
            assert_eq!(code(text), None, "{text}");
        }
        for wrong in [
            "",
            "two words",
            "https://relay.example",
            "relay.example:",
            "[::1",
            "a:b",
        ] {
            assert_eq!(code(wrong), Some("ADDRESS_UNREADABLE"), "{wrong}");
        }
    }

    #[test]
    fn only_an_address_that_leads_here_is_given_away() {
        let at = |listen: &str| {
            let listen = listen.parse().expect("an address");
            own_address(&Config {
                listen,
                ..Config::default()
            })
            .map_err(|it| it.code)
        };
        assert_eq!(at("192.168.1.7:7825"), Ok("192.168.1.7:7825".to_owned()));
        assert_eq!(at("0.0.0.0:7825"), Err("ADDRESS_NEEDED"));
        assert_eq!(at("127.0.0.1:0"), Err("ADDRESS_NEEDED"));
    }
}
