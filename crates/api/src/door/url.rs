//! Automerge URLs: `automerge:` and 16 bytes in Base58Check.

use app::programs::DocumentId;

/// What a client of automerge-repo finds a project by.
pub(crate) fn automerge_url(document: DocumentId) -> String {
    let name = bs58::encode(document.0).with_check().into_string();
    format!("automerge:{name}")
}

/// The document that a message names.
pub(super) fn named(name: &str) -> Option<DocumentId> {
    // 16 bytes and 4 of checksum are 28 digits at most.
    let short = Some(name).filter(|it| it.len() <= 32)?;
    let bytes = bs58::decode(short).with_check(None).into_vec().ok()?;
    Some(DocumentId(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_automerge_repo() {
        // What `stringifyAutomergeUrl` of automerge-repo 2.5 says.
        let id = DocumentId(std::array::from_fn(|place| place as u8));
        let name = "1Bhh3pU9gLXZiNDL6PEa1Gs9fh";
        assert_eq!(automerge_url(id), format!("automerge:{name}"));
        assert_eq!(named(name), Some(id));
        assert_eq!(named(&name[1..]), None);
        assert_eq!(named(""), None);
        assert_eq!(named(&"1".repeat(1000)), None);
    }
}
