//! Known answers are written in hexadecimal digits.

/// The bytes.
pub fn hex(digits: &str) -> Vec<u8> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks_exact(2).map(byte).collect()
}
