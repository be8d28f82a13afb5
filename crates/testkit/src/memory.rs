//! How much memory a process has.

/// Resident memory of a process, in bytes; none where the system does not say.
pub fn resident_bytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let kb: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kb << 10)
}

/// That of this process; 0 where the system does not say.
pub fn own_bytes() -> u64 {
    resident_bytes(std::process::id()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_where_the_system_says() {
        let bytes = own_bytes();
        assert_eq!(bytes > 100_000, cfg!(target_os = "linux"), "{bytes}");
    }
}
