//! One message to all agents of a team. Each gets it in their own conversation with the supervisor, and answers there.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::error::AppError;
use shared::ids::{CommandKey, TeamId};
use shared::workitem::TeamQueue;

use crate::api::ApiError;
use crate::api::directory::team_message_send;
use crate::components::{Dialog, Field, Icon};
use crate::drafts::{DraftSlot, use_draft, use_draft_slot};
use crate::language::error_text;
use crate::random::new_key;
use crate::state::{SessionState, use_session};
use crate::storage::TEAMS;

/// The name under which the text is kept until it is sent.
const DRAFT: &str = "team-message";

/// The button, and its dialog while it is open.
#[component]
pub(super) fn TeamMessage(
    /// One for each team under the supervisor's authority.
    queues: RwSignal<Vec<TeamQueue>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // What was not sent stands there again when the dialog is opened once more.
    let (text, kept) = (use_draft(DRAFT.to_owned()), use_draft_slot(DRAFT));
    let team = use_draft([&TEAMS[1..], DRAFT].concat());
    let teams = Memo::new(move |_| queues.with(|queues| !queues.is_empty()));
    view! {
        {move || teams.get().then(|| view! {
            <button
                type="button"
                class="button button--quiet"
                aria-haspopup="dialog"
                on:click=move |_| open.set(true)
            >
                <Icon name="team"/>
                {t!(dashboard.team_message)}
            </button>
        }.into_any())}
        {move || open.get().then(|| view! {
            <TeamMessageDialog
                teams=queues.get_untracked()
                text
                team
                kept
                on_close=Callback::new(move |()| open.set(false))
            />
        }.into_any())}
    }
}

/// What is written, and how far sending it has come. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Written {
    session: SessionState,
    team: RwSignal<TeamId>,
    /// The id of the team that was chosen, which is kept beside the text.
    chosen: RwSignal<String>,
    text: RwSignal<String>,
    kept: DraftSlot,
    busy: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
    sent: StoredValue<Option<(TeamId, String, CommandKey)>>,
}

impl Written {
    /// The same message tried again is the same command; another one is another.
    fn key(self, team: &TeamId, text: &str) -> CommandKey {
        let before = self.sent.get_value();
        let same = before.filter(|(to, said, _)| to == team && said == text);
        let key = same.map_or_else(new_key, |(_, _, key)| key);
        let sent = (team.clone(), text.to_owned(), key.clone());
        self.sent.set_value(Some(sent));
        key
    }

    fn send(self, on_close: Callback<()>) {
        if self.busy.get_untracked() {
            return;
        }
        let session = self.session;
        let (team, text) = (self.team.get_untracked(), self.text.get_untracked());
        let key = self.key(&team, &text);
        self.busy.set(true);
        self.error.set(None);
        let written = self.kept.clearing();
        spawn_local(async move {
            match team_message_send(team, key, text).await {
                Ok(count) => {
                    session.toast(t!(dashboard.team_message_sent, count = count));
                    self.text.try_set(String::new());
                    self.chosen.try_set(String::new());
                    written();
                    on_close.try_run(());
                }
                Err(ApiError(refused)) => {
                    self.busy.try_set(false);
                    self.error.try_set(Some(refused));
                }
            }
        });
    }
}

#[component]
fn TeamMessageDialog(
    teams: Vec<TeamQueue>,
    text: RwSignal<String>,
    team: RwSignal<String>,
    kept: DraftSlot,
    on_close: Callback<()>,
) -> impl IntoView {
    let before = team.get_untracked();
    let before = teams.iter().find(|queue| queue.team.as_str() == before);
    let to = before.or(teams.first())?.team.clone();
    let written = Written {
        session: use_session(),
        team: RwSignal::new(to),
        chosen: team,
        text,
        kept,
        busy: RwSignal::new(false),
        error: RwSignal::new(None),
        sent: StoredValue::new(None),
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        written.send(on_close);
    };
    // What is wrong with the text stands at its box.
    let of_text =
        |error: &AppError| matches!(error, AppError::Invalid { field, .. } if field == "text");
    let error = move |at_text: bool| {
        written.error.with(|error| {
            let error = error.as_ref().filter(|error| of_text(error) == at_text);
            error.map(error_text)
        })
    };
    let dialog = view! {
        <Dialog title=t!(dashboard.team_message_title) class="dialog--narrow" on_close=on_close>
            <form class="dialog__form" on:submit=submit>
                <div class="dialog__body stack">
                    {team_view(teams, written)}
                    <Field
                        label=t!(dashboard.team_message_text)
                        name="team-message"
                        value=written.text
                        lines=4
                        required=true
                        hint=t!(dashboard.team_message_hint)
                        error=Signal::derive(move || error(true))
                    />
                    {move || error(false).map(|error| view! {
                        <p class="notice notice--error" role="alert">{error}</p>
                    }.into_any())}
                </div>
                <div class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| on_close.run(())>{t!(common.cancel)}</button>
                    <button type="submit" class="button button--primary" disabled=move || written.busy.get()>
                        {t!(dashboard.team_message_send)}
                    </button>
                </div>
            </form>
        </Dialog>
    };
    Some(dialog.into_any())
}

/// Which team: chosen from several, or said when there is one.
fn team_view(teams: Vec<TeamQueue>, written: Written) -> AnyView {
    if let [only] = &teams[..] {
        let name = only.name.clone();
        return view! { <p class="reassign__what" dir="auto">{name}</p> }.into_any();
    }
    let options = teams
        .into_iter()
        .map(|queue| {
            let selected = written.team.with_untracked(|team| *team == queue.team);
            view! { <option value=queue.team.to_string() selected=selected>{queue.name}</option> }
                .into_any()
        })
        .collect_view();
    let choose = move |event| {
        if let Ok(team) = TeamId::parse(event_target_value(&event)) {
            written.chosen.set(team.to_string());
            written.team.set(team);
        }
    };
    view! {
        <div class="field">
            <label class="field__label" for="team-message-team">{t!(dashboard.team_message_team)}</label>
            <select class="select" id="team-message-team" on:change=choose>{options}</select>
        </div>
    }
    .into_any()
}
