//! What lets one see how the relay is doing, where the configuration asks for it: a token in a file, which Prometheus has, too.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use zeroize::Zeroizing;

use crate::{
    device,
    failure::{Exit, Failure},
};

/// Fewer characters than this could be guessed.
const LEAST_CHARACTERS: usize = 16;

/// The token, and the file that it is from. Copies share it.
#[derive(Clone)]
pub struct Token(Arc<Inner>);

struct Inner {
    file: PathBuf,
    hash: RwLock<Hash>,
}

type Hash = [u8; 32];

impl Token {
    /// Reads the file, if there is one.
    ///
    /// # Errors
    /// If it cannot be read, can be read by everybody, or has no token.
    pub fn start(file: &Path) -> Result<Option<Self>, Failure> {
        if file.as_os_str().is_empty() {
            return Ok(None);
        }
        let inner = Inner {
            file: file.to_owned(),
            hash: RwLock::new(read(file)?),
        };
        Ok(Some(Self(Arc::new(inner))))
    }

    /// Reads the file anew.
    ///
    /// # Errors
    /// As at the start; the old one holds then.
    pub fn reload(&self) -> Result<(), Failure> {
        let new = read(&self.0.file)?;
        *self.0.hash.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    fn is(&self, said: &str) -> bool {
        *self.0.hash.read().unwrap_or_else(PoisonError::into_inner) == hash(said)
    }
}

/// Lets those pass who have it (RFC 6750); everybody, if there is none.
pub async fn asks(State(token): State<Option<Token>>, request: Request, next: Next) -> Response {
    let said = request.headers().get(header::AUTHORIZATION);
    let said = said.and_then(|it| bearer(it.to_str().ok()?));
    if token.is_none_or(|token| said.is_some_and(|said| token.is(said))) {
        return next.run(request).await;
    }
    let wants = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, wants, WANTED).into_response()
}

const WANTED: &str =
    "Whoever asks here has to send the token that is in the file of operations.token_file.\n";

fn bearer(said: &str) -> Option<&str> {
    let (scheme, token) = said.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then_some(token.trim())
}

fn read(file: &Path) -> Result<Hash, Failure> {
    let code = "OPERATIONS_TOKEN_UNREADABLE";
    let content = fs::read_to_string(file).map(Zeroizing::new);
    let content = content.map_err(|error| Failure::unreadable(code, file, &error))?;
    device::is_secret(file)?;
    // As Prometheus reads it.
    let token = content.trim();
    let is_word = token.bytes().all(|it| it.is_ascii_graphic());
    if token.len() < LEAST_CHARACTERS || !is_word {
        let file = file.display();
        let message = format!(
            "{file}: a token is one word of at least {LEAST_CHARACTERS} characters; `openssl rand -hex 32` makes one"
        );
        return Err(Failure::new(
            Exit::Config,
            "OPERATIONS_TOKEN_INVALID",
            message,
        ));
    }
    Ok(hash(token))
}

/// What is compared tells nothing of what was hashed, so it may be compared as anything is.
fn hash(token: &str) -> Hash {
    blake3::derive_key("talus-tally v1 relay operations", token.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_what_comes_after_bearer() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        for other in ["abc", "Basic abc", "Bearerabc", ""] {
            assert_eq!(bearer(other), None, "{other}");
        }
    }
}
