//! The body that `TALUS_BODY` names, for libFuzzer.

#![no_main]

use std::sync::LazyLock;

use hostile::bodies::{self, Body};

static BODY: LazyLock<Body> = LazyLock::new(|| {
    let name = std::env::var("TALUS_BODY").expect("TALUS_BODY names a body");
    bodies::find(&name).expect("there is a body of that name")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (BODY.take)(bytes));
