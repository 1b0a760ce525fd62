//! Raising a hand: the Assistance button of an agent's header and the picker that it opens. Two clicks send
//! when the first message and the usual recipient will do. The host decides who is asked; nothing here does.

mod choices;
mod pending;
mod reach;

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::assistance::{Ask, AssistanceOptions, Recipient, Template};
use shared::error::AppError;
use shared::fold::folded;
use shared::ids::{CommandKey, TemplateId, UserId};
use shared::people::Permission;

use self::choices::{Messages, Recipients};
use self::pending::{PendingList, WaitingForHelp};
use self::reach::{Kind, Reach, spoken_list};

use crate::api::assistance::{assistance_options_load, assistance_request};
use crate::components::keyboard::announced;
use crate::components::{Dialog, Icon};
use crate::language::error_text;
use crate::live::notifications::follow_people;
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// The button, in the page only while there is a message to send, and the picker while it is open.
#[component]
pub fn AssistanceButton() -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    let offered = Memo::new(move |_| {
        session.assistance.get() && session.holds(Permission::AssistanceRequest)
    });
    view! {
        {move || offered.get().then(|| view! {
            <button
                type="button"
                class="button button--quiet"
                aria-haspopup="dialog"
                data-letter="a"
                aria-keyshortcuts=move || announced(session, "a")
                aria-expanded=move || open.get().to_string()
                aria-describedby=move || session.asks_for_help().then_some("assistance-waiting")
                on:click=move |_| open.set(true)
            >
                <Icon name="hand"/>
                <span class="button__label">{t!(assistance.button)}</span>
            </button>
        }.into_any())}
        <WaitingForHelp />
        {move || open.get().then(|| view! {
            <AssistancePicker close=Callback::new(move |()| open.set(false))/>
        }.into_any())}
    }
}

/// What the agent has chosen so far. Where they have not, the picker chooses, and may choose again when somebody
/// comes or goes; what they have chosen stays. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Picked {
    options: RwSignal<Option<AssistanceOptions>>,
    reach: Memo<Reach>,
    message: RwSignal<Option<TemplateId>>,
    /// What the messages are searched for.
    search: RwSignal<String>,
    kind: RwSignal<Option<Kind>>,
    supervisor: RwSignal<Option<UserId>>,
}

impl Picked {
    fn new(session: SessionState) -> Self {
        let options = RwSignal::new(None::<AssistanceOptions>);
        let reach = Memo::new(move |_| {
            session.people.with(|people| {
                options.with(|options| {
                    options.as_ref().map_or_else(Reach::default, |options| {
                        Reach::join(&options.supervisors, people)
                    })
                })
            })
        });
        Self {
            options,
            reach,
            message: RwSignal::new(None),
            search: RwSignal::new(String::new()),
            kind: RwSignal::new(None),
            supervisor: RwSignal::new(None),
        }
    }

    /// The messages that the search finds. Tracked.
    fn found(&self) -> Vec<Template> {
        let search = folded(&self.search.get());
        let words: Vec<&str> = search.split(' ').collect();
        self.options.with(|options| {
            let templates = options.iter().flat_map(|options| &options.templates);
            let found = templates.filter(|template| {
                let text = folded(&[&template.title, " ", &template.text[..]].concat());
                words.iter().all(|word| text.contains(word))
            });
            found.cloned().collect()
        })
    }

    /// The chosen message while it can be seen, else the first one.
    fn message(&self) -> Option<TemplateId> {
        let (found, chosen) = (self.found(), self.message.get());
        found
            .iter()
            .find(|template| Some(&template.id) == chosen.as_ref())
            .or_else(|| found.first())
            .map(|template| template.id.clone())
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

    fn is_loaded(&self) -> bool {
        self.options.with(Option::is_some)
    }

    /// Why nobody can be asked. Tracked.
    fn nobody(&self) -> Option<&'static str> {
        let line = self.reach.with(|reach| {
            if reach.0.is_empty() {
                Some(t!(assistance.no_supervisors))
            } else if reach.count(Kind::AllSignedIn) == 0 {
                Some(t!(assistance.none_signed_in))
            } else {
                None
            }
        });
        line.filter(|_| self.is_loaded())
    }
}

/// A request on its way. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Asking {
    session: SessionState,
    picked: Picked,
    sending: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
    /// One key per request, so that a second Send after a lost answer raises no second hand.
    attempt: StoredValue<Option<(Ask, CommandKey)>>,
    close: Callback<()>,
}

impl Asking {
    /// Loads what can be chosen.
    async fn load(self) {
        match assistance_options_load().await {
            Ok(loaded) => {
                self.picked.options.try_set(Some(loaded));
            }
            Err(refused) => {
                self.error.try_set(Some(refused.0));
            }
        }
    }

