//! A named pipe, called after the data directory.

use std::io;
use std::path::Path;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Name, Stream};

fn pipe(data_dir: &Path) -> io::Result<Name<'static>> {
    let hash = blake3::hash(data_dir.to_string_lossy().as_bytes()).to_hex();
    format!("talus-tally-{hash}").to_ns_name::<GenericNamespaced>()
}

pub fn connect(data_dir: &Path) -> io::Result<Stream> {
    Stream::connect(pipe(data_dir)?)
}

pub fn listen(data_dir: &Path) -> io::Result<impl Iterator<Item = Stream> + Send + 'static> {
    let listener = ListenerOptions::new().name(pipe(data_dir)?).create_sync()?;
    Ok(std::iter::from_fn(move || listener.accept().ok()))
}
