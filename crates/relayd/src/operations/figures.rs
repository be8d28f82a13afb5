//! Which numbers a relay shows. None of them names a room, a device or an address.

use store::State;

use super::{View, exposition::Page, process};

/// A page of all of them. It reads the store.
pub fn page(view: &View) -> String {
    let mut page = Page::default();
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    page.constant("tally_relay_info", "Which relay this is.", &version);
    links(&mut page, view);
    store(&mut page, view);
    cluster(&mut page, view);
    certificate(&mut page, view);
    process::figures(&mut page);
    page.finish()
}

fn links(page: &mut Page, view: &View) {
    let counted = view.rooms.metrics().counted();
    let (connections, connections_ever) = counted.connections;
    page.gauge(
        "tally_relay_connections",
        "Connections there are, greeted or not.",
        connections,
    );
    page.counter(
        "tally_relay_connections_opened_total",
        "Connections there ever were.",
        connections_ever,
    );
    let (links, links_ever) = counted.links;
    page.gauge(
        "tally_relay_links",
        "Connections that are in a room.",
        links,
    );
    page.counter(
        "tally_relay_links_opened_total",
        "Connections that ever were in a room.",
        links_ever,
    );
    let refusals = counted
        .refusals
        .iter()
        .map(|(why, count)| (why.word(), *count));
    page.counters(
        "tally_relay_refusals_total",
        "Who was sent away, by reason.",
        "reason",
        refusals,
    );
    page.counter(
        "tally_relay_offences_total",
        "What senders could have known to be wrong.",
        counted.offences,
    );
    let (messages, bytes) = counted.received;
    page.counter(
        "tally_relay_messages_received_total",
        "Messages that came.",
        messages,
    );
    page.counter("tally_relay_received_bytes_total", "Their bytes.", bytes);
    let (messages, bytes) = counted.sent;
    page.counter(
        "tally_relay_messages_sent_total",
        "Messages that left.",
        messages,
    );
    page.counter("tally_relay_sent_bytes_total", "Their bytes.", bytes);
    let (frames, bytes) = counted.stored;
    page.counter(
        "tally_relay_frames_stored_total",
        "Frames given to the store.",
        frames,
    );
    page.counter("tally_relay_stored_bytes_total", "Their bytes.", bytes);
    page.histogram(
        "tally_relay_store_written_seconds",
        "Until frames would survive the end of the process.",
        &counted.written,
    );
    page.histogram(
        "tally_relay_store_durable_seconds",
        "Until frames would survive a loss of power.",
        &counted.durable,
    );
}

fn store(page: &mut Page, view: &View) {
    page.gauge(
        "tally_relay_rooms_open",
        "Rooms somebody is in, or was a minute ago.",
        view.rooms.len(),
    );
    if let Ok(rooms) = view.store.rooms().list() {
        page.gauge(
            "tally_relay_rooms_stored",
            "Rooms on the disk.",
            rooms.len(),
        );
    }
    let is_up = u8::from(view.store.state() == State::Ok);
    page.gauge(
        "tally_relay_store_up",
        "1 if the last write succeeded.",
        is_up,
    );
    if let Ok(free) = view.readiness.free_bytes() {
        page.gauge(
            "tally_relay_disk_free_bytes",
            "Free where rooms are kept.",
            free,
        );
    }
}

fn cluster(page: &mut Page, view: &View) {
    let Some(redis) = &view.redis else {
        return;
    };
    let health = redis.health();
    page.gauge(
        "tally_relay_cluster_up",
        "1 if the Redis by which relays share rooms takes what it is given.",
        u8::from(health.is_up),
    );
    page.counter(
        "tally_relay_cluster_losses_total",
        "How often it was lost.",
        health.losses,
    );
}

fn certificate(page: &mut Page, view: &View) {
    if let Some(certificate) = &view.certificate {
        page.gauge(
            "tally_relay_certificate_not_after_timestamp_seconds",
            "Until when the certificate is good that this page and the one for admins have.",
            certificate.until().as_second(),
        );
    }
}
