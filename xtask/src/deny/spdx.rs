//! Licence expressions: <https://spdx.github.io/spdx-spec/v3.0.1/annexes/spdx-license-expressions/>.

/// Whether one may choose licences from `allowed` so that the expression holds. What cannot be read does not hold.
///
/// `WITH` and its exception belong to the licence before it: `"Apache-2.0 WITH LLVM-exception"` is allowed as a
/// whole, or because `"Apache-2.0"` is, since an exception only permits more. The old `MIT/Apache-2.0` means `OR`.
pub fn is_satisfied(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        tokens: &tokens,
        allowed,
    };
    let holds = parser.any();
    holds == Some(true) && parser.tokens.is_empty()
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    allowed: &'a [&'a str],
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Option<bool> {
        let mut holds = self.all()?;
        while self.take("OR") {
            holds |= self.all()?;
        }
        Some(holds)
    }

    fn all(&mut self) -> Option<bool> {
        let mut holds = self.one()?;
        while self.take("AND") {
            holds &= self.one()?;
        }
        Some(holds)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let holds = self.any()?;
            return self.take(")").then_some(holds);
        }
        let name = self.next()?;
        let mut holds = self.allowed.contains(&name);
        if self.take("WITH") {
            let exception = self.next()?;
            holds |= self
                .allowed
                .contains(&format!("{name} WITH {exception}").as_str());
        }
        Some(holds)
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self
            .tokens
            .first()
            .is_some_and(|next| next.eq_ignore_ascii_case(token));
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_hold_by_their_operators() {
        let holds = |expression| is_satisfied(expression, &["MIT", "Apache-2.0", "Unicode-3.0"]);
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "MIT/GPL-2.0",
            "(MIT OR GPL-3.0) AND Unicode-3.0",
            "GPL-3.0 AND LGPL-3.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(holds(good), "{good}");
        }
        for bad in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT",
            "MIT MIT",
            "MIT OR",
            "SEE LICENSE IN LICENSE.md",
        ] {
            assert!(!holds(bad), "{bad}");
        }
    }

    #[test]
    fn an_exception_can_be_allowed_as_a_whole() {
        assert!(is_satisfied(
            "GPL-2.0 WITH Classpath-exception-2.0",
            &["GPL-2.0 WITH Classpath-exception-2.0"]
        ));
        assert!(!is_satisfied(
            "GPL-2.0",
            &["GPL-2.0 WITH Classpath-exception-2.0"]
        ));
    }
}