    fn key(self, ask: &Ask) -> CommandKey {
        let key = match self.attempt.get_value() {
            Some((tried, key)) if tried == *ask => key,
            _ => new_key(),
        };
        self.attempt.set_value(Some((ask.clone(), key.clone())));
        key
    }

    fn send(self) {
        let picked = self.picked;
        let choice = untrack(|| picked.message().zip(picked.recipient()));
        let Some((template, recipient)) = choice.filter(|_| !self.sending.get_untracked()) else {
            return;
        };
        let open = self.session.open_workitem.get_untracked();
        let ask = Ask {
            text: picked.words(&template),
            template,
            recipient,
            workitem: open.map(|(id, _)| id),
        };
        let key = self.key(&ask);
        self.sending.set(true);
        self.error.set(None);
        spawn_local(async move {
            let answer = assistance_request(key, ask).await;
            // The next Send carries the words on screen, so the new ones come before Send can be pressed.
            if matches!(&answer, Err(refused) if matches!(refused.0, AppError::Conflict { .. })) {
                self.attempt.try_set_value(None);
                self.load().await;
            }
            self.sending.try_set(false);
            match answer {
                Ok(asked) => {
                    let names = spoken_list(&asked.recipients);
                    self.session.toast(t!(assistance.sent, names = names));
                    self.close.try_run(());
                }
                Err(refused) => {
                    self.error.try_set(Some(refused.0));
                }
            }
        });
    }
}

/// The picker is filled after it opened: only then can the button that sends take the focus.
fn use_focus_when_loaded(picked: Picked, button: NodeRef<html::Button>) {
    Effect::new(move |focused: Option<bool>| {
        let loaded = picked.is_loaded();
        if loaded && focused != Some(true) {
            request_animation_frame(move || {
                if let Some(button) = button.try_get_untracked().flatten() {
                    // It fails only when the picker was closed meanwhile.
                    let _ = button.focus();
                }
            });
        }
        loaded
    });
}

/// The picker. Created by a click, so it runs in a browser only.
#[component]
fn AssistancePicker(close: Callback<()>) -> impl IntoView {
    let session = use_session();
    follow_people(session);
    let picked = Picked::new(session);
    let asking = Asking {
        session,
        picked,
        sending: RwSignal::new(false),
        error: RwSignal::new(None),
        attempt: StoredValue::new(None),
        close,
    };
    // Again when the first message appears or the last one goes.
    Effect::new(move |_| {
        session.assistance.track();
        spawn_local(asking.load());
    });
    let submit = NodeRef::<html::Button>::new();
    use_focus_when_loaded(picked, submit);
    let ready = Memo::new(move |_| picked.message().is_some() && picked.recipient().is_some());
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        asking.send();
    };
    view! {
        <Dialog title=t!(assistance.title).to_owned() on_close=close class="assistance">
            <form class="assistance__form" on:submit=send>
                <div class="dialog__body">
                    <PendingList />
                    <About />
                    <Show
                        when=move || picked.is_loaded()
                        fallback=|| view! { <div class="skeleton assistance__skeleton" aria-hidden="true"></div> }.into_any()
                    >
                        <Recipients picked=picked/>
                        <Messages picked=picked/>
                    </Show>
                    <div role="status">
                        {move || picked.nobody().map(|line| view! {
                            <p class="notice notice--warn">{line}</p>
                        }.into_any())}
                    </div>
                    <div role="alert">
                        {move || asking.error.get().map(|error| view! {
                            <p class="notice notice--error">{error_text(&error)}</p>
                        }.into_any())}
                    </div>
                </div>
                <div class="dialog__foot">
                    <button type="button" class="button" on:click=move |_| close.run(())>{t!(common.cancel)}</button>
                    <button
                        type="submit"
                        class="button button--primary"
                        node_ref=submit
                        aria-disabled=move || (!ready.get() || asking.sending.get()).to_string()
                        on:click=move |event| {
                            // The second half of the double click that opened the picker chooses nothing.
                            if event.detail() > 1 {
                                event.prevent_default();
                            }
                        }
                        on:keydown=move |event| {
                            // Nor does the key that opened it, while it is held.
                            if event.repeat() {
                                event.prevent_default();
                            }
                        }
                    >
                        {t!(assistance.submit)}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// The workitem that is open goes along with the request.
#[component]
fn About() -> impl IntoView {
    let open = use_session().open_workitem;
    move || {
        open.get().map(|(_, subject)| {
            view! {
                <p class="assistance__about">
                    <span class="assistance__about-word">{t!(assistance.about)}" "</span>
                    {subject}
                </p>
            }
            .into_any()
        })
    }
}
