//! What the program was started with.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use app::network::NetworkOptions;

/// What `--help` prints.
pub const USAGE: &str = "\
Usage: talus-tally [--data-dir FOLDER] [FILE.talus | FILE.tallybundle | talus://LINK]...

  --data-dir FOLDER   where projects and settings live
                      (otherwise $TALUS_DATA_DIR, otherwise the place your system has for it)
  --listen ADDRESS    where other machines reach this one, such as 127.0.0.1:7400 for this machine alone
                      (otherwise everywhere, at the port of the settings)
  --keys PLACE        where the keys of a new folder go: keychain (that of your system) or file (in the folder)
                      (otherwise into the keychain, but into a file where the folder was said)
  --insecure-lan      let everybody on the network into projects that were shared by earlier versions; for tests and
                      demonstrations
  -h, --help          print this
  -V, --version       print the version
";

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Launch {
    /// Print this and end.
    Print(String),
    /// Open the window.
    Window {
        /// Where projects and settings live, if it was said.
        data_dir: Option<PathBuf>,
        /// Files as absolute paths, and links, in the order given.
        arguments: Vec<String>,
        /// How to reach others, if it was said.
        network: Option<NetworkOptions>,
        /// Whether new keys go into the keychain, if it was said.
        in_keychain: Option<bool>,
    },
}

impl Launch {
    /// Reads the command line. `folder` is what relative paths start from. The error is a sentence for people.
    pub fn read(arguments: impl Iterator<Item = OsString>, folder: &Path) -> Result<Self, String> {
        let (mut data_dir, mut opened, mut only_files) = (None, Vec::new(), false);
        let (mut listen, mut insecure_lan, mut in_keychain) = (None, false, None);
        let mut arguments = arguments;
        while let Some(argument) = arguments.next() {
            let text = argument.to_string_lossy();
            match text.as_ref() {
                _ if only_files => opened.push(absolute(&argument, folder)),
                "--" => only_files = true,
                "-h" | "--help" => return Ok(Self::Print(USAGE.to_owned())),
                "-V" | "--version" => {
                    return Ok(Self::Print(format!(
                        "talus-tally {}\n",
                        env!("CARGO_PKG_VERSION")
                    )));
                }
                "--data-dir" => {
                    let value = arguments.next().ok_or("--data-dir needs a folder")?;
                    data_dir = Some(folder.join(value));
                }
                _ if text.starts_with("--data-dir=") => {
                    data_dir = Some(folder.join(&text["--data-dir=".len()..]));
                }
                "--keys" => {
                    let value = arguments.next().ok_or("--keys needs a place")?;
                    in_keychain = Some(is_keychain(&value.to_string_lossy())?);
                }
                _ if text.starts_with("--keys=") => {
                    in_keychain = Some(is_keychain(&text["--keys=".len()..])?);
                }
                "--insecure-lan" => insecure_lan = true,
                "--listen" => {
                    let value = arguments.next().ok_or("--listen needs an address")?;
                    listen = Some(address(&value.to_string_lossy())?);
                }
                _ if text.starts_with("--listen=") => {
                    listen = Some(address(&text["--listen=".len()..])?);
                }
                // What macOS adds when a program is started from the Finder.
                _ if text.starts_with("-psn_") => {}
                _ if text.starts_with('-') => return Err(format!("unknown option {text}")),
                _ if text.starts_with("talus:") => opened.push(text.into_owned()),
                _ if text.starts_with("file:") => opened.push(from_url(&text)?),
                _ => opened.push(absolute(&argument, folder)),
            }
        }
        Ok(Self::Window {
            data_dir,
            arguments: opened,
            network: network(listen, insecure_lan),
            in_keychain,
        })
    }
}

/// Whether new keys go into the keychain. A folder that was said may be carried to where its keychain is not.
pub fn is_keychain_first(in_keychain: Option<bool>, data_dir: Option<&Path>) -> bool {
    in_keychain.unwrap_or(data_dir.is_none())
}

/// Whoever lets the network in wants to be found there.
fn network(listen: Option<SocketAddr>, insecure_lan: bool) -> Option<NetworkOptions> {
    let everywhere = insecure_lan.then_some(SocketAddr::from(([0, 0, 0, 0], 0)));
    let listen = listen.or(everywhere)?;
    Some(NetworkOptions {
        listen,
        insecure_lan,
        discover: !listen.ip().is_loopback(),
    })
}

