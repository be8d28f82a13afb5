//! From when to when a certificate is good ([RFC 5280], 4.1.2.5).
//!
//! [RFC 5280]: https://www.rfc-editor.org/rfc/rfc5280

use super::der::read;

/// The first and the last second, counted from 1970 as UNIX does. Who judges by it brings a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// From then on it is good.
    pub not_before_s: i64,
    /// After that it is good no more.
    pub not_after_s: i64,
}

/// A version, which only the first one has not.
const VERSION: u8 = 0xa0;

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

impl Validity {
    /// Of a certificate in DER, if it has one.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (_, signed, _) = read(certificate)?;
        let (_, content, _) = read(signed)?;
        let mut rest = match read(content)? {
            (VERSION, _, rest) => rest,
            _ => content,
        };
        // Its number, the algorithm of its signature, who vouches for it.
        for _ in 0..3 {
            (_, _, rest) = read(rest)?;
        }
        let (_, validity, _) = read(rest)?;
        let (tag, begin, rest) = read(validity)?;
        let not_before_s = seconds(tag, begin)?;
        let (tag, end, _) = read(rest)?;
        let not_after_s = seconds(tag, end)?;
        Some(Self {
            not_before_s,
            not_after_s,
        })
    }
}

/// `YYMMDDHHMMSSZ`, of 1950 to 2049, or with all digits of the year.
fn seconds(tag: u8, text: &[u8]) -> Option<i64> {
    let digits = text.strip_suffix(b"Z")?;
    let short = match tag {
        UTC_TIME if digits.len() == 12 => true,
        GENERALIZED_TIME if digits.len() == 14 => false,
        _ => return None,
    };
    let pairs: Option<Vec<i64>> = digits.chunks(2).map(pair).collect();
    let (year, rest) = match (short, &pairs?[..]) {
        (true, [year @ 50..=99, rest @ ..]) => (1900 + year, rest.to_vec()),
        (true, [year, rest @ ..]) => (2000 + year, rest.to_vec()),
        (false, [century, year, rest @ ..]) => (century * 100 + year, rest.to_vec()),
        _ => return None,
    };
    let [
        month @ 1..=12,
        day @ 1..=31,
        hour @ 0..24,
        minute @ 0..60,
        second @ 0..60,
    ] = rest[..]
    else {
        return None;
    };
    Some(((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn pair(digits: &[u8]) -> Option<i64> {
    let is_number = digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    text.parse().ok()
}

/// Days since 1970 in the Gregorian calendar. Years begin with March here, so that the day that some lack comes last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let in_year = (month * 153 + 2) / 5 + day - 1;
    // From March of the year 0 to 1970.
    year * 365 + leap_days + in_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{
        certificate::VALIDITY,
        der::{sequence, tagged},
    };

    #[test]
    fn times_are_counted_as_unix_counts_them() {
        for (tag, text, expected) in [
            (UTC_TIME, "700101000000Z", Some(0)),
            (UTC_TIME, "691231235959Z", Some(-1)),
            (UTC_TIME, "000229120000Z", Some(951_825_600)),
            (UTC_TIME, "491231235959Z", Some(2_524_607_999)),
            (GENERALIZED_TIME, "20500101000000Z", Some(2_524_608_000)),
            (GENERALIZED_TIME, "21000301000000Z", Some(4_107_542_400)),
            (GENERALIZED_TIME, "99991231235959Z", Some(253_402_300_799)),
            (UTC_TIME, "701301000000Z", None),
            (UTC_TIME, "700100000000Z", None),
            (UTC_TIME, "7001010000Z", None),
            (UTC_TIME, "700101000000", None),
            (UTC_TIME, "70010100+1 0Z", None),
            (GENERALIZED_TIME, "700101000000Z", None),
            (4, "700101000000Z", None),
        ] {
            assert_eq!(seconds(tag, text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn it_stands_after_who_vouches_with_and_without_a_version() {
        let good = Some(Validity {
            not_before_s: 946_684_800,
            not_after_s: 253_402_300_799,
        });
        let (number, algorithm, issuer) = (tagged(2, &[1]), sequence(&[]), sequence(&[]));
        let parts: [&[u8]; 5] = [&[0xa0, 3, 2, 1, 2], &number, &algorithm, &issuer, VALIDITY];
        let certificate = |parts: &[&[u8]]| sequence(&[&sequence(parts)]);
        assert_eq!(Validity::of(&certificate(&parts)), good);
        assert_eq!(Validity::of(&certificate(&parts[1..])), good);
        assert_eq!(Validity::of(&certificate(&parts[..4])), None);
        let whole = certificate(&parts);
        for end in 0..whole.len() {
            assert_eq!(Validity::of(&whole[..end]), None, "{end}");
        }
    }
}
