//! A file that is dragged over the page and dropped.

use std::path::Path;

use serde_json::json;

use crate::chromium::Devtools;
use crate::window::Window;
use crate::xdnd;

/// Something beside the page out of which files are dragged.
pub struct FileManager<'a> {
    window: &'a Window,
    source: Source<'a>,
}

enum Source<'a> {
    /// A program on the same screen.
    Program(Box<xdnd::Source<'a>>),
    /// The browser is told of what its desktop would tell it.
    Driver,
}

impl<'a> FileManager<'a> {
    pub(crate) fn open(window: &'a Window) -> Self {
        let source = match window.on_screen() {
            Some((display, program)) => {
                let source = xdnd::Source::open(window, display, program);
                Source::Program(Box::new(source.expect("the screen answers")))
            }
            None => Source::Driver,
        };
        Self { window, source }
    }

    /// Takes hold of a file and comes into the window with it.
    pub fn drag(&self, path: &Path) -> FileDrag<'_> {
        let path = path.to_str().expect("a temporary folder has a plain name");
        let drag = FileDrag {
            manager: self,
            path: path.to_owned(),
            place: (0, 0),
        };
        match &self.source {
            Source::Program(source) => source.enter().expect("the screen answers"),
            Source::Driver => drag.tell("dragEnter"),
        }
        drag
    }
}

/// A file under the pointer.
pub struct FileDrag<'a> {
    manager: &'a FileManager<'a>,
    path: String,
    place: (i16, i16),
}

impl FileDrag<'_> {
    /// Moves the pointer over what has the id `name`, until `is_seen` can be seen in the page.
    pub fn over(&mut self, name: &str, is_seen: &str) {
        let window = self.manager.window;
        window.sees(name);
        self.place = window.middle_of(name);
        window.until(&format!("{is_seen} to be seen"), || {
            match &self.manager.source {
                Source::Program(source) => source
                    .point(self.place, &self.uri())
                    .expect("the screen answers"),
                Source::Driver => self.tell("dragOver"),
            }
            (window.count(is_seen) > 0).then_some(())
        });
    }

    /// Lets the file go where the pointer is.
    pub fn drop_it(self) {
        match &self.manager.source {
            Source::Program(source) => source.drop_it(&self.uri()).expect("the screen answers"),
            Source::Driver => self.tell("drop"),
        }
    }

    fn uri(&self) -> String {
        format!("file://{}\r\n", self.path)
    }

    /// Tells the browser what happens at the place of the pointer.
    fn tell(&self, kind: &str) {
        let ((x, y), copy) = (self.place, 1);
        let data = json!({ "items": [], "files": [self.path], "dragOperationsMask": copy });
        let parameters = json!({ "type": kind, "x": x, "y": y, "data": data });
        let window = self.manager.window;
        let command = Devtools("Input.dispatchDragEvent", parameters);
        window
            .block_on(window.client().issue_cmd(command))
            .expect("the browser is told");
    }
}
