//! Saved texts, so that a `/` in a box has something to offer.

use shared::error::AppError;
use shared::ids::{SavedTextId, TeamId};
use shared::saved_texts::{SavedFor, SavedText, SavedTextTeam};
use shared::time::Timestamp;

use super::context;
use crate::commands::SavedTextCreate;
use crate::desk::{Desk, to_app_error};

/// For whom, title, text.
const TEXTS: [(SavedFor, &str, &str); 7] = [
    (
        SavedFor::Customer,
        "Greeting",
        "Hello {customer}, this is {agent} of Larkfield. I am looking into it right away.",
    ),
    (
        SavedFor::Customer,
        "One moment",
        "Thank you for waiting, {customer}. I need two more minutes to check this for you.",
    ),
    (
        SavedFor::Customer,
        "Refund on its way",
        "Your refund has been sent. It reaches your account within three working days.",
    ),
    (
        SavedFor::Customer,
        "Goodbye",
        "Is there anything else that I can do for you? If not, I wish you a pleasant day, {customer}.",
    ),
    (
        SavedFor::Coaching,
        "Say what happens next",
        "Good so far, {agent}. Tell {customer} what happens next and by when.",
    ),
    (
        SavedFor::Coaching,
        "Apologise first",
        "Begin with an apology; the reasons can wait until {customer} feels heard.",
    ),
    (
        SavedFor::Coaching,
        "Offer free delivery",
        "You may offer free delivery here, {agent}.",
    ),
];

/// Keeps them for a team.
pub(super) async fn keep(desk: &Desk, team: &str, now: Timestamp) -> Result<(), AppError> {
    for (number, (written_for, title, text)) in TEXTS.into_iter().enumerate() {
        let name = format!("text-{team}-{number}");
        let create = SavedTextCreate {
            text: SavedText {
                id: SavedTextId::parse(&name)?,
                written_for,
                team: Some(SavedTextTeam {
                    id: TeamId::parse(team)?,
                    name: String::new(),
                }),
                title: title.to_owned(),
                text: text.to_owned(),
                version: 0,
            },
            context: context(&name, now)?,
        };
        desk.publish(desk.store().execute(create).await.map_err(to_app_error)?);
    }
    Ok(())
}
