//! One running instance per data directory: a second launch hands its arguments to the first and ends.
//!
//! The lock that the store holds on the directory decides who is first; this is only how the two talk. One connection
//! carries one line of JSON, a list of strings, and is answered with one line, `ok`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

#[cfg_attr(unix, path = "instance/unix.rs")]
#[cfg_attr(windows, path = "instance/windows.rs")]
mod door;

/// How long the first instance may take to answer. It may be starting: it owns the directory before it listens.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How often a door that is not there yet is tried.
const TRY_EVERY: Duration = Duration::from_millis(50);
/// No command line is longer than this.
const MAX_LINE_BYTES: u64 = 1 << 20;
const ANSWER: &[u8] = b"ok\n";

/// Hands `arguments` to the instance that owns `data_dir`. Whether it took them.
pub fn hand_over(data_dir: &Path, arguments: &[String]) -> bool {
    let (door, line) = (data_dir.to_owned(), line_of(arguments));
    let deadline = Instant::now() + ANSWER_WITHIN;
    let (answered, answer) = mpsc::channel();
    // On a thread of its own, because not every platform can give up on a connection that stays silent.
    thread::spawn(move || {
        while Instant::now() < deadline {
            if let Ok(taken) = door::connect(&door).and_then(|door| knock(door, &line)) {
                // Nobody listens any more when the deadline has passed; then it does not matter.
                let _ = answered.send(taken);
                return;
            }
            thread::sleep(TRY_EVERY);
        }
    });
    answer.recv_timeout(ANSWER_WITHIN).unwrap_or(false)
}

/// Takes the arguments of later launches, for as long as the program runs. Call it only while owning `data_dir`.
pub fn listen(
    data_dir: &Path,
    take: impl Fn(Vec<String>) + Send + Sync + 'static,
) -> io::Result<()> {
    let doors = door::listen(data_dir)?;
    let take = std::sync::Arc::new(take);
    thread::Builder::new()
        .name("instance".to_owned())
        .spawn(move || {
            for door in doors {
                let take = std::sync::Arc::clone(&take);
                // A launch that is slow to speak does not keep the next one waiting.
                thread::spawn(move || {
                    if let Err(error) = answer(door, &*take) {
                        tracing::warn!(%error, "a second launch was not understood");
                    }
                });
            }
        })?;
    Ok(())
}

fn line_of(arguments: &[String]) -> Vec<u8> {
    let mut line = serde_json::to_vec(arguments).expect("strings are JSON");
    line.push(b'\n');
    line
}

fn knock(mut door: impl Read + Write, line: &[u8]) -> io::Result<bool> {
    door.write_all(line)?;
    let mut answer = Vec::new();
    door.take(ANSWER.len() as u64).read_to_end(&mut answer)?;
    Ok(answer == ANSWER)
}

fn answer(door: impl Read + Write, take: &(impl Fn(Vec<String>) + ?Sized)) -> io::Result<()> {
    let mut door = BufReader::new(door);
    let mut line = Vec::new();
    door.by_ref()
        .take(MAX_LINE_BYTES)
        .read_until(b'\n', &mut line)?;
    take(serde_json::from_slice(&line)?);
    door.get_mut().write_all(ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_launch_hands_its_arguments_to_the_first() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        let (taken, arguments) = mpsc::channel();
        listen(directory.path(), move |list| {
            taken.send(list).expect("the test waits for it")
        })?;
        let given = vec![
            "/tmp/über \"plan\"\n.talus".to_owned(),
            "talus://join#x".to_owned(),
        ];
        assert!(hand_over(directory.path(), &given));
        assert_eq!(arguments.recv_timeout(ANSWER_WITHIN), Ok(given));
        Ok(())
    }

    #[test]
    fn a_door_left_by_a_killed_instance_is_replaced() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        drop(door::listen(directory.path())?);
        listen(directory.path(), |_| ())?;
        assert!(hand_over(directory.path(), &[]));
        Ok(())
    }

    #[test]
    fn what_is_not_a_list_of_strings_is_not_taken() -> io::Result<()> {
        let directory = tempfile::tempdir()?;
        listen(directory.path(), |_| panic!("nothing was handed over"))?;
        assert!(!knock(door::connect(directory.path())?, b"{}\n")?);
        Ok(())
    }

    #[test]
    fn nobody_there_is_noticed() -> io::Result<()> {
        assert!(!hand_over(tempfile::tempdir()?.path(), &[]));
        Ok(())
    }
}
