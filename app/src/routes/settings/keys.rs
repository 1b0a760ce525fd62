//! Which keys act on the pages of the user.

use leptos::prelude::*;

use crate::api::account::settings_save;
use crate::attempt::LastChoice;
use crate::components::keyboard::Keyboard;
use crate::language::error_text;
use crate::state::use_session;

/// The section of the page: single letters on or off, and the list of all keys.
#[component]
pub(super) fn Keys() -> impl IntoView {
    let session = use_session();
    let keyboard = expect_context::<Keyboard>();
    let letters = Memo::new(move |_| session.settings.with(|settings| settings.letter_keys));
    let said = RwSignal::new(String::new());
    let set = move |on| {
        session
            .settings
            .update(|settings| settings.letter_keys = on)
    };
    let choice = LastChoice::new(
        |wanted, key| async move {
            settings_save(key, None, Some(wanted)).await?;
            Ok(())
        },
        move |wanted: bool, answer| match answer {
            Ok(()) => drop(said.try_set(t!(common.saved).to_owned())),
            Err(error) => {
                set(!wanted);
                session.toast(error_text(&error));
            }
        },
    );
    let change = move |event| {
        let wanted = event_target_checked(&event);
        // Fields are announced again after hydration, changed or not.
        if wanted != letters.get_untracked() {
            said.set(String::new());
            set(wanted);
            choice.choose(wanted);
        }
    };
    view! {
        <section class="settings__section card" aria-labelledby="settings-keys">
            <h2 class="settings__title" id="settings-keys">{t!(keyboard.section)}</h2>
            <div class="settings__switch">
                <input
                    class="switch"
                    type="checkbox"
                    role="switch"
                    id="settings-letters"
                    aria-describedby="settings-letters-hint"
                    checked=letters.get_untracked()
                    prop:checked=move || letters.get()
                    on:change=change
                />
                <div>
                    <label class="field__label" for="settings-letters">{t!(keyboard.letters_switch)}</label>
                    <p class="field__hint" id="settings-letters-hint">{t!(keyboard.letters_switch_hint)}</p>
                </div>
            </div>
            <div class="row">
                <button type="button" class="button" on:click=move |_| keyboard.show_sheet()>
                    {t!(keyboard.show)}
                </button>
                <p class="settings__said" role="status">{move || said.get()}</p>
            </div>
        </section>
    }
}
