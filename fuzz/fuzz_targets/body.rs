//! The body that `TALUS_BODY` names, for libFuzzer.

#![no_main]

use std::sync::LazyLock;

use hostile::bodies::{self, Body};

static BODY: LazyLock<Body> = LazyLock::new(|| {
    // libFuzzer's hook ends at every panic, also at one of a library that is caught, as those of hostile changes are. One that
    // nobody catches ends it all the same.
    drop(std::panic::take_hook());
    let name = std::env::var("TALUS_BODY").expect("TALUS_BODY names a body");
    bodies::find(&name).expect("there is a body of that name")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (BODY.take)(bytes));
