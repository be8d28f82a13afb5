//! What is shown to people, in a terminal and on the page for admins alike. Programs read JSON.

use jiff::Timestamp;

use super::order::{ShownDevice, ShownRoom, ShownStatus};

/// So many digits of an id are shown where it has company.
const DIGITS: usize = 16;

/// An id where there is little room. Its first digits name it in commands, too.
pub fn short(id: &str) -> &str {
    id.get(..DIGITS).unwrap_or(id)
}

/// A time, to the minute.
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long something lasts.
pub fn until(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "for good".to_owned(), |at| format!("until {}", time(at)))
}

impl ShownStatus {
    pub fn certificate_in_words(&self) -> String {
        match &self.certificate {
            None => "none".to_owned(),
            Some(it) if it.state == "ok" => until(Some(it.until)),
            Some(it) => it.state.clone(),
        }
    }

    pub fn connections_in_words(&self) -> String {
        format!("{}, of which {} are in rooms", self.connections, self.links)
    }

    pub fn rooms_in_words(&self) -> String {
        let (open, stored) = (self.rooms_open, self.rooms_stored);
        format!("{open} open, {stored} on the disk")
    }
}

impl ShownRoom {
    /// When somebody was last in it.
    pub fn visit_in_words(&self) -> String {
        self.visited.map_or_else(|| "unknown".to_owned(), time)
    }
}

impl ShownDevice {
    pub fn addresses_in_words(&self) -> String {
        let addresses: Vec<&str> = self.addresses.iter().map(String::as_str).collect();
        addresses.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_cut_and_times_told_to_the_minute() {
        assert_eq!(short(&"ab".repeat(32)), "abababababababab");
        assert_eq!(short("ab"), "ab");
        let at: Timestamp = "2026-02-03T09:05:59.9Z".parse().expect("a time");
        assert_eq!(time(at), "2026-02-03 09:05 UTC");
        assert_eq!(until(Some(at)), "until 2026-02-03 09:05 UTC");
        assert_eq!(until(None), "for good");
    }
}
