//! How the user is notified while they are elsewhere: a choice of this browser, off until it is made.

use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::people::Permission;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::news::call;
use crate::state::use_session;

/// What became of a wish, or why nothing did.
type Said = RwSignal<String>;

/// The section of the page.
#[component]
pub(super) fn Alerts() -> impl IntoView {
    let me = use_session().me.get_untracked();
    let (user, supervises) = (me.id.to_string(), me.holds(Permission::WorkitemView));
    let said = Said::new(String::new());
    let (owner, trying) = (StoredValue::new(user), RwSignal::new(false));
    let test = move |_| {
        trying.set(true);
        spawn_local(async move {
            let user = owner.get_value();
            let words = [&*user, "Sideline", t!(settings.alert_test_body)];
            let problem = ask("test", &words).await;
            said.try_set(problem.unwrap_or_else(|| t!(settings.alert_tested).to_owned()));
            trying.try_set(false);
        });
    };
    let switch = move |kind, label, hint| alert_switch(owner.get_value(), kind, label, hint, said);
    view! {
        <section class="settings__section card" aria-labelledby="settings-alerts">
            <h2 class="settings__title" id="settings-alerts">{t!(settings.alerts)}</h2>
            <p class="field__hint">{t!(settings.alerts_hint)}</p>
            {switch("notice", t!(settings.alert_notice), t!(settings.alert_notice_hint))}
            {switch("sound", t!(settings.alert_sound), t!(settings.alert_sound_hint))}
            {switch("push", t!(settings.alert_push), t!(settings.alert_push_hint))}
            {supervises.then(|| switch("alert", t!(settings.alert_rules), t!(settings.alert_rules_hint)))}
            {quiet_hours(owner.get_value(), said)}
            <div class="row">
                <button type="button" class="button" disabled=move || trying.get() on:click=test>
                    {t!(settings.alert_test)}
                </button>
                <p class="settings__said" role="status">{move || said.get()}</p>
            </div>
        </section>
    }
}

/// One kind of alert, on or off. Known only to the browser, so it is read once the page is mounted.
fn alert_switch(
    user: String,
    kind: &'static str,
    label: &'static str,
    hint: &'static str,
    said: Said,
) -> AnyView {
    let on = RwSignal::new(false);
    let owner = StoredValue::new(user);
    Effect::new(move || {
        let wants = owner.with_value(|user| call("wants", &[user, kind]));
        on.set(wants.is_some_and(|wants| wants.is_truthy()));
    });
    let change = move |event| {
        let wanted = event_target_checked(&event);
        if wanted == on.get_untracked() {
            return;
        }
        on.set(wanted);
        spawn_local(async move {
            let user = owner.get_value();
            let problem = ask("choose", &[&user, kind, if wanted { "on" } else { "" }]).await;
            if problem.is_some() {
                on.try_set(false);
            }
            said.try_set(problem.unwrap_or_else(|| t!(common.saved).to_owned()));
        });
    };
    let id = ["settings-alert-", kind].concat();
    let hint_id = [&id, "-hint"].concat();
    view! {
        <div class="settings__switch">
            <input
                class="switch"
                type="checkbox"
                role="switch"
                id=id.clone()
                aria-describedby=hint_id.clone()
                prop:checked=move || on.get()
                on:change=change
            />
            <div>
                <label class="field__label" for=id>{label}</label>
                <p class="field__hint" id=hint_id>{hint}</p>
            </div>
        </div>
    }
    .into_any()
}

/// From when until when nothing but marks tells of anything. Known only to the browser as well.
fn quiet_hours(user: String, said: Said) -> AnyView {
    let times = RwSignal::new([String::new(), String::new()]);
    let owner = StoredValue::new(user);
    Effect::new(move || {
        let kept = owner.with_value(|user| call("hours", &[user]));
        let kept = kept.and_then(|kept| kept.as_string()).unwrap_or_default();
        if let Some((from, until)) = kept.split_once('-') {
            times.set([from.to_owned(), until.to_owned()]);
        }
    });
    let field = move |place: usize, id: &'static str, label: &'static str| {
        let change = move |event| {
            times.update(|times| times[place] = event_target_value(&event));
            let [from, until] = times.get_untracked();
            let answer = owner.with_value(|user| call("keepHours", &[user, &from, &until]));
            let kept = answer.is_some_and(|answer| answer.as_string().as_deref() == Some(""));
            let words = if kept {
                t!(common.saved)
            } else {
                t!(settings.alert_missing)
            };
            said.set(words.to_owned());
        };
        view! {
            <div class="field">
                <label class="field__label" for=id>{label}</label>
                <input
                    class="input"
                    type="time"
                    id=id
                    aria-describedby="settings-quiet-hint"
                    prop:value=move || times.with(|times| times[place].clone())
                    on:change=change
                />
            </div>
        }
        .into_any()
    };
    view! {
        <fieldset class="settings__quiet">
            <legend class="field__label">{t!(settings.alert_quiet)}</legend>
            <p class="field__hint" id="settings-quiet-hint">{t!(settings.alert_quiet_hint)}</p>
            <div class="row settings__times">
                {field(0, "settings-quiet-from", t!(settings.alert_quiet_from))}
                {field(1, "settings-quiet-until", t!(settings.alert_quiet_until))}
            </div>
        </fieldset>
    }
    .into_any()
}

/// Calls a function of `alerts.js` that may ask the user first. Answers why nothing came of it.
async fn ask(function: &str, words: &[&str]) -> Option<String> {
    let answer = match call(function, words).map(JsCast::dyn_into::<Promise>) {
        Some(Ok(promise)) => JsFuture::from(promise).await.ok(),
        _ => None,
    };
    let code = answer.and_then(|code| code.as_string());
    let why = match code.as_deref() {
        Some("") => return None,
        Some("none") => t!(settings.alert_none),
        Some("refused") => t!(settings.alert_refused),
        None | Some("missing") => t!(settings.alert_missing),
        // The host says what it lacks.
        Some(said) => said,
    };
    Some(why.to_owned())
}
