//! What a relay that runs takes over of a configuration that has changed.

use std::sync::Arc;

use relay::{SharedLimits, StoredRooms};
use tokio::sync::watch;

use crate::{
    audit::{self, Deed},
    config::{self, Flags, Loaded, Retention},
    descriptors,
    hosting::Hosting,
    logging::{self, SetFilter},
    operations::Token,
    tls::PageCertificate,
};

/// What can be set anew, and what holds now.
pub struct Live {
    pub flags: Flags,
    /// With what this relay was started, which still holds of what is not taken over.
    pub started: Arc<Loaded>,
    /// What was read last.
    pub loaded: Arc<Loaded>,
    pub limits: SharedLimits,
    pub rooms: Arc<StoredRooms>,
    pub hosting: Hosting,
    pub set_filter: SetFilter,
    pub retention: watch::Sender<Retention>,
    pub certificate: Option<PageCertificate>,
    pub token: Option<Token>,
}

impl Live {
    /// Reads the configuration again. If something is wrong with it, everything stays as it is.
    pub fn reload(&mut self) {
        self.reload_files();
        let loaded = match config::load(&self.flags, config::environment()) {
            Ok(loaded) => Arc::new(loaded),
            Err(failure) => {
                let code = failure.code;
                tracing::error!(code, %failure, "the configuration stays as it was");
                return;
            }
        };
        let (live, _) = config::differing(&self.loaded, &loaded);
        let (_, fixed) = config::differing(&self.started, &loaded);
        for setting in fixed {
            tracing::warn!(key = setting.key, "holds from the next start");
        }
        for setting in &live {
            let value = config::toml_of(&loaded.value(setting));
            tracing::info!(
                key = setting.key,
                value,
                origin = loaded.origin(setting),
                "set"
            );
        }
        let config = &loaded.config;
        self.limits.set(config.limits());
        descriptors::judge(config.limits.connections);
        self.hosting.configure(config.hosts());
        self.rooms.set_hosts(self.hosting.hosts());
        self.retention.send_replace(config.retention);
        if let Ok(filter) = logging::filter(&config.log) {
            (self.set_filter)(filter);
        }
        if self.hosting.is_closed() {
            tracing::warn!("{}", config::nobody(loaded.file.as_deref()));
        }
        audit::note(
            &self.started.config.data_dir,
            Deed::Reloaded {
                changed: live.len(),
            },
        );
        tracing::info!(changed = live.len(), "read the configuration again");
        self.loaded = loaded;
    }

    /// Reads the certificate and the token again. Whoever renews them is not to wait for a configuration that is right.
    fn reload_files(&self) {
        match self.certificate.as_ref().map(|it| (it, it.reload())) {
            Some((shown, Ok(true))) => {
                tracing::info!(until = %shown.until(), "shows another certificate");
            }
            Some((_, Err(failure))) => {
                tracing::error!(code = failure.code, %failure, "the certificate stays as it was");
            }
            Some((_, Ok(false))) | None => {}
        }
        if let Some(Err(failure)) = self.token.as_ref().map(Token::reload) {
            tracing::error!(code = failure.code, %failure, "the token stays as it was");
        }
    }

    /// Reads it again whenever the system says so, for ever.
    #[cfg(unix)]
    pub async fn follow(mut self, mut signal: tokio::signal::unix::Signal) {
        while signal.recv().await.is_some() {
            self.reload();
        }
        std::future::pending().await
    }
}
