//! Files of Messenger, Instagram and WhatsApp: fetched from where Meta says, with the token for Meta alone.

use serde_json::{Value, json};
use shared::files::{FILE_MAX, FileRef, FileState};
use shared::ids::WorkitemId;

use crate::host::{DANA, Host, INSTAGRAM, MESSENGER, WHATSAPP};
use crate::stand_in::{Odd, StandIn, TOKEN};

const PICTURE: &[u8] = b"\xff\xd8\xff\xc0\0\x11\x08\0\x01\0\x01 a picture";

impl Host {
    /// Dana sends what is in this message, amy has the conversation, and what is due was fetched: the files.
    async fn shown(&self, message: Value) -> Vec<FileRef> {
        let workitem = self.fetched(message).await;
        self.files(&workitem).await
    }

    /// The same: the conversation.
    async fn fetched(&self, message: Value) -> WorkitemId {
        let workitem = self.conversation().await;
        assert_eq!(self.meta_calls(&self.batch(message)).await.status, 200);
        let coming = self.files(&workitem).await;
        assert!(coming.iter().all(|file| file.state == FileState::Coming));
        self.in_order().await;
        assert_eq!(self.fetches().await, coming.len());
        self.in_order().await;
        workitem
    }

    /// A message with a picture that stands at this address: on Messenger and Instagram.
    fn picture(&self, address: &str) -> Value {
        let picture = json!({ "type": "image", "payload": { "url": address } });
        self.item(json!({ "message": { "mid": "mid-2", "attachments": [picture] } }))
    }

    /// A message with a file that Meta has at `/kept`.
    fn kept(&self, content: &[u8]) -> Value {
        let kept = self.meta.serves("/kept", content);
        if self.kind != WHATSAPP {
            return self.picture(&kept);
        }
        let located = json!({ "url": kept }).to_string();
        self.meta.serves("/v25.0/712345", located.as_bytes());
        self.document("712345")
    }

    /// A file that was still coming is there after the pause; one that was given up is not asked for any more.
    async fn fetched_later(&self, workitem: &WorkitemId, state: FileState) {
        self.clock.advance(15);
        let (again, later) = match state {
            FileState::Coming => (1, FileState::Ready),
            given_up => (0, given_up),
        };
        assert_eq!(self.fetches().await, again);
        assert_eq!(self.files(workitem).await[0].state, later);
        self.in_order().await;
    }

    /// A file on WhatsApp.
    fn document(&self, id: &str) -> Value {
        let file = json!({ "id": id, "mime_type": "application/pdf", "filename": "bill 5.pdf", "caption": "Is this right?" });
        json!({
            "contacts": [{ "profile": { "name": "Dana Dietz" }, "wa_id": DANA }],
            "messages": [{ "from": DANA, "id": "mid-2", "timestamp": "1700000000", "type": "document", "document": file }],
        })
    }
}

#[tokio::test]
async fn on_messenger_and_instagram_a_picture_is_fetched_from_its_address_by_nobody_in_particular()
{
    for kind in [MESSENGER, INSTAGRAM] {
        let host = Host::start_as(kind).await;
        let elsewhere = StandIn::start().await;
        let address = elsewhere.serves("/picture?signed=1", PICTURE);
        let files = host.shown(host.picture(&address)).await;
        let [file] = files.as_slice() else {
            panic!("one file: {files:?}")
        };
        assert_eq!(
            (file.state, file.media_type.as_str(), file.name.as_str()),
            (FileState::Ready, "image/jpeg", "image.jpg")
        );
        let asked = elsewhere.asked();
        assert_eq!((asked.len(), asked[0].header("authorization")), (1, ""));
    }
}

#[tokio::test]
async fn a_picture_that_is_too_large_for_a_page_is_a_file() {
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        let host = Host::start_as(kind).await;
        // 65,535 by 65,535 pixels.
        let bomb = b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff";
        let files = host.shown(host.kept(bomb)).await;
        let [file] = files.as_slice() else {
            panic!("one file: {files:?}")
        };
        assert_eq!((file.state, file.is_picture()), (FileState::Ready, false));
        assert_eq!(file.kind_name(), "JPG");
    }
}

#[tokio::test]
async fn on_whatsapp_a_document_is_found_by_its_name_and_fetched_with_the_token() {
    let host = Host::start_as(WHATSAPP).await;
    let kept = host.meta.serves("/kept", b"%PDF-1.7 a bill");
    let located = json!({ "messaging_product": "whatsapp", "url": kept, "id": "712345" });
    host.meta
        .serves("/v25.0/712345", located.to_string().as_bytes());
    let files = host.shown(host.document("712345")).await;
    let [file] = files.as_slice() else {
        panic!("one file: {files:?}")
    };
    assert_eq!(
        (file.state, file.media_type.as_str(), file.name.as_str()),
        (FileState::Ready, "application/pdf", "bill 5.pdf")
    );
    let asked = host.meta.asked();
    let paths: Vec<&str> = asked.iter().map(|asked| asked.path.as_str()).collect();
    assert_eq!(paths, ["/v25.0/712345", "/kept"]);
    for asked in &asked {
        assert_eq!(asked.header("authorization"), format!("Bearer {TOKEN}"));
    }
}

