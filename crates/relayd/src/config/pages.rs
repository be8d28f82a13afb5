//! What has to hold for the two pages of a relay: others reach them by TLS alone, and are asked who they are.

use std::net::SocketAddr;

use relay::Access;

use super::{Bind, Config};
use crate::failure::{Exit, Failure};

impl Config {
    /// Refuses pages that others could read on the way, or without being asked.
    pub(super) fn check_pages(&self) -> Result<(), Failure> {
        let (tls, operations, admin) = (&self.tls, &self.operations, &self.admin);
        let is_asked = tls.is_on() && !operations.token_file.as_os_str().is_empty();
        if let Some(listen) = in_the_open(operations.listen)
            && !is_asked
        {
            let message = format!(
                "operations.listen: {listen} can be reached by others, and nothing there asks who they are; take 127.0.0.1, or give it a \
                 certificate (tls.certificate_file, tls.key_file) and a token (operations.token_file)"
            );
            return wrong("OPERATIONS_IN_THE_OPEN", message);
        }
        if let Some(listen) = in_the_open(admin.listen)
            && !tls.is_on()
        {
            let message = format!(
                "admin.listen: {listen} can be reached by others, and what is sent there can be read on the way; take 127.0.0.1, or give it \
                 a certificate (tls.certificate_file, tls.key_file)"
            );
            return wrong("ADMIN_IN_THE_OPEN", message);
        }
        let origin = admin.origin.text();
        let is_by_tls = origin.map(|it| it.starts_with("https://"));
        let is_found = is_by_tls.unwrap_or(in_the_open(admin.listen).is_none());
        if tls.is_on() && admin.listen != Bind::Off && !is_found {
            let message = "admin.origin: say how browsers find the page for admins by TLS, with the name that is in the certificate, such as \
                           https://relay.example:7828";
            return wrong("ADMIN_ORIGIN_NEEDED", message.to_owned());
        }
        Ok(())
    }
}

fn wrong(code: &'static str, message: String) -> Result<(), Failure> {
    Err(Failure::new(Exit::Config, code, message))
}

/// Where others can come to.
fn in_the_open(bind: Bind) -> Option<SocketAddr> {
    match bind {
        Bind::At(listen) if !Access::default().permits_in_the_open(&listen) => Some(listen),
        Bind::At(_) | Bind::Off => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Origin;

    /// Why it is refused, by its code: files that are named, and where the pages are.
    fn code(files: &[&str], operations: &str, admin: (&str, &str)) -> Option<&'static str> {
        let mut config = Config::default();
        for file in files {
            match *file {
                "certificate" => config.tls.certificate_file = file.into(),
                "key" => config.tls.key_file = file.into(),
                _ => config.operations.token_file = file.into(),
            }
        }
        let bind = |text: &str| Bind::try_from(text.to_owned()).expect("an address, or off");
        config.operations.listen = bind(operations);
        config.admin.listen = bind(admin.0);
        config.admin.origin = Origin::try_from(admin.1.to_owned()).expect("an origin");
        config.check_pages().err().map(|it| it.code)
    }

    #[test]
    fn others_reach_them_by_tls_alone_and_are_asked() {
        let (near, open) = ("127.0.0.1:1", "0.0.0.0:1");
        let (nothing, tls) = (&[][..], &["certificate", "key"][..]);
        let all = &["certificate", "key", "token"][..];
        let (off, by_tls) = (("off", ""), (open, "https://relay.example:1"));
        assert_eq!(code(nothing, near, (near, "http://a.example")), None);
        assert_eq!(code(&["token"], near, off), None);
        assert_eq!(code(tls, near, (near, "")), None);
        assert_eq!(code(all, open, by_tls), None);
        for lacking in [nothing, tls, &["token"]] {
            let found = code(lacking, open, off);
            assert_eq!(found, Some("OPERATIONS_IN_THE_OPEN"), "{lacking:?}");
        }
        assert_eq!(code(&["token"], "off", by_tls), Some("ADMIN_IN_THE_OPEN"));
        for admin in [
            (open, ""),
            (open, "http://a.example"),
            (near, "http://a.example"),
        ] {
            let found = code(tls, "off", admin);
            assert_eq!(found, Some("ADMIN_ORIGIN_NEEDED"), "{admin:?}");
        }
        assert_eq!(code(tls, "off", ("off", "http://a.example")), None);
    }
}
