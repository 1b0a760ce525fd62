//! The sign-in page: a plain HTML form that works before the wasm has arrived, and a link to the provider where there is one.
//!
//! It never sees the answer itself: the host redirects, or comes back here with what went wrong in the address.

use leptos::prelude::*;
use leptos_router::hooks::use_url;
use shared::local_path::LocalPath;

use crate::answer::{answer_redirect, login_url};
use crate::components::{Icon, PageTitle};
use crate::frame::bootstrap_answer;
use crate::query;
use crate::sign_on::sign_on_offered;

/// Marks the document of a sign-in page on which a passkey alone signs in, so that the style shows the link. The page itself
/// knows nothing of it: host and browser draw the same.
#[cfg(feature = "ssr")]
#[derive(Clone, Copy, Debug)]
pub struct PasskeyOffered;

/// The username of a sign-in that failed, as the host gives it to the page that it renders: it stands in no address.
#[derive(Clone, Debug)]
pub struct TypedUsername(pub String);

/// `/login`, with optional `next`, `error`, `retry` and `username` in the query.
/// Only for those who are not signed in; everybody else goes on, to what they came for or to their start page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let bootstrap = bootstrap_answer();
    let url = use_url();
    move || match bootstrap.answer.get() {
        None => ().into_any(),
        Some(Ok(bootstrap)) => {
            let next = url.with_untracked(|url| next_of(url.search()));
            let place = next.as_ref().map_or(bootstrap.me.home(), LocalPath::as_str);
            answer_redirect(place);
            ().into_any()
        }
        // Whatever it is: this page is the way out of it.
        Some(Err(_)) => view! { <SignIn /> }.into_any(),
    }
}

#[component]
fn SignIn() -> impl IntoView {
    let url = use_url();
    let param = move |name: &str| url.with(|url| query::value(url.search(), name));
    let problem = move || {
        param("error")
            .map(|code| sentence(&code, param("retry").and_then(|text| text.parse().ok())))
    };
    let next = move || url.with(|url| next_of(url.search())).map(String::from);
    // The browser keeps what the host has put into the field.
    let typed = cfg!(feature = "ssr").then(use_context::<TypedUsername>);
    let typed = typed.flatten();
    let username = move || match &typed {
        Some(TypedUsername(name)) => name.clone(),
        None => param("username").unwrap_or_default(),
    };
    let came_back = untrack(|| param("username").is_some());
    let onwards = untrack(next).map_or_else(String::new, |next| login_url(&next));
    let onwards = onwards.trim_start_matches("/login");
    let passkey = ["/login/passkey", onwards].concat();
    let provider = sign_on_offered();
    // Who typed a password already sees the form again.
    let open = came_back || provider.as_ref().is_none_or(|offered| offered.passwords);
    let start = ["/sso/start", onwards].concat();
    let provider = provider.map(|offered| {
        view! {
            <a class="button button--primary login__submit" href=start rel="external">
                {t!(login.provider, name = offered.name)}
            </a>
        }
        .into_any()
    });

    view! {
        <PageTitle text=t!(login.submit) />
        <main class="login">
            <form class="login__card card" method="post" action="/login" aria-labelledby="login-title">
                <header class="login__brand">
                    <img class="login__mark" src="/favicon.svg" alt="" width="40" height="40" />
                    <h1 class="login__title" id="login-title">"Sideline"</h1>
                    <p class="login__claim">{t!(login.claim)}</p>
                </header>
                {move || {
                    problem().map(|text| view! {
                        <p class="notice notice--error" role="alert" id="login-problem">{text}</p>
                    }.into_any())
                }}
                {provider}
                <details class="login__own" open=open>
                    <summary hidden=open>{t!(login.own)}</summary>
                    <div class="field">
                        <label class="field__label" for="login-username">{t!(login.username)}</label>
                        <input
                            class="input"
                            id="login-username"
                            name="username"
                            type="text"
                            dir="auto"
                            autocomplete="username"
                            autocapitalize="none"
                            spellcheck="false"
                            required
                            maxlength="40"
                            autofocus=!came_back
                            value=username
                        />
                    </div>
                    {password_field(came_back)}
                    // Always there: host and browser must agree on the elements, whatever the address holds.
                    <input type="hidden" name="next" value=move || next().unwrap_or_default() />
                    <button class="button button--primary login__submit" type="submit">
                        {t!(login.submit)}
                    </button>
                    <a class="button login__submit login__alone" href=passkey rel="external">{t!(login.passkey)}</a>
                </details>
            </form>
        </main>
    }
}

/// The password, with the button that shows it.
fn password_field(focused: bool) -> AnyView {
    let shown = RwSignal::new(false);
    view! {
        <div class="field">
            <label class="field__label" for="login-password">{t!(login.password)}</label>
            <div class="login__secret">
                <input
                    class="input"
                    id="login-password"
                    name="password"
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete="current-password"
                    autocapitalize="none"
                    spellcheck="false"
                    required
                    autofocus=focused
                />
                // Named by its text alone: "Password" stays the name of one field.
                <button
                    class="button button--quiet login__show"
                    type="button"
                    aria-controls="login-password"
                    aria-pressed=move || shown.get().to_string()
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() {
                        view! { <Icon name="eye-off" /> {t!(login.hide)} }.into_any()
                    } else {
                        view! { <Icon name="eye" /> {t!(login.show)} }.into_any()
                    }}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// What went wrong, as a sentence that says what to do.
fn sentence(code: &str, retry_s: Option<u32>) -> String {
    match (code, retry_s) {
        ("rate", Some(seconds)) => t!(login.rate, count = seconds),
        ("busy", Some(seconds)) => t!(login.busy, count = seconds),
        ("credentials", _) => t!(login.wrong).to_owned(),
        ("rate", None) => t!(login.rate_later).to_owned(),
        ("busy", None) => t!(login.busy_later).to_owned(),
        ("ended", _) => t!(login.ended).to_owned(),
        ("again", _) => t!(login.again).to_owned(),
        ("no_users", _) => t!(login.no_users).to_owned(),
        ("signed_out", _) => t!(login.signed_out).to_owned(),
        ("sso_again", _) => t!(login.sso_again).to_owned(),
        ("sso_declined", _) => t!(login.sso_declined).to_owned(),
        ("sso_inactive", _) => t!(login.sso_inactive).to_owned(),
        ("sso_no_role", _) => t!(login.sso_no_role).to_owned(),
        ("sso_only", _) => t!(login.sso_only).to_owned(),
        ("sso_unknown", _) => t!(login.sso_unknown).to_owned(),
        ("sso_unreachable", _) => t!(login.sso_unreachable).to_owned(),
        ("sso_untrusted", _) => t!(login.sso_untrusted).to_owned(),
        _ => t!(login.failed).to_owned(),
    }
}

/// Where somebody goes on to after signing in, if the query of the address says so.
pub fn next_of(search: &str) -> Option<LocalPath> {
    LocalPath::parse(&query::value(search, "next")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_named_in_seconds() {
        assert_eq!(
            sentence("rate", Some(30)),
            "Too many attempts. Try again in 30 seconds."
        );
        assert_eq!(
            sentence("busy", Some(1)),
            "Too many people are signing in right now. Try again in 1 second."
        );
    }
}
