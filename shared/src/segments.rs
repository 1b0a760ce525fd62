//! How a text message is counted and paid: in segments, by the alphabet that it needs (3GPP TS 23.038).

/// The signs of the default alphabet (GSM-7) that take one place.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those that take two: an escape stands in front.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// What a text needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// Whether it needs 16 bits for each sign (UCS-2), because one of its signs is not in the default alphabet.
    pub wide: bool,
    /// How many messages the network makes of it.
    pub count: usize,
}

impl Segments {
    /// What this text needs; none for an empty one.
    pub fn of(text: &str) -> Self {
        let places = text.chars().try_fold(0, |places, sign| {
            let takes = match sign {
                sign if BASIC.contains(sign) => 1,
                sign if EXTENDED.contains(sign) => 2,
                _ => return None,
            };
            Some(places + takes)
        });
        let (wide, places, alone, each) = match places {
            Some(places) => (false, places, 160, 153),
            // Counted as the network does: a sign beyond the first plane takes two.
            None => (true, text.encode_utf16().count(), 70, 67),
        };
        let count = match places {
            0 => 0,
            places if places <= alone => 1,
            places => places.div_ceil(each),
        };
        Self { wide, count }
    }
}

#[cfg(test)]
mod tests {
    use super::Segments;

    fn needs(text: &str) -> (bool, usize) {
        let segments = Segments::of(text);
        (segments.wide, segments.count)
    }

    #[test]
    fn a_text_is_counted_by_the_alphabet_that_it_needs() {
        assert_eq!(needs(""), (false, 0));
        assert_eq!(needs(&"a".repeat(160)), (false, 1));
        assert_eq!(needs(&"a".repeat(161)), (false, 2));
        assert_eq!(needs(&"a".repeat(306)), (false, 2));
        assert_eq!(needs(&"a".repeat(307)), (false, 3));
        // Two places each.
        assert_eq!(needs(&"€".repeat(80)), (false, 1));
        assert_eq!(needs(&"€".repeat(81)), (false, 2));
        assert_eq!(needs("Größe ß, Ñandú"), (true, 1));
        assert_eq!(needs("Grüße, à bientôt"), (true, 1));
        assert_eq!(needs("Grüße, Ångström"), (false, 1));
        assert_eq!(needs(&"ж".repeat(70)), (true, 1));
        assert_eq!(needs(&"ж".repeat(71)), (true, 2));
        // 35 signs of two places.
        assert_eq!(needs(&"🙂".repeat(35)), (true, 1));
        assert_eq!(needs(&"🙂".repeat(36)), (true, 2));
    }
}
