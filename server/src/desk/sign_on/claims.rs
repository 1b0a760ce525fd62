//! What a provider's claims say of somebody.

use serde_json::Value;
use shared::text::{DisplayName, ProviderName};
use shared::time::Timestamp;

use crate::commands::ProviderUser;
use crate::desk::identity_provider::{Claims, time};
use crate::store::rows::SignOnRow;

/// How long ago somebody may have signed in at the provider who proves themselves, in seconds. Clocks differ, and the way back
/// takes its time.
pub(super) const FRESH_S: i64 = 5 * 60;

/// When somebody signed in at the provider, if it says that and it is no time to come.
pub(super) fn signed_in_at(claims: &Claims, now: Timestamp) -> Option<Timestamp> {
    let then = Timestamp(time(claims, "auth_time")?.saturating_mul(1_000_000));
    (0..=now.0 + FRESH_S * 1_000_000)
        .contains(&then.0)
        .then_some(then)
}

pub(super) fn subject(claims: &Claims) -> String {
    let subject = claims.get("sub").and_then(Value::as_str);
    subject.unwrap_or_default().to_owned()
}

/// What the provider calls its own session, if it says that.
pub(super) fn provider_session(claims: &Claims) -> Option<String> {
    let session = claims.get("sid").and_then(Value::as_str);
    session.map(str::to_owned)
}

/// A claim by its name, or by the way to it: `realm_access.roles`.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    let (first, rest) = name.split_once('.')?;
    let start = claims.get(first)?;
    rest.split('.')
        .try_fold(start, |value, name| value.get(name))
}

/// What the provider calls somebody. An address whose owner it has not verified may be anybody's (OpenID Connect Core, 5.7).
fn called(name: &str, claims: &Claims) -> Option<ProviderName> {
    let verified = match claims.get("email_verified") {
        Some(Value::Bool(verified)) => *verified,
        Some(Value::String(verified)) => verified == "true",
        _ => false,
    };
    let text = claim(claims, name).and_then(Value::as_str)?;
    match name == "email" && !verified {
        true => None,
        false => ProviderName::parse(text).ok(),
    }
}

/// Who signs in, by the claims that are set up.
pub(super) fn who(row: &SignOnRow, claims: &Claims, now: Timestamp) -> ProviderUser {
    let settings = &row.settings;
    let text = |name: &str| claim(claims, name).and_then(Value::as_str);
    let roles = match claim(claims, &settings.roles_claim) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let texts = all.iter().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    ProviderUser {
        issuer: row.issuer.clone(),
        subject: subject(claims),
        session: provider_session(claims),
        signed_in_at: signed_in_at(claims, now),
        called: called(&settings.username_claim, claims),
        name: text("name").and_then(|name| DisplayName::parse(name).ok()),
        roles,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_counts_when_the_provider_has_verified_it() {
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(null), false),
        ] {
            let claims = json!({ "email": "amy@example.com", "email_verified": verified, "upn": "amy@example.com" });
            let claims = claims.as_object().unwrap();
            let name = |claim: &str| called(claim, claims).map(String::from);
            let address = Some("amy@example.com".to_owned());
            assert_eq!(
                name("email"),
                address.clone().filter(|_| counts),
                "{verified}"
            );
            assert_eq!(name("upn"), address, "{verified}");
        }
    }

    #[test]
    fn a_claim_is_found_by_its_name_and_by_the_way_to_it() {
        let claims = json!({
            "https://desk.example.com/roles": ["agent"],
            "realm_access": { "roles": ["supervisor"] },
            "a.b": "as it stands",
            "a": { "b": "below" },
        });
        let claims = claims.as_object().unwrap();
        for (name, value) in [
            ("https://desk.example.com/roles", Some(json!(["agent"]))),
            ("realm_access.roles", Some(json!(["supervisor"]))),
            ("a.b", Some(json!("as it stands"))),
            ("realm_access.groups", None),
            ("", None),
        ] {
            assert_eq!(claim(claims, name), value.as_ref(), "{name}");
        }
    }
}
