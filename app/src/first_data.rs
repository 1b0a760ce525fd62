//! The data with which a page begins. The host loads it before it renders, so that the page is whole in the first
//! answer; the browser finds the same data in the document and builds the same tree from it at once.
//!
//! Why not leptos' resources: the host may render what waits for a resource several times, each time numbering
//! the resources inside anew, so that the browser would take one's data for another's.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::ApiError;
use crate::components::load_failed::LoadFailed;
use crate::json;

/// The element of the document that carries it.
pub const ELEMENT: &str = "first-data";

/// Answers by call, as JSON texts of `Result<T, ApiError>`.
#[derive(Clone, Debug, Default)]
pub struct FirstData(Arc<Mutex<Vec<(String, String)>>>);

impl FirstData {
    /// Keeps an answer for the page.
    pub fn put<T: Serialize>(&self, call: String, answer: &Result<T, ApiError>) {
        if let Some(text) = json::write(answer) {
            self.answers().push((call, text));
        }
    }

    /// For the document.
    pub fn json(&self) -> String {
        json::write(&*self.answers()).unwrap_or_default()
    }

    /// What the host put into the document; nothing where there is none.
    pub fn of_document() -> Self {
        if cfg!(feature = "ssr") {
            return Self::default();
        }
        let text = document()
            .get_element_by_id(ELEMENT)
            .and_then(|element| element.text_content());
        let answers = text.and_then(|text| json::read(&text));
        Self(Arc::new(Mutex::new(answers.unwrap_or_default())))
    }

    /// Forgets everything: what is shown later is asked for anew.
    pub fn clear(&self) {
        self.answers().clear();
    }

    fn get<T: DeserializeOwned>(&self, call: &str) -> Option<Result<T, ApiError>> {
        let answers = self.answers();
        let (_, text) = answers.iter().find(|(name, _)| name == call)?;
        json::read(text)
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, Vec<(String, String)>> {
        // Nothing under this lock can panic half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An answer that is there from the start or comes soon. Copies are handles to the same thing.
pub struct FirstAnswer<T: 'static> {
    /// `None` while it is on its way.
    pub answer: RwSignal<Option<Result<T, ApiError>>>,
    again: RwSignal<u32>,
}

impl<T> Clone for FirstAnswer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for FirstAnswer<T> {}

/// The answer of a server function for what `source` says, from the first data or by calling `fetch`; asked for
/// again whenever `source` changes. `call` names it as [`load`] does.
pub fn first_answer<S, T, F>(
    source: impl Fn() -> S + Send + Sync + 'static,
    call: impl Fn(&S) -> String,
    fetch: impl Fn(S) -> F + 'static,
) -> FirstAnswer<T>
where
    S: Clone + PartialEq + Send + Sync + 'static,
    T: DeserializeOwned + Clone + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let source = Memo::new(move |_| source());
    let known = use_context::<FirstData>()
        .and_then(|data| data.get(&source.with_untracked(|source| call(source))));
    let first = FirstAnswer {
        answer: RwSignal::new(known),
        again: RwSignal::new(0_u32),
    };
    // An answer that was overtaken by a later question is dropped.
    let turn = StoredValue::new(0_u32);
    let ask = move |mine| {
        first.answer.set(None);
        let asked = fetch(source.get_untracked());
        spawn_local(async move {
            let answer = asked.await;
            if turn.try_get_value() == Some(mine) {
                first.answer.try_set(Some(answer));
            }
        });
    };
    let known = first.answer.with_untracked(Option::is_some);
    let changed = move || {
        first.again.track();
        source.track();
    };
    keep_asking(known, turn, Box::new(changed), Box::new(ask));
    first
}

/// Asks for what is not `known`, and again after each change.
fn keep_asking(known: bool, turn: StoredValue<u32>, changed: Box<dyn Fn()>, ask: Box<dyn Fn(u32)>) {
    Effect::new(move |before: Option<()>| {
        changed();
        if before.is_none() && known {
            return;
        }
        turn.update_value(|turn| *turn += 1);
        ask(turn.get_value());
    });
}

impl<T: Clone + Send + Sync + 'static> FirstAnswer<T> {
    /// Asks again.
    pub fn refetch(&self) {
        self.again.update(|again| *again += 1);
    }

