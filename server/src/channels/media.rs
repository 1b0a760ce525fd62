//! Fetching files that customers have sent by a provider: from public addresses over TLS and from no others, with few redirects,
//! and with credentials for the provider's own hosts alone. Only a provider that is a stand-in on this machine may lead to
//! this machine.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header::{AUTHORIZATION, LOCATION, USER_AGENT};
use axum::http::uri::Scheme;
use axum::http::{Request, StatusCode, Uri};
use http_body_util::Full;
use shared::files::FileState;

use crate::desk::providers::FetchError;
use crate::http_client::{
    ADDRESS_REFUSED, HttpClient, HttpFailure, Resolver, SystemLookup, TOO_LONG,
};
use crate::webhooks::address::{AddressRules, Network};
use crate::webhooks::{literal, port_is_good};

/// How often a file may be somewhere else.
const REDIRECTS_MAX: usize = 3;
/// How a provider knows who asks.
const AGENT: &str = concat!("Sideline/", env!("CARGO_PKG_VERSION"));

/// What leads nowhere, or where nothing is fetched from.
const GONE: FetchError = FetchError::Failed(FileState::Gone);
/// What may work later.
pub(super) const LATER: FetchError = FetchError::Later(FileState::NoAnswer);

/// Fetches files of one vendor.
pub(super) struct MediaClient {
    /// The beginning of every address of the vendor's.
    base: String,
    rules: AddressRules,
    /// Over TLS.
    secure: HttpClient,
    /// Without it, to what the rules allow.
    plain: HttpClient,
}

/// What proves who asks.
#[derive(Clone, Copy)]
pub(super) struct Credentials<'a> {
    /// The value of the header.
    pub(super) header: &'a str,
    /// The ends of the names of hosts, beside the vendor's own address, that are the vendor's.
    pub(super) hosts: &'a [&'a str],
}

impl MediaClient {
    /// For the vendor at this address.
    pub(super) fn new(base: &str, time_limit: Duration) -> Self {
        let host = base.parse::<Uri>().ok();
        let host = host.as_ref().and_then(|uri| literal(uri.host()?));
        let loopback = host.filter(IpAddr::is_loopback);
        let allowed = loopback.and_then(|address| address.to_string().parse::<Network>().ok());
        let rules = AddressRules::new(allowed.into_iter().collect());
        let client = |secure: bool| {
            let rules = rules.clone();
            let permits = move |address: IpAddr| rules.permits(address, secure);
            let resolver = Resolver::checked(Arc::new(SystemLookup), permits);
            HttpClient::with_resolver(time_limit, resolver)
        };
        Self {
            secure: client(true),
            plain: client(false),
            base: base.to_owned(),
            rules,
        }
    }

    /// Whether an address is one of the vendor's own.
    pub(super) fn is_own(&self, address: &str) -> bool {
        let rest = address.strip_prefix(&self.base);
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// What stands at an address, at most `max` bytes.
    pub(super) async fn get(
        &self,
        address: &str,
        credentials: Option<Credentials<'_>>,
        max: usize,
    ) -> Result<Vec<u8>, FetchError> {
        let mut uri: Uri = address.parse().map_err(|_| GONE)?;
        for _ in 0..=REDIRECTS_MAX {
            let client = self.client_for(&uri)?;
            let known = credentials.filter(|known| self.may_know(&uri, known.hosts));
            let mut request = Request::get(uri.clone()).header(USER_AGENT, AGENT);
            if let Some(known) = known {
                request = request.header(AUTHORIZATION, known.header);
            }
            let request = request.body(Full::default()).map_err(|_| GONE)?;
            let answer = client.send_for(request, max).await;
            let answer = answer.map_err(|failure| not_answered(&failure))?;
            match answer.status {
                status if status.is_success() => return Ok(answer.body.to_vec()),
                status if status.is_redirection() => {
                    let next = answer.headers.get(LOCATION);
                    let next = next.and_then(|next| next.to_str().ok());
                    uri = next.and_then(|next| led(&uri, next)).ok_or(GONE)?;
                }
                status => return Err(refused(status, known.is_some())),
            }
        }
        Err(GONE)
    }

    /// Who may connect there.
    fn client_for(&self, uri: &Uri) -> Result<&HttpClient, FetchError> {
        let secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if self.rules.allow_any() => false,
            _ => return Err(GONE),
        };
        let authority = uri.authority().ok_or(GONE)?;
        let named = authority.as_str().contains('@') || authority.host().is_empty();
        // The connector asks no resolver about an address.
        let barred = literal(authority.host()).is_some_and(|one| !self.rules.permits(one, secure));
        if named || barred || !port_is_good(authority) {
            return Err(GONE);
        }
        Ok(if secure { &self.secure } else { &self.plain })
    }

