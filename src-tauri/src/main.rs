//! The desktop host: a window, one command, one stream of events. What they mean is the business of `app`.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]
#![allow(
    clippy::disallowed_methods,
    reason = "shell: the command line, files, threads and the clock are its business"
)]

mod closing;
mod desk;
mod instance;
mod launch;
mod links;
mod logs;
mod menu;
mod page;
#[cfg(target_os = "linux")]
mod painting;
mod programs;
mod pump;
mod refusal;
mod toast;
mod window;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::app::Options;
use app::failure::Failure;
use app::network::NetworkOptions;
use app::security::KeychainUse;
use app::threshold::Threshold;
use tauri::{AppHandle, Manager, RunEvent, WindowEvent};

use desk::Desk;
use launch::Launch;
use window::PlaceFile;

/// The exit code when there is nothing to run on.
const REFUSED: u8 = 1;
/// What the application says when another instance has the data directory.
const RUNS_ALREADY: &str = "ALREADY_RUNNING";
/// The exit code for a command line that is not understood.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let folder = std::env::current_dir().unwrap_or_default();
    match Launch::read(links::arguments().into_iter(), &folder) {
        Ok(Launch::Print(text)) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Ok(Launch::Window {
            data_dir,
            arguments,
            network,
            in_keychain,
        }) => {
            let said = data_dir.or_else(said_data_dir);
            let keychain = keychain_use(launch::is_keychain_first(in_keychain, said.as_deref()));
            run(said, |data_dir| Options {
                arguments: arguments.clone(),
                network: Some(network.clone().unwrap_or_else(usual_network)),
                keychain: keychain.clone(),
                ..Options::new(data_dir)
            })
        }
        Err(error) => {
            eprintln!("talus-tally: {error}\n\n{}", launch::USAGE);
            ExitCode::from(MISUSED)
        }
    }
}

fn keychain_use(is_first: bool) -> KeychainUse {
    match keychain::of_this_system() {
        Some(keychain) if is_first => KeychainUse::First(keychain),
        Some(keychain) => KeychainUse::WhereSaid(keychain),
        None => KeychainUse::Never,
    }
}

fn run(said: Option<PathBuf>, options: impl Fn(&Path) -> Options) -> ExitCode {
    if let Err(message) = find_screen() {
        eprintln!("talus-tally: {message}");
        return ExitCode::from(REFUSED);
    }
    match start(said, options) {
        Ok(Started::Here { app, data_dir }) => show(app, &data_dir),
        Ok(Started::Elsewhere) => ExitCode::SUCCESS,
        Err(failure) => refuse(&failure),
    }
}

/// Whether a window can be opened. The toolkit would end the program without a word for the user.
fn find_screen() -> Result<(), String> {
    #[cfg(target_os = "linux")]
    {
        painting::choose();
        gtk::init().map_err(|_| {
            "no display: start it in a desktop session, or set DISPLAY or WAYLAND_DISPLAY"
                .to_owned()
        })?;
    }
    Ok(())
}

enum Started {
    /// In this process.
    Here { app: Threshold, data_dir: PathBuf },
    /// The instance that runs already took the arguments.
    Elsewhere,
}

fn start(said: Option<PathBuf>, options: impl Fn(&Path) -> Options) -> Result<Started, Failure> {
    let data_dir = said.or_else(usual_data_dir).ok_or_else(|| Failure {
        code: "DATA_DIR_UNKNOWN".to_owned(),
        message: "This account has no home folder. Say where projects live with --data-dir."
            .to_owned(),
        detail: None,
    })?;
    logs::start(&data_dir);
    let here = || {
        let started = Threshold::start(options(&data_dir));
        tauri::async_runtime::block_on(started).map_err(Failure::from)
    };
    let app = match here() {
        Err(failure) if failure.code == RUNS_ALREADY => {
            if instance::hand_over(&data_dir, &options(&data_dir).arguments) {
                return Ok(Started::Elsewhere);
            }
            // One that does not answer may have been ending.
            here()
        }
        app => app,
    };
    match app {
        Ok(app) => Ok(Started::Here { app, data_dir }),
        Err(failure) => Err(in_words_of_a_start(failure)),
    }
}

