//! From what TLS says to why there is no link.

use std::io;

use rustls::{AlertDescription, CertificateError, Error, OtherError};
use sync::{Bye, ByeCode};

use super::Stranger;
use crate::{cause::Cause, dial::DialFailure};

/// Why a connection that was dialled came to nothing.
pub(crate) fn failure(error: io::Error) -> DialFailure {
    let inner = error.get_ref().and_then(|it| it.downcast_ref::<Error>());
    match inner {
        Some(error) => of_tls(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => DialFailure::Gone(Cause::Closed),
        None => DialFailure::Gone(Cause::Broken(error.to_string())),
    }
}

fn of_tls(error: &Error) -> DialFailure {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(why))) => {
            match why.downcast_ref::<Stranger>() {
                Some(stranger) => DialFailure::Stranger(*stranger),
                None => DialFailure::Upgrade(error.to_string()),
            }
        }
        Error::AlertReceived(alert) if is_about_us(*alert) => DialFailure::Refused(Bye {
            code: ByeCode::NotPermitted,
            reason: "it does not accept the key of this device".to_owned(),
        }),
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => {
            DialFailure::Upgrade("it does not speak TLS".to_owned())
        }
        other => DialFailure::Upgrade(other.to_string()),
    }
}

/// Whether an alert is about the certificate that this side showed.
fn is_about_us(alert: AlertDescription) -> bool {
    matches!(
        alert,
        AlertDescription::AccessDenied
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRequired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError
            | AlertDescription::UnknownCA
            | AlertDescription::UnsupportedCertificate
    )
}
