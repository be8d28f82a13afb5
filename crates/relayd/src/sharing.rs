//! The Redis by which several relays have the same rooms.

mod tokens;

use std::{fs, path::Path, sync::Arc};

use cluster::{NotUsable, Place, Redis};
use zeroize::Zeroizing;

use crate::{
    config::ClusterConfig,
    device,
    failure::{Exit, Failure},
};

pub use self::tokens::follow;

/// Reaches it; nothing if this relay has its rooms alone. One that does not answer is waited for while the relay serves.
///
/// # Errors
/// If its password or its authorities are not to be read, or it would lose rooms.
pub async fn start(config: &ClusterConfig) -> Result<Option<Arc<Redis>>, Failure> {
    let address = &config.redis;
    if address.is_empty() {
        return Ok(None);
    }
    let place = Place {
        address: address.clone(),
        user: config.user.clone(),
        password: password(&config.password_file)?,
        authorities: authorities(&config.authority_file)?,
    };
    let started = Redis::start(&place).await;
    let redis = started.map_err(|error| {
        let code = match error {
            NotUsable::Address(_) => "REDIS_ADDRESS",
            NotUsable::Authorities(_) => "REDIS_AUTHORITY_UNREADABLE",
            NotUsable::Policy(_) => "REDIS_LOSES",
            NotUsable::Redis(_) => "REDIS_GONE",
        };
        Failure::new(
            Exit::Config,
            code,
            format!("cluster.redis: {address} {error}"),
        )
    })?;
    Ok(Some(Arc::new(redis)))
}

fn password(path: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let content = fs::read_to_string(path).map(Zeroizing::new);
    let content =
        content.map_err(|error| Failure::unreadable("REDIS_PASSWORD_UNREADABLE", path, &error))?;
    device::is_secret(path)?;
    let line = content.lines().next().unwrap_or_default();
    Ok(Some(Zeroizing::new(line.to_owned())))
}

fn authorities(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let code = "REDIS_AUTHORITY_UNREADABLE";
    let content = fs::read_to_string(path);
    let content = content.map_err(|error| Failure::unreadable(code, path, &error))?;
    if !content.contains("-----BEGIN CERTIFICATE-----") {
        let path = path.display();
        let message = format!(
            "cluster.authority_file: there is no certificate in {path}; it begins with -----BEGIN CERTIFICATE-----"
        );
        return Err(Failure::new(Exit::Config, code, message));
    }
    Ok(Some(content.into_bytes()))
}
