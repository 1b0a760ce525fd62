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
        let basic = |sign: char| BASIC.contains(sign) || EXTENDED.contains(sign);
        let wide = !text.chars().all(basic);
        let (alone, each) = if wide { (70, 67) } else { (160, 153) };
        let (mut count, mut places, mut free) = (0, 0, 0);
        for sign in text.chars() {
            let takes = match wide {
                // A sign beyond the first plane takes two.
                true => sign.len_utf16(),
                false => 1 + usize::from(EXTENDED.contains(sign)),
            };
            // No part ends between an escape and its sign, or within a surrogate pair: both go into the next one
            // (3GPP TS 23.040, 9.2.3.24.1).
            if takes > free {
                count += 1;
                free = each;
            }
            free -= takes;
            places += takes;
        }
        // A text that fits into one message needs no room to say which part it is.
        if places <= alone {
            count = count.min(1);
        }
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

    #[test]
    fn an_escape_stays_with_its_sign_in_one_segment() {
        let text = |before: usize, behind: usize| {
            needs(&["a".repeat(before), "€".to_owned(), "a".repeat(behind)].concat())
        };
        // 151 + 2 fill the first part, 153 the second.
        assert_eq!(text(151, 153), (false, 2));
        assert_eq!(text(151, 154), (false, 3));
        // One place of the first part stays empty: 2 + 151 fill the second.
        assert_eq!(text(152, 151), (false, 2));
        assert_eq!(text(152, 152), (false, 3));
        // 160 places in one message, which is not cut at 153.
        assert_eq!(text(152, 6), (false, 1));
        assert_eq!(text(152, 7), (false, 2));
        // 76 of two places a part.
        assert_eq!(needs(&"€".repeat(152)), (false, 2));
        assert_eq!(needs(&"€".repeat(153)), (false, 3));
    }

    #[test]
    fn a_surrogate_pair_stays_in_one_segment() {
        let text = |before: usize, behind: usize| {
            needs(&["ж".repeat(before), "🙂".to_owned(), "ж".repeat(behind)].concat())
        };
        // 65 + 2 fill the first part, 67 the second.
        assert_eq!(text(65, 67), (true, 2));
        assert_eq!(text(65, 68), (true, 3));
        // One place of the first part stays empty: 2 + 65 fill the second.
        assert_eq!(text(66, 65), (true, 2));
        assert_eq!(text(66, 66), (true, 3));
        // 70 places in one message, which is not cut at 67.
        assert_eq!(text(66, 2), (true, 1));
        assert_eq!(text(66, 3), (true, 2));
        // 33 of two places a part.
        assert_eq!(needs(&"🙂".repeat(66)), (true, 2));
        assert_eq!(needs(&"🙂".repeat(67)), (true, 3));
    }
}
