//! Embeds the UI, the icons and the capabilities, and lists the commands a capability may name.

fn main() {
    let commands = tauri_build::AppManifest::new().commands(&["rpc", "leave", "notify"]);
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        panic!("{error:#}");
    }
}
