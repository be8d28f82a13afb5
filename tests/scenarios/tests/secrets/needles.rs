//! What is looked for, and where.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Things to be found, each in every form that it may have.
#[derive(Clone, Default)]
pub struct Needles(Vec<Needle>);

#[derive(Clone)]
struct Needle {
    name: String,
    forms: Vec<Vec<u8>>,
    is_title: bool,
}

impl Needles {
    /// A text that people have typed.
    pub fn word(&mut self, text: &str, is_title: bool) {
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes);
        self.0.push(Needle {
            name: text.to_owned(),
            forms: vec![text.as_bytes().to_vec(), wide.collect()],
            is_title,
        });
    }

    /// A secret of so many bytes, also as a text.
    pub fn secret(&mut self, name: &str, bytes: &[u8]) {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        // What `Debug` prints of bytes.
        let list = format!("{bytes:?}");
        let forms = [
            hex.to_uppercase(),
            hex,
            STANDARD_NO_PAD.encode(bytes),
            URL_SAFE_NO_PAD.encode(bytes),
            list[1..list.len() - 1].to_owned(),
        ];
        let forms = forms.map(String::into_bytes).into_iter();
        self.0.push(Needle {
            name: name.to_owned(),
            forms: forms.chain([bytes.to_vec()]).collect(),
            is_title: false,
        });
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Those that are titles.
    pub fn titles(&self) -> Self {
        Self(self.0.iter().filter(|it| it.is_title).cloned().collect())
    }

    /// Which are where, in words.
    pub fn in_places(&self, places: &[(String, Vec<u8>)]) -> Vec<String> {
        let mut found = Vec::new();
        for (place, bytes) in places {
            let here = self.0.iter().filter(|it| it.is_in(bytes));
            found.extend(here.map(|it| format!("{} in {place}", it.name)));
        }
        found
    }

    /// Which are in none of the places.
    pub fn missing_in(&self, places: &[(String, Vec<u8>)]) -> Vec<String> {
        let is_missing = |it: &&Needle| !places.iter().any(|(_, bytes)| it.is_in(bytes));
        let missing = self.0.iter().filter(is_missing);
        missing.map(|it| it.name.clone()).collect()
    }
}

impl Needle {
    fn is_in(&self, bytes: &[u8]) -> bool {
        let is_in = |form: &Vec<u8>| memchr::memmem::find(bytes, form).is_some();
        self.forms.iter().any(is_in)
    }
}

/// All files under a folder.
pub fn files_under(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else if let Ok(bytes) = fs::read(&path) {
            // One that was there a moment ago may be gone.
            files.push((path.to_string_lossy().into_owned(), bytes));
        }
    }
    files
}

/// All that this process logs, of the lowest level too.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// From now on.
    pub fn listen() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let log = LOG.get_or_init(|| {
            let log = Self(Arc::default());
            let writer = log.clone();
            tracing_subscriber::fmt()
                .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
                .with_ansi(false)
                .with_writer(move || writer.clone())
                .init();
            log
        });
        log.clone()
    }

    pub fn text(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
