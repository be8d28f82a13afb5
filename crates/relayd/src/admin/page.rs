//! What the page looks like.

use jiff::Timestamp;
use trust::{DeviceId, key::words_of as words_of_device};

use super::html::Html;
use crate::{
    control::{ShownDevice, ShownRoom, ShownStatus, words},
    hosting::Token,
    invite::words_of,
};

/// More rows than this nobody reads, and a relay may have thousands of rooms.
const MOST_ROWS: usize = 200;

/// What has been done, for the page that comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    Done(String),
    /// Why it was not.
    Refused(String),
    /// A link that is shown this once, and what it is good for.
    Link(String, String),
}

/// What there is to be seen.
pub struct Seen {
    pub status: ShownStatus,
    pub rooms: Vec<ShownRoom>,
    pub devices: Vec<ShownDevice>,
    /// Oldest first, or why they cannot be read.
    pub tokens: Result<Vec<Token>, String>,
    /// How others reach the relay, if it listens where that can be said.
    pub address: Option<String>,
    pub now: Timestamp,
}

/// Where the forms of a visit go, and what they carry.
pub struct Forms<'a> {
    pub place: &'a str,
    pub form: &'a str,
}

/// For whoever has no link.
pub fn stranger() -> String {
    let body = Html::of(
        "<main class=\"door\"><h1>tally-relay</h1>\
         <p>On the machine of the relay, <code>tally-relay admin-link</code> prints a link to this page, which is good once.</p></main>",
    );
    Html::page("tally-relay", body)
}

/// For whoever comes with a link: that somebody has looked at it does not use it up.
pub fn door(link: &str) -> String {
    let body = Html::of(
        "<main class=\"door\"><h1>tally-relay</h1><form method=\"post\" action=\"/enter\">\
         <input type=\"hidden\" name=\"link\" value=\"",
    );
    let body = body.text(link);
    let body = body.raw("\"><button class=\"first\">Look after this relay</button></form></main>");
    Html::page("tally-relay", body)
}

/// For whoever comes too late.
pub fn over() -> String {
    let body = Html::of(
        "<main class=\"door\"><h1>tally-relay</h1><p role=\"status\" class=\"notice refused\">This link was used or is too old, or the visit \
         is over.</p><p><code>tally-relay admin-link</code> prints another one.</p></main>",
    );
    Html::page("tally-relay: over", body)
}

/// Asks whether it is meant.
pub fn confirmation(forms: &Forms<'_>, deed: &str, id: &str) -> String {
    let (title, what, button) = match deed {
        "remove" => (
            "Remove this room?",
            "Everybody in it is sent away, and what the relay keeps of it is deleted, with its attachments. Whoever is still let keep it \
             here brings it again; revoke a token first if it should stay away.",
            "Remove the room",
        ),
        "kick" => (
            "Send this device away?",
            "All its connections are ended. It comes again by itself, unless its token is revoked.",
            "Send it away",
        ),
        _ => (
            "Revoke this token?",
            "Nobody comes with it any more, and the projects of whoever has come with it are kept no longer. What is on the disk \
             of their rooms stays there.",
            "Revoke the token",
        ),
    };
    let body = Html::of("<main class=\"door\"><h1>").text(title);
    let body = body.raw("</h1><p><code>").text(id).raw("</code></p><p>");
    let body = body
        .text(what)
        .raw("</p>")
        .with(form(forms, deed, id, true));
    let body = body.raw("<button class=\"first danger\">").text(button);
    let body = body.raw("</button> <a class=\"button\" href=\"/at/");
    let body = body.text(forms.place).raw("/\">No</a></form></main>");
    Html::page(title, body)
}

/// Everything.
pub fn overview(forms: &Forms<'_>, seen: &Seen, notice: Option<&Notice>) -> String {
    let body = Html::of("<header><h1>tally-relay</h1>").with(form(forms, "leave", "", true));
    let body = body.raw("<button>Leave</button></form></header><main>");
    let body = body.each(notice.map(notice_of));
    let body = body.with(status(&seen.status));
    let body = body.with(rooms(forms, &seen.rooms));
    let body = body.with(devices(forms, &seen.devices));
    let body = body.with(tokens(forms, seen)).raw("</main>");
    Html::page("tally-relay", body)
}

fn notice_of(notice: &Notice) -> Html {
    match notice {
        Notice::Done(text) => Html::of("<p role=\"status\" class=\"notice\">")
            .text(text)
            .raw("</p>"),
        Notice::Refused(text) => Html::of("<p role=\"alert\" class=\"notice refused\">")
            .text(text)
            .raw("</p>"),
        Notice::Link(link, text) => Html::of("<div role=\"status\" class=\"notice\"><p>")
            .text(text)
            .raw("</p><p><code class=\"link\">")
            .text(link)
            .raw("</code></p></div>"),
    }
}