/// The application speaks of editing that can go on; before the start there is none.
fn in_words_of_a_start(failure: Failure) -> Failure {
    let message = match failure.code.as_str() {
        "DISK_FAILED" => {
            "The folder of your projects cannot be used. Check who may read and write it, or name another with --data-dir."
        }
        "DISK_READ_ONLY" => {
            "The folder of your projects cannot be written. Unlock it, or name another with --data-dir."
        }
        "DISK_FULL" => "The disk is full. Free some space and start again.",
        _ => return failure,
    };
    Failure {
        message: message.to_owned(),
        ..failure
    }
}

fn said_data_dir() -> Option<PathBuf> {
    std::env::var_os("TALUS_DATA_DIR")
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from)
}

fn usual_data_dir() -> Option<PathBuf> {
    let usual = directories::ProjectDirs::from("net", "talustally", "Talus-Tally")?;
    Some(usual.data_local_dir().to_owned())
}

/// Others of the network reach it, and prove who they are.
fn usual_network() -> NetworkOptions {
    NetworkOptions {
        listen: SocketAddr::from(([0, 0, 0, 0], 0)),
        insecure_lan: false,
        discover: true,
    }
}

/// Runs the window until the user has closed it and everything is on disk.
fn show(app: Threshold, data_dir: &Path) -> ExitCode {
    let (places, data_dir) = (PlaceFile::in_folder(data_dir), data_dir.to_owned());
    let builder = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .manage(Desk::new(app, data_dir.clone()))
        .manage(closing::Leaving::default())
        .manage(places)
        .invoke_handler(tauri::generate_handler![
            desk::rpc,
            closing::leave,
            toast::notify
        ])
        .setup(move |tauri| {
            let handle = tauri.handle();
            tauri::async_runtime::spawn(pump::run(handle.clone()));
            let desk = handle.clone();
            tauri::async_runtime::spawn(
                async move { desk.state::<Desk>().let_programs_in().await },
            );
            tauri::async_runtime::spawn(closing::on_signal(handle.clone()));
            take_later_launches(handle, &data_dir);
            if cfg!(target_os = "macos") {
                tauri.set_menu(menu::build(handle)?)?;
            }
            window::open(handle, &handle.state::<PlaceFile>(), &data_dir)?;
            Ok(())
        });
    run_until_closed(builder, |handle, event| match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            api.prevent_close();
            closing::begin(handle);
        }
        // The system wants the program to end, and there is no window to be asked.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => {
            api.prevent_exit();
            closing::begin(handle);
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => hand_over(handle, urls.iter().map(opened).collect()),
        _ => {}
    })
}

/// Says why there is nothing to show, in a window and on the terminal.
fn refuse(failure: &Failure) -> ExitCode {
    tracing::error!(code = failure.code, "cannot start");
    eprintln!("talus-tally: {failure}");
    let failure = failure.clone();
    let builder = tauri::Builder::default()
        .register_uri_scheme_protocol(refusal::SCHEME, move |_, _| refusal::page(&failure))
        .setup(|tauri| Ok(refusal::open(tauri.handle())?));
    run_until_closed(builder, |handle, event| {
        if let RunEvent::ExitRequested {
            code: None, api, ..
        } = event
        {
            api.prevent_exit();
            handle.exit(i32::from(REFUSED));
        }
    })
}

fn run_until_closed(
    builder: tauri::Builder<tauri::Wry>,
    on_event: impl FnMut(&AppHandle, RunEvent) + 'static,
) -> ExitCode {
    match builder.build(tauri::generate_context!()) {
        Ok(tauri) => ExitCode::from(u8::try_from(tauri.run_return(on_event)).unwrap_or(REFUSED)),
        Err(error) => {
            tracing::error!(%error, "no window");
            eprintln!("talus-tally: the window could not be opened: {error}");
            ExitCode::from(REFUSED)
        }
    }
}

fn take_later_launches(handle: &AppHandle, data_dir: &Path) {
    let taken = handle.clone();
    if let Err(error) = instance::listen(data_dir, move |arguments| hand_over(&taken, arguments)) {
        tracing::warn!(%error, "later launches will be refused");
    }
}

/// Gives the application what a later launch or the system wants opened, and shows the window.
fn hand_over(handle: &AppHandle, arguments: Vec<String>) {
    handle.state::<Desk>().hand_over(arguments);
    window::raise(handle);
}

/// What the system wants opened, as if it had been named on the command line.
#[cfg(target_os = "macos")]
fn opened(url: &tauri::Url) -> String {
    let path = if url.scheme() == "file" {
        url.to_file_path().ok()
    } else {
        None
    };
    path.map_or_else(
        || url.to_string(),
        |path| path.to_string_lossy().into_owned(),
    )
}