#[tokio::test]
async fn the_token_is_not_told_to_a_host_that_is_not_metas() {
    let host = Host::start_as(WHATSAPP).await;
    let elsewhere = StandIn::start().await;
    let kept = elsewhere.serves("/kept", b"%PDF-1.7 a bill");
    let located = json!({ "url": kept });
    host.meta
        .serves("/v25.0/712345", located.to_string().as_bytes());
    let files = host.shown(host.document("712345")).await;
    assert_eq!(files[0].state, FileState::Ready);
    assert_eq!(elsewhere.asked()[0].header("authorization"), "");
}

#[tokio::test]
async fn a_name_that_is_none_and_a_private_address_lead_nowhere() {
    let host = Host::start_as(WHATSAPP).await;
    let files = host.shown(host.document("../me")).await;
    assert_eq!(files[0].state, FileState::Gone);
    assert!(host.meta.asked().is_empty());

    let host = Host::start_as(MESSENGER).await;
    let private = host.picture("https://192.168.0.1/admin");
    let files = host.shown(private).await;
    assert_eq!(files[0].state, FileState::Gone);
}

#[tokio::test]
async fn a_refusal_of_metas_counts_by_its_code() {
    for (code, state) in [
        (4, FileState::Coming),
        (130_429, FileState::Coming),
        (2, FileState::Coming),
        (190, FileState::NotSetUp),
    ] {
        let host = Host::start_as(WHATSAPP).await;
        let refused = json!({ "error": { "message": "no", "code": code } });
        let refused = refused.to_string();
        host.meta.answers("/v25.0/712345", 400, refused.as_bytes());
        let files = host.shown(host.document("712345")).await;
        assert_eq!(files[0].state, state, "{code}");
    }
}

#[tokio::test]
async fn what_cannot_be_shown_says_why() {
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    let large = vec![b'a'; FILE_MAX + 1];
    for kind in [MESSENGER, INSTAGRAM, WHATSAPP] {
        for (content, state) in [
            (&svg[..], FileState::Refused),
            (&large[..], FileState::TooLarge),
            (&b""[..], FileState::Gone),
        ] {
            let host = Host::start_as(kind).await;
            let workitem = host.fetched(host.kept(content)).await;
            let files = host.files(&workitem).await;
            let [file] = files.as_slice() else {
                panic!("one file: {files:?}")
            };
            assert_eq!(file.state, state, "{kind}");
            assert_eq!(host.content(&workitem, file).await, None, "{kind}");
            host.clock.advance(3_600);
            assert_eq!(host.fetches().await, 0, "{kind}: it stays so");
        }
    }
}

#[tokio::test]
async fn a_file_that_comes_too_slowly_or_as_nonsense_is_tried_again_and_one_without_an_end_is_not()
{
    for kind in [MESSENGER, WHATSAPP] {
        for (odd, state) in [
            (Odd::Drip, FileState::Coming),
            (Odd::NoHttp, FileState::Coming),
            (Odd::Endless, FileState::TooLarge),
        ] {
            let host = Host::start_as(kind).await;
            let message = host.kept(PICTURE);
            host.meta.serves_oddly("/kept", PICTURE, odd);
            let workitem = host.fetched(message).await;
            assert_eq!(
                host.files(&workitem).await[0].state,
                state,
                "{kind} {odd:?}"
            );
            host.meta.serves("/kept", PICTURE);
            host.fetched_later(&workitem, state).await;
        }
    }
}

/// An answer that cannot be read says nothing of the file.
#[tokio::test]
async fn where_a_file_is_may_be_said_too_slowly_or_as_nonsense_and_is_asked_again() {
    for odd in Odd::ALL {
        let host = Host::start_as(WHATSAPP).await;
        let message = host.kept(PICTURE);
        let path = "/v25.0/712345";
        let located = json!({ "url": format!("{}/kept", host.meta.url) }).to_string();
        host.meta.serves_oddly(path, located.as_bytes(), odd);
        let workitem = host.fetched(message).await;
        let state = host.files(&workitem).await[0].state;
        assert_eq!(state, FileState::Coming, "{odd:?}");
        host.meta.serves(path, located.as_bytes());
        host.fetched_later(&workitem, state).await;
    }
}
