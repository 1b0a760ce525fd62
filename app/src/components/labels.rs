//! The labels of a workitem: how it ended and what it is about. A line shows them; unfolded, it offers those that the workitem
//! can have.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::{CommandKey, LabelId, WorkitemId};
use shared::labels::{LabelKind, LabelRef};
use shared::lenient::List;
use shared::text::isolated;
use shared::workitem::WorkitemState;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::api::ApiError;
use crate::api::labels::{label_list, label_set};
use crate::attempt::LastChoice;
use crate::language::error_text;
use crate::live::ConversationView;
use crate::random::new_key;
use crate::state::use_session;

/// Labels as marks, the outcome first.
pub fn label_marks(labels: Vec<LabelRef>) -> AnyView {
    let mark = |label: LabelRef| {
        let class = match label.kind {
            LabelKind::Outcome => "tag tag--outcome",
            LabelKind::Tag => "tag",
        };
        view! { <bdi class=class>{label.name}</bdi> }.into_any()
    };
    labels.into_iter().map(mark).collect_view().into_any()
}

/// The line, and what it unfolds. It unfolds when the conversation is over and an outcome can be chosen that it has not.
#[component]
pub fn LabelLine(view: ConversationView) -> impl IntoView {
    let labels = Memo::new(move |_| view.workitem.with(|workitem| workitem.labels.clone()));
    let unfolded = RwSignal::new(false);
    let offer = use_offer(view);
    let outcome = Memo::new(move |_| outcome_of(&labels.get()));
    let wanted = Memo::new(move |_| {
        let over = view
            .workitem
            .with(|workitem| workitem.state == WorkitemState::WrapUp);
        over && outcome.with(Option::is_none)
    });
    Effect::new(move || {
        if wanted.get() {
            offer.load();
        }
    });
    Effect::new(move || {
        let some = !offer.outcomes().is_empty();
        if wanted.get() && some {
            unfolded.set(true);
        }
    });
    let toggled = move |event: web_sys::Event| {
        let details = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let open = details.is_some_and(|details| details.has_attribute("open"));
        unfolded.set(open);
        if open {
            offer.load();
        }
    };
    view! {
        <details class="labels" prop:open=move || unfolded.get() on:toggle=toggled>
            <summary class="labels__line">
                <span class="labels__title">{t!(labels.line)}</span>
                " "
                {move || label_marks(labels.get())}
            </summary>
            {move || match offer.0.get() {
                None => view! { <p class="labels__hint">{t!(common.loading_more)}</p> }.into_any(),
                Some(Err(error)) => view! { <p class="labels__hint" role="alert">{error}</p> }.into_any(),
                Some(Ok(_)) => choices_view(view, labels, offer),
            }}
        </details>
    }
}

fn outcome_of(labels: &[LabelRef]) -> Option<LabelId> {
    let mut outcomes = labels
        .iter()
        .filter(|label| label.kind == LabelKind::Outcome);
    outcomes.next().map(|label| label.id.clone())
}

/// What can be chosen, once it was asked for.
#[derive(Clone, Copy)]
struct Offer(
    RwSignal<Option<Result<Vec<LabelRef>, String>>>,
    StoredValue<WorkitemId>,
);

fn use_offer(view: ConversationView) -> Offer {
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    Offer(RwSignal::new(None), StoredValue::new(workitem))
}

impl Offer {
    /// Asks for it; what is known stays until the answer comes.
    fn load(self) {
        spawn_local(async move {
            // The line may have gone since it was unfolded.
            let Some(workitem) = self.1.try_get_value() else {
                return;
            };
            let answer = label_list(workitem).await;
            let answer = answer.map(|List(offered)| offered);
            let answer = answer.map_err(|ApiError(error)| error_text(&error));
            self.0.try_maybe_update(|known| {
                let another = known.as_ref() != Some(&answer);
                *known = Some(answer);
                (another, ())
            });
        });
    }

    fn outcomes(self) -> Vec<LabelRef> {
        self.0.with(|offered| match offered {
            Some(Ok(offered)) => of_kind(offered, LabelKind::Outcome),
            _ => Vec::new(),
        })
    }
}

fn of_kind(labels: &[LabelRef], kind: LabelKind) -> Vec<LabelRef> {
    let labels = labels.iter().filter(|label| label.kind == kind);
    labels.cloned().collect()
}

/// An outcome, and any number of tags. What the workitem has and nobody offers any more can be taken away.
fn choices_view(view: ConversationView, labels: Memo<Vec<LabelRef>>, offer: Offer) -> AnyView {
    let every = Memo::new(move |_| {
        let offered = offer.0.with(|offered| match offered {
            Some(Ok(offered)) => offered.clone(),
            _ => Vec::new(),
        });
        with_former(offered, &labels.get())
    });
    let inside = move || match every.get() {
        none if none.is_empty() => {
            view! { <p class="labels__hint">{t!(labels.none_offered)}</p> }.into_any()
        }
        every => view! { <Choices view labels every /> }.into_any(),
    };
    inside.into_any()
}

