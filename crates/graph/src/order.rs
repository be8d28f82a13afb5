//! Keys that order siblings: between any two there is room for another.
//!
//! A key is an integer of variable length followed by a fraction, in 62 ASCII digits, compared as
//! bytes (the scheme of D. Greenspan, "Implementing Fractional Indexing", 2020). Appending counts
//! the integer up, so keys stay short. Every new key ends in random digits, so that two people who
//! insert at the same place at the same time do not get the same key.

use smol_str::SmolStr;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const JITTER_DIGITS: usize = 3;
const RUN_DIGITS: usize = 4;

/// Keys longer than this are a reason to number the siblings afresh.
pub(crate) const MAX_BYTES: usize = 64;

/// Deterministic digits: the seed comes from the command, so nothing here is random.
#[derive(Debug, Clone)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// SplitMix64 (Steele, Lea, Flood, 2014).
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn push_digits(&mut self, key: &mut String, count: usize) {
        for i in 0..count {
            let last = i + 1 == count;
            let lowest = u64::from(last); // a key never ends in the lowest digit
            let digit = if crate::fault::planted(crate::fault::Fault::UnjitteredKey) {
                1
            } else {
                lowest + self.next() % (62 - lowest)
            };
            key.push(char::from(DIGITS[digit as usize]));
        }
    }
}

/// A key strictly between the two; none means the end of the list.
pub(crate) fn between(low: Option<&str>, high: Option<&str>, jitter: &mut Jitter) -> SmolStr {
    let mut key = prefix_between(low, high);
    jitter.push_digits(&mut key, JITTER_DIGITS);
    key.into()
}

/// Ascending keys strictly between the two that share a random prefix: whatever is inserted at the
/// same place by somebody else comes before or after the whole run.
pub(crate) fn run_between(
    low: Option<&str>,
    high: Option<&str>,
    count: usize,
    jitter: &mut Jitter,
) -> Vec<SmolStr> {
    if count == 1 {
        return vec![between(low, high, jitter)];
    }
    let mut prefix = prefix_between(low, high);
    jitter.push_digits(&mut prefix, JITTER_DIGITS);
    (0..count)
        .map(|i| format!("{prefix}{}V", fixed_width(i)).into())
        .collect()
}

