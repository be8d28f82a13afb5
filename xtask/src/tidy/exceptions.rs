//! What is not tidy for a reason.

use super::Finding;
use super::rules::Rule;

/// One file that may break one rule, and why.
pub struct Exception {
    /// The file, from the root of the repository.
    pub file: &'static str,
    /// The rule it may break.
    pub rule: Rule,
    /// Why it is better so; without one it does not count.
    pub reason: &'static str,
}

/// Keep this short. A reason says why the file is better as it is.
pub const EXCEPTIONS: &[Exception] = &[];

/// The findings without an exception, and the exceptions without a finding.
pub fn sort(findings: Vec<Finding>, exceptions: &[Exception]) -> (Vec<Finding>, Vec<&Exception>) {
    let covers = |exception: &Exception, finding: &Finding| {
        !exception.reason.is_empty()
            && exception.file == finding.file
            && exception.rule == finding.rule
    };
    let is_unused =
        |exception: &&Exception| !findings.iter().any(|finding| covers(exception, finding));
    let unused = exceptions.iter().filter(is_unused).collect();
    let is_covered = |finding: &Finding| {
        exceptions
            .iter()
            .any(|exception| covers(exception, finding))
    };
    (
        findings
            .into_iter()
            .filter(|finding| !is_covered(finding))
            .collect(),
        unused,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(file: &str) -> Finding {
        Finding {
            file: file.to_owned(),
            line: None,
            rule: Rule::LongFile,
            found: "612 lines".to_owned(),
        }
    }

    #[test]
    fn an_exception_covers_one_rule_of_one_file() {
        let exceptions = [Exception {
            file: "a.rs",
            rule: Rule::LongFile,
            reason: "one table",
        }];
        let (wrong, unused) = sort(vec![long("a.rs"), long("b.rs")], &exceptions);
        assert_eq!(
            wrong
                .iter()
                .map(|finding| finding.file.as_str())
                .collect::<Vec<_>>(),
            ["b.rs"]
        );
        assert!(unused.is_empty());
    }

    #[test]
    fn an_exception_that_nothing_needs_is_reported() {
        let exceptions = [Exception {
            file: "a.rs",
            rule: Rule::Sleep,
            reason: "time is under test",
        }];
        let (wrong, unused) = sort(vec![long("a.rs")], &exceptions);
        assert_eq!((wrong.len(), unused.len()), (1, 1));
    }
}
