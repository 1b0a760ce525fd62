//! Tokens of the HTTP API, receivers of webhooks, and single sign-on.

use server::commands::{
    Again, SignOnActivate, SignOnDelete, SignOnUnlink, TokenCreate, TokenRevoke, WallCreate,
    WallRevoke, WebhookActivate, WebhookAgain, WebhookDelete, WebhookRotate, WebhookTest,
    WebhookUpdate,
};
use shared::ids::{TokenId, WallId};
use shared::time::Timestamp;

use super::{Act, act};
use crate::administration_commands::PROVED;
use crate::fixtures::{RECEIVER, TOKEN, WALL, receiver, sign_on, token, user, wall, webhook};

pub(super) fn rows() -> Vec<(&'static str, Act)> {
    vec![
        (
            "token_create",
            act!(|store, context| store.execute(TokenCreate {
                token: token("another"),
                hash: "1".repeat(64),
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "token_revoke",
            act!(|store, context| store.execute(TokenRevoke {
                token: TokenId::parse(TOKEN).unwrap(),
                context,
            })),
        ),
        (
            "wall_create",
            act!(|store, context| store.execute(WallCreate {
                wall: wall("another"),
                hash: "1".repeat(64),
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "wall_revoke",
            act!(|store, context| store.execute(WallRevoke {
                wall: WallId::parse(WALL).unwrap(),
                context,
            })),
        ),
        (
            "webhook_create",
            act!(|store, context| store.execute(webhook("another", context))),
        ),
        (
            "webhook_update",
            act!(|store, context| store.execute(WebhookUpdate {
                receiver: receiver(RECEIVER),
                change: webhook(RECEIVER, context.clone()).change,
                version: 0,
                address: None,
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "webhook_activate",
            act!(|store, context| store.execute(WebhookActivate {
                receiver: receiver(RECEIVER),
                active: false,
                context,
            })),
        ),
        (
            "webhook_rotate",
            act!(|store, context| store.execute(WebhookRotate {
                receiver: receiver(RECEIVER),
                secret: webhook(RECEIVER, context.clone()).secrets.remove(1),
                session: Some(PROVED.to_owned()),
                context,
            })),
        ),
        (
            "webhook_test",
            act!(|store, context| store.execute(WebhookTest {
                receiver: receiver(RECEIVER),
                context,
            })),
        ),
        (
            "webhook_again",
            act!(|store, context| store.execute(WebhookAgain {
                receiver: receiver(RECEIVER),
                what: Again::FailedSince(Timestamp(0)),
                context,
            })),
        ),
        (
            "webhook_delete",
            act!(|store, context| store.execute(WebhookDelete {
                receiver: receiver(RECEIVER),
                context,
            })),
        ),
        (
            "sign_on_save",
            act!(|store, context| store.execute(sign_on(Some(0), context))),
        ),
        (
            "sign_on_activate",
            act!(|store, context| store.execute(SignOnActivate {
                active: true,
                session: PROVED.to_owned(),
                context,
            })),
        ),
        (
            "sign_on_delete",
            act!(|store, context| store.execute(SignOnDelete { context })),
        ),
        (
            "sign_on_unlink",
            act!(|store, context| store.execute(SignOnUnlink {
                user: user("amy"),
                issuer: "https://login.example.com".to_owned(),
                subject: "amy there".to_owned(),
                session: PROVED.to_owned(),
                context,
            })),
        ),
    ]
}
