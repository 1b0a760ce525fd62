//! The flag for review of a workitem: a line under its labels, and the small form that sets it. Supervisors see it, and nobody else.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::ids::WorkitemId;
use shared::people::{Permission, PersonRef};
use shared::reviews::{Review, ReviewState};

use super::focus::focus_next;
use super::{Field, LocalTime};
use crate::api::ApiError;
use crate::api::reviews::{review_finish, review_flag};
use crate::attempt::Attempt;
use crate::drafts::{DraftSlot, use_draft, use_draft_slot};
use crate::language::error_text;
use crate::live::ConversationView;
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// Whether it was reviewed, as a mark.
pub fn review_mark(review: &Review) -> AnyView {
    let (class, words) = match review.state() {
        ReviewState::Flagged => ("badge badge--warn", t!(review.flagged)),
        ReviewState::Reviewed => ("badge", t!(review.reviewed)),
    };
    view! { <span class=class>{words}</span> }.into_any()
}

/// The name under which a comment is kept until it is sent.
pub fn review_comment(workitem: &WorkitemId) -> String {
    format!("review/{workitem}")
}

/// What is typed and sent here. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Form {
    view: ConversationView,
    session: SessionState,
    open: RwSignal<bool>,
    comment: RwSignal<String>,
    /// Where that is kept until it is sent.
    kept: DraftSlot,
    error: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
    attempt: Attempt,
}

impl Form {
    fn write(self) {
        self.open.set(true);
        focus_next("#review-comment".to_owned());
    }

    /// What was typed stays. The focus goes to what opens the form again.
    fn close(self) {
        self.open.set(false);
        focus_next("#review-flag".to_owned());
    }

    /// Sends the comment; with a number, that the flag of this number was reviewed.
    fn send(self, number: Option<i64>) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let workitem = self.view.workitem.with_untracked(|it| it.id.clone());
        let comment = self.comment.get_untracked();
        let content = match number {
            None => comment.clone(),
            Some(number) => number.to_string(),
        };
        let key = self.attempt.key(&content);
        let key = key.unwrap_or_else(new_key);
        let written = self.kept.clearing();
        spawn_local(async move {
            let answer = match number {
                None => review_flag(workitem, key, comment).await,
                Some(number) => review_finish(workitem, key, number).await,
            };
            self.attempt.answered(&answer);
            if number.is_none() && answer.is_ok() {
                written();
            }
            // Disposed: the page is another one by now.
            if self.busy.try_set(false).is_some() {
                return;
            }
            let refused = answer.err().map(|ApiError(error)| error_text(&error));
            match (refused, number) {
                (Some(refused), Some(_)) => self.session.toast(refused),
                (Some(refused), None) => self.error.set(Some(refused)),
                (None, _) => {
                    if number.is_none() {
                        self.comment.set(String::new());
                        self.error.set(None);
                        self.open.set(false);
                    }
                    // The button that had the focus goes with what it did.
                    focus_next("#review".to_owned());
                }
            }
        });
    }
}

/// The line, for those who may review the workitem.
#[component]
pub fn ReviewLine(view: ConversationView) -> impl IntoView {
    let session = use_session();
    let offered = Memo::new(move |_| {
        let me = session.me.with(|me| me.id.clone());
        let agent = |agent: &PersonRef| agent.id == me;
        // Nobody reviews their own work.
        let own = (view.workitem).with(|workitem| workitem.agent.as_ref().is_some_and(agent));
        session.holds(Permission::WorkitemReview) && !own
    });
    let draft = (view.workitem).with_untracked(|workitem| review_comment(&workitem.id));
    let form = Form {
        view,
        session,
        open: RwSignal::new(false),
        kept: use_draft_slot(&draft),
        comment: use_draft(draft),
        error: RwSignal::new(None),
        busy: RwSignal::new(false),
        attempt: Attempt::new(),
    };
    Effect::new(move || {
        // Nobody types while it is closed: this was left there.
        if form.comment.with(|comment| !comment.is_empty()) {
            form.open.set(true);
        }
    });
    let review = view.review;
    let flagged = Memo::new(move |_| {
        review.with(|review| review.as_ref().is_some_and(|review| review.done.is_none()))
    });
    let button = move || {
        view! {
            <button type="button" class="button button--quiet" id="review-flag" on:click=move |_| form.write()>
                {t!(review.flag)}
            </button>
        }
        .into_any()
    };
    let inside = move || {
        view! {
            <section class="review" id="review" tabindex="-1" aria-label=t!(review.title)>
                {move || review.get().map(|review| flag_view(*review, form))}
                // A form that somebody types in stays as it is when somebody else flags the workitem.
                {move || match form.open.get() {
                    true => form_view(form),
                    false => (move || (!flagged.get()).then(button)).into_any(),
                }}
            </section>
        }
        .into_any()
    };
    move || offered.get().then(inside)
}

/// Who flagged it, when and why, and who reviewed it.
fn flag_view(review: Review, form: Form) -> AnyView {
    let by = |name: String, at| {
        view! { <span>{t!(review.by, name = name)}</span>" "<LocalTime at /> }.into_any()
    };
    let mark = review_mark(&review);
    let end = match review.done {
        Some(done) => by(done.by.name, done.at),
        None => view! {
            <button
                type="button"
                class="button button--quiet"
                disabled=move || form.busy.get()
                on:click=move |_| form.send(Some(review.number))
            >
                {t!(review.finish)}
            </button>
        }
        .into_any(),
    };
    view! {
        <p class="review__line">{mark}" "{end}</p>
        <p class="review__comment" dir="auto">{review.comment}</p>
        <p class="field__hint">{by(review.by.name, review.at)}". "{t!(review.private)}</p>
    }
    .into_any()
}

fn form_view(form: Form) -> AnyView {
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        form.send(None);
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        if event.key() == "Escape" {
            event.prevent_default();
            event.stop_propagation();
            form.close();
        }
    };
    view! {
        <form class="stack" on:submit=submit on:keydown=keydown>
            <Field
                label=t!(review.comment)
                name="review-comment"
                value=form.comment
                error=form.error
                hint=t!(review.private)
                lines=3
                required=true
            />
            <p class="review__line">
                <button type="submit" class="button button--primary" disabled=move || form.busy.get()>
                    {t!(common.save)}
                </button>
                <button type="button" class="button" on:click=move |_| form.close()>{t!(common.cancel)}</button>
            </p>
        </form>
    }
    .into_any()
}
