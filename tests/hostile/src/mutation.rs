//! Small changes of bytes.

/// One change. Places are taken modulo the length, so that every change applies to all bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mutation {
    /// Another bit.
    Flip(usize, u8),
    /// Another byte.
    Set(usize, u8),
    /// A number in two, four or eight bytes, most significant first.
    Number(usize, u8, u64),
    /// The end is missing.
    Cut(usize),
    /// Something is missing: so many bytes from here.
    Remove(usize, usize),
    /// So many bytes from here are there twice.
    Repeat(usize, usize),
    /// Something is there that was not.
    Insert(usize, Vec<u8>),
}

/// Longer input teaches nothing more, and takes long.
const MAX_BYTES: usize = 64 << 10;

/// Numbers at which things end.
pub const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x1_0000,
    0x7fff_ffff,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

impl Mutation {
    /// Changes the bytes.
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        let length = bytes.len();
        match self {
            Self::Flip(at, bit) => bytes[at % length] ^= 1 << (bit % 8),
            Self::Set(at, byte) => bytes[at % length] = *byte,
            Self::Number(at, size, number) => {
                let size = [2, 4, 8][usize::from(size % 3)];
                let number = number.to_be_bytes();
                let places = bytes.iter_mut().skip(at % length);
                for (place, byte) in places.zip(&number[8 - size..]) {
                    *place = *byte;
                }
            }
            Self::Cut(at) => bytes.truncate(at % length),
            Self::Remove(at, count) => {
                let (from, to) = range(*at, *count, length);
                bytes.drain(from..to);
            }
            Self::Repeat(at, count) => {
                let (from, to) = range(*at, *count, length);
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
            Self::Insert(at, what) => {
                let at = at % length;
                bytes.splice(at..at, what.iter().copied());
            }
        }
        bytes.truncate(MAX_BYTES);
    }

    /// Any of them.
    pub fn random(random: &mut fastrand::Rng) -> Self {
        let at = random.usize(..);
        match random.u8(..8) {
            0 | 1 => Self::Flip(at, random.u8(..)),
            2 => Self::Set(at, random.u8(..)),
            3 => Self::Number(at, random.u8(..), EDGES[random.usize(..EDGES.len())]),
            4 => Self::Cut(at),
            5 => Self::Remove(at, random.usize(..64)),
            6 => Self::Repeat(at, random.usize(..64)),
            _ => {
                let count = random.usize(..16);
                Self::Insert(at, (0..count).map(|_| random.u8(..)).collect())
            }
        }
    }
}

fn range(at: usize, count: usize, length: usize) -> (usize, usize) {
    let from = at % length;
    (from, from.saturating_add(count % 64 + 1).min(length))
}

/// Good bytes, changed a little; now and then bytes that nobody ever wrote.
pub fn any(beginnings: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let count = random.usize(..256);
    if beginnings.is_empty() || random.u8(..16) == 0 {
        return (0..count).map(|_| random.u8(..)).collect();
    }
    let mut bytes = beginnings[random.usize(..beginnings.len())].clone();
    if random.u8(..8) == 0 {
        // The beginning of one and the end of another.
        let other = &beginnings[random.usize(..beginnings.len())];
        bytes.truncate(random.usize(..=bytes.len()));
        bytes.extend_from_slice(&other[random.usize(..=other.len())..]);
    }
    let most = 1 << random.u8(..5);
    for _ in 0..1 + random.usize(..most) {
        Mutation::random(random).apply(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_applies_to_all_bytes() {
        let mut random = fastrand::Rng::with_seed(1);
        for length in 0..20 {
            for _ in 0..2_000 {
                let mut bytes = vec![7; length];
                Mutation::random(&mut random).apply(&mut bytes);
                assert!(bytes.len() <= 2 * length + 20);
            }
        }
    }

    #[test]
    fn a_number_is_written_in_place() {
        let mut bytes = vec![0; 6];
        Mutation::Number(2, 1, 0x0102_0304).apply(&mut bytes);
        assert_eq!(bytes, [0, 0, 1, 2, 3, 4]);
    }
}