fn status(status: &ShownStatus) -> Html {
    let device = status.device.parse::<DeviceId>();
    let words = device.map(|it| words_of_device(&it)).unwrap_or_default();
    let (hours, minutes) = (status.uptime_s / 3_600, status.uptime_s / 60 % 60);
    let rows = [
        (
            "Version",
            format!(
                "{}, process {}, for {hours} h {minutes} min",
                status.version, status.process
            ),
        ),
        ("Device", status.device.clone()),
        ("In words", words),
        ("Listens", status.listen.clone()),
        ("Disk", status.store.clone()),
        ("Connections", status.connections_in_words()),
        ("Rooms", status.rooms_in_words()),
    ];
    let rows = rows.map(|(name, value)| {
        let row = Html::of("<div><dt>").text(name).raw("</dt><dd>");
        row.text(value).raw("</dd></div>")
    });
    let section = Html::of("<section aria-labelledby=\"status\"><h2 id=\"status\">Status</h2><dl>");
    section.each(rows).raw("</dl></section>")
}

fn rooms(forms: &Forms<'_>, rooms: &[ShownRoom]) -> Html {
    let section = Html::of("<section aria-labelledby=\"rooms\"><h2 id=\"rooms\">Rooms</h2>");
    if rooms.is_empty() {
        return section.raw("<p class=\"none\">No rooms are kept here.</p></section>");
    }
    let row = |room: &ShownRoom| {
        Html::of("<tr><th scope=\"row\"><code>")
            .text(words::short(&room.room))
            .raw("</code></th><td class=\"number\">")
            .text(size(room.bytes))
            .raw("</td><td class=\"number\">")
            .text(room.members)
            .raw("</td><td class=\"number\">")
            .text(room.links)
            .raw("</td><td>")
            .text(room.visit_in_words())
            .raw("</td><td>")
            .with(button(
                forms,
                "remove",
                &room.room,
                "Remove",
                words::short(&room.room),
            ))
            .raw("</td></tr>")
    };
    let section = section.raw(
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Room</th><th scope=\"col\" class=\"number\">Size</th>\
         <th scope=\"col\" class=\"number\">Members</th><th scope=\"col\" class=\"number\">Here</th>\
         <th scope=\"col\">Last visit</th><th scope=\"col\"><span class=\"unseen\">What to do</span></th></tr></thead><tbody>",
    );
    let mut largest: Vec<&ShownRoom> = rooms.iter().collect();
    largest.sort_by_key(|room| std::cmp::Reverse(room.bytes));
    let rest = rooms.len().saturating_sub(MOST_ROWS);
    let section = section.each(largest.into_iter().take(MOST_ROWS).map(row));
    let section = section.raw("</tbody></table></div>");
    match rest {
        0 => section.raw("</section>"),
        rest => section
            .raw("<p>These are the largest. There are ")
            .text(rest)
            .raw(" more; <code>tally-relay rooms list</code> has all.</p></section>"),
    }
}

fn devices(forms: &Forms<'_>, devices: &[ShownDevice]) -> Html {
    let section = Html::of("<section aria-labelledby=\"devices\"><h2 id=\"devices\">Devices</h2>");
    if devices.is_empty() {
        return section.raw("<p class=\"none\">Nobody is here.</p></section>");
    }
    let row = |device: &ShownDevice| {
        Html::of("<tr><th scope=\"row\"><code>")
            .text(words::short(&device.device))
            .raw("</code></th><td>")
            .text(device.addresses_in_words())
            .raw("</td><td class=\"number\">")
            .text(device.rooms.len())
            .raw("</td><td>")
            .with(button(
                forms,
                "kick",
                &device.device,
                "Send away",
                words::short(&device.device),
            ))
            .raw("</td></tr>")
    };
    let section = section.raw(
        "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Device</th><th scope=\"col\">From</th>\
         <th scope=\"col\" class=\"number\">Rooms</th><th scope=\"col\"><span class=\"unseen\">What to do</span></th></tr></thead><tbody>",
    );
    let section = section.each(devices.iter().take(MOST_ROWS).map(row));
    let section = section.raw("</tbody></table></div>");
    match devices.len().saturating_sub(MOST_ROWS) {
        0 => section.raw("</section>"),
        rest => section
            .raw("<p>There are ")
            .text(rest)
            .raw(" more; <code>tally-relay devices</code> has all.</p></section>"),
    }
}

