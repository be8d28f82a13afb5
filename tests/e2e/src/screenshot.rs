//! Pictures of what a story shows, for people to look at.

use std::path::Path;

use crate::window::Window;
use crate::{Host, artifact, x11};

type Result = std::result::Result<(), Box<dyn std::error::Error>>;

impl Window {
    /// Saves what is on the screen as `target/e2e/NAME.png`; in a browser as `target/browser/NAME.png`.
    pub fn screenshot(&self, name: &str) {
        self.run_async(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))",
            Vec::new(),
        );
        let path = artifact(Host::chosen().folder(), &format!("{name}.png"));
        self.save_picture(&path).expect("the page can be seen");
    }

    /// Asks the screen, as a person would, where there is one: WebKit's driver waits for a change of the page before it
    /// shows it.
    fn save_picture(&self, path: &Path) -> Result {
        let Some((display, program)) = self.on_screen() else {
            return Ok(std::fs::write(
                path,
                self.block_on(self.client().screenshot())?,
            )?);
        };
        let picture = x11::picture(display, program)?;
        let file = std::fs::File::create(path)?;
        let mut encoder = png::Encoder::new(file, picture.width, picture.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&picture.colours)?;
        Ok(())
    }

    /// Saves what is on the screen when a story fails. Nothing here may fail, too.
    pub(crate) fn show_failure(&self) {
        let story = std::thread::current()
            .name()
            .unwrap_or("story")
            .replace("::", "-");
        let path = artifact(Host::chosen().folder(), &format!("failed-{story}.png"));
        match self.save_picture(&path) {
            Ok(()) => eprintln!("the page is in {}", path.display()),
            Err(error) => eprintln!("the page cannot be seen: {error}"),
        }
        let text = self
            .client()
            .execute("return document.body.innerText", Vec::new());
        if let Ok(text) = self.block_on(text) {
            eprintln!("the page says:\n{}", text.as_str().unwrap_or_default());
        }
    }
}
