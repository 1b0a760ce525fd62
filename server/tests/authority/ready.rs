//! What a call of the table needs to succeed: the state in which it is right, and its input.

use serde_json::{Value, json};
use server::desk::channels::Inbound;
use server::store::rows::AlertRow;
use shared::ids::{ChannelKey, CommandKey, WorkitemId};
use shared::live::Topic;
use shared::text::MessageText;

use crate::browser::Browser;
use crate::support::{Host, Live, Staff, key};
use crate::table::number;

/// The password of everybody in the demo.
const PASSWORD: &str = "sideline-demo";

/// Brings about what the call needs and completes its input. The connections of the supervisors who can be asked are open
/// as long as they are held.
pub async fn make_ready(host: &Host, name: &str, input: &mut Value) -> [Live; 2] {
    let (sam, sid) = (host.sign_in("sam").await, host.sign_in("sid").await);
    let (mut sams, sids) = (sam.live().await, sid.live().await);
    match name {
        "workitems/workitem_close" | "workitems/workitem_reopen" | "stepping_in/wrap_up_close" => {
            let amy = host.sign_in("amy").await;
            let over = json!({ "workitem": input["workitem"], "key": key() });
            amy.call("workitems/workitem_wrap_up", over).await.ok();
        }
        "workitems/workitem_reassign" => input["to"] = json!({ "Agent": "ben" }),
        "coaching/coaching_send" | "stepping_in/barge_send" => {
            let chat = input["workitem"].as_str().expect("an id");
            let chat = WorkitemId::parse(chat).expect("an id");
            sams.subscribe(Topic::Workitem(chat), None, true).await;
            sams.followed().await;
        }
        "alerts/alert_dismiss" => {
            let mut ada = Browser::new(host);
            ada.sign_in("ada", PASSWORD).await;
            let (key, kind, name) = (("key", &key()[..]), ("kind", "handled"), ("name", "Long"));
            let form = [("act", "create"), key, kind, name, ("minutes", "1")];
            ada.form("/admin/alerts", &form).await;
            host.desk.alerts_check().await.expect("a check");
            let mut rows = host.desk.store().snapshot().await.expect("a snapshot");
            let open = rows.alerts_open(None).await.expect("alerts");
            let of_it = |alert: &&AlertRow| input["workitem"] == alert.key.workitem.as_str();
            let alert = open.iter().find(of_it).expect("amy's chat is an old one");
            input["rule"] = json!(alert.key.rule);
            input["about"] = json!(alert.key.about);
        }
        "labels/label_set" => {
            let mut ada = Browser::new(host);
            ada.sign_in("ada", "sideline-demo").await;
            let (key, kind, name) = (("key", &key()[..]), ("kind", "tag"), ("name", "Late"));
            let form = [("act", "create"), key, kind, ("team", ""), name];
            ada.form("/admin/labels", &form).await;
            let of = json!({ "workitem": input["workitem"] });
            let amy = host.sign_in("amy").await;
            let labels = amy.call("labels/label_list", of).await.ok();
            input["label"] = labels[0]["id"].clone();
        }
        "reviews/review_finish" => {
            let flag = json!({ "workitem": input["workitem"], "key": key(), "comment": "Why?" });
            sam.call("reviews/review_flag", flag).await.ok();
        }
        "stepping_in/workitem_take_over" => an_agent_as_well(host, "sam").await,
        "stepping_in/workitem_give_back" => {
            an_agent_as_well(host, "sam").await;
            // His sessions ended with his roles.
            let sam = host.sign_in("sam").await;
            let taken = json!({ "workitem": input["workitem"], "key": key(), "from": "amy" });
            sam.call("stepping_in/workitem_take_over", taken).await.ok();
        }
        "assistance/request_withdraw"
        | "assistance/request_handle"
        | "assistance/request_claim" => {
            input["request"] = json!(amy_asks(host).await);
        }
        "assistance/request_hand_back" => {
            let request = amy_asks(host).await;
            let claim = json!({ "key": key(), "request": request });
            sam.call("assistance/request_claim", claim).await.ok();
            input["request"] = json!(request);
        }
        "deletions/team_delete" => {
            let ada = host.sign_in("ada").await;
            let change = json!({ "name": "Night", "members": [], "supervisors": [] });
            let team = json!({ "key": key(), "change": change });
            let team = ada.call("administration/team_create", team).await.ok();
            input["team"] = team["id"].clone();
        }
        "deletions/channel_delete" => {
            let ada = host.sign_in("ada").await;
            let channel = json!({ "key": key(), "team": "care", "name": "Help" });
            let made = ada.call("administration/channel_create", channel).await;
            input["channel"] = made.ok()["key"].clone();
        }
        "channels/provider_channel_update" | "channels/channel_test" => {
            input["channel"] = number_of_care(host).await;
        }
        "workitems/delivery_retry" => {
            let (workitem, entry) = carried(host).await;
            input["workitem"] = workitem;
            input["entry"] = entry;
        }
        "account/password_change" => input["old"] = json!(PASSWORD),
        "account/password_prove" => input["password"] = json!(PASSWORD),
        _ => {}
    }
    [sams, sids]
}