fn tokens(forms: &Forms<'_>, seen: &Seen) -> Html {
    let section = Html::of("<section aria-labelledby=\"tokens\"><h2 id=\"tokens\">Tokens</h2>");
    let section = match &seen.tokens {
        Err(why) => section.with(notice_of(&Notice::Refused(why.clone()))),
        Ok(tokens) if tokens.is_empty() => {
            section.raw("<p class=\"none\">No token was given out.</p>")
        }
        Ok(tokens) => {
            let rows = tokens
                .iter()
                .rev()
                .map(|token| row_of(forms, token, seen.now));
            let section = section.raw(
                "<div class=\"wide\"><table><thead><tr><th scope=\"col\">Token</th><th scope=\"col\">For</th>\
                 <th scope=\"col\">State</th><th scope=\"col\" class=\"number\">Came</th><th scope=\"col\">Lasts</th>\
                 <th scope=\"col\"><span class=\"unseen\">What to do</span></th></tr></thead><tbody>",
            );
            section
                .each(rows.take(MOST_ROWS))
                .raw("</tbody></table></div>")
        }
    };
    section
        .with(invite(forms, seen.address.as_deref()))
        .raw("</section>")
}

fn row_of(forms: &Forms<'_>, token: &Token, now: Timestamp) -> Html {
    let row = Html::of("<tr><th scope=\"row\"><code>")
        .text(&token.id)
        .raw("</code></th><td>")
        .text(&token.label)
        .raw("</td><td>")
        .text(words_of(token.state(now)))
        .raw("</td><td class=\"number\">")
        .text(format!("{} of {}", token.devices.len(), token.uses))
        .raw("</td><td>")
        .text(words::until(token.expires))
        .raw("</td><td>");
    let row = match token.revoked {
        Some(_) => row,
        None => row.with(button(forms, "revoke", &token.id, "Revoke", &token.id)),
    };
    row.raw("</td></tr>")
}

fn invite(forms: &Forms<'_>, address: Option<&str>) -> Html {
    form(forms, "invite", "", true)
        .raw(
            "<fieldset><legend>Let somebody keep projects here</legend>\
             <label>For whom <input name=\"label\" maxlength=\"80\" autocomplete=\"off\"></label>\
             <label>Devices <input name=\"uses\" type=\"number\" min=\"1\" max=\"1000\" value=\"1\" required></label>\
             <label>Good for <select name=\"expires\"><option value=\"12h\">12 hours</option>\
             <option value=\"7d\" selected>7 days</option><option value=\"4w\">4 weeks</option>\
             <option value=\"never\">ever</option></select></label>\
             <label>Others reach this relay at <input name=\"address\" maxlength=\"256\" autocomplete=\"off\" \
             placeholder=\"relay.example:7825\" required value=\"",
        )
        .text(address.unwrap_or_default())
        .raw("\"></label><button class=\"first\">Invite</button></fieldset></form>")
}

/// The beginning of a form that does something to what has this id.
fn form(forms: &Forms<'_>, deed: &str, id: &str, is_sure: bool) -> Html {
    let form = Html::of("<form method=\"post\" action=\"/at/")
        .text(forms.place)
        .raw("/do\"><input type=\"hidden\" name=\"form\" value=\"")
        .text(forms.form)
        .raw("\"><input type=\"hidden\" name=\"deed\" value=\"")
        .text(deed)
        .raw("\"><input type=\"hidden\" name=\"id\" value=\"")
        .text(id)
        .raw("\">");
    match is_sure {
        true => form.raw("<input type=\"hidden\" name=\"sure\" value=\"yes\">"),
        false => form,
    }
}

/// A button that asks for something which is confirmed on a page of its own.
fn button(forms: &Forms<'_>, deed: &str, id: &str, text: &str, about: &str) -> Html {
    form(forms, deed, id, false)
        .raw("<button>")
        .text(text)
        .raw("<span class=\"unseen\"> ")
        .text(about)
        .raw("</span></button></form>")
}

/// Bytes for people, rounded down to a whole unit of 1,024.
fn size(bytes: u64) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut left = bytes;
    for unit in units {
        if left < 10_240 || unit == "TiB" {
            return format!("{left} {unit}");
        }
        left /= 1_024;
    }
    unreachable!("the last unit takes everything")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_rooms_the_largest_are_shown_and_the_rest_is_counted() {
        let forms = Forms {
            place: "p",
            form: "f",
        };
        let room = |number: usize| ShownRoom {
            bytes: number as u64,
            ..ShownRoom::unvisited(format!("{number:0>64}"))
        };
        let many: Vec<_> = (0..MOST_ROWS + 5).map(room).collect();
        let page = Html::page("", rooms(&forms, &many));
        assert_eq!(page.matches("<tr><th scope=\"row\"").count(), MOST_ROWS);
        assert!(page.contains("There are 5 more"), "{page}");
        assert!(page.contains(&many[MOST_ROWS + 4].room) && !page.contains(&many[4].room));
    }

    #[test]
    fn bytes_are_told_in_a_unit_that_fits() {
        let sizes = [0, 10_239, 10_240, 5 << 20, 3 << 40, u64::MAX].map(size);
        let expected = ["0 bytes", "10239 bytes", "10 KiB", "5120 KiB", "3072 GiB"];
        assert_eq!(sizes[..5], expected);
        assert!(sizes[5].ends_with(" TiB"));
    }
}
