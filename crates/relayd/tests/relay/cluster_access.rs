//! How a relay comes to its Redis: by TLS, and as whom.

use std::{
    fs,
    path::{Path, PathBuf},
};

use relay::Limits;
use tempfile::TempDir;
use testkit::{
    links::{Member, View, room},
    redis::Secured,
};

use crate::{
    guide::block_of,
    process::{Relay, run},
};

const PASSWORD: &str = "open-sesame-4711";

/// What a relay has to be told to come in, and where it has its data.
struct Access {
    dir: TempDir,
    redis: String,
    user: String,
    authority: PathBuf,
}

impl Access {
    fn to(secured: &Secured, password: &str) -> Self {
        let dir = TempDir::new().unwrap();
        secret(&dir.path().join("password"), password);
        Self {
            dir,
            redis: secured.address(),
            user: "relay".to_owned(),
            authority: secured.authority(),
        }
    }

    fn flags(&self) -> Vec<String> {
        let [password, authority] = [self.dir.path().join("password"), self.authority.clone()]
            .map(|it| it.to_str().unwrap().to_owned());
        let settings = [
            ("cluster.redis", &self.redis),
            ("cluster.user", &self.user),
            ("cluster.password_file", &password),
            ("cluster.authority_file", &authority),
        ];
        let settings = settings.map(|(key, value)| ["--set".to_owned(), format!("{key}={value}")]);
        settings.concat()
    }

