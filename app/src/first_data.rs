//! The data with which a page begins. The host loads it before it renders, so that the page is whole in the first
//! answer; the browser finds the same data in the document and builds the same tree from it at once.
//!
//! What is loaded is a [`Call`]: a server function with its input, as the type that leptos makes of it. The map of
//! pages lists the calls of each page, and the host makes them; a component asks with [`first_answer`].
//!
//! Leptos' resources were tried and would do as well; "First data" in ARCHITECTURE says why they are not used.

use std::sync::{Arc, Mutex, PoisonError};

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::error::AppError;

use crate::api::ApiError;
use crate::components::load_failed::LoadFailed;
use crate::json;
use crate::language::error_text;

/// The element of the document that carries it.
pub const ELEMENT: &str = "first-data";

/// A server function with its input.
pub trait Call:
    ServerFn<Error = ApiError, Output: Serialize + DeserializeOwned + Clone + Send + Sync + 'static>
    + Serialize
    + 'static
{
    /// What tells this call from others.
    fn key(&self) -> String {
        // Inputs are texts and numbers, which always have a text.
        let input = json::write(self).unwrap_or_default();
        [Self::PATH, " ", &input].concat()
    }
}

impl<C> Call for C where
    C: ServerFn<
            Error = ApiError,
            Output: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
        > + Serialize
        + 'static
{
}

/// Answers by the key of the call, as JSON texts of `Result<T, ApiError>`.
#[derive(Clone, Debug, Default)]
pub struct FirstData(Arc<Mutex<Vec<(String, String)>>>);

impl FirstData {
    /// Makes the call and keeps its answer for the page. Belongs where server functions find their caller.
    #[cfg(feature = "ssr")]
    pub(crate) async fn load<C: Call>(&self, call: C) {
        let key = call.key();
        let answer = call.run_body().await;
        if let Some(text) = json::write(&answer) {
            self.answers().push((key, text));
        }
    }

    /// For the document.
    pub fn json(&self) -> String {
        json::write(&*self.answers()).unwrap_or_default()
    }

    /// Whether any answer is that there is no such thing.
    #[cfg(feature = "ssr")]
    pub fn misses(&self) -> bool {
        use serde::de::IgnoredAny;

        let missing = Some(Err(ApiError(AppError::NotFound)));
        self.answers().iter().any(|(_, text)| {
            let answer = json::read::<Result<IgnoredAny, ApiError>>(text);
            answer.map(|answer| answer.map(drop)) == missing
        })
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

    /// Forgets everything: what is shown later is asked for again.
    pub fn clear(&self) {
        self.answers().clear();
    }

    fn get<T: DeserializeOwned>(&self, key: &str) -> Option<Result<T, ApiError>> {
        let answers = self.answers();
        let (_, text) = answers.iter().find(|(name, _)| name == key)?;
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

/// The answer to a call, from the first data or by making it; made again whenever `call` yields another one. No call
/// is one for something that cannot exist: its answer is `NotFound`.
pub fn first_answer<C: Call>(
    call: impl Fn() -> Option<C> + Send + Sync + 'static,
) -> FirstAnswer<C::Output> {
    let call = Arc::new(call);
    let key = {
        let call = call.clone();
        Memo::new(move |_| call().map(|call| call.key()))
    };
    let known = match key.get_untracked() {
        Some(key) => use_context::<FirstData>().and_then(|data| data.get(&key)),
        None => Some(Err(ApiError(AppError::NotFound))),
    };
    let is_known = known.is_some();
    let first = FirstAnswer {
        answer: RwSignal::new(known),
        again: RwSignal::new(0_u32),
    };
    // An answer that was overtaken by a later question is dropped.
    let turn = StoredValue::new(0_u32);
    let ask = move |mine| {
        let Some(call) = untrack(|| call()) else {
            first.answer.set(Some(Err(ApiError(AppError::NotFound))));
            return;
        };
        first.answer.set(None);
        spawn_local(async move {
            let answer = call.run_on_client().await;
            if turn.try_get_value() == Some(mine) {
                first.answer.try_set(Some(answer));
            }
        });
    };
    let changed = move || {
        first.again.track();
        key.track();
    };
    keep_asking(is_known, turn, Box::new(changed), Box::new(ask));
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

    /// What is wrong with this input of the call, in words that stand beside it. Tracked.
    pub fn wrong(&self, input: &str) -> Option<String> {
        self.answer.with(|answer| match answer {
            Some(Err(ApiError(error @ AppError::Invalid { field, .. }))) if field == input => {
                Some(error_text(error))
            }
            _ => None,
        })
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
