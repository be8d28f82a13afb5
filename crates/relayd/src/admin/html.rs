//! HTML as text, in which nothing that came from elsewhere is taken for HTML.

use std::fmt::Display;

/// A piece of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// HTML that stands in the program.
    pub fn of(markup: &'static str) -> Self {
        Self(markup.to_owned())
    }

    /// Goes on with HTML that stands in the program.
    pub fn raw(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Goes on with a text, whatever is in it; between tags, or within the double quotes of an attribute.
    pub fn text(mut self, text: impl Display) -> Self {
        for letter in text.to_string().chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// Goes on with another piece.
    pub fn with(mut self, piece: Self) -> Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Goes on with several.
    pub fn each(self, pieces: impl IntoIterator<Item = Self>) -> Self {
        pieces.into_iter().fold(self, Self::with)
    }

    /// A whole page.
    pub fn page(title: &str, body: Self) -> String {
        let page = Self::of(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <link rel=\"stylesheet\" href=\"/style.css\"><title>",
        );
        let page = page.text(title).raw("</title></head><body>").with(body);
        page.raw("</body></html>\n").0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_a_text() {
        let hostile = "<script>\"x\" & 'y'</script>";
        let page = Html::page(hostile, Html::of("<p>").text(hostile).raw("</p>"));
        assert!(!page.contains("<script"), "{page}");
        let expected = "<p>&lt;script&gt;&quot;x&quot; &amp; &#39;y&#39;&lt;/script&gt;</p>";
        assert!(page.contains(expected), "{page}");
    }
}