/// A supervisor gets the role of an agent besides.
pub async fn an_agent_as_well(host: &Host, who: &str) {
    let ada = host.sign_in("ada").await;
    let proof = json!({ "password": PASSWORD });
    ada.call("account/password_prove", proof).await.ok();
    let roles = json!({
        "key": key(), "user": who, "name": "Sam Stone", "roles": ["supervisor", "agent"],
    });
    ada.call("administration/user_update", roles).await.ok();
}

/// Amy asks the supervisors of her team who are signed in, of whom sam must be one. The id of her request.
pub async fn amy_asks(host: &Host) -> String {
    let (amy, ada) = (host.sign_in("amy").await, host.sign_in("ada").await);
    let templates = ada.call("templates/template_list", json!({})).await.ok();
    let ask = json!({
        "template": templates[0]["id"], "recipient": "AllSignedIn", "workitem": null,
    });
    let asked = json!({ "key": key(), "ask": ask });
    amy.call("assistance/assistance_request", asked).await.ok();
    let sam = host.sign_in("sam").await;
    let desk = sam.call("directory/desk_load", json!({})).await.ok();
    let id = desk["open_requests"][0]["request"]["id"].as_str();
    id.expect("sam was asked").to_owned()
}

/// A number of Twilio's that feeds team Care: its key.
async fn number_of_care(host: &Host) -> Value {
    let ada = host.sign_in("ada").await;
    let input = json!({ "key": key(), "change": number("+15550006789") });
    let made = ada.call("channels/provider_channel_create", input).await;
    made.ok()["key"].clone()
}

/// Amy's message in a conversation that a provider carries: the ids of both.
async fn carried(host: &Host) -> (Value, Value) {
    let channel = number_of_care(host).await;
    let channel = ChannelKey::parse(channel.as_str().expect("a key")).expect("a key");
    let inbound = Inbound {
        message: CommandKey::parse("SM1").expect("a key"),
        address: "+15551230000".to_owned(),
        user_id: None,
        name: "Dora Texter".to_owned(),
        text: Some(MessageText::parse("My lamp hums").expect("a text")),
        media: Vec::new(),
        attachments: Vec::new(),
        wish: None,
        written_at: None,
    };
    let received = host.desk.inbound_receive(&channel, "twilio_sms", inbound);
    drop(received.await.expect("it is taken"));
    let ada = host.sign_in("ada").await;
    let found = json!({ "name": "Dora" });
    let found = ada.call("customers/customer_find", found).await.ok();
    let workitem = found[0]["id"].clone();
    let sam = host.sign_in("sam").await;
    let to_amy = json!({
        "workitem": workitem, "key": key(), "to": { "Agent": "amy" }, "confirmed": true,
    });
    sam.call("workitems/workitem_reassign", to_amy).await.ok();
    let amy = host.sign_in("amy").await;
    let said = json!({ "workitem": workitem, "key": key(), "text": "Which lamp?" });
    let sent = amy.call("workitems/message_send", said).await.ok();
    (workitem, sent["entry"]["id"].clone())
}

/// Completes an input that is another one for each caller: of their sessions, one that is not the caller's own.
pub async fn make_own(host: &Host, who: &str, caller: &Staff<'_>, name: &str, input: &mut Value) {
    if name == "account/session_end" {
        host.sign_in(who).await;
        let list = caller.call("account/session_list", json!({})).await.ok();
        let list = list.as_array().expect("a list");
        let other = list.iter().find(|session| session["here"] == false);
        input["session"] = other.expect("another one")["id"].clone();
    }
}
