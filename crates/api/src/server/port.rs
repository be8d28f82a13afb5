//! The ports of a server.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use relay::{Certificate, SharedCertificate};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::{ServedLan, StartError};
use crate::lan::Lan;

/// How long a program of this machine has from its connection to the end of the head of its request, and from one request to the
/// next on the same connection. A busy machine makes it slow, and what comes later than this is lost without a word.
const HEAD_MS: u64 = 30_000;

/// A port that is had, and does not answer yet.
pub(super) struct Port {
    /// By which it is reached.
    pub(super) address: SocketAddr,
    listeners: Vec<TcpListener>,
    certificate: Option<Certificate>,
}

impl Port {
    /// Without TLS.
    pub(super) fn open(at: SocketAddr) -> Result<Self, StartError> {
        let no_port = |error| StartError::Listen(at, error);
        let listeners = relay::listen(at).map_err(no_port)?;
        let first = listeners.first();
        let first = first.ok_or_else(|| no_port(io::ErrorKind::AddrNotAvailable.into()))?;
        Ok(Self {
            address: first.local_addr().map_err(no_port)?,
            listeners,
            certificate: None,
        })
    }

    /// For other machines, and what they need to know of it.
    pub(super) fn open_lan(lan: &Lan, folder: &Path) -> Result<(Self, ServedLan), StartError> {
        let (certificate, path) = lan.certificate(folder)?;
        let port = Self::open(lan.listen)?;
        let served = ServedLan {
            address: port.address,
            fingerprint: certificate.fingerprint(),
            certificate: path,
        };
        let certificate = Some(certificate);
        Ok((
            Self {
                certificate,
                ..port
            },
            served,
        ))
    }

    /// Answers until it is over.
    pub(super) fn serve(
        self,
        routes: &Router,
        stop: &watch::Sender<bool>,
        tasks: &mut JoinSet<()>,
    ) {
        for listener in self.listeners {
            let (routes, certificate) = (routes.clone(), self.certificate.clone());
            let mut stopped = stop.subscribe();
            let mut limits = relay::Limits::default();
            if certificate.is_none() {
                limits.timing.greet_ms = HEAD_MS;
            }
            tasks.spawn(async move {
                let over = async move { drop(stopped.wait_for(|it| *it).await) };
                let certificate = certificate.map(SharedCertificate::from);
                let served = relay::serve_pages(listener, routes, certificate, limits, over);
                if let Err(error) = served.await {
                    tracing::error!(%error, "programs are not served any more");
                }
            });
        }
    }
}
