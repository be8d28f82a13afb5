//! What a process costs, under the names that Prometheus has for every program. Where the system does not say, nothing is shown.

use super::exposition::Page;

pub fn figures(page: &mut Page) {
    #[cfg(target_os = "linux")]
    linux::figures(page);
    #[cfg(not(target_os = "linux"))]
    let _ = page;
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use rustix::param::{clock_ticks_per_second, page_size};

    use super::Page;
    use crate::descriptors;

    pub fn figures(page: &mut Page) {
        if let Ok(stat) = fs::read_to_string("/proc/self/stat")
            && let Some(used) = Used::read(&stat)
        {
            let ticks = clock_ticks_per_second() as f64;
            let cpu_s = used.ticks as f64 / ticks;
            page.counter("process_cpu_seconds_total", "Of user and system.", cpu_s);
            let bytes = used.pages * page_size() as u64;
            page.gauge("process_resident_memory_bytes", "Memory it takes.", bytes);
            page.gauge("process_threads", "Threads there are.", used.threads);
            if let Some(booted_s) = booted_s() {
                let started_s = booted_s + used.started_ticks as f64 / ticks;
                page.gauge("process_start_time_seconds", "Since 1970.", started_s);
            }
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            page.gauge("process_open_fds", "Descriptors it has.", open.count());
        }
        if let Some(most) = descriptors::most() {
            page.gauge("process_max_fds", "Descriptors it may have.", most);
        }
    }

    #[derive(Debug, PartialEq)]
    struct Used {
        ticks: u64,
        threads: u64,
        started_ticks: u64,
        pages: u64,
    }

    impl Used {
        /// Fields by proc(5), behind the name, which may have blanks and parentheses in it.
        fn read(stat: &str) -> Option<Self> {
            let (_, fields) = stat.rsplit_once(')')?;
            let fields: Vec<&str> = fields.split_whitespace().collect();
            // The state, which is first here, is field 3 there.
            let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
            Some(Self {
                ticks: field(14)? + field(15)?,
                threads: field(20)?,
                started_ticks: field(22)?,
                pages: field(24)?,
            })
        }
    }

    fn booted_s() -> Option<f64> {
        let stat = fs::read_to_string("/proc/stat").ok()?;
        let line = stat.lines().find_map(|it| it.strip_prefix("btime "))?;
        line.trim().parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn fields_are_found_behind_a_name_with_parentheses() {
            let stat = "7 (a) b) S 1 7 7 0 -1 4194304 9 0 0 0 30 12 0 0 20 0 5 0 4000 999999 321 18446744073709551615 1";
            let expected = Used {
                ticks: 42,
                threads: 5,
                started_ticks: 4_000,
                pages: 321,
            };
            assert_eq!(Used::read(stat), Some(expected));
            assert_eq!(Used::read("7 (a) S 1"), None);
        }
    }
}