    fn serve(&self) -> Relay {
        let data = self.dir.path().join("data");
        let mut words = self.flags();
        words.push("--data-dir".to_owned());
        words.push(data.to_str().unwrap().to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let begin = [
            "--plain",
            "--anyone",
            "--log",
            "trace",
            "--listen",
            "127.0.0.1:0",
        ];
        Relay::start_told(&[&begin[..], &words].concat())
    }

    /// What a command says that is told the same.
    fn says(&self, words: &[&str]) -> (i32, String) {
        let flags = self.flags();
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let (code, out, errors) = run(&[words, &flags].concat());
        (code, out + &errors)
    }
}

fn secret(path: &Path, line: &str) {
    fs::write(path, format!("{line}\n")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// A user who may do what the guide says, and nothing else.
fn let_in(secured: &Secured) {
    let line = block_of("cluster.md", "user relay ");
    let line = line.replace("<something long>", PASSWORD);
    let words: Vec<&str> = line.split_whitespace().skip(1).collect();
    let answer = secured
        .redis
        .run(&[&["ACL", "SETUSER"], &words[..]].concat());
    assert_eq!(answer, "+OK");
}

async fn acknowledged(member: &Member, frames: u64) {
    let all = |view: &View| view.acknowledged.frames() >= frames;
    member.until("frames are acknowledged", all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_shared_by_tls_as_a_user_whose_password_is_never_told() {
    let secured = Secured::start();
    let_in(&secured);
    let accesses = [0, 1].map(|_| Access::to(&secured, PASSWORD));
    let [one, other] = [0, 1].map(|place: usize| accesses[place].serve());
    let room = room(1);
    let dial =
        |number, relay: &Relay| Member::dial(number, &room, relay.address(), Limits::default());
    let (ana, ben) = (dial(1, &one), dial(2, &other));
    ana.write(3, 100);
    ben.holds(3).await;
    acknowledged(&ana, 3).await;
    ana.say(b"here");
    let is_seen = |view: &View| view.present.values().any(|it| it == &b"here"[..]);
    ben.until("ana is seen", is_seen).await;

    let mistaken = Access::to(&secured, "close-sesame-0815");
    let mut denied = mistaken.serve();
    denied.says("REDIS_DENIED");
    let (checked, check) = accesses[0].says(&["config", "check"]);
    let (printed, print) = accesses[0].says(&["config", "print", "--origin"]);
    assert_eq!((checked, printed), (0, 0), "{check}{print}");
    let said = [one, other, denied].map(Relay::everything).concat() + &check + &print;
    assert!(
        said.contains("shares rooms by Redis") && said.contains("password_file"),
        "{said}"
    );
    for secret in ["sesame", "4711", "0815"] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_for_which_nobody_vouches_is_told_nothing() {
    let secured = Secured::start();
    let_in(&secured);
    let stranger = Secured::start();
    let access = Access {
        authority: stranger.authority(),
        ..Access::to(&secured, PASSWORD)
    };
    let mut relay = access.serve();
    let gone = relay.says("REDIS_GONE");
    assert!(gone.contains("certificate"), "{gone}");
    let room = room(1);
    let ana = Member::dial(1, &room, relay.address(), Limits::default());
    ana.write(1, 100);
    let ben = Member::dial(2, &room, relay.address(), Limits::default());
    ben.holds(1).await;
    assert_eq!(ana.view().acknowledged.frames(), 0);
    assert_eq!(secured.redis.run(&["DBSIZE"]), ":0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_whose_certificate_has_expired_is_reached_once_it_has_another() {
    let secured = Secured::start_expired();
    let_in(&secured);
    let access = Access::to(&secured, PASSWORD);
    let mut relay = access.serve();
    let gone = relay.says("REDIS_GONE");
    assert!(gone.contains("xpired"), "{gone}");
    let ana = Member::dial(1, &room(1), relay.address(), Limits::default());
    ana.write(1, 100);
    secured.renew();
    relay.says("shares rooms by Redis");
    acknowledged(&ana, 1).await;
}

#[test]
fn what_is_wrong_with_an_access_is_said_without_the_password() {
    let dir = TempDir::new().unwrap();
    let [password, readable, authority] =
        ["password", "readable", "authority"].map(|it| dir.path().join(it));
    secret(&password, PASSWORD);
    fs::write(&readable, PASSWORD).unwrap();
    fs::write(&authority, PASSWORD).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&readable, fs::Permissions::from_mode(0o644)).unwrap();
    }
    let file = |key: &str, path: &Path| format!("cluster.{key}_file={}", path.display());
    let tls = "cluster.redis=rediss://127.0.0.1:1".to_owned();
    let shown = format!("cluster.redis=redis://relay:{PASSWORD}@127.0.0.1:1");
    let asked = format!("cluster.redis=redis://127.0.0.1:1?pass={PASSWORD}");
    let user = "cluster.user=relay".to_owned();
    for (settings, exit, code) in [
        (vec![shown], 78, "REDIS_PASSWORD_SHOWN"),
        (vec![asked], 78, "REDIS_PASSWORD_SHOWN"),
        (vec![tls.clone(), user], 78, "REDIS_PASSWORD_MISSING"),
        (
            vec![tls.clone(), file("password", &readable)],
            77,
            "SECRET_READABLE",
        ),
        (
            vec![tls.clone(), file("password", dir.path())],
            74,
            "REDIS_PASSWORD_UNREADABLE",
        ),
        (
            vec![
                tls,
                file("password", &password),
                file("authority", &authority),
            ],
            78,
            "REDIS_AUTHORITY_UNREADABLE",
        ),
        (
            vec![
                "cluster.redis=redis://127.0.0.1:1".to_owned(),
                file("authority", &looks_like_one(&dir)),
            ],
            78,
            "REDIS_ADDRESS",
        ),
    ] {
        let data = dir.path().join("data");
        let begin = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--data-dir",
            data.to_str().unwrap(),
        ];
        let settings = settings.iter().flat_map(|it| ["--set", it]);
        let words: Vec<&str> = begin.into_iter().chain(settings).collect();
        let (found, out, errors) = run(&words);
        assert_eq!((found, &*out), (exit, ""), "{errors}");
        assert!(
            errors.contains(code) && !errors.contains("sesame"),
            "{errors}"
        );
    }
}

/// What looks like a certificate.
fn looks_like_one(dir: &TempDir) -> PathBuf {
    let path = dir.path().join("looks like one");
    fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    path
}
