//! The command palette: one box that finds pages, workitems, people and actions by their words.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::fold::folded;
use shared::history::HistoryQuery;
use shared::ids::UserId;
use shared::people::{Permission, PersonRef, Presence};
use shared::workitem::Workitem;
use wasm_bindgen::JsCast;
use web_sys::{
    Event, HtmlElement, HtmlSelectElement, ScrollIntoViewOptions, ScrollLogicalPosition,
};

use super::{Keyboard, every, first};
use crate::api::coaching::dashboard_load;
use crate::api::history::history_search;
use crate::components::earlier::place_of;
use crate::components::print::print_page;
use crate::components::{Dialog, Icon};
use crate::language::label;
use crate::live::notifications::follow_people;
use crate::page_links::{pages, plain_pages};
use crate::state::SessionState;
use crate::theme::set_theme;

/// How many of what is found are shown.
const SHOWN: usize = 12;
/// How long nothing is typed before the host is asked.
const PAUSE: Duration = Duration::from_millis(250);
/// How many characters of a customer's name or a subject the host is asked for.
const ASKED: std::ops::RangeInclusive<usize> = 2..=80;
/// The controls of a page by which something is done, folded ones too. The page has those that its user may press.
const CONTROLS: &str = ":is([data-letter], .page__head button, .workitem-head__actions > button, .coaching__acts > .button, \
    .beside__open, #review-flag, .requests__acts:not([hidden]) button, .pop-up__claim:not([hidden]) button, .transcript__print, \
    a[href*='/export'], a[href*='/transcript.']):not([hidden], :disabled)";

