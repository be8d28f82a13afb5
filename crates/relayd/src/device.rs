//! Which device this relay is.

use anyhow::{Context, Result};
use store::Store;
use trust::DeviceId;

/// Under which name the store keeps it.
const SETTING: &str = "relay.device";

/// The device that this data directory has been since it was first used.
pub fn of(store: &dyn Store) -> Result<DeviceId> {
    if let Some(kept) = store.setting(SETTING)? {
        let id = kept.trim_matches('"').parse();
        return id.with_context(|| format!("the setting {SETTING} is {kept}"));
    }
    let mut id = [0; 32];
    getrandom::fill(&mut id).context("the system has no random numbers")?;
    let id = DeviceId(id);
    store.set_setting(SETTING, Some(&format!("\"{id}\"")))?;
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_stays_who_it_is() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let store = store::SqliteStore::open(dir.path())?;
        let device = of(&store)?;
        assert_eq!(of(&store)?, device);
        let other = tempfile::tempdir()?;
        assert_ne!(of(&store::SqliteStore::open(other.path())?)?, device);
        Ok(())
    }
}
