//! Deleting a user, a team or a channel: a dialog says what goes, what stays and what stands in the way, before anything
//! is done.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::deletion::{Deletable, DeletionExtent};
use shared::error::{AppError, ConflictCause};

use super::proof::Proof;
use super::trouble_view;
use crate::api::ApiError;
use crate::api::deletions::{channel_delete, deletion_preview, team_delete, user_delete};
use crate::attempt::Attempt;
use crate::components::Dialog;
use crate::components::dialog::DialogFoot;
use crate::language::error_text;

/// What an administrator wants to delete, as the page shows it.
#[derive(Clone)]
pub(super) struct Doomed {
    /// What.
    pub(super) of: Deletable,
    /// Its name.
    pub(super) name: String,
    /// The version that is shown.
    pub(super) version: i64,
    /// What customers write to, of a provider's channel.
    pub(super) address: Option<String>,
}

/// One page's deletions, one at a time. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Deletion {
    chosen: RwSignal<Option<(Doomed, DeletionExtent)>>,
    busy: RwSignal<bool>,
    trouble: RwSignal<Option<AppError>>,
    attempt: Attempt,
    proof: Proof,
    on_deleted: Callback<Doomed>,
}

impl Deletion {
    /// `on_deleted` takes it off the page.
    pub(super) fn new(proof: Proof, on_deleted: Callback<Doomed>) -> Self {
        Self {
            chosen: RwSignal::new(None),
            busy: RwSignal::new(false),
            trouble: RwSignal::new(None),
            attempt: Attempt::new(),
            proof,
            on_deleted,
        }
    }

    /// Opens the dialog, once the host has said what hangs on it.
    pub(super) fn ask(self, doomed: Doomed) {
        self.trouble.set(None);
        spawn_local(async move {
            match deletion_preview(doomed.of.clone()).await {
                Ok(extent) => drop(self.chosen.try_set(Some((doomed, extent)))),
                Err(ApiError(error)) => drop(self.trouble.try_set(Some(error))),
            }
        });
    }

    fn delete(self, doomed: Doomed) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.trouble.set(None);
        spawn_local(async move {
            let key = self.attempt.key(&(&doomed.of, doomed.version));
            let answer = match doomed.of.clone() {
                Deletable::User(user) => user_delete(key, user, doomed.version).await,
                Deletable::Team(team) => team_delete(key, team, doomed.version).await,
                Deletable::Channel(channel) => channel_delete(key, channel).await,
            };
            self.attempt.answered(&answer);
            // Somebody may have left the page while the answer was on its way.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                // One that is gone already is gone.
                Ok(()) | Err(ApiError(AppError::NotFound)) => {
                    self.chosen.set(None);
                    self.on_deleted.run(doomed);
                }
                Err(ApiError(error)) => {
                    let again = Callback::new(move |()| self.delete(doomed.clone()));
                    if !self.proof.takes(&error, Some(again)) {
                        self.trouble.set(Some(error));
                    }
                }
            }
        });
    }
}

/// The dialog, as long as something is chosen; else a line when that failed.
#[component]
pub(super) fn DeletionDialog(deletion: Deletion) -> impl IntoView {
    move || match deletion.chosen.get() {
        Some((doomed, extent)) => view! { <Question deletion doomed extent /> }.into_any(),
        None => trouble_view(deletion.trouble).into_any(),
    }
}

#[component]
fn Question(deletion: Deletion, doomed: Doomed, extent: DeletionExtent) -> impl IntoView {
    let close = Callback::new(move |()| {
        deletion.trouble.set(None);
        deletion.chosen.set(None);
    });
    let title = t!(deletion.title, name = doomed.name);
    let obstacle = obstacle(&doomed.of, extent);
    let lines = match &obstacle {
        Some(cause) => vec![error_text(&AppError::conflict(cause.clone()))],
        None => consequences(&doomed, extent),
    };
    let lines = lines.into_iter();
    let lines = lines.map(|line| view! { <p>{line}</p> }.into_any());
    view! {
        <Dialog title=title on_close=close class="dialog--narrow">
            <div class="dialog__body">
                {trouble_view(deletion.trouble)}
                {lines.collect_view()}
            </div>
            {obstacle.is_none().then(|| view! {
                <DialogFoot
                    label=t!(common.delete)
                    danger=true
                    busy=deletion.busy
                    on_cancel=close
                    on_confirm=Callback::new(move |()| deletion.delete(doomed.clone()))
                />
            }.into_any())}
        </Dialog>
    }
}

/// What must be done first. A user's work goes back to its queues.
fn obstacle(of: &Deletable, extent: DeletionExtent) -> Option<ConflictCause> {
    match of {
        _ if extent.is_empty() => None,
        Deletable::User(_) => None,
        Deletable::Team(_) => Some(ConflictCause::TeamInUse { extent }),
        Deletable::Channel(_) => Some(ConflictCause::ChannelInUse { open: extent.open }),
    }
}

/// What goes and what stays.
fn consequences(doomed: &Doomed, extent: DeletionExtent) -> Vec<String> {
    let mut lines = match &doomed.of {
        Deletable::User(_) => {
            let mut lines = vec![t!(deletion.user_goes).to_owned()];
            if extent.open > 0 {
                lines.push(t!(deletion.user_work, count = extent.open));
            }
            lines.push(t!(deletion.user_stays).to_owned());
            lines
        }
        Deletable::Team(_) => vec![t!(deletion.team_stays).to_owned()],
        Deletable::Channel(key) => match &doomed.address {
            Some(address) => vec![
                t!(deletion.provider_channel_goes, address = address),
                t!(deletion.provider_channel_stays).to_owned(),
            ],
            None => {
                let path = ["/chat/", key.as_str()].concat();
                vec![t!(deletion.channel_goes, path = path)]
            }
        },
    };
    lines.push(t!(deletion.for_good).to_owned());
    lines
}
