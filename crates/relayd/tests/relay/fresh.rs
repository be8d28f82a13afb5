//! A relay as `init` leaves it, and who is not let in.

use std::fs;

use relay::{Cause, DialFailure, DialState, NoLink};
use tempfile::TempDir;
use testkit::links::{Member, soon};

use crate::process::run;

/// A fresh directory with a configuration in it, on which `init` has been run.
pub struct Fresh {
    pub dir: TempDir,
    pub config: String,
    pub data: String,
    /// What `init` said.
    pub said: String,
}

impl Fresh {
    pub fn new(more: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        let [config, data] = ["relay.toml", "data"].map(|it| dir.path().join(it));
        let [config, data] = [config, data].map(|it| it.to_str().unwrap().to_owned());
        let mut arguments = vec!["init", "--config", &config, "--data-dir", &data];
        arguments.extend(["--listen", "127.0.0.1:0"]);
        arguments.extend(more);
        let (code, said, errors) = run(&arguments);
        assert_eq!(code, 0, "{errors}");
        Self {
            dir,
            config,
            data,
            said,
        }
    }

    /// Writes something else into the file, where `from` stands.
    pub fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.config).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&self.config, text.replace(from, to)).unwrap();
    }

    pub fn let_in(&self, owners: &str) {
        self.edit("#owners = []", &format!("owners = [{owners}]"));
    }
}

/// Waits until a member is refused, and returns what it is told.
pub async fn is_refused(member: &Member) -> String {
    is_told("NotPermitted", member).await
}

/// Waits until a member is sent away with this code, and returns the reason.
pub async fn is_told(code: &str, member: &Member) -> String {
    let mut state = member.dialled().state();
    let told = |state: &DialState| match state {
        DialState::Waiting { why, .. } => why.iter().find_map(|why| match why {
            NoLink::Ended(Cause::Bye(bye)) => Some(bye.clone()),
            NoLink::Failed(error) => match &error.why {
                DialFailure::Refused(bye) => Some(bye.clone()),
                _ => None,
            },
            NoLink::Ended(_) => None,
        }),
        _ => None,
    };
    let waited = soon("it is told", state.wait_for(|it| told(it).is_some()));
    let bye = told(&waited.await.unwrap()).unwrap();
    assert_eq!(format!("{:?}", bye.code), code);
    bye.reason
}
