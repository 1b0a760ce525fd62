//! The browser's side of a server function: leptos' own client, which gives up after a while and notices the end of the
//! session. The host calls its backend and never itself over the network.

use std::pin::{Pin, pin};

use futures::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use http::Method;
use leptos::prelude::window;
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::codec::Encoding;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::server::Server;
use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Http, Protocol};
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::error::AppError;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Response};

use super::ApiError;
use crate::json::{self, Json, JsonText};

/// How long a whole answer is waited for, in milliseconds: longer than the host takes for any. Without an end a request
/// that hangs would hold everything behind it.
const PATIENCE_MS: u32 = 65_000;
/// The same for a request with a file, which may take five times as long.
const FILE_PATIENCE_MS: u32 = 330_000;
/// The status of an answer to somebody who is not signed in.
const UNAUTHENTICATED: u16 = 401;
/// No answer, or one of a proxy or another release that is not ours.
const UNREACHED: ApiError = ApiError(AppError::Unavailable);

/// For `#[server(protocol = Api)]`: JSON by POST both ways. The host answers as leptos does. In the browser only input and
/// answer are compiled for each function, and what lies between once.
pub struct Api;

impl<I, O, C, S> Protocol<I, O, C, S, ApiError> for Api
where
    Http<Json, Json>: Protocol<I, O, C, S, ApiError>,
    I: Serialize,
    O: DeserializeOwned,
    C: Client<ApiError>,
    S: Server<ApiError>,
{
    const METHOD: Method = <Json as Encoding>::METHOD;

    fn run_server<F, Fut>(
        request: S::Request,
        run: F,
    ) -> impl Future<Output = Result<S::Response, ApiError>> + Send
    where
        F: Fn(I) -> Fut + Send,
        Fut: Future<Output = Result<O, ApiError>> + Send,
    {
        <Http<Json, Json> as Protocol<I, O, C, S, ApiError>>::run_server(request, run)
    }

    fn run_client(path: &str, input: I) -> impl Future<Output = Result<O, ApiError>> + Send {
        let answer = post(path, JsonText::encode(&input).ok());
        async move { <JsonText as Decodes<O>>::decode(answer.await?).map_err(|_| UNREACHED) }
    }
}

/// A browser has one thread, so what leptos wants to be sent between threads never is.
type Sending = SendWrapper<Pin<Box<dyn Future<Output = Result<Bytes, ApiError>>>>>;

fn post(path: &str, body: Option<Bytes>) -> Sending {
    let json = JsonText::CONTENT_TYPE;
    let request: Result<BrowserRequest, ApiError> = body
        .ok_or(UNREACHED)
        .and_then(|body| BrowserRequest::try_new_post_bytes(path, json, json, body));
    SendWrapper::new(Box::pin(
        async move { answered(request?, PATIENCE_MS).await },
    ))
}

/// The status and the body of an answer that has arrived to its end.
async fn exchange(request: BrowserRequest) -> Result<(u16, Bytes), ApiError> {
    let response = <BrowserClient as Client<ApiError>>::send(request).await?;
    let status = ClientRes::<ApiError>::status(&response);
    let body = ClientRes::<ApiError>::try_into_bytes(response).await?;
    Ok((status, body))
}

/// Sends a request and waits so long for its whole answer.
async fn answered(request: BrowserRequest, patience_ms: u32) -> Result<Bytes, ApiError> {
    let answer = pin!(exchange(request));
    let (status, body) = match select(answer, TimeoutFuture::new(patience_ms)).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(_) => return Err(UNREACHED),
    };
    if status < 400 {
        return Ok(body);
    }
    let error = ApiError::de(body);
    // A proxy may answer with this status too, and that says nothing about the session.
    if status == UNAUTHENTICATED && error.0 == AppError::Unauthenticated {
        crate::exit::session_ended();
    }
    Err(error)
}

/// Sends a form that holds a file.
pub(super) async fn form_send<T: DeserializeOwned>(
    path: &str,
    form: FormData,
) -> Result<T, ApiError> {
    let accepts = JsonText::CONTENT_TYPE;
    let request: Result<_, ApiError> =
        BrowserRequest::try_new_post_multipart(path, accepts, form.into());
    let answer = answered(request?, FILE_PATIENCE_MS).await?;
    JsonText::decode(answer).map_err(|_| UNREACHED)
}

/// Whether the host says that nobody is signed in. It does not when it cannot be reached.
pub(crate) async fn session_is_gone() -> bool {
    let text = async {
        let answer = JsFuture::from(window().fetch_with_str("/live"))
            .await
            .ok()?;
        let answer: Response = answer.dyn_into().ok()?;
        JsFuture::from(answer.text().ok()?).await.ok()?.as_string()
    };
    let error = text.await.and_then(|text| json::read(&text));
    error == Some(AppError::Unauthenticated)
}
