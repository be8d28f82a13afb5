//! No bytes make a decoder take memory that is out of all proportion to them.
//!
//! One test, in a program of its own: what is counted is the memory of the whole process.

#![allow(
    unsafe_code,
    reason = "an allocator that counts is the only way to see what is allocated"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use hostile::{bodies, mutation};

struct Counting;

static HEAP: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: it hands everything to the system's allocator and only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let heap = HEAP.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(heap, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HEAP.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// What a body may take whatever the bytes are: an exchange, a project.
const BASE_BYTES: usize = 4 << 20;

/// And for each byte of them: what is decoded, what it is encoded to again, and both in maps. Automerge packs runs of
/// equal values into a few bytes.
fn bytes_per_byte(owner: &str) -> usize {
    if owner == "graph" { 4_096 } else { 128 }
}

fn peak_of(take: fn(&[u8]), bytes: &[u8]) -> usize {
    let before = HEAP.load(Ordering::Relaxed);
    // A panic that is caught would be told with a backtrace, for which the symbols of the program are read.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    PEAK.store(before, Ordering::Relaxed);
    take(bytes);
    let peak = PEAK.load(Ordering::Relaxed) - before;
    std::panic::set_hook(hook);
    peak
}

#[test]
fn memory_is_in_proportion_to_the_bytes() {
    let mut random = fastrand::Rng::with_seed(1);
    for body in bodies::all() {
        let beginnings = body.beginnings();
        let tries = if body.owner == "graph" { 25 } else { 2_000 };
        for _ in 0..tries {
            let bytes = mutation::any(&beginnings, &mut random);
            let peak = peak_of(body.take, &bytes);
            let most = BASE_BYTES + bytes_per_byte(body.owner) * bytes.len();
            assert!(
                peak <= most,
                "{} takes {peak} bytes for {}: {}",
                body.name,
                bytes.len(),
                hostile::corpus::to_hex(&bytes)
            );
        }
    }
}
