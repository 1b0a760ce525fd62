//! Whether a request comes from Twilio: HMAC-SHA1 with the account's auth token over the public URL and the parameters
//! (<https://www.twilio.com/docs/usage/security>).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::form::Parameters;

/// The name of the parameter in which a URL carries the digest of a body that is no form.
const BODY_DIGEST: &str = "bodySHA256";

/// Whether this signature was made with the token over the URL and the body. A URL may be signed with the standard port of
/// its scheme or without it.
pub(super) fn is_valid(
    token: &str,
    url: &str,
    form: &Parameters,
    body: &[u8],
    signature: &str,
) -> bool {
    let Ok(signature) = BASE64_STANDARD.decode(signature) else {
        return false;
    };
    // What names the digest of its body is signed alone.
    let signed = match body_digest(url) {
        Some(digest) if digest.eq_ignore_ascii_case(&hex::encode(Sha256::digest(body))) => {
            Vec::new()
        }
        Some(_) => return false,
        None => form.signed(),
    };
    let urls = [Some(url.to_owned()), with_port(url), without_port(url)];
    let mut urls = urls.into_iter().flatten();
    urls.any(|url| mac(token, &url, &signed).verify_slice(&signature).is_ok())
}

fn mac(token: &str, url: &str, signed: &[u8]) -> Hmac<Sha1> {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("any key will do");
    mac.update(url.as_bytes());
    mac.update(signed);
    mac
}

fn body_digest(url: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let found = pairs.find(|(name, _)| name == BODY_DIGEST);
    found.map(|(_, digest)| digest.into_owned())
}

/// Scheme, host with port, and the rest.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    Some((scheme, host, path))
}

fn standard_port(scheme: &str) -> &'static str {
    match scheme {
        "https" => ":443",
        _ => ":80",
    }
}

fn has_port(host: &str) -> bool {
    let port = host.rsplit_once(':').map(|(_, port)| port);
    port.is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn with_port(url: &str) -> Option<String> {
    let (scheme, host, path) = parts(url)?;
    let port = standard_port(scheme);
    (!has_port(host)).then(|| format!("{scheme}://{host}{port}{path}"))
}

fn without_port(url: &str) -> Option<String> {
    let (scheme, host, path) = parts(url)?;
    let host = host.strip_suffix(standard_port(scheme))?;
    Some(format!("{scheme}://{host}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "12345";
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
    const URL_WITH_PORT: &str = "https://mycompany.com:443/myapp.php?foo=1&bar=2";
    const BODY: &[u8] =
        b"To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE";
    const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";
    const SIGNATURE_WITH_PORT: &str = "kvajT1Ptam85bY51eRf/AJRuM3w=";

    fn valid(token: &str, url: &str, body: &[u8], signature: &str) -> bool {
        let form = Parameters::parse(body);
        is_valid(token, url, &form, body, signature)
    }

    /// The vectors of Twilio's documentation and libraries.
    #[test]
    fn twilios_own_vectors_are_valid_with_the_standard_port_and_without_it() {
        for signature in [SIGNATURE, SIGNATURE_WITH_PORT] {
            assert!(valid(TOKEN, URL, BODY, signature));
            assert!(valid(TOKEN, URL_WITH_PORT, BODY, signature));
        }
    }

    #[test]
    fn what_was_altered_is_not_valid() {
        let mut altered = BODY.to_vec();
        altered[BODY.len() - 1] = b'F';
        assert!(!valid(TOKEN, URL, &altered, SIGNATURE));
        assert!(!valid("12346", URL, BODY, SIGNATURE));
        for url in [
            "http://mycompany.com/myapp.php?foo=1&bar=2",
            "https://mycompany.com:8443/myapp.php?foo=1&bar=2",
            "https://mycompany.com/myapp.php?foo=1&bar=3",
        ] {
            assert!(!valid(TOKEN, url, BODY, SIGNATURE), "{url}");
        }
        for signature in ["", "nonsense", "RSOYDt4T1cUTdK1PDd93/VVr8B9="] {
            assert!(!valid(TOKEN, URL, BODY, signature), "{signature}");
        }
    }

    #[test]
    fn a_body_that_is_no_form_is_compared_with_the_digest_in_the_url() {
        let body = br#"{"property": "value", "boolean": true}"#;
        let digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
        let url = format!("{URL}&bodySHA256={digest}");
        let form = Parameters::default();
        let signature = BASE64_STANDARD.encode(mac(TOKEN, &url, b"").finalize().into_bytes());
        assert!(is_valid(TOKEN, &url, &form, body, &signature));
        assert!(!is_valid(TOKEN, &url, &form, b"{}", &signature));
    }
}
