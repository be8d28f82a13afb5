//! How a window is painted on Linux.

/// Lets the processor paint what changed and nothing else, if it has to paint at all. Left alone it would draw as a
/// graphics card does, the whole window anew for every key. To be called before the toolkit or a thread is started;
/// what the user has set stays.
pub fn choose() {
    if !has_graphics_card()
        && let Err(error) = gtk::glib::setenv("WEBKIT_DISABLE_DMABUF_RENDERER", "1", false)
    {
        eprintln!("talus-tally: {error}");
    }
}

/// Whether something other than the processor can draw, as far as the kernel knows.
fn has_graphics_card() -> bool {
    let devices = std::fs::read_dir("/dev/dri")
        .into_iter()
        .flatten()
        .flatten();
    let mut names = devices.map(|device| device.file_name());
    names.any(|name| name.to_string_lossy().starts_with("renderD"))
}