fn fixed_width(mut number: usize) -> String {
    let mut digits = [b'0'; RUN_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[number % 62];
        number /= 62;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

/// A key between the two all of whose extensions are between them too.
fn prefix_between(low: Option<&str>, high: Option<&str>) -> String {
    let low = low.filter(|key| is_key(key));
    let high = high.filter(|key| is_key(key) && low.is_none_or(|low| low < *key));
    let mut key = middle(low, high);
    while high.is_some_and(|high| high.starts_with(key.as_str())) {
        key = middle(Some(&key), high);
    }
    key
}

fn middle(low: Option<&str>, high: Option<&str>) -> String {
    match (low, high) {
        (None, None) => "a0".into(),
        (None, Some(high)) => {
            let (integer, fraction) = split(high);
            match decrement(integer) {
                Some(lower) => lower,
                None => format!("{integer}{}", middle_fraction("", Some(fraction))),
            }
        }
        (Some(low), None) => {
            let (integer, fraction) = split(low);
            increment(integer)
                .unwrap_or_else(|| format!("{integer}{}", middle_fraction(fraction, None)))
        }
        (Some(low), Some(high)) => {
            let ((low_integer, low_fraction), (high_integer, high_fraction)) =
                (split(low), split(high));
            if low_integer == high_integer {
                return format!(
                    "{low_integer}{}",
                    middle_fraction(low_fraction, Some(high_fraction))
                );
            }
            match increment(low_integer) {
                Some(next) if next.as_str() < high => next,
                _ => format!("{low_integer}{}", middle_fraction(low_fraction, None)),
            }
        }
    }
}

/// A fraction strictly between the two; `None` stands for one.
fn middle_fraction(low: &str, high: Option<&str>) -> String {
    let (low, high) = (low.as_bytes(), high.map(str::as_bytes));
    if let Some(high) = high {
        let common = high
            .iter()
            .enumerate()
            .take_while(|(i, digit)| low.get(*i).unwrap_or(&b'0') == *digit)
            .count();
        if common > 0 {
            let head = String::from_utf8_lossy(&high[..common]).into_owned();
            let rest = String::from_utf8_lossy(low.get(common..).unwrap_or(&[])).into_owned();
            return head + &middle_fraction(&rest, Some(&String::from_utf8_lossy(&high[common..])));
        }
    }
    let low_digit = low.first().map_or(0, |digit| value_of(*digit));
    let high_digit = high
        .and_then(|high| high.first())
        .map_or(62, |digit| value_of(*digit));
    if high_digit - low_digit > 1 {
        return char::from(DIGITS[(low_digit + high_digit) / 2]).to_string();
    }
    if let Some(high) = high.filter(|high| high.len() > 1) {
        return char::from(high[0]).to_string();
    }
    let rest = String::from_utf8_lossy(low.get(1..).unwrap_or(&[])).into_owned();
    format!(
        "{}{}",
        char::from(DIGITS[low_digit]),
        middle_fraction(&rest, None)
    )
}

fn value_of(digit: u8) -> usize {
    DIGITS
        .iter()
        .position(|candidate| *candidate == digit)
        .unwrap_or(0)
}

/// Bytes of the integer part, told by its first: `a` two, `b` three ...; `Z` two, `Y` three ... below zero.
fn integer_len(head: u8) -> Option<usize> {
    match head {
        b'a'..=b'z' => Some(usize::from(head - b'a') + 2),
        b'A'..=b'Z' => Some(usize::from(b'Z' - head) + 2),
        _ => None,
    }
}

/// Whether the text is a key at all: another program may have written anything.
fn is_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().all(|byte| byte.is_ascii_alphanumeric())
        && bytes
            .first()
            .and_then(|head| integer_len(*head))
            .is_some_and(|len| bytes.len() >= len)
        && (bytes.last() != Some(&b'0')
            || bytes.first().and_then(|head| integer_len(*head)) == Some(bytes.len()))
}

fn split(key: &str) -> (&str, &str) {
    key.split_at(integer_len(key.as_bytes()[0]).expect("callers pass keys only"))
}

fn increment(integer: &str) -> Option<String> {
    let mut bytes = integer.as_bytes().to_vec();
    for i in (1..bytes.len()).rev() {
        if bytes[i] != b'z' {
            bytes[i] = DIGITS[value_of(bytes[i]) + 1];
            return String::from_utf8(bytes).ok();
        }
        bytes[i] = b'0';
    }
    match bytes[0] {
        b'Z' => Some("a0".into()),
        b'z' => None,
        head => Some(extreme(head + 1, b'0')),
    }
}

fn decrement(integer: &str) -> Option<String> {
    let mut bytes = integer.as_bytes().to_vec();
    for i in (1..bytes.len()).rev() {
        if bytes[i] != b'0' {
            bytes[i] = DIGITS[value_of(bytes[i]) - 1];
            return String::from_utf8(bytes).ok();
        }
        bytes[i] = b'z';
    }
    match bytes[0] {
        b'a' => Some("Zz".into()),
        b'A' => None,
        head => Some(extreme(head - 1, b'z')),
    }
}

fn extreme(head: u8, digit: u8) -> String {
    let len = integer_len(head).expect("heads next to valid heads are valid");
    std::iter::once(head)
        .chain(std::iter::repeat_n(digit, len - 1))
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn appending_keeps_keys_short() {
        let mut jitter = Jitter::new(1);
        let mut last = between(None, None, &mut jitter);
        for _ in 0..10_000 {
            let next = between(Some(&last), None, &mut jitter);
            assert!(next > last);
            last = next;
        }
        assert!(last.len() <= 8, "{last}");
    }

    #[test]
    fn anything_is_taken_as_a_neighbour() {
        let mut jitter = Jitter::new(1);
        for odd in ["", "!", "a", "zz", "a0\u{301}", "0", "b0"] {
            assert!(is_key(&between(Some(odd), Some(odd), &mut jitter)));
        }
    }

    proptest! {
        #[test]
        fn inserting_anywhere_keeps_order(places in prop::collection::vec((any::<prop::sample::Index>(), 1..4_usize, any::<u64>()), 1..120)) {
            let mut keys: Vec<SmolStr> = vec![];
            for (place, count, seed) in places {
                let at = place.index(keys.len() + 1);
                let low = at.checked_sub(1).map(|i| keys[i].clone());
                let run = run_between(low.as_deref(), keys.get(at).map(SmolStr::as_str), count, &mut Jitter::new(seed));
                keys.splice(at..at, run);
                prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
            }
        }

        #[test]
        fn concurrent_runs_do_not_interleave(a in any::<u64>(), b in any::<u64>()) {
            prop_assume!(a != b);
            let (low, high) = ("a0V", "a0W");
            let first = run_between(Some(low), Some(high), 5, &mut Jitter::new(a));
            let second = run_between(Some(low), Some(high), 5, &mut Jitter::new(b));
            prop_assume!(first[0] != second[0]);
            prop_assert!(first[4] < second[0] || second[4] < first[0]);
        }
    }
}
