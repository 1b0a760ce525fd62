//! Following an agent: when the workitem on the page is over or has moved to somebody else, the agent's next one opens in
//! its place, and is monitored as any other. It stays on in this tab until it is switched off or the supervisor leaves by Back.

use leptos::prelude::*;
use shared::ids::{UserId, WorkitemId};
use shared::workitem::{Workitem, WorkitemState};

use crate::components::Icon;
use crate::live::ConversationView;
use crate::navigation::use_navigation;
use crate::outbox::{Destination, use_unsent};
use crate::state::use_session;
use crate::storage;

/// Who is followed in this tab: `sideline-follow` in its storage, so that a reload changes nothing.
const KEPT: &str = "sideline-follow";

/// Following the agent of the page. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub(super) struct Following {
    view: ConversationView,
    agent: Memo<Option<UserId>>,
    who: RwSignal<Option<UserId>>,
    /// Whether it is the agent of the page.
    on: Memo<bool>,
    /// Whether the workitem is not the agent's open work any more.
    over: Memo<bool>,
    next: Memo<Option<WorkitemId>>,
}

/// Follows the agent of the page, if the supervisor has chosen so. `list` holds the agent's open workitems.
pub(super) fn use_following(
    view: ConversationView,
    agent: Memo<Option<UserId>>,
    list: RwSignal<Vec<Workitem>>,
) -> Following {
    let (who, navigation) = (use_session().following, use_navigation());
    Effect::new(move || {
        if who.with_untracked(Option::is_none) {
            who.set(storage::of_tab(KEPT).and_then(|agent| UserId::parse(agent).ok()));
        }
    });
    let id = view.workitem.with_untracked(|workitem| workitem.id.clone());
    let unsent = use_unsent(Destination::Agent(id.clone()));
    let following = Following {
        view,
        agent,
        who,
        on: Memo::new(move |_| who.with(|who| who.is_some() && agent.with(|agent| who == agent))),
        over: Memo::new(move |_| {
            let elsewhere = view.workitem.with(|workitem| {
                let holder = workitem.agent.as_ref().map(|holder| &holder.id);
                workitem.state == WorkitemState::Closed
                    || agent.with(|agent| holder != agent.as_ref())
            });
            elsewhere || view.refused.with(Option::is_some)
        }),
        next: Memo::new(move |_| list.with(|list| next_of(list, &id))),
    };
    // The page goes a moment after its address.
    let left = StoredValue::new(false);
    Effect::new(move || {
        // Nothing is taken from under a text that is typed here.
        let free = unsent.with(Option::is_none);
        let next = following.path().filter(|_| free && !left.get_value());
        if let Some(path) = next {
            left.set_value(true);
            navigation.go(&path);
        }
    });
    following
}

/// What opens next: of the agent's active workitems the one that came last.
fn next_of(list: &[Workitem], current: &WorkitemId) -> Option<WorkitemId> {
    list.iter()
        .filter(|row| row.state == WorkitemState::Active && row.id != *current)
        .max_by_key(|row| (row.started_at, row.id.clone()))
        .map(|row| row.id.clone())
}

impl Following {
    /// Whether the page stays with its agent when the workitem goes to another one.
    pub(super) fn stays(self) -> bool {
        self.on.get_untracked()
    }

    /// Follows somebody, or nobody any more.
    fn set(self, agent: Option<UserId>) {
        storage::set_of_tab(KEPT, agent.as_ref().map(UserId::as_str));
        self.who.set(agent);
    }

    /// The supervisor stops coaching.
    pub(super) fn end(self) {
        if self.stays() {
            self.set(None);
        }
    }

    /// Where the page goes on, once its workitem is over.
    fn path(self) -> Option<String> {
        if !self.on.get() || !self.over.get() {
            return None;
        }
        let (agent, next) = (self.agent.get()?, self.next.get()?);
        Some(format!("/coaching/{agent}/{next}"))
    }
}

/// The button that follows the agent of the page.
#[component]
pub(super) fn FollowButton(following: Following) -> impl IntoView {
    let Following {
        view, agent, on, ..
    } = following;
    // The workitem may go to somebody else while its agent is followed.
    let name = Memo::new(move |before: Option<&Option<String>>| {
        let holder = view.workitem.with(|workitem| workitem.agent.clone());
        let holder = holder.filter(|holder| agent.with(|agent| Some(&holder.id) == agent.as_ref()));
        holder
            .map(|holder| holder.name)
            .or_else(|| before.cloned().flatten())
    });
    move || {
        let name = name.get()?;
        Some(
            view! {
                <button
                    type="button"
                    class="button button--quiet"
                    aria-pressed=move || on.get().to_string()
                    title=t!(coaching.follow_hint)
                    on:click=move |_| {
                        let followed = agent.get_untracked().filter(|_| !on.get_untracked());
                        following.set(followed);
                    }
                >
                    <Icon name="eye"/>
                    {t!(coaching.follow, name = name)}
                </button>
            }
            .into_any(),
        )
    }
}

/// What stands below a workitem that is over, while its agent is followed.
#[component]
pub(super) fn NextOne(following: Following) -> impl IntoView {
    move || {
        if !following.on.get() || !following.over.get() {
            return None;
        }
        Some(match following.path() {
            Some(path) => view! { <a href=path>{t!(coaching.follow_next)}</a> }.into_any(),
            None => view! { <span>{t!(coaching.follow_waits)}</span> }.into_any(),
        })
    }
}
