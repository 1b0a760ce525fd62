//! Why nobody is signed in: for the sign-in page, and for the log.

use std::sync::LazyLock;

use shared::error::AppError;

use crate::commands::SignOnRefusal;
use crate::desk::identity_provider::ProviderFailure;
use crate::desk::{Desk, to_app_error};
use crate::line_limit::LineLimit;
use crate::store::StoreError;

/// Why nobody is signed in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NotSignedOn {
    /// It is not offered.
    Off,
    /// The user or the provider broke it off.
    Declined,
    /// It began too long ago, in another browser, or came back before.
    Late,
    /// The provider is of no use.
    Provider(ProviderFailure),
    /// The provider knows them, and Sideline does not let them in.
    Refused(SignOnRefusal),
    /// Something failed here.
    Failed(AppError),
}

impl From<ProviderFailure> for NotSignedOn {
    fn from(failure: ProviderFailure) -> Self {
        Self::Provider(failure)
    }
}

impl From<StoreError> for NotSignedOn {
    fn from(error: StoreError) -> Self {
        Self::Failed(to_app_error(error))
    }
}

impl NotSignedOn {
    /// The sentence of the sign-in page.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Declined => "sso_declined",
            Self::Off
            | Self::Late
            | Self::Provider(ProviderFailure::CodeRefused)
            | Self::Refused(SignOnRefusal::Changed) => "sso_again",
            Self::Provider(
                ProviderFailure::AddressRefused
                | ProviderFailure::Unreachable
                | ProviderFailure::TooSlow
                | ProviderFailure::NoDiscovery
                | ProviderFailure::Endpoint
                | ProviderFailure::NoKeys
                | ProviderFailure::OtherIssuer,
            ) => "sso_unreachable",
            Self::Provider(_) => "sso_untrusted",
            Self::Refused(SignOnRefusal::Unknown) => "sso_unknown",
            Self::Refused(SignOnRefusal::Inactive) => "sso_inactive",
            Self::Refused(SignOnRefusal::NoRole) => "sso_no_role",
            Self::Refused(SignOnRefusal::Another) => "sso_another",
            Self::Failed(_) => "failed",
        }
    }

    /// For the log, which gets no token and no name.
    fn reason(&self) -> &'static str {
        match self {
            Self::Off => "single sign-on is off",
            Self::Declined => "the user or the provider broke it off",
            Self::Late => "it began too long ago, or in another browser",
            Self::Provider(failure) => failure.reason(),
            Self::Refused(SignOnRefusal::Changed) => "single sign-on was changed meanwhile",
            Self::Refused(SignOnRefusal::Unknown) => "no user is meant",
            Self::Refused(SignOnRefusal::Inactive) => "the user is deactivated",
            Self::Refused(SignOnRefusal::NoRole) => "the provider names no role that there is",
            Self::Refused(SignOnRefusal::Another) => "another user is signed in here",
            Self::Failed(_) => "something failed in Sideline",
        }
    }
}

impl Desk {
    /// A line of the log about somebody who was not signed in, or a message that does not count.
    pub(crate) fn sign_on_failed(&self, what: &'static str, failed: &NotSignedOn) {
        static LINES: LazyLock<LineLimit> = LazyLock::new(LineLimit::default);
        if LINES.admits(self.now()) {
            tracing::warn!(reason = failed.reason(), "single sign-on: {what}");
        }
    }
}
