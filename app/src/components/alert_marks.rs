//! Marks of open alerts: a word and an icon wherever a workitem stands that supervisors see. Nobody else hears of alerts, so nobody
//! else sees any.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::alerts::OpenAlert;
use shared::ids::WorkitemId;

use super::Icon;
use crate::api::alerts::alert_dismiss;
use crate::language::error_text;
use crate::random::new_key;
use crate::state::{SessionState, use_session};

/// The open alerts that fit. Tracked by what reads them.
pub fn use_alerts(
    fits: impl Fn(&OpenAlert) -> bool + Send + Sync + 'static,
) -> Memo<Vec<OpenAlert>> {
    let alerts = use_session().alerts;
    Memo::new(move |_| {
        alerts.with(|alerts| {
            let alerts = alerts.iter().flatten();
            alerts.filter(|alert| fits(alert)).cloned().collect()
        })
    })
}

/// The open alerts of a workitem. Tracked by what reads them.
pub fn alerts_of(workitem: WorkitemId) -> Memo<Vec<OpenAlert>> {
    use_alerts(move |alert| alert.workitem == workitem)
}

/// The same as of when a list was loaded: they change with it and not before, so that its rows keep their heights.
pub fn alerts_listed<T: Send + Sync + 'static>(
    workitem: WorkitemId,
    list: RwSignal<T>,
) -> Memo<Vec<OpenAlert>> {
    let alerts = use_session().alerts;
    let known = Memo::new(move |_| alerts.with(Option::is_some));
    Memo::new(move |_| {
        list.track();
        known.track();
        alerts.with_untracked(|alerts| {
            let alerts = alerts.iter().flatten();
            let of_it = alerts.filter(|alert| alert.workitem == workitem);
            of_it.cloned().collect()
        })
    })
}

/// How many alerts there are, with their names as a tooltip.
pub fn alert_count(alerts: Memo<Vec<OpenAlert>>) -> AnyView {
    let mark = move || {
        alerts.with(|alerts| {
            let names: Vec<&str> = alerts.iter().map(|alert| &alert.name[..]).collect();
            (!alerts.is_empty()).then(|| {
                view! {
                    <span class="alert-mark" title=names.join("\n")>
                        <Icon name="warning"/>
                        {t!(alert.count, count = alerts.len())}
                    </span>
                    " "
                }
                .into_any()
            })
        })
    };
    mark.into_any()
}

/// Alerts by name.
#[component]
pub fn AlertMarks(
    /// Of one workitem.
    alerts: Memo<Vec<OpenAlert>>,
    /// Whether they can be dismissed here.
    #[prop(optional)]
    dismiss: bool,
) -> impl IntoView {
    let session = use_session();
    let mark = move |alert: OpenAlert| {
        let name = alert.name.clone();
        let button = dismiss.then(|| {
            let words = t!(alert.dismiss_name, name = name, customer = alert.customer);
            let alert = StoredValue::new(alert);
            view! {
                <button
                    type="button"
                    class="button button--quiet"
                    aria-label=words
                    on:click=move |_| dismiss_alert(session, alert.get_value())
                >
                    {t!(alert.dismiss)}
                </button>
            }
            .into_any()
        });
        view! {
            <span class="alert-mark">
                <Icon name="warning"/>
                <span class="visually-hidden">{t!(alert.label)}" "</span>
                <bdi>{name}</bdi>
            </span>
            {button}
            " "
        }
        .into_any()
    };
    move || alerts.get().into_iter().map(mark).collect_view()
}

/// Dismisses an alert for everybody who sees it.
pub fn dismiss_alert(session: SessionState, alert: OpenAlert) {
    spawn_local(async move {
        let answer = alert_dismiss(alert.workitem, new_key(), alert.rule, alert.about);
        if let Err(error) = answer.await {
            session.toast(error_text(&error.0));
        }
    });
}
