//! Who one is on a link, and what carries it.

use std::{io, sync::Arc};

use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};
use trust::DeviceId;

use crate::{
    tls::{self, Identity},
    wire::Wire,
};

/// As which device links are made and accepted, and whether that is proven: nothing else decides it.
///
/// Both ends of a link have to be of one kind. There is no negotiation and no way back: TLS that fails is a link that
/// fails.
#[derive(Clone, Debug)]
pub enum Transport {
    /// Bare TCP, on which everybody may read, and be whoever he says: for open rooms on loopback, and for tests.
    Plain(DeviceId),
    /// TLS 1.3 in which both sides prove that they have the keys of their devices.
    Tls(Identity),
}

impl Transport {
    /// The device.
    pub fn device(&self) -> DeviceId {
        match self {
            Self::Plain(device) => *device,
            Self::Tls(identity) => identity.device(),
        }
    }

    /// Whether the other end of a link proves which device it is.
    pub fn proves(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Makes a connection that was accepted ready for HTTP. After an error the stream is given back, so that the other
    /// side has time to read what was said to it.
    pub(crate) async fn accept(&self, stream: TcpStream) -> Result<Wire, (io::Error, TcpStream)> {
        let Self::Tls(identity) = self else {
            return Ok(Wire::Plain(stream));
        };
        let accept = TlsAcceptor::from(identity.server()).accept(stream);
        let stream = accept.into_fallible().await?;
        Ok(Wire::Tls(Box::new(TlsStream::Server(stream))))
    }

    /// The same for one that was dialled. Nobody but `expected` learns who dials.
    pub(crate) async fn connect(
        &self,
        stream: TcpStream,
        expected: Option<DeviceId>,
    ) -> io::Result<Wire> {
        let Self::Tls(identity) = self else {
            return Ok(Wire::Plain(stream));
        };
        let connector = TlsConnector::from(Arc::new(identity.client(expected)));
        let stream = connector.connect(tls::no_name(), stream).await?;
        Ok(Wire::Tls(Box::new(TlsStream::Client(stream))))
    }
}

/// An id that is said and not proven.
impl From<DeviceId> for Transport {
    fn from(device: DeviceId) -> Self {
        Self::Plain(device)
    }
}

impl From<Identity> for Transport {
    fn from(identity: Identity) -> Self {
        Self::Tls(identity)
    }
}