    /// What is shown for it: `waiting` until it is there, `view` with it, or why there is none.
    pub fn show<W, V>(
        self,
        waiting: impl Fn() -> W + Send + 'static,
        view: impl Fn(T) -> V + Send + 'static,
    ) -> impl IntoView
    where
        W: IntoView + 'static,
        V: IntoView + 'static,
    {
        let retry = Callback::new(move |()| self.refetch());
        move || match self.answer.get() {
            None => waiting().into_any(),
            Some(Ok(data)) => view(data).into_any(),
            Some(Err(ApiError(error))) => {
                view! { <LoadFailed error=error retry=retry /> }.into_any()
            }
        }
    }
}

/// Whether somebody finds a page at `path`, and not that there is none.
#[cfg(feature = "ssr")]
pub async fn opens(
    path: &str,
    caller: &crate::backend::Caller,
    backend: &dyn crate::backend::Backend,
) -> bool {
    use crate::address::Page;
    use serde::de::IgnoredAny;
    use shared::error::AppError;

    let page = Page::at(path);
    let permission = crate::routes::permission_of(page);
    if page == Page::NotFound || permission.is_some_and(|asked| !caller.actor.holds(asked)) {
        return false;
    }
    let data = load(path, Some(caller), backend).await;
    let missing = Some(Err(ApiError(AppError::NotFound)));
    let answers = data.answers();
    (answers.iter()).all(|(_, text)| {
        let answer = json::read::<Result<IgnoredAny, ApiError>>(text);
        answer.map(|answer| answer.map(drop)) != missing
    })
}

/// Loads what the page at `path` begins with. A page that is missing here still works: the browser asks.
#[cfg(feature = "ssr")]
pub async fn load(
    path: &str,
    caller: Option<&crate::backend::Caller>,
    backend: &dyn crate::backend::Backend,
) -> FirstData {
    use shared::error::AppError;
    use shared::ids::{UserId, WorkitemId};

    let data = FirstData::default();
    let Some(caller) = caller else {
        data.put::<()>(
            "desk_load".to_owned(),
            &Err(ApiError(AppError::Unauthenticated)),
        );
        return data;
    };
    let actor = &caller.actor;
    macro_rules! put {
        ($call:expr, $answer:expr) => {
            data.put($call, &$answer.await.map_err(ApiError))
        };
    }
    put!("desk_load".to_owned(), backend.desk_load(actor));
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts[..] {
        ["workspace"] => put!("worklist_load".to_owned(), backend.worklist_load(actor)),
        ["workspace", id] => {
            put!("worklist_load".to_owned(), backend.worklist_load(actor));
            if let Ok(id) = WorkitemId::parse(id) {
                put!(
                    format!("conversation_load/{id}"),
                    backend.conversation_load(actor, id)
                );
            }
        }
        ["dashboard"] => put!("dashboard_load".to_owned(), backend.dashboard_load(actor)),
        ["coaching", agent] => {
            if let Ok(id) = UserId::parse(agent) {
                put!(
                    format!("agent_workitems_load/{id}"),
                    backend.agent_workitems_load(actor, id)
                );
            }
        }
        ["coaching", agent, id] => {
            if let (Ok(agent), Ok(id)) = (UserId::parse(agent), WorkitemId::parse(id)) {
                put!(
                    format!("agent_workitems_load/{agent}"),
                    backend.agent_workitems_load(actor, agent)
                );
                put!(
                    format!("conversation_load/{id}"),
                    backend.conversation_load(actor, id)
                );
            }
        }
        ["admin", "templates"] => put!("template_list".to_owned(), backend.template_list(actor)),
        ["admin", "settings"] => put!(
            "organisation_load".to_owned(),
            backend.organisation_load(actor)
        ),
        ["admin", "users"] => put!("user_list".to_owned(), backend.user_list(actor)),
        ["admin", "teams"] => {
            let teams = async {
                Ok((
                    backend.team_list(actor).await?,
                    backend.user_list(actor).await?,
                ))
            };
            put!("team_list".to_owned(), teams);
        }
        _ => {}
    }
    data
}
