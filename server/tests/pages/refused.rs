//! What a page says of an address that asks for what cannot be read.

use crate::document::Document;
use crate::support::Host;

#[tokio::test]
async fn a_search_without_a_word_is_refused_at_its_box() {
    let host = Host::start().await;
    let sam = host.sign_in("sam").await;
    let (_, html) = sam.page("/history?words=%21%21%21").await;
    let document = Document::parse(&html);
    let reason = "There is no word in this that could be searched for.";
    assert_eq!(document.words.matches(reason).count(), 1);
    let boxes = document.body.iter();
    let wrong: Vec<_> = boxes
        .filter(|line| line.contains(" aria-invalid "))
        .collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(!document.words.contains("could not be loaded"));
}

#[tokio::test]
async fn nobody_is_asked_to_try_again_what_would_be_refused_again() {
    let host = Host::start().await;
    let ada = host.sign_in("ada").await;
    let customers = ["/admin/customers?name=", &"x".repeat(81)].concat();
    for (path, reason) in [
        ("/admin/audit?from=yesterday", "This cannot be read"),
        (customers.as_str(), "Too long: 81 of 80 characters."),
    ] {
        let (_, html) = ada.page(path).await;
        let document = Document::parse(&html);
        assert!(document.words.contains(reason), "{path}");
        assert!(!document.words.contains("Try again"), "{path}");
    }
}
