//! Lists in the order of a text.

use shared::fold::folded;

/// The items in the order of their texts, whatever the case of their letters and the accents on them. What is sorted are the texts, so that
/// sorting is compiled once and not for every kind of item.
pub fn by_text<T>(items: Vec<T>, text: impl Fn(&T) -> String) -> Vec<T> {
    let order = order(items.iter().map(text).collect());
    let mut items: Vec<Option<T>> = items.into_iter().map(Some).collect();
    order
        .into_iter()
        .filter_map(|at| items[at].take())
        .collect()
}

/// The places of the texts in their order.
fn order(texts: Vec<String>) -> Vec<usize> {
    let mut order: Vec<(String, usize)> = texts
        .into_iter()
        .enumerate()
        .map(|(at, text)| (folded(&text), at))
        .collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::by_text;

    #[test]
    fn case_does_not_matter_and_equals_keep_their_order() {
        let items = vec![(1, "b"), (2, "A"), (3, "B"), (4, "a")];
        let sorted = by_text(items, |(_, text)| (*text).to_owned());
        assert_eq!(
            sorted.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            [2, 4, 1, 3]
        );
    }

    #[test]
    fn e34_an_accent_does_not_matter() {
        let items = vec!["Zoë", "Ágnes", "Bob", "Agnes"];
        let sorted = by_text(items, |text| (*text).to_owned());
        assert_eq!(sorted, ["Ágnes", "Agnes", "Bob", "Zoë"]);
    }
}
