//! Raising a hand: the Assistance button of an agent's header and the picker that it opens. Two clicks send
//! when the first message and the usual recipient will do. The host decides who is asked; nothing here does.

mod choices;
mod pending;
mod reach;

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::{Ask, AssistanceOptions, Recipient};
use shared::error::AppError;
use shared::ids::{CommandKey, TemplateId, UserId};
use shared::people::Permission;

use self::choices::{Messages, Recipients};
use self::pending::{PendingList, WaitingForHelp};
use self::reach::{Kind, Reach, spoken_list};

use crate::api::assistance::{assistance_options_load, assistance_request};
use crate::clock::new_key;
use crate::components::{Dialog, Icon};
use crate::live::own::follow_people;
use crate::state::use_desk;

/// The button, in the page only while there is a message to send, and the picker while it is open.
#[component]
pub fn AssistanceButton() -> impl IntoView {
    let desk = use_desk();
    let open = RwSignal::new(false);
    let offered =
        Memo::new(move |_| desk.assistance.get() && desk.holds(Permission::AssistanceRequest));
    view! {
        {move || offered.get().then(|| view! {
            <button
                type="button"
                class="button button--quiet"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                aria-describedby=move || desk.asks_for_help().then_some("assistance-waiting")
                on:click=move |_| open.set(true)
            >
                <Icon name="hand"/>
                <span class="button__label">"Assistance"</span>
            </button>
        })}
        <WaitingForHelp />
        {move || open.get().then(|| view! {
            <AssistancePicker close=Callback::new(move |()| open.set(false))/>
        })}
    }
}

/// What the agent has chosen so far. Where they have not, the picker chooses, and may choose anew when somebody
/// comes or goes; what they have chosen stays.
#[derive(Clone, Copy)]
struct Picked {
    options: RwSignal<Option<AssistanceOptions>>,
    reach: Memo<Reach>,
    message: RwSignal<Option<TemplateId>>,
    kind: RwSignal<Option<Kind>>,
    supervisor: RwSignal<Option<UserId>>,
}

impl Picked {
    /// The chosen message while it exists, else the first one.
    fn message(&self) -> Option<TemplateId> {
        self.options.with(|options| {
            let templates = &options.as_ref()?.templates;
            let chosen = self.message.get();
            templates
                .iter()
                .find(|template| Some(&template.id) == chosen.as_ref())
                .or_else(|| templates.first())
                .map(|template| template.id.clone())
        })
    }

    /// What a message says on screen.
    fn words(&self, message: &TemplateId) -> Option<String> {
        self.options.with_untracked(|options| {
            let mut templates = options.as_ref()?.templates.iter();
            let template = templates.find(|template| &template.id == message)?;
            Some(template.text.clone())
        })
    }

    fn kind(&self) -> Kind {
        self.kind
            .get()
            .unwrap_or_else(|| self.reach.with(Reach::default_kind))
    }

    fn supervisor(&self) -> Option<UserId> {
        self.supervisor
            .get()
            .or_else(|| self.reach.with(Reach::default_supervisor))
    }

    fn recipient(&self) -> Option<Recipient> {
        let (kind, supervisor) = (self.kind(), self.supervisor());
        self.reach.with(|reach| reach.recipient(kind, supervisor))
    }
}

