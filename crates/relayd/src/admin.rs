//! A small page for an admin: how the relay stands, what it keeps, who is there, and to part with something. Of projects it shows as
//! little as there is to see: ids and sizes.
//!
//! It is HTML that needs no script, for this machine, and by TLS for others. A visit begins with a link that `tally-relay admin-link`
//! prints, which is good once. From then on the browser has a cookie, for the path of this visit alone, and every form carries what only
//! a page of this visit has.

mod asked;
mod deed;
mod entrance;
mod html;
mod link;
mod page;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use relay::now_ms;
use serde::Deserialize;
use tokio::net::TcpListener;
use trust::DeviceId;

pub use self::link::command;
use self::{
    deed::{Asked, Done},
    entrance::{Entered, Entrance, Secret, VISIT_MS},
};
use crate::{config::Origin, control::Desk, device, pages, tls::PageCertificate};

/// The longest form.
const FORM_BYTES: usize = 4 << 10;

/// The name of the cookie.
const COOKIE: &str = "tally-relay";

const STYLE: &str = include_str!("admin/style.css");

/// Where visits begin: what a command opens, and the page lets in.
#[derive(Clone)]
pub struct Door(Arc<Inner>);

struct Inner {
    /// How a browser finds the page.
    origin: Origin,
    listen: String,
    certificate: Option<PageCertificate>,
    entrance: Mutex<Entrance>,
}

impl Door {
    /// Of the page that listens here, and has this certificate.
    pub fn new(origin: Origin, listen: String, certificate: Option<PageCertificate>) -> Self {
        Self(Arc::new(Inner {
            origin,
            listen,
            certificate,
            entrance: Mutex::default(),
        }))
    }

    /// A link that is good once.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub fn link(&self) -> Result<String> {
        let secret = secret()?;
        self.entrance().open(&secret, now_ms());
        let here = format!("{}{}", self.scheme(), self.0.listen);
        let origin = self.0.origin.text().unwrap_or(&here);
        Ok(format!("{origin}/enter/{secret}"))
    }

    /// Where it listens.
    pub fn listen(&self) -> &str {
        &self.0.listen
    }

    /// What browsers say before its address.
    fn scheme(&self) -> &'static str {
        match self.0.certificate {
            Some(_) => "https://",
            None => "http://",
        }
    }

    fn entrance(&self) -> MutexGuard<'_, Entrance> {
        let entrance = self.0.entrance.lock();
        entrance.unwrap_or_else(PoisonError::into_inner)
    }
}

fn secret() -> Result<Secret> {
    Ok(DeviceId(*device::secret()?).to_string())
}

/// What the page is about.
#[derive(Clone)]
struct Admin {
    door: Door,
    desk: Arc<Desk>,
}

impl Admin {
    /// How it is asked for: by a proxy or a name, and by this machine itself.
    fn places(&self) -> (&Origin, &'static str) {
        (&self.door.0.origin, self.door.scheme())
    }
}

/// Shows the page, for ever; where nobody listens, nobody is shown anything.
pub async fn serve(listener: Option<TcpListener>, desk: Arc<Desk>) {
    let (Some(listener), Some(door)) = (listener, desk.admin.clone()) else {
        return std::future::pending().await;
    };
    let certificate = door
        .0
        .certificate
        .as_ref()
        .map(PageCertificate::certificate);
    let admin = Admin { door, desk };
    let routes = Router::new()
        .route("/", get(async || Html(page::stranger())))
        .route("/style.css", get(style))
        .route("/enter/{link}", get(door_of))
        .route("/enter", post(enter))
        .route("/at/{place}/", get(overview))
        .route("/at/{place}/do", post(obey))
        .layer(middleware::from_fn_with_state(
            admin.clone(),
            asked::from_here,
        ))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(admin);
    pages::serve("the page for admins", listener, routes, certificate).await;
}

async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}

async fn door_of(Path(link): Path<String>) -> Html<String> {
    Html(page::door(&link))
}

#[derive(Deserialize)]
struct Entering {
    link: String,
}

async fn enter(
    State(admin): State<Admin>,
    headers: HeaderMap,
    Form(entering): Form<Entering>,
) -> Response {
    let (Ok(place), Ok(pass), Ok(form)) = (secret(), secret(), secret()) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let entered = Entered { place, pass };
    let is_in = admin
        .door
        .entrance()
        .enter(&entering.link, &entered, form, now_ms());
    if !is_in {
        return over();
    }
    tracing::info!("an admin looks after the relay by the page");
    let Entered { place, pass } = entered;
    let only_secret = if asked::is_secret(&headers) {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{COOKIE}={pass}; Path=/at/{place}; Max-Age={}; HttpOnly; SameSite=Strict{only_secret}",
        VISIT_MS / 1_000
    );
    let home = Redirect::to(&format!("/at/{place}/"));
    ([(header::SET_COOKIE, cookie)], home).into_response()
}

fn over() -> Response {
    (StatusCode::FORBIDDEN, Html(page::over())).into_response()
}

/// What a visit's browser was given; nothing for others.
fn pass(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut cookies = cookies
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(';'));
    cookies.find_map(|it| it.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

async fn overview(
    State(admin): State<Admin>,
    Path(place): Path<String>,
    headers: HeaderMap,
) -> Response {
    let visited = {
        let mut entrance = admin.door.entrance();
        let pass = pass(&headers).unwrap_or_default();
        let visit = entrance.visit(&place, pass, now_ms());
        visit.map(|visit| (visit.form.clone(), visit.notice.take()))
    };
    let Some((form, notice)) = visited else {
        return over();
    };
    match deed::look(&admin.desk).await {
        Ok(seen) => {
            let (place, form) = (&*place, &*form);
            let forms = page::Forms { place, form };
            Html(page::overview(&forms, &seen, notice.as_ref())).into_response()
        }
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

async fn obey(
    State(admin): State<Admin>,
    Path(place): Path<String>,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    let form = {
        let mut entrance = admin.door.entrance();
        let pass = pass(&headers).unwrap_or_default();
        let visit = entrance.visit(&place, pass, now_ms());
        visit.map(|visit| visit.form.clone())
    };
    let Some(form) = form.filter(|it| *it == asked.form) else {
        return over();
    };
    let done = deed::obey(&admin.desk, &asked).await;
    let mut entrance = admin.door.entrance();
    match done {
        Done::Unsure => {
            let (place, form) = (&*place, &*form);
            let forms = page::Forms { place, form };
            Html(page::confirmation(&forms, &asked.deed, &asked.id)).into_response()
        }
        Done::Left => {
            entrance.leave(&place);
            Redirect::to("/").into_response()
        }
        Done::Told(notice) => {
            let pass = pass(&headers).unwrap_or_default();
            if let Some(visit) = entrance.visit(&place, pass, now_ms()) {
                visit.notice = Some(notice);
            }
            Redirect::to(&format!("/at/{place}/")).into_response()
        }
    }
}
