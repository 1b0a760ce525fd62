//! Saved texts in a box: a `/` at its beginning, or a button, lists them; what is typed behind the `/` narrows the list down.
//! A text that is chosen stands in the box to be looked at, with its placeholders filled in. Nothing is sent. A box for coaching also
//! offers what helped before in conversations like its own.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::fold::folded;
use shared::helped::HelpedBefore;
use shared::lenient::List;
use shared::saved_texts::{Placeholders, SavedFor, SavedText, filled};
use shared::text::one_line;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

use super::Icon;
use super::dismissal::use_dismissal;
use crate::api::ApiError;
use crate::api::coaching::coaching_helped;
use crate::api::saved_texts::saved_text_list;
use crate::live::ConversationView;
use crate::state::use_session;

/// How many of what is found are shown.
const SHOWN: usize = 30;

/// Which texts a box offers.
#[derive(Clone, Copy)]
pub struct SavedTexts {
    /// Whom the box writes to.
    pub written_for: SavedFor,
    /// The conversation that it belongs to.
    pub view: ConversationView,
}

/// A text of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offered {
    /// What it is called, or where it comes from.
    title: String,
    /// The team that shares it, or why it is offered.
    mark: Option<String>,
    text: String,
    /// Whether it has placeholders.
    written_to_keep: bool,
}

impl From<SavedText> for Offered {
    fn from(saved: SavedText) -> Self {
        Self {
            title: saved.title,
            mark: saved.team.map(|team| team.name),
            text: saved.text,
            written_to_keep: true,
        }
    }
}

impl From<HelpedBefore> for Offered {
    fn from(helped: HelpedBefore) -> Self {
        let mark = match helped.forwarded {
            true => t!(texts.helped_forwarded),
            false => t!(texts.helped_liked),
        };
        Self {
            title: t!(
                texts.helped_from,
                name = helped.by,
                subject = helped.subject
            ),
            mark: Some(mark.to_owned()),
            text: helped.text,
            written_to_keep: false,
        }
    }
}

/// The list of a box. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Picker {
    texts: SavedTexts,
    /// What `{agent}` stands for.
    agent: Memo<String>,
    /// What stands in the box.
    text: RwSignal<String>,
    node: NodeRef<html::Textarea>,
    /// The button opened it.
    asked: RwSignal<bool>,
    /// Escape closed it, or a text that begins with `/` was inserted; until another one begins.
    dismissed: RwSignal<bool>,
    loaded: RwSignal<Option<Result<Vec<Offered>, ApiError>>>,
    found: Memo<Vec<Offered>>,
    at: RwSignal<usize>,
    open: Memo<bool>,
}

impl Picker {
    pub(super) fn new(
        texts: SavedTexts,
        text: RwSignal<String>,
        node: NodeRef<html::Textarea>,
    ) -> Self {
        let me = use_session().me;
        let agent = Memo::new(move |_| match texts.written_for {
            // The customer reads the name of the author.
            SavedFor::Customer => me.with(|me| me.name.clone()),
            SavedFor::Coaching => texts.view.workitem.with(|workitem| {
                let agent = workitem.agent.as_ref();
                agent.map_or_else(String::new, |agent| agent.name.clone())
            }),
        });
        let (asked, dismissed) = (RwSignal::new(false), RwSignal::new(false));
        let loaded = RwSignal::new(None::<Result<Vec<Offered>, ApiError>>);
        let search = Memo::new(move |_| text.with(|text| text.strip_prefix('/').map(folded)));
        let open = Memo::new(move |_| {
            let typed = search.with(Option::is_some) && !dismissed.get();
            asked.get() || typed
        });
        let found = Memo::new(move |_| {
            let search = search.get().unwrap_or_default();
            let words: Vec<&str> = search.split_whitespace().collect();
            loaded.with(|loaded| {
                let texts = loaded.iter().flatten().flatten();
                let matches = texts.filter(|text| {
                    let whole = folded(&[&text.title, " ", &text.text].concat());
                    words.iter().all(|word| whole.contains(word))
                });
                matches.take(SHOWN).cloned().collect::<Vec<_>>()
            })
        });
        Effect::new(move || {
            if text.with(|text| !text.starts_with('/') || text == "/") {
                dismissed.set(false);
            }
        });
        Effect::new(move || {
            if open.get() {
                spawn_local(async move {
                    loaded.try_set(Some(offered(texts).await));
                });
            }
        });
        // Not while something is searched for: closed, the next Enter would send it.
        let away = Callback::new(move |()| asked.set(false));
        use_dismissal(".composer:has(.saved-texts)", asked.into(), away);
        Self {
            texts,
            agent,
            text,
            node,
            asked,
            dismissed,
            loaded,
            found,
            at: RwSignal::new(0),
            open,
        }
    }

    /// The text in the box is another one.
    pub(super) fn typed(self) {
        self.asked.set(false);
        self.at.set(0);
    }

    /// Takes a key that is for the list. Enter is never the box's while the list is open: what somebody searched for must not be
    /// sent, neither while the list is loaded nor when it has no such text.
    pub(super) fn takes(self, event: &KeyboardEvent) -> bool {
        let count = self.found.with_untracked(Vec::len);
        if !self.open.get_untracked() || event.is_composing() {
            return false;
        }
        let at = untrack(|| self.chosen());
        match event.key().as_str() {
            "Escape" => self.close(),
            "ArrowDown" if count > 0 => self.at.set((at + 1) % count),
            "ArrowUp" if count > 0 => self.at.set((at + count - 1) % count),
            "Enter" | "Tab" if count > 0 && !event.shift_key() => self.insert(at),
            "Enter" if !event.shift_key() => {}
            _ => return false,
        }
        event.prevent_default();
        // Escape closes this list, and not what lies around the box.
        event.stop_propagation();
        true
    }