fn is_keychain(place: &str) -> Result<bool, String> {
    match place {
        "keychain" => Ok(true),
        "file" => Ok(false),
        _ => Err(format!(
            "keys go into the keychain or into a file, not into {place}"
        )),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("{text} is not an address with a port"))
}

/// Desktops hand over files as addresses when the program takes links, too.
fn from_url(url: &str) -> Result<String, String> {
    let path = tauri::Url::parse(url)
        .ok()
        .and_then(|url| url.to_file_path().ok());
    let path = path.ok_or_else(|| format!("{url} is not a file of this machine"))?;
    Ok(path.to_string_lossy().into_owned())
}

fn absolute(path: &OsString, folder: &Path) -> String {
    folder.join(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Launch, String> {
        Launch::read(arguments.iter().map(OsString::from), Path::new("/home/ana"))
    }

    fn window(data_dir: Option<&str>, arguments: &[&str]) -> Launch {
        let arguments = arguments
            .iter()
            .map(|&argument| argument.to_owned())
            .collect();
        Launch::Window {
            data_dir: data_dir.map(PathBuf::from),
            arguments,
            network: None,
            in_keychain: None,
        }
    }

    #[test]
    fn keys_go_where_it_was_said() {
        let keys = |arguments: &[&str]| match read(arguments) {
            Ok(Launch::Window { in_keychain, .. }) => Ok(in_keychain),
            other => Err(other),
        };
        assert_eq!(keys(&["a.talus"]), Ok(None));
        assert_eq!(keys(&["--keys", "keychain"]), Ok(Some(true)));
        assert_eq!(keys(&["--keys=file", "a.talus"]), Ok(Some(false)));
        let said = Some(Path::new("/srv/talus"));
        assert!(is_keychain_first(None, None) && !is_keychain_first(None, said));
        assert!(is_keychain_first(Some(true), said) && !is_keychain_first(Some(false), None));
        assert!(read(&["--keys", "pocket"]).is_err() && read(&["--keys"]).is_err());
    }

    #[test]
    fn it_listens_where_it_was_told_to() {
        let network = |arguments: &[&str]| match read(arguments) {
            Ok(Launch::Window { network, .. }) => network,
            other => panic!("{other:?}"),
        };
        assert_eq!(network(&["a.talus"]), None);
        let near = network(&["--listen=127.0.0.1:7400"]).expect("it was said");
        assert!(!near.insecure_lan && !near.discover && near.listen.ip().is_loopback());
        let lan = network(&["--listen=0.0.0.0:7400"]).expect("it was said");
        assert!(!lan.insecure_lan && lan.discover);
        let far = network(&["--insecure-lan"]).expect("it was said");
        assert!(far.insecure_lan && far.discover && far.listen.ip().is_unspecified());
        assert!(read(&["--listen", "here"]).is_err());
    }

    #[test]
    fn files_become_absolute_and_links_stay() {
        let launch = read(&["plan.talus", "/srv/other.talus", "talus://join#secret"]);
        assert_eq!(
            launch,
            Ok(window(
                None,
                &[
                    "/home/ana/plan.talus",
                    "/srv/other.talus",
                    "talus://join#secret"
                ]
            ))
        );
    }

    #[test]
    fn the_address_of_a_file_is_its_path() {
        assert_eq!(
            read(&["file:///srv/my%20plan.talus"]),
            Ok(window(None, &["/srv/my plan.talus"]))
        );
        assert_eq!(
            read(&["file://elsewhere/plan.talus"]),
            Err("file://elsewhere/plan.talus is not a file of this machine".to_owned())
        );
    }

    #[test]
    fn the_data_directory_can_be_said_in_two_ways() {
        assert_eq!(
            read(&["--data-dir", "here"]),
            Ok(window(Some("/home/ana/here"), &[]))
        );
        assert_eq!(
            read(&["--data-dir=/there"]),
            Ok(window(Some("/there"), &[]))
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        assert_eq!(
            read(&["--dat-dir"]),
            Err("unknown option --dat-dir".to_owned())
        );
        assert_eq!(
            read(&["--data-dir"]),
            Err("--data-dir needs a folder".to_owned())
        );
    }

    #[test]
    fn after_two_dashes_everything_is_a_file() {
        assert_eq!(
            read(&["--", "--help"]),
            Ok(window(None, &["/home/ana/--help"]))
        );
    }
}
