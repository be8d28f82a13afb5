//! Where the UI comes from: out of the program, or, while it is worked on, from a development server.

use tauri::{AppHandle, WebviewUrl};

/// The page of the main window. In debug builds `TALUS_UI_URL` (`http://127.0.0.1:5173`) names a development server.
pub fn url(app: &AppHandle) -> tauri::Result<WebviewUrl> {
    #[cfg(debug_assertions)]
    if let Ok(server) = std::env::var("TALUS_UI_URL") {
        return development::url(app, &server);
    }
    let _ = app;
    Ok(WebviewUrl::default())
}

#[cfg(debug_assertions)]
mod development {
    use tauri::ipc::CapabilityBuilder;
    use tauri::{AppHandle, Manager, Url, WebviewUrl};

    /// Lets the pages of `server` do what our own page may.
    pub fn url(app: &AppHandle, server: &str) -> tauri::Result<WebviewUrl> {
        let server: Url = server
            .parse()
            .map_err(|_| tauri::Error::InvalidWebviewUrl("TALUS_UI_URL is not a URL"))?;
        let ours: serde_json::Value =
            serde_json::from_str(include_str!("../capabilities/default.json"))?;
        let mut capability = CapabilityBuilder::new("development")
            .remote(format!("{}/*", server.origin().ascii_serialization()))
            .window("main");
        for permission in ours["permissions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str())
        {
            capability = capability.permission(permission);
        }
        app.add_capability(capability)?;
        Ok(WebviewUrl::External(server))
    }
}