    /// The id of the list while it is open. Tracked.
    pub(super) fn list(self, list: &str) -> Option<String> {
        self.open.get().then(|| list.to_owned())
    }

    /// The id of the line that Enter takes. Tracked.
    pub(super) fn active(self, list: &str) -> Option<String> {
        let some = self.open.get() && !self.found.with(Vec::is_empty);
        some.then(|| format!("{list}-{}", self.chosen()))
    }

    /// Opens the list or closes it.
    fn toggle(self) {
        match self.open.get_untracked() {
            true => self.close(),
            false => self.asked.set(true),
        }
        self.focus();
    }

    fn close(self) {
        self.asked.set(false);
        self.dismissed.set(true);
    }

    /// The line that Enter takes: the last one when the list has become shorter. Tracked.
    fn chosen(self) -> usize {
        let last = self.found.with(Vec::len).saturating_sub(1);
        self.at.get().min(last)
    }

    /// A text as it will stand in the box.
    fn filled(self, offered: &Offered) -> String {
        if !offered.written_to_keep {
            return offered.text.clone();
        }
        let agent = self.agent.get_untracked();
        self.texts.view.workitem.with_untracked(|workitem| {
            let placeholders = Placeholders {
                agent: &agent,
                customer: &workitem.customer,
                subject: &workitem.subject,
            };
            filled(&offered.text, placeholders)
        })
    }

    /// Puts a text into the box: in place of what was searched for, or behind what stands there.
    fn insert(self, at: usize) {
        let chosen = self.found.with_untracked(|found| found.get(at).cloned());
        let Some(chosen) = chosen else { return };
        let filled = self.filled(&chosen);
        self.text.update(|text| {
            if text.starts_with('/') {
                text.clear();
            } else if !text.is_empty() && !text.ends_with(char::is_whitespace) {
                text.push(' ');
            }
            text.push_str(&filled);
        });
        self.typed();
        self.dismissed
            .set(self.text.with_untracked(|text| text.starts_with('/')));
        self.focus();
    }

    fn focus(self) {
        if let Some(node) = self.node.get_untracked() {
            let _ = node.focus();
        }
    }

    fn said(self) -> String {
        let count = self.found.with(Vec::len);
        self.loaded.with(|loaded| match loaded {
            None => t!(texts.loading).to_owned(),
            Some(Err(_)) => t!(texts.failed).to_owned(),
            Some(Ok(texts)) if texts.is_empty() => t!(texts.empty).to_owned(),
            Some(Ok(_)) if count == 0 => t!(texts.no_match).to_owned(),
            Some(Ok(_)) => t!(texts.found, count = count),
        })
    }
}

/// What a box offers: saved texts, and behind them what helped before. Without the latter the former will do.
async fn offered(texts: SavedTexts) -> Result<Vec<Offered>, ApiError> {
    let saved = saved_text_list(texts.written_for).await?;
    let mut offered: Vec<_> = saved.into_iter().map(Offered::from).collect();
    if texts.written_for == SavedFor::Coaching
        && let Some(workitem) = texts
            .view
            .workitem
            .try_with_untracked(|workitem| workitem.id.clone())
        && let Ok(List(helped)) = coaching_helped(workitem).await
    {
        offered.extend(helped.into_iter().map(Offered::from));
    }
    Ok(offered)
}

/// The list, above the box. `list` is the id of what can be chosen.
#[component]
pub fn SavedTextList(picker: Picker, list: String) -> impl IntoView {
    let inside = move || {
        let (list, of) = (list.clone(), list.clone());
        view! {
            <div class="saved-texts">
                <ul class="saved-texts__found" id=list role="listbox" aria-label=t!(texts.title)>
                    {move || options(picker, &of)}
                </ul>
                <p class="saved-texts__foot">
                    <span role="status">{move || picker.said()}</span>
                    <a href="/texts" target="_blank" rel="external noopener">{t!(texts.manage)}</a>
                </p>
            </div>
        }
    };
    move || picker.open.get().then(|| inside().into_any())
}

fn options(picker: Picker, list: &str) -> Vec<AnyView> {
    let texts = picker.found.get().into_iter().enumerate();
    let option = |(at, text): (usize, Offered)| {
        let beginning = one_line(&picker.filled(&text));
        let selected = Memo::new(move |_| picker.chosen() == at);
        let line = NodeRef::<html::Li>::new();
        Effect::new(move || {
            if let Some(line) = line.get().filter(|_| selected.get()) {
                let nearest = ScrollIntoViewOptions::new();
                nearest.set_block(ScrollLogicalPosition::Nearest);
                line.scroll_into_view_with_scroll_into_view_options(&nearest);
            }
        });
        view! {
            <li
                class="saved-texts__line"
                node_ref=line
                id=format!("{list}-{at}")
                role="option"
                aria-selected=move || selected.get().to_string()
                // The box keeps the focus.
                on:pointerdown=move |event| event.prevent_default()
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| picker.insert(at)
            >
                <span class="saved-texts__title" dir="auto">{text.title}</span>
                {text.mark.map(|mark| view! { <span class="badge" dir="auto">{mark}</span> }.into_any())}
                <span class="saved-texts__text" dir="auto">{beginning}</span>
            </li>
        }
        .into_any()
    };
    texts.map(option).collect()
}

/// What opens the list for those who do not type a `/`.
#[component]
pub fn SavedTextButton(picker: Picker, shut: Memo<bool>) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button button--quiet button--icon"
            aria-label=t!(texts.insert)
            title=t!(texts.insert)
            aria-expanded=move || picker.open.get().to_string()
            disabled=move || shut.get()
            on:click=move |_| picker.toggle()
        >
            <Icon name="template" />
        </button>
    }
}
