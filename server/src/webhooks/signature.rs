//! Signatures as Standard Webhooks has them: `v1,` and the base64 of HMAC-SHA256 over id, time and body, with a dot between.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::desk::webhooks::PREFIX;

/// The signature of an event by one secret (`whsec_…`); nothing for what is no secret. `seconds` is when it is sent.
pub fn sign(secret: &str, id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let key = secret.strip_prefix(PREFIX)?;
    let key = BASE64_STANDARD.decode(key).ok()?;
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{seconds}.").as_bytes());
    mac.update(body);
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    Some(["v1,", &signature].concat())
}

#[cfg(test)]
mod tests {
    use super::sign;

    /// The example of the specification.
    #[test]
    fn the_specifications_own_vector() {
        let signed = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
        assert_eq!(sign("whsec_no base64", "msg_1", 1, b""), None);
        assert_eq!(sign("MfKQ9r8G", "msg_1", 1, b""), None);
    }
}
