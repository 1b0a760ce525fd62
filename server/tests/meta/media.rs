//! Files of Messenger, Instagram and WhatsApp: fetched from where Meta says, with the token for Meta alone.

use serde_json::{Value, json};
use shared::files::{FileRef, FileState};

use crate::host::{DANA, Host, INSTAGRAM, MESSENGER, WHATSAPP};
use crate::stand_in::{StandIn, TOKEN};
use crate::vendor::Served;

const PICTURE: &[u8] = b"\xff\xd8\xff\xe0 a picture";

impl Host {
    /// Dana sends what is in this message, amy has the conversation, and what is due was fetched: the files.
    async fn shown(&self, message: Value) -> Vec<FileRef> {
        let workitem = self.conversation().await;
        assert_eq!(self.meta_calls(&self.batch(message)).await.status, 200);
        let coming = self.files(&workitem).await;
        assert!(coming.iter().all(|file| file.state == FileState::Coming));
        self.in_order().await;
        assert_eq!(self.fetches().await, coming.len());
        self.in_order().await;
        self.files(&workitem).await
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
        let picture = json!({ "type": "image", "payload": { "url": address } });
        let message = json!({ "message": { "mid": "mid-2", "attachments": [picture] } });
        let files = host.shown(host.item(message)).await;
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
    let private = json!({ "type": "image", "payload": { "url": "https://192.168.0.1/admin" } });
    let message = json!({ "message": { "mid": "mid-2", "attachments": [private] } });
    let files = host.shown(host.item(message)).await;
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
        host.meta.answers(
            "/v25.0/712345",
            Served {
                status: 400,
                location: None,
                body: refused.to_string().into_bytes(),
            },
        );
        let files = host.shown(host.document("712345")).await;
        assert_eq!(files[0].state, state, "{code}");
    }
}
