//! The command palette: one box that finds pages, workitems, people and actions by their words.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::fold::folded;
use shared::ids::UserId;
use shared::people::{Actor, Permission, PersonRef};
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::{Keyboard, first, press};
use crate::api::coaching::dashboard_load;
use crate::components::{Dialog, Icon};
use crate::live::notifications::follow_people;
use crate::page_links::pages;
use crate::state::SessionState;
use crate::theme::set_theme;

/// How many of what is found are shown.
const SHOWN: usize = 12;

/// What the palette can do.
#[derive(Clone, PartialEq)]
enum Act {
    Go(String),
    Talk(UserId),
    /// Presses the control of this letter.
    Press(&'static str),
    Theme(Option<&'static str>),
    Keys,
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

/// What can be done now: the workitems of an agent first, then pages, actions, agents of a supervisor, and everybody.
fn lines(session: SessionState, agents: &[PersonRef]) -> Vec<Line> {
    let mut lines = Vec::new();
    session.worklist.with(|list| {
        for workitem in list.iter().flat_map(|list| &list.workitems) {
            let label = [&workitem.customer, " · ", &workitem.subject[..]].concat();
            let to = Act::Go(["/workspace/", workitem.id.as_str()].concat());
            lines.push(Line::new(
                workitem.channel.code(),
                label,
                t!(keyboard.workitem),
                to,
            ));
        }
    });
    let me = session.me.get();
    for (href, icon, label) in pages(&me) {
        lines.push(Line::new(
            icon,
            label,
            t!(keyboard.page),
            Act::Go(href.to_owned()),
        ));
    }
    lines.extend(actions(&me));
    for agent in agents {
        let label = t!(workitems.title, name = &agent.name);
        let to = Act::Go(["/coaching/", agent.id.as_str()].concat());
        lines.push(Line::new("eye", label, t!(keyboard.agent), to));
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

/// What is not a page, a person or a workitem.
fn actions(me: &Actor) -> Vec<Line> {
    let action = |icon, label: &'static str, act| Line::new(icon, label, t!(keyboard.action), act);
    let mut actions = vec![
        action("directory", t!(directory.title), Act::Press("d")),
        action("keyboard", t!(keyboard.title), Act::Keys),
        action("sun", t!(user_menu.theme_light), Act::Theme(Some("light"))),
        action("moon", t!(user_menu.theme_dark), Act::Theme(Some("dark"))),
        action("monitor", t!(user_menu.theme_system), Act::Theme(None)),
    ];
    if me.holds(Permission::WorkitemHandle) {
        actions.push(action("dialpad", t!(dialpad.title), Act::Press("p")));
    }
    // Without a template nobody can ask, and the button is not in the page.
    if first("[data-letter=a]").is_some() {
        actions.push(action("hand", t!(assistance.title), Act::Press("a")));
    }
    actions
}

/// Does it, once the palette has gone.
fn perform(keyboard: Keyboard, act: Act) {
    let session = keyboard.session;
    match act {
        Act::Go(path) => keyboard.navigation.go(&path),
        Act::Talk(user) => session.directory.set(Some(Some(user))),
        // The control lies behind the palette until the end of this task.
        Act::Press(letter) => {
            let pressed = move || {
                press(letter);
            };
            set_timeout(pressed, Duration::ZERO);
        }
        Act::Theme(theme) => set_theme(theme),
        Act::Keys => keyboard.show_sheet(),
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
        let all = Memo::new(move |_| agents.with(|agents| lines(session, agents)));
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
