//! Which firewall program is on, as far as files tell that everybody may read.

use std::fs;
use std::path::Path;

use super::Firewall;

/// Looks for the programs of Linux; elsewhere there is no such file.
pub fn look() -> Firewall {
    let ufw = fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
    if is_enabled(&ufw) {
        Firewall::Ufw
    } else if Path::new("/run/firewalld").exists() || Path::new("/run/firewalld.pid").exists() {
        Firewall::Firewalld
    } else {
        Firewall::Unseen
    }
}

/// Whether ufw's settings switch it on.
fn is_enabled(settings: &str) -> bool {
    let mut lines = settings.lines().map(str::trim);
    lines.any(|line| line.eq_ignore_ascii_case("enabled=yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ufw_is_on_if_its_settings_say_so() {
        assert!(is_enabled("# ufw\nENABLED=yes\nLOGLEVEL=low\n"));
        assert!(!is_enabled("# ENABLED=yes\nENABLED=no\n"));
        assert!(!is_enabled(""));
    }
}
