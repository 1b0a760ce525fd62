//! The people of the Company Directory: search, presence, unread messages. Who has written comes first.
//!
//! It only lists; opening somebody is the panel's business.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use shared::directory::Unread;
use shared::fold::folded;
use shared::ids::UserId;
use shared::people::{Person, PersonRef};
use shared::text::listed;

use crate::components::focus::focus_in;
use crate::components::{Avatar, Icon, PresenceDot};
use crate::language::label;
use crate::order::by_text;
use crate::outbox::{Destination, use_unsent, use_unsent_colleagues};
use crate::state::use_session;

/// Who is listed. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Listing {
    /// Everybody but the user: nobody writes to themselves.
    known: Memo<Vec<Person>>,
    /// Those who were deactivated and are listed all the same.
    former: Memo<Vec<PersonRef>>,
    /// All of them, in order.
    listed: Memo<Vec<UserId>>,
}

/// Who is listed for what is searched for.
fn use_listing(search: RwSignal<String>) -> Listing {
    let session = use_session();
    let me = session.me.with_untracked(|me| me.id.clone());
    let known = Memo::new(move |_| {
        session.people.with(|people| {
            people
                .iter()
                .filter(|person| person.id != me)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let unsent = use_unsent_colleagues();
    // Whose conversation waits for the user: something in it is unread, not sent or not finished.
    let waiting = Memo::new(move |_| {
        let unread = session.unread.get();
        let unread = unread.into_iter().filter(|unread| unread.count > 0);
        let mut waiting: Vec<UserId> = unread.map(|unread| unread.from).collect();
        waiting.extend(unsent.get().into_iter().map(|(user, _)| user));
        waiting
    });
    // Deactivated users are listed while their conversation waits, and found by name.
    let former = Memo::new(move |_| {
        let (needle, waiting) = (search.get(), waiting.get());
        let needle = folded(&needle);
        session.former.with(|former| {
            let asked = |person: &&PersonRef| {
                session.is_former(&person.id)
                    && (waiting.contains(&person.id)
                        || (!needle.is_empty() && folded(&person.name).contains(&needle)))
            };
            former.iter().filter(asked).cloned().collect::<Vec<_>>()
        })
    });
    let listed = Memo::new(move |_| {
        let (needle, waiting) = (search.get(), waiting.get());
        let mut listed = former.with(|former| {
            let ids = former.iter().map(|person| person.id.clone());
            ids.collect::<Vec<_>>()
        });
        let ordered =
            |recent: &Vec<UserId>| known.with(|known| order(known, &needle, &waiting, recent));
        listed.extend(session.recent.with(ordered));
        listed
    });
    Listing {
        known,
        former,
        listed,
    }
}

/// Once the list appears the focus goes to somebody in it, or into the search box.
fn use_focus_on_open(
    last: RwSignal<Option<UserId>>,
    list: NodeRef<html::Ul>,
    field: NodeRef<html::Input>,
) {
    Effect::new(move |_| {
        let row = last.get_untracked();
        request_animation_frame(move || {
            let selector = row.map(|user| format!("[data-person=\"{user}\"]"));
            let found = selector.is_some_and(|selector| {
                list.try_get_untracked()
                    .flatten()
                    .is_some_and(|list| focus_in(&list, &selector))
            });
            // The list may have gone again before this frame.
            if !found && let Some(field) = field.try_get_untracked().flatten() {
                let _ = field.focus();
            }
        });
    });
}

/// Search box and list. `search` outlives the component, so that coming back finds the same list.
#[component]
pub fn People(
    /// What is searched for.
    search: RwSignal<String>,
    /// The person who was opened last: gets the focus on coming back.
    last: RwSignal<Option<UserId>>,
    /// Opens the conversation with somebody.
    on_open: Callback<UserId>,
    /// Why the list could not be loaded, and how to try again.
    failed: Signal<Option<String>>,
    /// Loads the list again.
    on_retry: Callback<()>,
) -> impl IntoView {
    let listing = use_listing(search);
    let Listing {
        known,
        former,
        listed,
    } = listing;
    let list = NodeRef::<html::Ul>::new();
    let field = NodeRef::<html::Input>::new();
    use_focus_on_open(last, list, field);
    let from_field = move |event: KeyboardEvent| {
        if event.key() == "ArrowDown"
            && let Some(list) = list.get_untracked()
            && focus_in(&list, "button")
        {
            event.prevent_default();
        }
    };
    let in_list = move |event: KeyboardEvent| {
        if event.key() == "ArrowUp" && at_first(&event) {
            event.prevent_default();
            if let Some(field) = field.get_untracked() {
                let _ = field.focus();
            }
        } else {
            move_in_list(&event);
        }
    };
    let found = move || {
        let count = listed.with(Vec::len);
        (!search.with(String::is_empty)).then(|| match count {
            0 => t!(directory.nobody_found).to_owned(),
            count => t!(directory.found, count = count),
        })
    };
    view! {
        <div class="directory__search">
            <Icon name="search" />
            <input
                class="input"
                dir="auto"
                type="search"
                aria-label=t!(directory.search)
                placeholder=t!(directory.search_hint)
                autocomplete="off"
                spellcheck="false"
                node_ref=field
                prop:value=move || search.get()
                on:input=move |event| search.set(event_target_value(&event))
                on:keydown=from_field
            />
        </div>
        <p class="visually-hidden" role="status">{found}</p>
        <ul class="directory__people" role="list" aria-label=t!(directory.people) node_ref=list on:keydown=in_list>
            <For each=move || listed.get() key=UserId::clone let:user>
                <Row user known former on_open />
            </For>
        </ul>
        <Instead listing failed on_retry />
    }
}

/// What stands in place of the list: why there is none, that it is on its way, that nobody was found.
#[component]
fn Instead(
    listing: Listing,
    failed: Signal<Option<String>>,
    on_retry: Callback<()>,
) -> impl IntoView {
    move || {
        let nobody_known = listing.known.with(Vec::is_empty);
        match (
            failed.get(),
            nobody_known,
            listing.listed.with(Vec::is_empty),
        ) {
            (Some(reason), true, _) => view! {
                <div class="notice notice--error" role="alert">
                    <span>{reason}</span>
                    <button class="button" type="button" on:click=move |_| on_retry.run(())>{t!(common.retry)}</button>
                </div>
            }
            .into_any(),
            (None, true, _) => view! {
                <div class="directory__loading" aria-busy="true">
                    <p class="visually-hidden">{t!(directory.loading_people)}</p>
                    <div class="skeleton"></div>
                    <div class="skeleton"></div>
                    <div class="skeleton"></div>
                </div>
            }
            .into_any(),
            (_, false, true) => view! {
                <div class="empty">
                    <Icon name="search" />
                    <p class="empty__title">{t!(directory.nobody_found)}</p>
                    <p class="empty__line">{t!(directory.nobody_found_line)}</p>
                </div>
            }
            .into_any(),
            _ => ().into_any(),
        }
    }
}

#[component]
fn Row(
    user: UserId,
    known: Memo<Vec<Person>>,
    former: Memo<Vec<PersonRef>>,
    on_open: Callback<UserId>,
) -> impl IntoView {
    let of_former = user.clone();
    let gone = Memo::new(move |_| {
        former.with(|former| {
            let mut former = former.iter();
            former.find(|person| person.id == of_former).cloned()
        })
    });
    let (of_person, of_unread, opened) = (user.clone(), user.clone(), user.clone());
    let person = Memo::new(move |_| {
        known.with(|known| known.iter().find(|person| person.id == of_person).cloned())
    });
    let unread = use_session().unread;
    let count = Memo::new(move |_| unread.with(|unread| unread_of(unread, &of_unread)));
    let unsent = use_unsent(Destination::Colleague(user.clone()));
    view! {
        <li class="directory__person">
            <button
                class="directory__open"
                type="button"
                data-person=user.to_string()
                on:click=move |_| on_open.run(opened.clone())
            >
                {move || person.get().map(|person| view! {
                    <Avatar name=person.name.clone() />
                    <span class="directory__who">
                        <span class="directory__name" dir="auto">{person.name.clone()}</span>
                        " "
                        <span class="directory__line">{line(&person)}</span>
                    </span>
                    " "
                    <PresenceDot presence=person.presence />
                }.into_any())}
                {move || gone.get().map(|person| view! {
                    <Avatar name=person.name.clone() />
                    <span class="directory__who">
                        <span class="directory__name" dir="auto">{person.name}</span>
                        " "
                        <span class="directory__line">{t!(common.deactivated)}</span>
                    </span>
                }.into_any())}
                {move || (count.get() > 0).then(|| view! {
                    " "
                    <span class="badge badge--count">{t!(directory.unread, count = count.get())}</span>
                }.into_any())}
                {move || unsent.get().map(|mark| view! {
                    " "
                    <span class="badge badge--warn">{label(mark)}</span>
                }.into_any())}
            </button>
        </li>
    }
}

/// Roles and teams in one line.
fn line(person: &Person) -> String {
    let roles = person
        .roles
        .iter()
        .map(|role| label(*role))
        .collect::<Vec<_>>()
        .join(", ");
    if person.teams.is_empty() {
        roles
    } else {
        format!(
            "{roles} · {}",
            listed(person.teams.iter().map(String::as_str))
        )
    }
}

/// Who is listed, in order: who waits first, then who was talked with last, then by name. Every word of the search must be
/// found in name, team or role.
fn order(people: &[Person], search: &str, waiting: &[UserId], recent: &[UserId]) -> Vec<UserId> {
    let search = folded(search);
    let words: Vec<&str> = search.split(' ').collect();
    let found = people.iter().filter(|person| {
        let text = folded(&format!("{} {}", person.name, line(person)));
        words.iter().all(|word| text.contains(word))
    });
    let mut sorted = by_text(found.collect(), |person: &&Person| person.name.clone());
    // People who are equal here stay in the order of their names.
    sorted.sort_by_key(|person| {
        let talked = recent.iter().position(|known| known == &person.id);
        match talked {
            _ if waiting.contains(&person.id) => (0, 0),
            Some(place) => (1, place),
            None => (2, 0),
        }
    });
    sorted.into_iter().map(|person| person.id.clone()).collect()
}

/// How many messages of somebody are unread.
fn unread_of(unread: &[Unread], from: &UserId) -> i64 {
    let unread = unread.iter().find(|unread| &unread.from == from);
    unread.map_or(0, |unread| unread.count)
}

fn row_of(event: &KeyboardEvent) -> Option<leptos::web_sys::Element> {
    let target = event
        .target()?
        .dyn_into::<leptos::web_sys::Element>()
        .ok()?;
    target.closest("li").ok().flatten()
}

fn at_first(event: &KeyboardEvent) -> bool {
    row_of(event).is_some_and(|row| row.previous_element_sibling().is_none())
}

/// Arrows, Home and End move the focus in the list; Tab leaves it as usual.
fn move_in_list(event: &KeyboardEvent) {
    let Some(row) = row_of(event) else { return };
    let to = match event.key().as_str() {
        "ArrowDown" => row.next_element_sibling(),
        "ArrowUp" => row.previous_element_sibling(),
        "Home" => row
            .parent_element()
            .and_then(|list| list.first_element_child()),
        "End" => row
            .parent_element()
            .and_then(|list| list.last_element_child()),
        _ => return,
    };
    event.prevent_default();
    if let Some(to) = to {
        focus_in(&to, "button");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::people::{Presence, Role};

    fn person(id: &str, name: &str, role: Role, team: &str) -> Person {
        Person {
            id: UserId::parse(id).unwrap(),
            name: name.to_owned(),
            roles: vec![role],
            teams: vec![team.to_owned()],
            presence: Presence::Available,
        }
    }

    fn people() -> Vec<Person> {
        vec![
            person("sue", "Sue Silva", Role::Supervisor, "Care"),
            person("amy", "Amy Adler", Role::Agent, "Care"),
            person("cleo", "Cleo Costa", Role::Agent, "Sales"),
        ]
    }

    fn found(search: &str, waiting: &[&str]) -> Vec<String> {
        listed(search, waiting, &[])
    }

    fn listed(search: &str, waiting: &[&str], recent: &[&str]) -> Vec<String> {
        let ids = |ids: &[&str]| -> Vec<UserId> {
            ids.iter().map(|id| UserId::parse(*id).unwrap()).collect()
        };
        order(&people(), search, &ids(waiting), &ids(recent))
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn who_has_written_comes_first_then_by_name() {
        assert_eq!(found("", &[]), ["amy", "cleo", "sue"]);
        assert_eq!(found("", &["sue"]), ["sue", "amy", "cleo"]);
    }

    #[test]
    fn u31_who_was_talked_with_last_comes_before_the_others() {
        assert_eq!(listed("", &[], &["sue", "cleo"]), ["sue", "cleo", "amy"]);
        assert_eq!(listed("", &["amy"], &["sue"]), ["amy", "sue", "cleo"]);
    }

    #[test]
    fn every_word_is_found_in_name_team_or_role() {
        assert_eq!(found("care", &[]), ["amy", "sue"]);
        assert_eq!(found("CARE agent", &[]), ["amy"]);
        assert_eq!(found("cos", &[]), ["cleo"]);
        assert_eq!(found(" ämY\u{200B} ", &[]), ["amy"]);
        assert!(found("nobody", &[]).is_empty());
    }
}
