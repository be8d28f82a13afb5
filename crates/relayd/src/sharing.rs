//! The Redis by which several relays have the same rooms.

use std::{fs, path::Path, sync::Arc};

use cluster::{NotUsable, Redis};
use zeroize::Zeroizing;

use crate::{
    config::ClusterConfig,
    failure::{Exit, Failure},
};

/// Reaches it; nothing if this relay has its rooms alone. One that does not answer is waited for while the relay serves.
///
/// # Errors
/// If its password is not to be read, or it would lose rooms.
pub async fn start(config: &ClusterConfig) -> Result<Option<Arc<Redis>>, Failure> {
    let address = &config.redis;
    if address.is_empty() {
        return Ok(None);
    }
    let password = password(&config.password_file)?;
    let started = Redis::start(address, password).await;
    let redis = started.map_err(|error| {
        let code = match error {
            NotUsable::Address(_) => "REDIS_ADDRESS",
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
    let line = content.lines().next().unwrap_or_default();
    Ok(Some(Zeroizing::new(line.to_owned())))
}
