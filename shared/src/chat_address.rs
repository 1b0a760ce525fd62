//! The address of a chat page, as an administrator chooses it: the `support` of `/chat/support`.

use crate::error::{AppError, Problem};
use crate::ids::ChannelKey;

/// The shortest address, in characters.
pub const ADDRESS_MIN: usize = 3;
/// The longest address, in characters.
pub const ADDRESS_MAX: usize = 60;

/// Lower-cases and checks an address: [`ADDRESS_MIN`] to [`ADDRESS_MAX`] letters from a to z, digits and hyphens. It becomes
/// the key of its channel.
pub fn parse_address(raw: &str) -> Result<ChannelKey, AppError> {
    let address = raw.trim().to_ascii_lowercase();
    let is_sign = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let length = ADDRESS_MIN..=ADDRESS_MAX;
    if length.contains(&address.len()) && address.bytes().all(is_sign) {
        return ChannelKey::parse(address);
    }
    let problem = Problem::AddressForm {
        min: ADDRESS_MIN as i64,
        max: ADDRESS_MAX as i64,
    };
    Err(AppError::invalid("address", problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u28_an_address_is_short_and_can_be_typed() {
        let longest = "a".repeat(ADDRESS_MAX);
        for (typed, address) in [
            ("support", "support"),
            (" Support-24 ", "support-24"),
            ("abc", "abc"),
            (&longest, &longest),
        ] {
            let parsed = parse_address(typed).expect(typed);
            assert_eq!(parsed.as_str(), address);
        }
        let too_long = "a".repeat(ADDRESS_MAX + 1);
        for typed in [
            "ab",
            "",
            "   ",
            "hilfe für alle",
            "a/b",
            "a_b",
            "münze",
            &too_long,
        ] {
            let refused = parse_address(typed).expect_err(typed);
            assert!(
                matches!(&refused, AppError::Invalid { field, problem: Problem::AddressForm { min: 3, max: 60 } }
                    if field == "address"),
                "{typed}: {refused:?}"
            );
        }
    }
}