/// What the palette can do.
#[derive(Clone, PartialEq)]
enum Act {
    Go(String),
    /// Leaves the app for a page of the host.
    Leave(&'static str),
    Talk(UserId),
    /// Presses the control of this name.
    Press(String),
    Presence(Presence),
    Theme(Option<&'static str>),
    Keys,
    Print,
    SignOut,
}

/// One line of the palette.
#[derive(Clone, PartialEq)]
struct Line {
    icon: &'static str,
    label: String,
    /// What kind of thing it is, in a word.
    kind: &'static str,
    act: Act,
}

impl Line {
    fn new(icon: &'static str, label: impl Into<String>, kind: &'static str, act: Act) -> Self {
        Self {
            icon,
            label: label.into(),
            kind,
            act,
        }
    }

    /// Whether every word stands in it, whatever their case and accents.
    fn has(&self, words: &[&str]) -> bool {
        let text = folded(&[&self.label, " ", self.kind].concat());
        words.iter().all(|word| text.contains(word))
    }
}

/// A workitem, which opens where this user reads it.
fn workitem_line(workitem: &Workitem, me: &UserId) -> Line {
    let label = [&workitem.customer, " · ", &workitem.subject[..]].concat();
    let to = Act::Go(place_of(workitem, me, None));
    Line::new(workitem.channel.code(), label, t!(keyboard.workitem), to)
}

/// What can be done now: the workitems of an agent first, then what the page offers, pages, actions, agents of a supervisor,
/// the workitems that were found, and everybody.
fn lines(session: SessionState, agents: &[PersonRef], workitems: &[Line]) -> Vec<Line> {
    let mut lines = Vec::new();
    let me = session.me.get();
    session.worklist.with(|list| {
        let own = list.iter().flat_map(|list| &list.workitems);
        lines.extend(own.map(|workitem| workitem_line(workitem, &me.id)));
    });
    for (name, _) in controls() {
        if lines.iter().all(|line| line.label != name) {
            let press = Act::Press(name.clone());
            lines.push(Line::new("forward", name, t!(keyboard.action), press));
        }
    }
    let page = |icon, label: &'static str, act| Line::new(icon, label, t!(keyboard.page), act);
    for (href, icon, label) in pages(&me) {
        lines.push(page(icon, label, Act::Go(href.to_owned())));
    }
    for (href, icon, label) in plain_pages(&me) {
        lines.push(page(icon, label, Act::Leave(href)));
    }
    lines.extend(actions());
    for agent in agents {
        let label = t!(workitems.title, name = &agent.name);
        let to = Act::Go(["/coaching/", agent.id.as_str()].concat());
        lines.push(Line::new("eye", label, t!(keyboard.agent), to));
    }
    for found in workitems {
        // The agent's own stand above.
        if lines.iter().all(|line| line.act != found.act) {
            lines.push(found.clone());
        }
    }
    session.people.with(|people| {
        for person in people.iter().filter(|person| person.id != me.id) {
            let talk = Act::Talk(person.id.clone());
            lines.push(Line::new(
                "directory",
                &*person.name,
                t!(keyboard.person),
                talk,
            ));
        }
    });
    lines
}

/// What can be done on every page.
fn actions() -> Vec<Line> {
    let action = |icon, label: &'static str, act| Line::new(icon, label, t!(keyboard.action), act);
    let mut actions = vec![
        action("keyboard", t!(keyboard.title), Act::Keys),
        action("sun", t!(user_menu.theme_light), Act::Theme(Some("light"))),
        action("moon", t!(user_menu.theme_dark), Act::Theme(Some("dark"))),
        action("monitor", t!(user_menu.theme_system), Act::Theme(None)),
        action("file", t!(keyboard.print), Act::Print),
        action("logout", t!(user_menu.sign_out), Act::SignOut),
    ];
    for presence in Presence::ALL {
        let act = Act::Presence(presence);
        actions.push(Line::new("user", label(presence), t!(frame.presence), act));
    }
    actions
}

/// The controls of the page, by the names that their user knows them by.
fn controls() -> impl Iterator<Item = (String, HtmlElement)> {
    every(CONTROLS).into_iter().map(|control| {
        let name = control.get_attribute("aria-label");
        let name = name.or_else(|| control.text_content());
        (name.unwrap_or_default().trim().to_owned(), control)
    })
}

/// Does it, once the palette has gone.
fn perform(keyboard: Keyboard, act: Act) {
    let session = keyboard.session;
    match act {
        Act::Go(path) => keyboard.navigation.go(&path),
        Act::Leave(path) => keyboard.navigation.leave(path),
        Act::Talk(user) => session.directory.set(Some(Some(user))),
        // The control lies behind the palette until the end of this task.
        Act::Press(name) => {
            let pressed = move || {
                if let Some((_, control)) = controls().find(|(known, _)| *known == name) {
                    control.click();
                }
            };
            set_timeout(pressed, Duration::ZERO);
        }
        Act::Presence(presence) => choose(presence),
        Act::Theme(theme) => set_theme(theme),
        Act::Keys => keyboard.show_sheet(),
        Act::Print => print_page(),
        Act::SignOut => {
            if let Some(ask) = keyboard.sign_out.get_value() {
                ask.run(());
            }
        }
    }
}

/// Chooses a presence as the user would in the header.
fn choose(presence: Presence) {
    let select = first(".header__presence select");
    let select = select.and_then(|select| select.dyn_into::<HtmlSelectElement>().ok());
    if let (Some(select), Ok(change)) = (select, Event::new("change")) {
        select.set_value(presence.code());
        // Fails only for an event that is being dispatched.
        let _ = select.dispatch_event(&change);
    }
}

/// What is found, and which line of it the arrow keys have reached. Copies are handles to the same thing.
#[derive(Clone, Copy)]
struct Found {
    search: RwSignal<String>,
    lines: Memo<Vec<Line>>,
    at: RwSignal<usize>,
}

impl Found {
    fn new(session: SessionState) -> Self {
        follow_people(session);
        let agents = use_agents(session);
        let search = RwSignal::new(String::new());
        let workitems = use_workitems(session, search);
        let all = Memo::new(move |_| {
            agents.with(|agents| workitems.with(|workitems| lines(session, agents, workitems)))
        });
        let lines = Memo::new(move |_| {
            let search = folded(&search.get());
            let words: Vec<&str> = search.split_whitespace().collect();
            all.with(|all| {
                let found = all.iter().filter(|line| line.has(&words));
                found.take(SHOWN).cloned().collect::<Vec<_>>()
            })
        });
        Self {
            search,
            lines,
            at: RwSignal::new(0),
        }
    }

    /// The line that Enter takes: the last one when the list has become shorter. Tracked.
    fn chosen(self) -> usize {
        let last = self.lines.with(Vec::len).saturating_sub(1);
        self.at.get().min(last)
    }

    /// Puts a line in reach of Enter, and in sight.
    fn choose(self, at: usize) {
        self.at.set(at);
        if let Some(line) = first(&format!("#palette-{at}")) {
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            line.scroll_into_view_with_scroll_into_view_options(&options);
        }
    }

    /// What the line at this place does.
    fn act(self, at: usize) -> Option<Act> {
        self.lines
            .with_untracked(|lines| lines.get(at).map(|line| line.act.clone()))
    }

    fn key_pressed(self, event: &KeyboardEvent, take: Callback<usize>) {
        let (at, count) = (
            untrack(|| self.chosen()),
            self.lines.with_untracked(Vec::len),
        );
        match event.key().as_str() {
            "ArrowDown" => self.choose((at + 1) % count.max(1)),
            "ArrowUp" => self.choose((at + count.max(1) - 1) % count.max(1)),
            "Enter" => take.run(at),
            _ => return,
        }
        event.prevent_default();
    }
}

/// The agents under the user's authority, once they are loaded. Without them the palette still finds everything else.
fn use_agents(session: SessionState) -> RwSignal<Vec<PersonRef>> {
    let agents = RwSignal::new(Vec::new());
    if session.holds(Permission::WorkitemView) {
        spawn_local(async move {
            if let Ok(dashboard) = dashboard_load().await {
                let found = dashboard.agents.into_iter().map(|row| PersonRef {
                    id: row.id,
                    name: row.name,
                });
                agents.try_set(found.collect());
            }
        });
    }
    agents
}

/// Workitems that the user may read and that are about the first word of the search, by customer or subject, as the history
/// finds them.
fn use_workitems(session: SessionState, search: RwSignal<String>) -> RwSignal<Vec<Line>> {
    let found = RwSignal::new(Vec::new());
    let reads =
        session.holds(Permission::WorkitemHandle) || session.holds(Permission::WorkitemMonitor);
    let word = Memo::new(move |_| {
        search.with(|search| {
            search
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned()
        })
    });
    Effect::new(move || {
        let asked = word.get();
        if !reads || !ASKED.contains(&asked.chars().count()) {
            return;
        }
        let ask = move || {
            // Somebody has typed on, or closed the palette.
            if word.try_get_untracked().as_ref() != Some(&asked) {
                return;
            }
            spawn_local(async move {
                let query = HistoryQuery {
                    about: asked.clone(),
                    ..HistoryQuery::default()
                };
                let answer = history_search(query).await;
                if let Ok(page) = answer
                    && word.try_get_untracked() == Some(asked)
                {
                    let me = session.me.with_untracked(|me| me.id.clone());
                    let lines = page
                        .hits
                        .iter()
                        .map(|hit| workitem_line(&hit.workitem, &me));
                    found.set(lines.collect());
                }
            });
        };
        set_timeout(ask, PAUSE);
    });
    found
}

/// The box and what it finds.
#[component]
pub(super) fn Palette(keyboard: Keyboard, close: Callback<()>) -> impl IntoView {
    let found = Found::new(keyboard.session);
    let take = Callback::new(move |at| {
        if let Some(act) = found.act(at) {
            close.run(());
            perform(keyboard, act);
        }
    });
    let count = move || match found.lines.with(Vec::len) {
        0 => t!(keyboard.nothing).to_owned(),
        count => t!(keyboard.found, count = count),
    };
    view! {
        <Dialog title=t!(keyboard.palette).to_owned() on_close=close class="palette">
            <div class="dialog__body">
                <input
                    class="input"
                    type="text"
                    dir="auto"
                    role="combobox"
                    aria-label=t!(keyboard.search)
                    aria-expanded="true"
                    aria-controls="palette-found"
                    aria-autocomplete="list"
                    aria-activedescendant=move || {
                        let some = !found.lines.with(Vec::is_empty);
                        some.then(|| format!("palette-{}", found.chosen()))
                    }
                    placeholder=t!(keyboard.search)
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="100"
                    autofocus
                    prop:value=move || found.search.get()
                    on:input=move |event| {
                        found.search.set(event_target_value(&event));
                        found.at.set(0);
                    }
                    on:keydown=move |event| found.key_pressed(&event, take)
                />
                <p class="palette__count" role="status">{count}</p>
                <ul class="palette__found" id="palette-found" role="listbox" aria-label=t!(keyboard.palette)>
                    {move || options(found, take)}
                </ul>
            </div>
        </Dialog>
    }
}

fn options(found: Found, take: Callback<usize>) -> Vec<AnyView> {
    let lines = found.lines.get().into_iter().enumerate();
    let option = |(at, line): (usize, Line)| {
        view! {
            <li
                class="palette__line"
                id=format!("palette-{at}")
                role="option"
                aria-selected=move || (found.chosen() == at).to_string()
                on:click=move |_| take.run(at)
            >
                <Icon name=line.icon />
                <span class="palette__label" dir="auto">{line.label}</span>
                <span class="palette__kind">{line.kind}</span>
            </li>
        }
        .into_any()
    };
    lines.map(option).collect()
}
