//! How much something is.

use std::io::{self, Write};

use serde::Serialize;

/// Bytes of something as JSON, which is not made.
pub(crate) fn bytes_of(it: &impl Serialize) -> usize {
    let mut count = Count(0);
    // Nothing that we send cannot be JSON.
    serde_json::to_writer(&mut count, it).ok();
    count.0
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn as_many_as_the_text_has() {
        let it = json!({"a": ["\n", 1.5, null], "b": "x".repeat(1000)});
        assert_eq!(bytes_of(&it), it.to_string().len());
    }
}
