//! What is signed with an app's secret: Meta's calls, our requests, and the token that proves to Meta that an address is ours
//! (<https://developers.facebook.com/docs/messenger-platform/webhooks>). All of it is HMAC-SHA256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shared::ids::ChannelKey;

/// What stands in front of a signature.
const SCHEME: &str = "sha256=";
/// How many bytes of its digest a verify token shows.
const TOKEN_BYTES: usize = 16;

/// Whether this signature was made with the secret over these very bytes. Takes as long for any wrong one.
pub(super) fn is_valid(secret: &str, body: &[u8], signature: &str) -> bool {
    let digest = signature.strip_prefix(SCHEME).map(hex::decode);
    let Some(Ok(digest)) = digest else {
        return false;
    };
    mac(secret, body).verify_slice(&digest).is_ok()
}

/// Proves to Meta that who uses a token has the app's secret as well.
pub(super) fn proof(secret: &str, token: &str) -> String {
    hex::encode(mac(secret, token.as_bytes()).finalize().into_bytes())
}

/// What an administrator enters at Meta beside the address of a channel.
pub(super) fn verify_token(secret: &str, channel: &ChannelKey) -> String {
    let digest = verify_mac(secret, channel).finalize().into_bytes();
    hex::encode(&digest[..TOKEN_BYTES])
}

/// Whether this is that token. Takes as long for any wrong one.
pub(super) fn is_verify_token(secret: &str, channel: &ChannelKey, token: &str) -> bool {
    match hex::decode(token) {
        Ok(token) if token.len() == TOKEN_BYTES => {
            let mac = verify_mac(secret, channel);
            mac.verify_truncated_left(&token).is_ok()
        }
        _ => false,
    }
}

fn verify_mac(secret: &str, channel: &ChannelKey) -> Hmac<Sha256> {
    mac(secret, format!("verify_token/{channel}").as_bytes())
}

fn mac(secret: &str, data: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key will do");
    mac.update(data);
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    const KNOWN: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const SECRET: &str = "Jefe";
    const SAID: &[u8] = b"what do ya want for nothing?";

    #[test]
    fn a_signature_is_over_every_byte() {
        assert_eq!(proof(SECRET, "what do ya want for nothing?"), KNOWN);
        assert!(is_valid(SECRET, SAID, &format!("sha256={KNOWN}")));
        for at in 0..SAID.len() {
            let mut other = SAID.to_vec();
            other[at] ^= 1;
            assert!(
                !is_valid(SECRET, &other, &format!("sha256={KNOWN}")),
                "{at}"
            );
        }
        for wrong in [
            "",
            KNOWN,
            "sha256=",
            "sha256=zz",
            "sha1=5bdcc146bf60754e6a042426089575c75a003f08",
            &format!("sha256={}", &KNOWN[..62]),
        ] {
            assert!(!is_valid(SECRET, SAID, wrong), "{wrong}");
        }
        assert!(!is_valid("jefe", SAID, &format!("sha256={KNOWN}")));
    }

    #[test]
    fn a_verify_token_is_of_one_channel_and_one_secret() {
        let channel = |key| ChannelKey::parse(key).unwrap();
        let token = verify_token(SECRET, &channel("one"));
        assert_eq!(token.len(), 32);
        assert!(is_verify_token(SECRET, &channel("one"), &token));
        assert!(!is_verify_token(SECRET, &channel("two"), &token));
        assert!(!is_verify_token("jefe", &channel("one"), &token));
        for wrong in ["", &token[..30], &format!("{token}00"), "nonsense"] {
            assert!(!is_verify_token(SECRET, &channel("one"), wrong), "{wrong}");
        }
    }
}
