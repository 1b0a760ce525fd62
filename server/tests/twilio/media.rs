//! Files of text messages: fetched from where Twilio says, with the account's credentials for Twilio alone, and shown or explained.

use shared::files::{FILE_MAX, FileState};
use shared::ids::WorkitemId;
use shared::transcript::EntryBody;

use crate::host::{Host, message};
use crate::stand_in::{Odd, StandIn};

const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01";
/// Where Twilio has the first file of the first message.
const PATH: &str = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";

/// A host, a conversation, and a server that is not Twilio's.
struct Story {
    host: Host,
    workitem: WorkitemId,
    elsewhere: StandIn,
}

impl Story {
    async fn begin() -> Self {
        let host = Host::start().await;
        let workitem = host.conversation().await;
        let elsewhere = StandIn::start(host.clock.clone()).await;
        Self {
            host,
            workitem,
            elsewhere,
        }
    }

    /// Dana sends a file, which Twilio says is a picture and is there.
    async fn dana_sends(&self, sid: &str, body: &str, address: &str) {
        let mut form = message(sid, body);
        form.retain(|(name, _)| *name != "NumMedia");
        form.extend([
            ("NumMedia", "1"),
            ("MediaContentType0", "image/png"),
            ("MediaUrl0", address),
        ]);
        let taken = self.host.twilio_calls(self.host.webhook(), &form).await;
        assert_eq!(taken.status, 200);
    }

    /// What became of the last file.
    async fn state(&self) -> FileState {
        self.host.files(&self.workitem).await.pop().unwrap().state
    }

    /// Dana sends a file that is there; what became of it at once.
    async fn fetched(&self, sid: &str, address: &str) -> FileState {
        self.dana_sends(sid, "", address).await;
        assert_eq!(self.host.fetches().await, 1, "{address}");
        self.state().await
    }
}

#[tokio::test]
async fn a_picture_is_shown_after_it_was_fetched() {
    let story = Story::begin().await;
    let Story {
        host,
        workitem,
        elsewhere,
    } = &story;
    let kept = elsewhere.serves("/kept", PICTURE);
    let address = host.twilio.leads(PATH, &kept);
    story.dana_sends("SM2", "Look", &address).await;
    story.dana_sends("SM2", "Look", &address).await;
    let entry = host.entries(workitem).await.pop().unwrap();
    let EntryBody::Message { text, files, .. } = &entry.body else {
        panic!("{entry:?}")
    };
    let [coming] = files.as_slice() else {
        panic!("one file: {files:?}")
    };
    assert_eq!(text, "Look");
    assert_eq!(
        (coming.state, coming.name.as_str(), coming.size),
        (FileState::Coming, "file.png", 0)
    );
    assert_eq!(host.content(workitem, coming).await, None);
    host.in_order().await;

    assert_eq!(host.fetches().await, 1, "once, though it was brought twice");
    let files = host.files(workitem).await;
    let [ready] = files.as_slice() else {
        panic!("one file: {files:?}")
    };
    assert_eq!(
        (ready.state, ready.id.clone()),
        (FileState::Ready, coming.id.clone())
    );
    assert_eq!(
        (ready.media_type.as_str(), ready.size),
        ("image/png", PICTURE.len() as i64)
    );
    assert_eq!(host.content(workitem, ready).await.unwrap(), PICTURE);
    assert_eq!(host.fetches().await, 0);
    host.in_order().await;
    // Twilio learned who asks, and the server to which it led did not.
    let asked = |at: &StandIn| at.asked().pop().unwrap();
    let (twilio, other) = (asked(&host.twilio), asked(elsewhere));
    assert!(twilio.header("authorization").starts_with("Basic "));
    assert_eq!(
        (other.path.as_str(), other.header("authorization")),
        ("/kept", "")
    );
}

