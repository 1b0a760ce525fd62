//! The client's address: the one notion of it that every limit counts by.
//!
//! It is made once per request and stands in the request's extensions. An address is what a client cannot choose
//! freely: an IPv4 address, or the network of 64 bits that a provider gives to one IPv6 customer.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// Where proxies write down who connected to them.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// Who a limit by address counts. Handlers take it as an argument (it is an extractor).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// Of a request that did not come over a connection, as in some tests: all of them count as one client.
    pub const UNKNOWN: Self = Self(None);

    /// What is counted for this address: IPv4 as it is, also when it comes as an IPv6 address (`::ffff:192.0.2.1`),
    /// IPv6 without the 64 bits that its holder chooses.
    pub fn of(address: IpAddr) -> Self {
        Self(Some(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                IpAddr::V6(Ipv6Addr::from(network))
            }
        }))
    }

    /// The address of the peer, or, behind a proxy that is trusted to name its peer, the one that it named. A proxy
    /// appends: its own word is the last entry of the last line, and whatever stands before came with the request. An
    /// entry that is no address says nothing, and the peer counts.
    fn find(peer: Option<SocketAddr>, headers: &HeaderMap, trust_forwarded: bool) -> Self {
        let forwarded = || {
            let line = headers.get_all(FORWARDED_FOR).iter().next_back()?;
            parse(line.to_str().ok()?.rsplit(',').next()?)
        };
        let named = if trust_forwarded { forwarded() } else { None };
        named
            .or(peer.map(|peer| peer.ip()))
            .map_or(Self::UNKNOWN, Self::of)
    }
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn parse(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry
        .strip_prefix('[')
        .and_then(|entry| entry.strip_suffix(']'))
        .unwrap_or(entry);
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()))
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(IpAddr::V4(address)) => address.fmt(f),
            Some(IpAddr::V6(network)) => write!(f, "{network}/64"),
            None => f.write_str("unknown"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts
            .extensions
            .get()
            .copied()
            .unwrap_or(ClientAddress::UNKNOWN))
    }
}

/// The request with the [`ClientAddress`] in its extensions.
pub fn identify(trust_forwarded: bool, mut request: Request) -> Request {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| *peer);
    let address = ClientAddress::find(peer, request.headers(), trust_forwarded);
    request.extensions_mut().insert(address);
    request
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn forwarded(lines: &[&str]) -> HeaderMap {
        let line = |text: &&str| {
            let name = FORWARDED_FOR.parse().unwrap();
            (name, HeaderValue::from_str(text).unwrap())
        };
        lines.iter().map(line).collect()
    }

    fn seen(lines: &[&str]) -> String {
        let peer = "192.0.2.1:4711".parse().ok();
        ClientAddress::find(peer, &forwarded(lines), true).to_string()
    }

    #[test]
    fn s08_f53_the_last_entry_of_the_last_line_counts() {
        for (lines, expected) in [
            (&["203.0.113.7"][..], "203.0.113.7"),
            (&["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
            (&["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
            (
                &["198.51.100.1", "198.51.100.2 ,203.0.113.7 "],
                "203.0.113.7",
            ),
            (&["203.0.113.7:5000"], "203.0.113.7"),
            (&["[2001:db8::7]:5000"], "2001:db8::/64"),
            (&["[2001:db8::7]"], "2001:db8::/64"),
        ] {
            assert_eq!(seen(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn s08_what_is_no_address_counts_for_the_proxy_that_sent_it() {
        for lines in [
            &[][..],
            &[""],
            &["unknown"],
            &["203.0.113.7,"],
            &["203.0.113.7", "_hidden"],
            &["203.0.113.7, 999.1.1.1"],
        ] {
            assert_eq!(seen(lines), "192.0.2.1", "{lines:?}");
        }
        let mut headers = forwarded(&["203.0.113.7"]);
        headers.append(FORWARDED_FOR, HeaderValue::from_bytes(b"\xff").unwrap());
        let peer = "192.0.2.1:4711".parse().ok();
        let address = ClientAddress::find(peer, &headers, true);
        assert_eq!(address.to_string(), "192.0.2.1");
    }

    #[test]
    fn s08_nobody_names_their_own_address_without_a_trusted_proxy() {
        let peer = "192.0.2.1:4711".parse().ok();
        let headers = forwarded(&["203.0.113.7"]);
        let address = ClientAddress::find(peer, &headers, false);
        assert_eq!(address.to_string(), "192.0.2.1");
        let address = ClientAddress::find(None, &headers, false);
        assert_eq!(address, ClientAddress::UNKNOWN);
    }

    #[test]
    fn s08_one_customer_of_a_provider_is_one_client() {
        let of = |text: &str| ClientAddress::of(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("::ffff:192.0.2.1"), of("::ffff:192.0.2.2"));
    }
}
