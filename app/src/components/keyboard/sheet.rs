//! The list of keys.

use leptos::prelude::*;
use shared::people::Permission;

use super::{command_key, is_agent};
use crate::components::Dialog;
use crate::state::use_session;

/// The keys of this user's pages, and what each does.
#[component]
pub(super) fn Sheet(close: Callback<()>) -> impl IntoView {
    let session = use_session();
    let agent = is_agent(session);
    let lists = agent || session.holds(Permission::WorkitemView);
    let letters = session
        .settings
        .with_untracked(|settings| settings.letter_keys);
    let command = [command_key(), " K"].concat();
    let general = [
        (true, command, t!(keyboard.palette_opens)),
        (lists, "Alt ↓".to_owned(), t!(keyboard.next)),
        (lists, "Alt ↑".to_owned(), t!(keyboard.previous)),
        (lists, "Enter".to_owned(), t!(keyboard.send)),
        (lists, "Shift Enter".to_owned(), t!(keyboard.new_line)),
        (true, "Esc".to_owned(), t!(keyboard.closes)),
    ];
    let single = [
        (true, "?".to_owned(), t!(keyboard.list_opens)),
        (lists, "R".to_owned(), t!(keyboard.write)),
        (agent, "N".to_owned(), t!(keyboard.longest_wait)),
        (agent, "A".to_owned(), t!(keyboard.ask)),
        (agent, "P".to_owned(), t!(keyboard.dial)),
        (true, "D".to_owned(), t!(keyboard.directory)),
    ];
    view! {
        <Dialog title=t!(keyboard.title).to_owned() on_close=close>
            <div class="dialog__body">
                {keys(general)}
                <h3 class="keyboard__title">{t!(keyboard.letters)}</h3>
                <p class="field__hint">
                    {if letters { t!(keyboard.letters_hint) } else { t!(keyboard.letters_off) }}
                    " "
                    <a href="/settings" on:click=move |_| close.run(())>{t!(settings.title)}</a>
                </p>
                {letters.then(|| keys(single))}
            </div>
        </Dialog>
    }
}

fn keys<const N: usize>(lines: [(bool, String, &'static str); N]) -> AnyView {
    let lines = lines.into_iter().filter(|(offered, ..)| *offered);
    let lines = lines.map(|(_, keys, act)| {
        let keys = keys
            .split(' ')
            .map(|key| view! { <kbd class="keyboard__key">{key.to_owned()}</kbd> }.into_any())
            .collect_view();
        view! { <div class="keyboard__line"><dt>{keys}</dt><dd>{act}</dd></div> }.into_any()
    });
    view! { <dl class="keyboard__lines">{lines.collect_view()}</dl> }.into_any()
}