#[component]
fn Choices(
    view: ConversationView,
    labels: Memo<Vec<LabelRef>>,
    every: Vec<LabelRef>,
) -> impl IntoView {
    let outcomes = of_kind(&every, LabelKind::Outcome);
    let tags = of_kind(&every, LabelKind::Tag);
    let workitem = view.workitem.with_untracked(|workitem| workitem.id.clone());
    view! {
        <div class="labels__choices">
            {(!outcomes.is_empty()).then(|| view! {
                <OutcomeChoice workitem=workitem.clone() labels outcomes />
            }.into_any())}
            {(!tags.is_empty()).then(|| view! {
                <fieldset class="labels__tags">
                    <legend class="labels__legend">{t!(labels.tags)}</legend>
                    {tags
                        .into_iter()
                        .map(|tag| view! { <TagChoice workitem=workitem.clone() labels tag /> }.into_any())
                        .collect_view()}
                </fieldset>
            }.into_any())}
        </div>
    }
}

/// What is offered, and what the workitem has besides.
fn with_former(mut offered: Vec<LabelRef>, has: &[LabelRef]) -> Vec<LabelRef> {
    for label in has {
        if offered.iter().all(|known| known.id != label.id) {
            offered.push(label.clone());
        }
    }
    offered
}

/// What is chosen of labels: shown at once, and sent. What is `stored` is shown again after a refusal, and when somebody else chose.
fn use_choice<T: Clone + PartialEq + Send + Sync + 'static>(
    workitem: WorkitemId,
    stored: Memo<T>,
) -> (RwSignal<T>, LastChoice<(LabelId, bool)>) {
    let session = use_session();
    let shown = RwSignal::new(stored.get_untracked());
    let choice = LastChoice::new(
        move |(label, on): (LabelId, bool), key: Option<CommandKey>| {
            let workitem = workitem.clone();
            async move {
                let key = key.unwrap_or_else(new_key);
                Ok(label_set(workitem, key, label, on).await?)
            }
        },
        move |_, answer| {
            if let Err(error) = answer {
                if let Some(stored) = stored.try_get_untracked() {
                    shown.try_set(stored);
                }
                session.toast(error_text(&error));
            }
        },
    );
    let chosen = choice.clone();
    Effect::new(move || {
        let stored = stored.get();
        if !chosen.pending() {
            shown.set(stored);
        }
    });
    (shown, choice)
}

#[component]
fn OutcomeChoice(
    workitem: WorkitemId,
    labels: Memo<Vec<LabelRef>>,
    outcomes: Vec<LabelRef>,
) -> impl IntoView {
    let stored = Memo::new(move |_| {
        let outcome = labels.with(|labels| outcome_of(labels));
        outcome.map_or_else(String::new, |id| id.to_string())
    });
    let (shown, choice) = use_choice(workitem, stored);
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        let before = shown.get_untracked();
        shown.set(value.clone());
        let (label, on) = match value.is_empty() {
            true => (before, false),
            false => (value, true),
        };
        if let Ok(label) = LabelId::parse(label) {
            choice.choose((label, on));
        }
    };
    view! {
        <label class="labels__outcome">
            <span class="labels__legend">{t!(labels.outcome)}</span>
            <select class="select" prop:value=move || shown.get() on:change=choose>
                <option value="">{t!(labels.outcome_none)}</option>
                {outcomes
                    .into_iter()
                    .map(|outcome| {
                        let value = outcome.id.to_string();
                        let selected = shown.get_untracked() == value;
                        view! {
                            <option value=value selected=selected>{isolated(&outcome.name).into_owned()}</option>
                        }.into_any()
                    })
                    .collect_view()}
            </select>
        </label>
    }
}

#[component]
fn TagChoice(workitem: WorkitemId, labels: Memo<Vec<LabelRef>>, tag: LabelRef) -> impl IntoView {
    let LabelRef { id, name, .. } = tag;
    let stored = {
        let id = id.clone();
        Memo::new(move |_| labels.with(|labels| labels.iter().any(|label| label.id == id)))
    };
    let (shown, choice) = use_choice(workitem, stored);
    let choose = move |event: web_sys::Event| {
        let on = event_target_checked(&event);
        shown.set(on);
        choice.choose((id.clone(), on));
    };
    view! {
        <label class="labels__tag">
            <input type="checkbox" prop:checked=move || shown.get() on:change=choose />
            <bdi>{name}</bdi>
        </label>
    }
}
