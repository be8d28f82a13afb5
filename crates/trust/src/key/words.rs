//! Ids as words that two people can read to each other.

use crate::DeviceId;

/// Words that stand for an id: the first 8 bytes, a word for each.
///
/// Who wants to be taken for a certain device must find a key whose id begins with the same 64 bits: 2^64 keys on average,
/// each at the price of one multiplication on the curve. Two keys of one's own with the same words take 2^32, which is
/// within reach and of no use: words are compared with those of a device that somebody else has.
pub const WORDS: usize = 8;

/// The first bytes of an id as words. They are for the eye and the ear, not for programs.
pub fn words_of(device: &DeviceId) -> String {
    let words = device.0.iter().take(WORDS);
    let words: Vec<&str> = words.map(|byte| LIST[usize::from(*byte)]).collect();
    words.join(" ")
}

/// One word for each byte: common, of three to six letters, none the beginning of another.
#[rustfmt::skip]
const LIST: [&str; 256] = [
    "acid", "acorn", "actor", "agent", "alarm", "album", "alley", "amber", "angle", "ankle", "apple", "apron", "arena", "armor", "arrow", "aspen",
    "atlas", "attic", "award", "bacon", "badge", "baker", "banjo", "barn", "basil", "basin", "beach", "beard", "bell", "bench", "berry", "bike",
    "bird", "blade", "boat", "bonus", "boot", "bowl", "brass", "bread", "brick", "broom", "brush", "cabin", "cable", "cake", "camel", "candy",
    "canoe", "cargo", "cedar", "chain", "chalk", "chess", "chief", "cider", "cigar", "clay", "cliff", "clock", "cloud", "clown", "coast", "cobra",
    "cocoa", "comet", "coral", "couch", "crab", "crane", "crown", "curry", "daisy", "dance", "delta", "denim", "desk", "diary", "dingo", "ditch",
    "dome", "donor", "door", "dove", "drama", "dress", "drum", "duck", "eagle", "earth", "easel", "ebony", "eight", "elbow", "ember", "envoy",
    "essay", "fable", "fairy", "fence", "ferry", "fever", "fiber", "field", "flag", "flame", "flute", "foam", "forge", "fork", "fox", "frost",
    "fruit", "gate", "ghost", "giant", "ginger", "globe", "glove", "goat", "gold", "goose", "grape", "grass", "guest", "guide", "habit", "hair",
    "harp", "hat", "hawk", "heart", "hedge", "helm", "hero", "hill", "hinge", "honey", "hood", "horn", "hotel", "ice", "igloo", "ink",
    "iron", "ivory", "jacket", "jazz", "jelly", "jewel", "judge", "juice", "jungle", "kayak", "kettle", "king", "kite", "knee", "knot", "label",
    "lace", "ladder", "lamp", "lance", "laser", "lemon", "lily", "lime", "lion", "lizard", "lodge", "lotus", "lunch", "magic", "magnet", "mango",
    "maple", "mask", "meadow", "medal", "melon", "metal", "milk", "mint", "mirror", "moon", "moss", "motor", "mouse", "mural", "music", "nail",
    "navy", "needle", "nest", "ninja", "north", "novel", "nurse", "oak", "oasis", "ocean", "olive", "onion", "opera", "orbit", "otter", "owl",
    "paint", "panda", "paper", "pearl", "pepper", "piano", "pilot", "plum", "poem", "pond", "prism", "puzzle", "queen", "quilt", "rabbit", "radar",
    "rain", "raven", "ribbon", "river", "robot", "rope", "rose", "ruby", "saddle", "salad", "satin", "scarf", "shark", "shell", "ship", "silk",
    "snow", "spoon", "star", "stone", "sugar", "table", "tiger", "torch", "train", "tulip", "uncle", "vase", "violin", "whale", "yacht", "zebra",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_the_beginning_of_another() {
        for (place, word) in LIST.iter().enumerate() {
            assert!((3..=6).contains(&word.len()), "{word}");
            assert!(
                word.bytes().all(|letter| letter.is_ascii_lowercase()),
                "{word}"
            );
            for (other_place, other) in LIST.iter().enumerate() {
                assert!(
                    place == other_place || !other.starts_with(word),
                    "{word}, {other}"
                );
            }
        }
        assert!(LIST.is_sorted());
    }

    #[test]
    fn the_first_bytes_are_shown() {
        let id = DeviceId(std::array::from_fn(|i| (i * 36) as u8));
        let words = words_of(&id);
        assert_eq!(words.split(' ').count(), WORDS);
        assert_eq!(words, "acid boot daisy forge iron melon poem violin");
    }
}
