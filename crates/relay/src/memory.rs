//! How much memory this process takes.

/// Bytes that are in memory now; nothing where the system does not say.
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    read(&status)
}

/// By proc(5), in its unit, which is 1,024 bytes.
fn read(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_with_what_is_in_memory_is_read() {
        let status = "Name:\ta VmRSS: 9 kB\nVmHWM:\t 70 kB\nVmRSS:\t    61 kB\n";
        assert_eq!(read(status), Some(61 * 1_024));
        assert_eq!(read("Name:\ta\n"), None);
        #[cfg(target_os = "linux")]
        assert!(resident_bytes().is_some_and(|it| it > 1 << 20));
    }
}
