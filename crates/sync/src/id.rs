//! Names of what is exchanged.

use std::fmt;

use trust::DeviceId;

/// One run of a device's frames, numbered from 1 without a hole.
///
/// A device draws `nonce` at random when it begins a stream, so that two copies of one machine never draw the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    /// Whose frames these are; nobody else may number them.
    pub device: DeviceId,
    /// Which of the device's streams.
    pub nonce: u64,
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = &self.device.0;
        write!(f, "{:02x}{:02x}/{:x}", device[0], device[1], self.nonce)
    }
}

/// One link while it is up. The shell counts; a number is never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LinkId(pub u64);

macro_rules! hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 32]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

hash! {
    /// A frame, by the BLAKE3 hash of its bytes.
    FrameId
}

hash! {
    /// A blob, by the BLAKE3 hash of its bytes.
    BlobName
}

hash! {
    /// Which changes have been applied: a hash over the sorted heads of a room's documents.
    Heads
}

impl Heads {
    /// The heads of the documents, always given in the same order of documents.
    pub fn of(documents: &[&[[u8; 32]]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for heads in documents {
            let mut sorted = heads.to_vec();
            sorted.sort_unstable();
            hasher.update(&(sorted.len() as u64).to_be_bytes());
            sorted.iter().for_each(|head| {
                hasher.update(head);
            });
        }
        Self(*hasher.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f5_heads_do_not_depend_on_their_order_but_on_their_document() {
        let (a, b) = ([1; 32], [2; 32]);
        assert_eq!(Heads::of(&[&[a, b], &[]]), Heads::of(&[&[b, a], &[]]));
        assert_ne!(Heads::of(&[&[a, b], &[]]), Heads::of(&[&[a], &[b]]));
        assert_ne!(Heads::of(&[&[a], &[]]), Heads::of(&[&[], &[a]]));
    }
}
