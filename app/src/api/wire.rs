//! The protocol of the server functions: JSON by POST both ways, as leptos' own `Http<Json, Json>`, which answers
//! on the host. The browser's half is written once for all functions instead of once for each: it hands a text to
//! `fetch` and reads one.

use leptos::server_fn::Protocol;
use leptos::server_fn::client::Client;
use leptos::server_fn::codec::{FromReq, IntoRes, Json};
use leptos::server_fn::server::Server;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::error::AppError;
use std::pin::Pin;

use super::ApiError;
use crate::json;

/// For `#[server(protocol = Wire)]`.
pub struct Wire;

impl<I, O, C, S> Protocol<I, O, C, S, ApiError> for Wire
where
    I: Serialize + DeserializeOwned + FromReq<Json, S::Request, ApiError> + Send,
    O: Serialize + DeserializeOwned + IntoRes<Json, S::Response, ApiError> + Send,
    C: Client<ApiError>,
    S: Server<ApiError>,
{
    const METHOD: http::Method = http::Method::POST;

    async fn run_server<F, Fut>(request: S::Request, run: F) -> Result<S::Response, ApiError>
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, ApiError>> + Send,
    {
        let input = I::from_req(request).await?;
        let output = run(input).await?;
        output.into_res().await
    }

    async fn run_client(path: &str, input: I) -> Result<O, ApiError> {
        let body = json::write(&input).ok_or(UNREACHED)?;
        let answer = post(path.to_owned(), body).await?;
        json::read(&answer).ok_or(UNREACHED)
    }
}

/// No answer, or one of a proxy or another release that is not ours.
const UNREACHED: ApiError = ApiError(AppError::Unavailable);

/// What leptos wants to be sent between threads never leaves the browser's only one.
type Answer = SendWrapper<Pin<Box<dyn Future<Output = Result<String, ApiError>>>>>;

fn post(path: String, body: String) -> Answer {
    SendWrapper::new(Box::pin(async move {
        let (status, text) = fetch("POST", &path, &body).await.ok_or(UNREACHED)?;
        if status < 400 {
            return Ok(text);
        }
        let error = json::read(&text).unwrap_or(UNREACHED);
        if error.0 == AppError::Unauthenticated {
            crate::session::ended();
        }
        Err(error)
    }))
}

/// Whether the host says that nobody is signed in. It does not when it cannot be reached.
pub async fn session_is_gone() -> bool {
    matches!(fetch("GET", "/live", "").await, Some((401, _)))
}

/// How long an answer is waited for, in milliseconds: longer than the host takes for any.
#[cfg(feature = "hydrate")]
const PATIENCE_MS: u32 = 65_000;

/// Status and body; `None` when there is no answer.
#[cfg(feature = "hydrate")]
async fn fetch(method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response};

    let headers = Headers::new().ok()?;
    for name in ["Content-Type", "Accept"] {
        headers.append(name, "application/json").ok()?;
    }
    let request = RequestInit::new();
    request.set_method(method);
    request.set_headers(&headers);
    if !body.is_empty() {
        request.set_body(&body.into());
    }
    // Without an end a request that hangs would hold everything behind it.
    let limit = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
    request.set_signal(Some(&limit));
    let answer = leptos::prelude::window().fetch_with_str_and_init(path, &request);
    let answer: Response = JsFuture::from(answer).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(answer.text().ok()?).await.ok()?;
    Some((answer.status(), text.as_string()?))
}

/// The host calls its backend and never itself over the network.
#[cfg(not(feature = "hydrate"))]
async fn fetch(_method: &str, _path: &str, _body: &str) -> Option<(u16, String)> {
    None
}
