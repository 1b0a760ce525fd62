//! For which host passkeys are made, and where none can be. A passkey is bound to the name of its host for good.

use webauthn_rs::prelude::Url;

/// The host, as browsers know it ("relying party").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    origin: Url,
    host: String,
}

/// Why no passkey can be made or used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoParty {
    /// The address has no name of a host that can be read.
    Unknown,
    /// It has numbers in place of a name.
    Numbers,
    /// The browser does not come over TLS.
    NotSecure,
    /// Browsers are meant to come to another address.
    Elsewhere(String),
}

impl Party {
    /// The host for a request: `public` is the address at which the operator says that it is reached, `host` is what the request
    /// calls it, and `secure` says that browsers come over TLS. Without `public` the request is believed, as far as the
    /// check of its origin goes: a page of another host cannot send one, and a browser uses no passkey of another host.
    pub fn of(public: Option<&str>, host: Option<&str>, secure: bool) -> Result<Self, NoParty> {
        let host = host.ok_or(NoParty::Unknown)?;
        let called = |scheme: &str| Url::parse(&format!("{scheme}://{host}")).ok();
        let origin = match public {
            Some(public) => {
                let origin = Url::parse(public).map_err(|_| NoParty::Unknown)?;
                match called(origin.scheme()) {
                    Some(called) if called.origin() == origin.origin() => origin,
                    _ => return Err(NoParty::Elsewhere(public.to_owned())),
                }
            }
            None => {
                let scheme = if secure { "https" } else { "http" };
                called(scheme).ok_or(NoParty::Unknown)?
            }
        };
        if origin.host_str().is_none_or(str::is_empty) {
            return Err(NoParty::Unknown);
        }
        let host = origin.domain().ok_or(NoParty::Numbers)?.to_owned();
        let local = host == "localhost" || host.ends_with(".localhost");
        if origin.scheme() != "https" && !local {
            return Err(NoParty::NotSecure);
        }
        Ok(Self { origin, host })
    }

    /// The address in front of every path.
    pub fn origin(&self) -> &Url {
        &self.origin
    }

    /// Its name, to which passkeys are bound.
    pub fn host(&self) -> &str {
        &self.host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_a_host_has_a_name_and_browsers_reach_it_safely() {
        let desk = Some("https://desk.example.com");
        let elsewhere = || NoParty::Elsewhere("https://desk.example.com".to_owned());
        for (public, host, secure, expected) in [
            (None, Some("localhost:3000"), false, Ok("localhost")),
            (None, Some("desk.localhost"), false, Ok("desk.localhost")),
            (None, Some("desk.example.com"), true, Ok("desk.example.com")),
            (
                None,
                Some("desk.example.com"),
                false,
                Err(NoParty::NotSecure),
            ),
            (None, Some("127.0.0.1:3000"), false, Err(NoParty::Numbers)),
            (None, Some("127.0.0.1"), true, Err(NoParty::Numbers)),
            (None, Some("[::1]:3000"), false, Err(NoParty::Numbers)),
            (None, Some(""), true, Err(NoParty::Unknown)),
            (None, Some("a b"), true, Err(NoParty::Unknown)),
            (None, None, true, Err(NoParty::Unknown)),
            (
                desk,
                Some("desk.example.com"),
                false,
                Ok("desk.example.com"),
            ),
            (
                desk,
                Some("desk.example.com:443"),
                true,
                Ok("desk.example.com"),
            ),
            (desk, Some("DESK.example.com"), true, Ok("desk.example.com")),
            (desk, Some("desk.example.com:8443"), true, Err(elsewhere())),
            (desk, Some("localhost:3000"), false, Err(elsewhere())),
            (desk, Some("evil.example"), true, Err(elsewhere())),
            (
                desk,
                Some("desk.example.com.evil.example"),
                true,
                Err(elsewhere()),
            ),
        ] {
            let party = Party::of(public, host, secure);
            let found = party.as_ref().map(Party::host).map_err(Clone::clone);
            assert_eq!(found, expected, "{public:?} {host:?} {secure}");
        }
    }
}
