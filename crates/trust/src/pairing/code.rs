//! What is shown and typed.

use std::fmt;
use std::str::FromStr;

use rand_core::CryptoRngCore;
use zeroize::Zeroize;

/// Six digits, each code as likely as any other.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(u32);

/// What was typed is not six digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a code has six digits")]
pub struct NotACode;

const CODES: u32 = 1_000_000;

impl Code {
    /// A new code.
    pub fn generate(random: &mut impl CryptoRngCore) -> Self {
        // The last numbers below 2^32 would make the first codes likelier.
        const FAIR: u32 = u32::MAX - u32::MAX % CODES;
        loop {
            let drawn = random.next_u32();
            if drawn < FAIR {
                return Self(drawn % CODES);
            }
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code")
    }
}

impl FromStr for Code {
    type Err = NotACode;

    /// White space and hyphens are left out: people group digits.
    fn from_str(text: &str) -> Result<Self, NotACode> {
        let (mut code, mut digits) = (0, 0);
        for character in text.chars() {
            if character.is_whitespace() || character == '-' {
                continue;
            }
            digits += 1;
            if digits > 6 {
                return Err(NotACode);
            }
            code = 10 * code + character.to_digit(10).ok_or(NotACode)?;
        }
        match digits {
            6 => Ok(Self(code)),
            _ => Err(NotACode),
        }
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Draws;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for text in ["012345", " 012 345\n", "012-345"] {
            assert_eq!(text.parse(), Ok(Code(12_345)), "{text}");
        }
        for text in ["", "12345", "1234567", "12345a", "12345\u{663}", "+12345"] {
            assert_eq!(text.parse::<Code>(), Err(NotACode), "{text}");
        }
    }

    /// Of 2^32 numbers the last 967,296 would make the first codes likelier than others.
    #[test]
    fn no_code_is_likelier_than_another() {
        const FAIR: u32 = 4_294_000_000;
        let first_of = |drawn: [u32; 2]| Code::generate(&mut Drawn(drawn.to_vec()));
        assert_eq!(first_of([FAIR - 1, 7]), Code(999_999));
        assert_eq!(first_of([FAIR, 7]), Code(7));
        assert_eq!(first_of([u32::MAX, 1_000_008]), Code(8));
    }

    /// Draws these numbers, first to last.
    struct Drawn(Vec<u32>);

    impl rand_core::RngCore for Drawn {
        fn next_u32(&mut self) -> u32 {
            self.0.remove(0)
        }

        fn next_u64(&mut self) -> u64 {
            rand_core::impls::next_u64_via_u32(self)
        }

        fn fill_bytes(&mut self, bytes: &mut [u8]) {
            rand_core::impls::fill_bytes_via_next(self, bytes);
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
            self.fill_bytes(bytes);
            Ok(())
        }
    }

    impl rand_core::CryptoRng for Drawn {}

    #[test]
    fn codes_are_spread_and_shown_with_six_digits() {
        let mut random = Draws::new(1);
        let mut firsts = [0; 10];
        for _ in 0..1_000 {
            let code = Code::generate(&mut random);
            assert_eq!(code.to_string().len(), 6);
            assert_eq!(code.to_string().parse(), Ok(code.clone()));
            firsts[(code.0 / 100_000) as usize] += 1;
        }
        assert!(
            firsts.iter().all(|count| (50..150).contains(count)),
            "{firsts:?}"
        );
        assert_eq!(format!("{:?}", Code(1)), "Code");
    }
}
