//! What a panic said, for a report that people pass on.

use std::any::Any;

/// What the standard library quotes of code.
const CODE: &[&str] = &[
    "Option::unwrap()",
    "Option::expect()",
    "Result::unwrap()",
    "Result::expect()",
    "Err",
    "None",
    "Some",
    "Ok",
    "left == right",
    "left != right",
];

/// The message, without what it quotes: that may be out of a project, such as the title in "byte index 1 is not a char boundary;
/// it is inside 'e' of `...`". What somebody prints without quotes stays.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let message = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    without_quotes(message.unwrap_or("unknown"))
}

fn without_quotes(message: &str) -> String {
    let mut kept = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(begin) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(begin + 1);
        let mark = &before[begin..];
        kept.push_str(before);
        let is_code = |content: &&str| CODE.contains(content);
        if let Some(content) = quoted.split(mark).next().filter(is_code) {
            kept.push_str(content);
            kept.push_str(mark);
            rest = quoted.get(content.len() + 1..).unwrap_or_default();
            continue;
        }
        // What is quoted may have such a mark itself. One that never ends was cut short.
        let end = quoted.rfind(mark);
        kept.push('\u{2026}');
        kept.push_str(mark);
        rest = end.map_or("", |end| &quoted[end + 1..]);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    fn said(panics: impl FnOnce() + std::panic::UnwindSafe) -> String {
        message(&*catch_unwind(panics).unwrap_err())
    }

    /// Each of these panics quotes a title as the standard library does.
    #[test]
    fn no_title_is_in_a_report() {
        let title = "\u{e9}lan of the \"quetzal\" `harvest` here".to_owned();
        let failed = title.parse::<u8>().map_err(|_| title.clone());
        let cut = title.clone();
        let equal = title.clone();
        for report in [
            said(move || drop(cut[1..].to_owned())),
            said(move || assert_eq!(failed.unwrap(), 7)),
            said(move || assert_eq!(equal, "another")),
            said(move || panic!("cannot place {title:?}")),
        ] {
            assert!(!report.contains("quetzal"), "{report}");
            assert!(!report.contains("harvest"), "{report}");
            assert!(!report.contains("here"), "{report}");
            assert!(report.len() > 10, "{report}");
        }
    }

    #[test]
    fn the_rest_is_kept() {
        assert_eq!(
            said(|| assert_eq!(Vec::<u8>::new().pop().unwrap(), 7)),
            "called `Option::unwrap()` on a `None` value"
        );
        assert_eq!(said(|| panic!("a planted defect")), "a planted defect");
        assert_eq!(without_quotes("of `half"), "of `\u{2026}`");
        assert_eq!(said(|| std::panic::panic_any(7)), "unknown");
    }
}
