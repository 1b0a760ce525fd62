//! The provider at which users sign in, as the host names it on the document: host and browser draw the same.

use leptos::prelude::*;

/// The attribute of the document that holds the provider's name.
pub const PROVIDER: &str = "data-provider";
/// The attribute that is there when the provider is the way in, and passwords are for who administers.
pub const PROVIDER_FIRST: &str = "data-provider-first";

/// What the sign-in page and proofs offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOnOffered {
    /// What users call the provider.
    pub name: String,
    /// Whether everybody may sign in with a password.
    pub passwords: bool,
}

/// What this page offers, if single sign-on is set up.
pub fn sign_on_offered() -> Option<SignOnOffered> {
    if cfg!(feature = "ssr") {
        return use_context::<SignOnOffered>();
    }
    let html = document().document_element()?;
    Some(SignOnOffered {
        name: html.get_attribute(PROVIDER)?,
        passwords: html.get_attribute(PROVIDER_FIRST).is_none(),
    })
}
