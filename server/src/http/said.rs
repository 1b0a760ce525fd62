//! What was done, on the way from the form that did it to the page that says so. The browser carries the words there in a cookie of
//! the page, sealed for one user and this page: any node shows them, none stores them, and nobody is shown words of another user or of
//! nobody.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use shared::ids::UserId;

use crate::secrets::Keyring;

/// The most words, in bytes: browsers keep no cookie of more than 4 KiB.
const WORDS_MAX: usize = 2_000;

/// The place for which words are sealed: a user's page.
fn place(user: &UserId, page: &str) -> String {
    format!("cookie/said/{user}{page}")
}

/// Words for a user's page, as a cookie holds them.
pub(super) fn sealed(keys: &Keyring, (user, page): (&UserId, &str), words: &str) -> String {
    let (key, sealed) = keys.seal(&place(user, page), &shortened(words));
    let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed);
    format!("{key}.{sealed}")
}

/// What a cookie holds, if it was sealed for this page of this user.
pub(super) fn opened(
    keys: &Keyring,
    (user, page): (&UserId, &str),
    cookie: &str,
) -> Option<String> {
    let (key, sealed) = cookie.split_once('.')?;
    let sealed = BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?;
    let words = keys.open(&place(user, page), key, &sealed).ok()?;
    Some(words.reveal().to_owned())
}

/// What fits of words.
fn shortened(words: &str) -> String {
    let ends = words.char_indices().map(|(at, sign)| at + sign.len_utf8());
    match ends.take_while(|end| *end <= WORDS_MAX).last() {
        Some(end) if end < words.len() => [&words[..end], "…"].concat(),
        _ => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_for_one_page_of_one_user_and_for_no_other() {
        let keys = Keyring::default();
        let [ada, eda] = ["ada", "eda"].map(|id| UserId::parse(id).unwrap());
        let cookie = sealed(&keys, (&ada, "/admin/labels"), "Saved.");
        let opened = |user, page| opened(&keys, (user, page), &cookie);
        assert_eq!(opened(&ada, "/admin/labels").as_deref(), Some("Saved."));
        assert_eq!(opened(&eda, "/admin/labels"), None);
        assert_eq!(opened(&ada, "/admin/alerts"), None);
        for invented in ["", "Saved.", "1a2b3c4d.U2F2ZWQu"] {
            let found = super::opened(&keys, (&ada, "/admin/labels"), invented);
            assert_eq!(found, None, "{invented}");
        }
    }

    #[test]
    fn many_words_are_cut_where_a_sign_ends_and_fit_into_a_cookie() {
        let words = "ü".repeat(3_000);
        let cut = shortened(&words);
        assert_eq!(cut, format!("{}…", "ü".repeat(1_000)));
        let ada = UserId::parse("ada").unwrap();
        let cookie = sealed(&Keyring::default(), (&ada, "/texts"), &words);
        assert!(cookie.len() < 3_000, "{}", cookie.len());
        assert_eq!(shortened("Saved."), "Saved.");
    }
}