/// The picker. Created by a click, so it runs in a browser only.
#[component]
fn AssistancePicker(close: Callback<()>) -> impl IntoView {
    let desk = use_desk();
    follow_people(desk);
    let options = RwSignal::new(None::<AssistanceOptions>);
    let error = RwSignal::new(None::<AppError>);
    let sending = RwSignal::new(false);
    let submit = NodeRef::<html::Button>::new();
    // One key per request, so that a second Send after a lost answer raises no second hand.
    let attempt = StoredValue::new(None::<(Ask, CommandKey)>);
    let picked = Picked {
        options,
        reach: Memo::new(move |_| {
            desk.people.with(|people| {
                options.with(|options| {
                    options.as_ref().map_or_else(Reach::default, |options| {
                        Reach::join(&options.supervisors, people)
                    })
                })
            })
        }),
        message: RwSignal::new(None),
        kind: RwSignal::new(None),
        supervisor: RwSignal::new(None),
    };
    let ready = Memo::new(move |_| picked.message().is_some() && picked.recipient().is_some());

    let load = move || {
        spawn_local(async move {
            match assistance_options_load().await {
                Ok(loaded) => {
                    let _ = options.try_set(Some(loaded));
                }
                Err(refused) => {
                    let _ = error.try_set(Some(refused.0));
                }
            }
        });
    };
    // Again when the first message appears or the last one goes.
    Effect::new(move |_| {
        desk.assistance.track();
        load();
    });
    // The picker is filled after it opened: only then can the button that sends take the focus.
    Effect::new(move |focused: Option<bool>| {
        let loaded = options.with(Option::is_some);
        if loaded && focused != Some(true) {
            request_animation_frame(move || {
                if let Some(button) = submit.try_get_untracked().flatten() {
                    // It fails only when the picker was closed meanwhile.
                    let _ = button.focus();
                }
            });
        }
        loaded
    });

    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let choice = untrack(|| picked.message().zip(picked.recipient()));
        let Some((template, recipient)) = choice.filter(|_| !sending.get_untracked()) else {
            return;
        };
        let ask = Ask {
            text: picked.words(&template),
            template,
            recipient,
            workitem: desk.open_workitem.get_untracked().map(|(id, _)| id),
        };
        let key = match attempt.get_value() {
            Some((tried, key)) if tried == ask => key,
            _ => new_key(),
        };
        attempt.set_value(Some((ask.clone(), key.clone())));
        sending.set(true);
        error.set(None);
        spawn_local(async move {
            let answer = assistance_request(key, ask).await;
            let _ = sending.try_set(false);
            match answer {
                Ok(asked) => {
                    desk.toast(format!(
                        "Your request went to {}.",
                        spoken_list(&asked.recipients)
                    ));
                    close.try_run(());
                }
                Err(refused) => {
                    // Too late: the same words may be sent anew, to whoever is there now.
                    if matches!(refused.0, AppError::Conflict { .. }) {
                        attempt.try_set_value(None);
                        load();
                    }
                    let _ = error.try_set(Some(refused.0));
                }
            }
        });
    };

    let about = move || {
        desk.open_workitem.get().map(|(_, subject)| {
            view! {
                <p class="assistance__about">
                    <span class="assistance__about-word">"About: "</span>
                    {subject}
                </p>
            }
        })
    };
    let nobody = move || {
        let line = picked.reach.with(|reach| {
            if reach.0.is_empty() {
                Some("You have no supervisors. An administrator adds them on Teams.")
            } else if reach.count(Kind::AllSignedIn) == 0 {
                Some("None of your supervisors is signed in right now.")
            } else {
                None
            }
        });
        line.filter(|_| options.with(Option::is_some))
    };

    view! {
        <Dialog title="Ask for assistance".to_owned() on_close=close class="assistance">
            <form class="assistance__form" on:submit=send>
                <div class="dialog__body">
                    <PendingList />
                    {about}
                    <Show
                        when=move || options.with(Option::is_some)
                        fallback=|| view! { <div class="skeleton assistance__skeleton" aria-hidden="true"></div> }
                    >
                        <Messages picked=picked/>
                        <Recipients picked=picked/>
                    </Show>
                    <div role="status">
                        {move || nobody().map(|line| view! { <p class="notice notice--warn">{line}</p> })}
                    </div>
                    <div role="alert">
                        {move || error.get().map(|error| view! {
                            <p class="notice notice--error">{error.to_string()}</p>
                        })}
                    </div>
                </div>
                <div class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| close.run(())>"Cancel"</button>
                    <button
                        type="submit"
                        class="button button--primary"
                        node_ref=submit
                        aria-disabled=move || (!ready.get() || sending.get()).to_string()
                    >
                        "Send request"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
