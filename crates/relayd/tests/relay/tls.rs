//! The two pages by TLS, asked by a client that knows an authority and a name.

use std::{
    collections::BTreeSet,
    fs, io,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::Value;
use testkit::authority::{Authority, GOOD, NAME, Secured, shown};

use crate::{
    fresh::Fresh,
    process::{Relay, run},
};

const PAST: (&str, &str) = ("20200101000000Z", "20210101000000Z");
const FUTURE: (&str, &str) = ("20900101000000Z", "20991231235959Z");

/// In 2020.
const PAST_S: u64 = 1_600_000_000;

/// Files that a configuration names, and who vouches for what is in them.
struct Files {
    authority: Authority,
    fresh: Fresh,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new(when: (&str, &str)) -> Self {
        let fresh = Fresh::new(&["--plain", "--anyone"]);
        let [certificate, key] = ["certificate.pem", "key.pem"].map(|it| fresh.dir.path().join(it));
        for (name, file) in [("certificate_file", &certificate), ("key_file", &key)] {
            let file = file.to_str().unwrap();
            fresh.edit(&format!("#{name} = \"\""), &format!("{name} = \"{file}\""));
        }
        let files = Self {
            authority: Authority::new(),
            fresh,
            certificate,
            key,
        };
        files.renew("first", when);
        files
    }

    /// As an admin's hook does.
    fn renew(&self, name: &str, when: (&str, &str)) {
        let (certificate, key) = self.authority.vouch(name, when);
        fs::copy(certificate, &self.certificate).unwrap();
        fs::copy(key, &self.key).unwrap();
        mode(&self.key, 0o600);
    }

    fn serve(&self, more: &[&str]) -> Relay {
        let watched = ["--set", "operations.listen=127.0.0.1:0"];
        Relay::start_told(&[&["--config", &self.fresh.config][..], &watched, more].concat())
    }

    fn status(&self) -> Value {
        let (code, out, errors) = run(&["status", "--json", "--config", &self.fresh.config]);
        assert_eq!(code, 0, "{errors}");
        serde_json::from_str(&out).unwrap()
    }

    /// Where `/metrics` is.
    fn operations(&self) -> SocketAddr {
        self.status()["operations"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// What `serve` and `config check` say of what is wrong.
    fn refused(&self, exit: i32, code: &str, advice: &str) {
        for words in [&["serve"][..], &["config", "check"]] {
            let (found, out, errors) = run(&[words, &["--config", &self.fresh.config]].concat());
            assert_eq!(found, exit, "{errors}");
            assert!(errors.contains(code) && errors.contains(advice), "{errors}");
            assert_eq!(out, "", "nobody is told that it is right");
        }
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Asks on a connection that goes on afterwards, as far as the answer says how long it is.
fn ask(stream: &mut (impl Read + Write), path: &str, header: &str) -> io::Result<(u16, String)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {NAME}\r\n{header}\r\n");
    stream.write_all(request.as_bytes())?;
    let (mut said, mut piece) = (Vec::<u8>::new(), [0; 4096]);
    loop {
        if let Some(answer) = whole(&String::from_utf8_lossy(&said)) {
            return Ok(answer);
        }
        match stream.read(&mut piece)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => said.extend(&piece[..read]),
        }
    }
}

/// An answer, once all of it is there.
fn whole(said: &str) -> Option<(u16, String)> {
    let (head, body) = said.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let length = lines.find_map(|it| it.strip_prefix("content-length: "))?;
    let status = head.split_whitespace().nth(1)?;
    let is_whole = body.len() >= length.parse::<usize>().unwrap();
    is_whole.then(|| (status.parse().unwrap(), body.to_owned()))
}

fn get(mut stream: Secured, path: &str) -> (u16, String) {
    ask(&mut stream, path, "").unwrap()
}

#[test]
fn pages_are_shown_by_tls_alone_and_say_how_the_certificate_stands() {
    let files = Files::new(GOOD);
    let _relay = files.serve(&[]);
    let (operations, authority) = (files.operations(), &files.authority);
    let (_, ready) = get(authority.reach(operations).unwrap(), "/readyz");
    assert!(ready.ends_with("certificate ok\n"), "{ready}");
    let (_, numbers) = get(authority.reach(operations).unwrap(), "/metrics");
    let number = "\ntally_relay_certificate_not_after_timestamp_seconds 4102444799\n";
    assert!(numbers.contains(number), "{numbers}");
    let (_, out, _) = run(&["status", "--config", &files.fresh.config]);
    assert!(
        out.contains("certificate  until 2099-12-31 23:59 UTC"),
        "{out}"
    );

    let mut bare = TcpStream::connect(operations).unwrap();
    assert!(
        ask(&mut bare, "/livez", "").is_err(),
        "it does not speak TLS"
    );
    let other = Authority::new().reach(operations);
    assert!(other.is_err(), "its authority does not vouch for the relay");
}

/// Ends the loops of other threads, also where a test fails.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_renewed_certificate_is_shown_to_who_comes_next_and_nobody_notices() {
    let files = Files::new(GOOD);
    let mut relay = files.serve(&[]);
    let (operations, authority) = (files.operations(), &files.authority);
    let first = shown(&authority.reach(operations).unwrap());
    let (seen, is_over) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    let goes_on = || !is_over.load(Ordering::Relaxed);
    let comes = || {
        let mut stream = authority.reach(operations).unwrap();
        seen.lock().unwrap().insert(shown(&stream));
        assert_eq!(ask(&mut stream, "/livez", "").unwrap().0, 200);
    };
    thread::scope(|scope| {
        let over = Over(&is_over);
        let stays = scope.spawn(|| {
            let mut stream = authority.reach(operations).unwrap();
            while goes_on() {
                assert_eq!(ask(&mut stream, "/livez", "").unwrap().0, 200);
            }
            shown(&stream)
        });
        scope.spawn(|| {
            while goes_on() {
                comes();
            }
        });
        comes();
        files.renew("second", GOOD);
        relay.signal("HUP");
        relay.says("shows another certificate");
        comes();

        // What is wrong takes nothing away.
        let stays_as_it_was = |relay: &mut Relay, code: &str| {
            relay.signal("HUP");
            let said = relay.says("the certificate stays as it was");
            assert!(said.contains(code), "{said}");
        };
        files.renew("late", PAST);
        stays_as_it_was(&mut relay, "TLS_CERTIFICATE_EXPIRED");
        files.renew("early", FUTURE);
        stays_as_it_was(&mut relay, "TLS_CERTIFICATE_EARLY");
        fs::write(&files.certificate, "garbage").unwrap();
        stays_as_it_was(&mut relay, "TLS_CERTIFICATE_INVALID");
        let (other, _) = authority.vouch("other", GOOD);
        fs::copy(other, &files.certificate).unwrap();
        stays_as_it_was(&mut relay, "TLS_KEY_OTHER");
        mode(&files.key, 0o644);
        stays_as_it_was(&mut relay, "SECRET_READABLE");
        fs::remove_file(&files.key).unwrap();
        stays_as_it_was(&mut relay, "TLS_KEY_UNREADABLE");
        comes();
        drop(over);
        assert_eq!(stays.join().unwrap(), first, "what there is goes on");
    });
    assert_eq!(seen.lock().unwrap().len(), 2, "the first and the second");

    // A configuration that is wrong meanwhile keeps nobody from renewing.
    files.renew("third", GOOD);
    files
        .fresh
        .edit("#connections = 16384", "connections = \"many\"");
    relay.signal("HUP");
    relay.says("shows another certificate");
    relay.says("the configuration stays as it was");
}

#[cfg(target_os = "linux")]
#[test]
fn the_hook_of_the_guide_hands_over_what_certbot_has() {
    let files = Files::new(GOOD);
    let mut relay = files.serve(&[]);
    let dir = files.fresh.dir.path();
    let place = dir.to_str().unwrap();
    // This user is the relay's, and there is no systemd here.
    let hook = crate::guide::block("#!/bin/sh\nset -e\nhand_over")
        .replace("-o tally-relay -g tally-relay ", "")
        .replace("/etc/tally-relay", place);
    let reload = format!(
        "#!/bin/sh\n[ \"$*\" = \"reload tally-relay\" ] && kill -HUP {}\n",
        relay.id()
    );
    let path = format!("{place}:{}", std::env::var("PATH").unwrap());
    let script = |name: &str, text: &str| {
        fs::write(dir.join(name), text).unwrap();
        mode(&dir.join(name), 0o755);
    };
    script("systemctl", &reload);
    script("hook", &hook);
    let (certificate, key) = files.authority.vouch("renewed", GOOD);
    let live = files.authority.dir();
    fs::rename(certificate, live.join("fullchain.pem")).unwrap();
    fs::rename(key, live.join("privkey.pem")).unwrap();
    mode(&live.join("privkey.pem"), 0o644);
    let mut hook = std::process::Command::new(dir.join("hook"));
    let run = hook.env("RENEWED_LINEAGE", live).env("PATH", path).status();
    assert!(run.unwrap().success());
    relay.says("shows another certificate");
}

#[test]
fn one_that_has_expired_is_shown_and_told_of() {
    let files = Files::new(PAST);
    let mut relay = files.serve(&[]);
    let said = relay.says("nobody will trust the certificate");
    assert!(said.contains("TLS_CERTIFICATE_EXPIRED"), "{said}");
    let (operations, authority) = (files.operations(), &files.authority);
    assert!(
        authority.reach(operations).is_err(),
        "clients do not take it"
    );
    let (status, ready) = get(authority.reach_at(operations, PAST_S).unwrap(), "/readyz");
    let expected = "certificate has expired on 2021-01-01T00:00:00Z; renew it";
    assert!(status == 200 && ready.contains(expected), "{ready}");
    let state = &files.status()["certificate"]["state"];
    assert!(state.as_str().unwrap().contains("has expired"), "{state}");
    let check = ["config", "check", "--config", &files.fresh.config];
    let (code, out, _) = run(&check);
    assert!(
        code == 0 && out.contains("TLS_CERTIFICATE_EXPIRED"),
        "{out}"
    );

    files.renew("second", GOOD);
    relay.signal("HUP");
    relay.says("shows another certificate");
    let (_, ready) = get(authority.reach(operations).unwrap(), "/readyz");
    assert!(ready.ends_with("certificate ok\n"), "{ready}");
}

#[test]
fn what_is_wrong_with_the_files_has_a_code_an_exit_code_and_advice() {
    let files = Files::new(GOOD);
    let [certificate, key] = [&files.certificate, &files.key].map(|it| fs::read(it).unwrap());
    for (file, kept, code) in [
        (&files.certificate, &certificate, "TLS_CERTIFICATE"),
        (&files.key, &key, "TLS_KEY"),
    ] {
        let name = file.to_str().unwrap();
        fs::remove_file(file).unwrap();
        files.refused(78, &format!("{code}_UNREADABLE"), name);
        fs::create_dir(file).unwrap();
        files.refused(74, &format!("{code}_UNREADABLE"), name);
        fs::remove_dir(file).unwrap();
        for garbage in [&b"garbage"[..], b"", &kept[..kept.len() / 2]] {
            fs::write(file, garbage).unwrap();
            mode(file, 0o600);
            files.refused(78, &format!("{code}_INVALID"), name);
        }
        fs::write(file, kept).unwrap();
    }
    mode(&files.key, 0o604);
    files.refused(77, "SECRET_READABLE", "chmod o=");
    mode(&files.key, 0o640);
    let (_, other) = files.authority.vouch("other", GOOD);
    fs::copy(other, &files.key).unwrap();
    files.refused(78, "TLS_KEY_OTHER", "made together");
    let line = format!("\nkey_file = \"{}\"", files.key.display());
    files.fresh.edit(&line, "");
    files.refused(78, "TLS_FILE_MISSING", "tls.key_file");
}

#[test]
fn others_reach_the_pages_by_a_certificate_and_those_who_watch_with_a_token() {
    let files = Files::new(GOOD);
    let file = files.fresh.dir.path().join("token");
    fs::write(&file, "0123456789abcdef\n").unwrap();
    mode(&file, 0o600);
    let open = "operations.listen=0.0.0.0:0";
    let token = format!("operations.token_file={}", file.display());
    let config = ["--config", &files.fresh.config];
    let wrong = |more: &[&str], exit: i32, code: &str| {
        let set = more.iter().flat_map(|it| ["--set", it]);
        let words = [&["serve"][..], &config, &set.collect::<Vec<_>>()].concat();
        let (found, _, errors) = run(&words);
        assert!(found == exit && errors.contains(code), "{errors}");
    };
    wrong(&[open], 78, "OPERATIONS_IN_THE_OPEN");
    let bare = ["tls.certificate_file=", "tls.key_file="];
    wrong(
        &[open, &token, bare[0], bare[1]],
        78,
        "OPERATIONS_IN_THE_OPEN",
    );
    wrong(&["admin.listen=0.0.0.0:0"], 78, "ADMIN_ORIGIN_NEEDED");
    let plain = "admin.origin=http://relay.example";
    wrong(
        &["admin.listen=127.0.0.1:0", plain],
        78,
        "ADMIN_ORIGIN_NEEDED",
    );
    mode(&file, 0o644);
    wrong(&[open, &token], 77, "SECRET_READABLE");
    mode(&file, 0o600);
    for weak in ["", "short", "two words, and many characters"] {
        fs::write(&file, weak).unwrap();
        wrong(&[open, &token], 78, "OPERATIONS_TOKEN_INVALID");
    }
    fs::remove_file(&file).unwrap();
    wrong(&[open, &token], 78, "OPERATIONS_TOKEN_UNREADABLE");

    fs::write(&file, "0123456789abcdef\n").unwrap();
    mode(&file, 0o600);
    let mut relay = files.serve(&["--set", open, "--set", &token]);
    let operations = SocketAddr::from(([127, 0, 0, 1], files.operations().port()));
    let ask = |header: &str| {
        let mut stream = files.authority.reach(operations).unwrap();
        let paths = ["/metrics", "/readyz", "/livez"];
        let said = paths.map(|path| ask(&mut stream, path, header).unwrap().0);
        assert!(said.iter().all(|it| *it == said[0]), "{said:?}");
        said[0]
    };
    // As Prometheus sends what is in its `credentials_file`.
    let with = |token: &str| format!("Authorization: Bearer {token}\r\n");
    assert_eq!(ask(&with("0123456789abcdef")), 200);
    for header in [
        "",
        &with("0123456789abcdeg"),
        &with(""),
        "Authorization: Basic 0123456789abcdef\r\n",
    ] {
        assert_eq!(ask(header), 401, "{header}");
    }
    fs::write(&file, "fedcba9876543210\n").unwrap();
    relay.signal("HUP");
    relay.says("read the configuration again");
    assert_eq!(ask(&with("0123456789abcdef")), 401);
    assert_eq!(ask(&with("fedcba9876543210")), 200);
    fs::write(&file, "").unwrap();
    relay.signal("HUP");
    relay.says("the token stays as it was");
    assert_eq!(ask(&with("fedcba9876543210")), 200);
}