#[tokio::test]
async fn a_picture_that_is_too_large_for_a_page_is_a_file() {
    let story = Story::begin().await;
    // 23,000 by 23,000 pixels.
    let bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x59\xd8\0\0\x59\xd8\x01";
    let address = story.host.twilio.serves(PATH, bomb);
    assert_eq!(story.fetched("SM2", &address).await, FileState::Ready);
    let file = story.host.files(&story.workitem).await.pop().unwrap();
    assert_eq!((file.name.as_str(), file.is_picture()), ("file.png", false));
    let content = story.host.content(&story.workitem, &file).await;
    assert_eq!(content.unwrap(), bomb);
}

#[tokio::test]
async fn a_file_without_words_is_a_message_of_its_own_and_may_begin_a_workitem() {
    let host = Host::start().await;
    let address = host.twilio.serves(PATH, PICTURE);
    let mut form = message("SM1", "");
    form.retain(|(name, _)| *name != "NumMedia");
    form.extend([
        ("NumMedia", "2"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", address.as_str()),
        ("MediaContentType1", "text/vcard"),
    ]);
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let workitem = host.given_to_amy().await;
    let lines = host.lines(&workitem).await;
    assert_eq!(
        lines[..2],
        [
            "A file came with the message (text/vcard). It cannot be shown here; the provider has it.",
            "customer: 📎 text/vcard"
        ]
    );
    host.fetches().await;
    assert_eq!(host.files(&workitem).await[0].state, FileState::Ready);
    host.in_order().await;
}

#[tokio::test]
async fn a_node_that_does_not_know_the_kind_of_a_channel_leaves_its_files_to_one_that_does() {
    let host = Host::start().await;
    let address = host.twilio.serves(PATH, PICTURE);
    let mut form = message("SM1", "Look");
    form.retain(|(name, _)| *name != "NumMedia");
    form.extend([
        ("NumMedia", "1"),
        ("MediaContentType0", "image/png"),
        ("MediaUrl0", address.as_str()),
    ]);
    assert_eq!(host.twilio_calls(host.webhook(), &form).await.status, 200);
    let workitem = host.given_to_amy().await;
    assert_eq!(host.before().files_round().await.unwrap(), 1);
    assert_eq!(host.files(&workitem).await[0].state, FileState::Coming);
    host.clock.advance(700);
    assert_eq!(host.fetches().await, 1);
    assert_eq!(host.files(&workitem).await[0].state, FileState::Ready);
    host.in_order().await;
}

#[tokio::test]
async fn what_cannot_be_shown_says_why() {
    let story = Story::begin().await;
    let twilio = &story.host.twilio;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let large = vec![b'a'; FILE_MAX + 1];
    for (sid, address, state) in [
        ("SM2", twilio.serves("/lies", svg), FileState::Refused),
        ("SM3", twilio.serves("/large", &large), FileState::TooLarge),
        ("SM4", twilio.serves("/empty", b""), FileState::Gone),
        ("SM5", twilio.answers("/gone", 410, b""), FileState::Gone),
        (
            "SM6",
            twilio.answers("/wrong", 401, b""),
            FileState::NotSetUp,
        ),
    ] {
        assert_eq!(story.fetched(sid, &address).await, state, "{address}");
    }
    story.host.in_order().await;
}

#[tokio::test]
async fn nothing_is_fetched_from_where_it_must_not_be() {
    let story = Story::begin().await;
    let twilio = &story.host.twilio;
    // An address that is not Twilio's is never asked, nor is a private one to which Twilio leads.
    let foreign = story.elsewhere.serves("/foreign", PICTURE);
    assert_eq!(story.fetched("SM2", &foreign).await, FileState::NotSetUp);
    assert!(story.elsewhere.asked().is_empty());
    for (number, to) in [
        "http://10.0.0.7/x",
        "https://169.254.169.254/x",
        "ftp://x.test/x",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let address = twilio.leads(&format!("/leads-{number}"), to);
        let sid = format!("SM-{number}");
        assert_eq!(story.fetched(&sid, &address).await, FileState::Gone, "{to}");
    }
    // Three redirects are enough.
    let end = twilio.serves("/5", PICTURE);
    let mut next = end;
    for number in (1..=4).rev() {
        next = twilio.leads(&format!("/{number}"), &next);
    }
    assert_eq!(story.fetched("SM-many", &next).await, FileState::Gone);
    let three = format!("{}/2", twilio.url);
    assert_eq!(story.fetched("SM-three", &three).await, FileState::Ready);
    story.host.in_order().await;
}

#[tokio::test]
async fn what_may_work_later_is_tried_again_and_given_up_in_the_end() {
    let story = Story::begin().await;
    let Story { host, .. } = &story;
    let address = host.twilio.answers("/busy", 503, b"");
    assert_eq!(story.fetched("SM2", &address).await, FileState::Coming);
    host.twilio.serves("/busy", PICTURE);
    host.clock.advance(15);
    assert_eq!(host.fetches().await, 1);
    assert_eq!(story.state().await, FileState::Ready);

    // Twilio brings a message before its file can be had everywhere.
    let address = host.twilio.answers("/early", 404, b"");
    assert_eq!(story.fetched("SM-early", &address).await, FileState::Coming);
    host.twilio.serves("/early", PICTURE);
    host.clock.advance(15);
    assert_eq!(host.fetches().await, 1);
    assert_eq!(story.state().await, FileState::Ready);

    let broken = host.twilio.answers("/2010-04-01/nothing", 500, b"");
    assert_eq!(story.fetched("SM3", &broken).await, FileState::Coming);
    for _ in 0..9 {
        host.clock.advance(1_800);
        assert_eq!(host.fetches().await, 1);
    }
    assert_eq!(story.state().await, FileState::NoAnswer);
    host.clock.advance(1_800);
    assert_eq!(host.fetches().await, 0);
    host.in_order().await;
}

#[tokio::test]
async fn a_file_that_comes_too_slowly_or_as_nonsense_is_tried_again_and_one_without_an_end_is_not()
{
    let story = Story::begin().await;
    let Story { host, .. } = &story;
    for (number, odd) in [Odd::Drip, Odd::NoHttp].into_iter().enumerate() {
        let (path, sid) = (format!("/odd-{number}"), format!("SM-odd-{number}"));
        let address = host.twilio.serves_oddly(&path, PICTURE, odd);
        let state = story.fetched(&sid, &address).await;
        assert_eq!(state, FileState::Coming, "{odd:?}");
        host.twilio.serves(&path, PICTURE);
        host.clock.advance(15);
        assert_eq!(host.fetches().await, 1);
        assert_eq!(story.state().await, FileState::Ready, "{odd:?}");
    }
    let endless = host.twilio.serves_oddly("/endless", PICTURE, Odd::Endless);
    let state = story.fetched("SM-endless", &endless).await;
    assert_eq!(state, FileState::TooLarge);
    // Where Twilio leads to, as well.
    let slow = story.elsewhere.serves_oddly("/slow", PICTURE, Odd::Drip);
    let address = host.twilio.leads(PATH, &slow);
    let state = story.fetched("SM-led", &address).await;
    assert_eq!(state, FileState::Coming);
    host.in_order().await;
}

#[tokio::test]
async fn an_erased_customers_file_is_not_fetched_any_more() {
    let story = Story::begin().await;
    let Story { host, workitem, .. } = &story;
    let address = host.twilio.serves(PATH, PICTURE);
    story.dana_sends("SM2", "", &address).await;
    host.erases(workitem.clone()).await;
    assert_eq!(host.fetches().await, 0);
    for table in [
        "jobs",
        "file_sources",
        "customer_files",
        "customer_file_contents",
    ] {
        assert_eq!(
            host.count(&format!("SELECT COUNT(*) FROM {table}")),
            0,
            "{table}"
        );
    }
    host.in_order().await;
}