    /// Whether the host at this address is the vendor's.
    fn may_know(&self, uri: &Uri, hosts: &[&str]) -> bool {
        let at_home = self.is_own(&uri.to_string());
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let theirs = hosts.iter().any(|end| host.ends_with(end));
        at_home || (uri.scheme() == Some(&Scheme::HTTPS) && theirs)
    }
}

/// Where a redirect leads to.
fn led(from: &Uri, to: &str) -> Option<Uri> {
    if to.contains("://") {
        return to.parse().ok();
    }
    if to.starts_with("//") {
        return [from.scheme_str()?, ":", to].concat().parse().ok();
    }
    let path = match to.starts_with('/') {
        true => to.to_owned(),
        false if to.is_empty() => return None,
        // Beside what led there.
        false => {
            let (folder, _) = from.path().rsplit_once('/')?;
            [folder, "/", to].concat()
        }
    };
    let mut parts = from.clone().into_parts();
    parts.path_and_query = Some(path.parse().ok()?);
    Uri::from_parts(parts).ok()
}

fn not_answered(failure: &HttpFailure) -> FetchError {
    match failure.reason {
        TOO_LONG => FetchError::Failed(FileState::TooLarge),
        ADDRESS_REFUSED => GONE,
        _ => LATER,
    }
}

/// What a status means; `known`: the request carried credentials.
fn refused(status: StatusCode, known: bool) -> FetchError {
    match status {
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => LATER,
        status if status.is_server_error() => LATER,
        // Twilio brings a message before its file can be had everywhere.
        StatusCode::NOT_FOUND => FetchError::Later(FileState::Gone),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if known => {
            FetchError::Failed(FileState::NotSetUp)
        }
        _ => GONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str) -> MediaClient {
        MediaClient::new(base, Duration::from_secs(1))
    }

    #[test]
    fn nothing_is_fetched_from_where_only_this_machine_gets() {
        let client = client("https://api.twilio.com");
        let allowed = |address: &str| client.client_for(&address.parse().unwrap()).is_ok();
        assert!(allowed("https://api.twilio.com/x") && allowed("https://93.184.216.34/x"));
        for address in [
            "http://api.twilio.com/x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://10.0.0.7/x",
            "https://169.254.169.254/latest/meta-data",
            "https://someone@api.twilio.com/x",
            "ftp://api.twilio.com/x",
            "/x",
        ] {
            assert!(!allowed(address), "{address}");
        }
        let stand_in = self::client("http://127.0.0.1:4010");
        let allowed = |address: &str| stand_in.client_for(&address.parse().unwrap()).is_ok();
        assert!(allowed("http://127.0.0.1:4011/x") && !allowed("http://10.0.0.7/x"));
    }

    #[test]
    fn credentials_are_for_the_vendors_own_hosts() {
        let twilio = client("https://api.twilio.com");
        let knows =
            |address: &str, hosts: &[&str]| twilio.may_know(&address.parse().unwrap(), hosts);
        assert!(knows("https://api.twilio.com/2010-04-01/x", &[]));
        for other in [
            "http://api.twilio.com/x",
            "https://api.twilio.com.evil.test/x",
            "https://api.twilio.com:444/x",
            "https://mms.twiliocdn.com/x",
        ] {
            assert!(!knows(other, &[]), "{other}");
        }
        let meta = [".fbsbx.com"];
        assert!(knows("https://lookaside.fbsbx.com/x", &meta));
        for other in [
            "http://lookaside.fbsbx.com/x",
            "https://fbsbx.com.evil.test/x",
            "https://evilfbsbx.com/x",
        ] {
            assert!(!knows(other, &meta), "{other}");
        }
    }

    #[test]
    fn a_redirect_leads_to_another_path_or_another_host() {
        let from: Uri = "https://a.test/b?c".parse().unwrap();
        let led = |to: &str| led(&from, to).map(|uri| uri.to_string());
        assert_eq!(led("/d?e").as_deref(), Some("https://a.test/d?e"));
        assert_eq!(led("https://b.test/").as_deref(), Some("https://b.test/"));
        assert_eq!(led("//b.test/d").as_deref(), Some("https://b.test/d"));
        assert_eq!(led("d?e").as_deref(), Some("https://a.test/d?e"));
        assert_eq!((led("not an address"), led("")), (None, None));
    }
}
