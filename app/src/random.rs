//! Random ids, made in the browser.

use leptos::prelude::*;
use shared::ids::CommandKey;

/// 128 random bits as 32 hexadecimal digits.
pub fn random_hex() -> String {
    let mut bytes = [0_u8; 16];
    let crypto = window().crypto();
    if crypto
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
        .is_err()
    {
        // A page that is not from a secure origin still has random numbers, only weaker ones. An id must
        // merely never come twice.
        for byte in &mut bytes {
            *byte = (js_sys::Math::random() * 256.0) as u8;
        }
    }
    let mut text = String::with_capacity(32);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

/// A new key for a command.
pub fn new_key() -> CommandKey {
    CommandKey::parse(random_hex()).expect("32 hexadecimal digits are a key")
}
