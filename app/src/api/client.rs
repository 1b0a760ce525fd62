//! The browser's side of a server function: leptos' own client, which gives up after a while and notices the end of the
//! session. The host calls its backend and never itself over the network.

use std::pin::{Pin, pin};

use futures::future::{Either, ready, select};
use futures::{Sink, Stream, stream};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::request::ClientReq;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::{Bytes, ContentType, Decodes};
use send_wrapper::SendWrapper;
use serde::de::DeserializeOwned;
use shared::error::AppError;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Response};

use super::ApiError;
use crate::json::{self, JsonText};

/// How long a whole answer is waited for, in milliseconds: longer than the host takes for any. Without an end a request
/// that hangs would hold everything behind it.
const PATIENCE_MS: u32 = 65_000;
/// The same for a request with a file, which may take five times as long.
const FILE_PATIENCE_MS: u32 = 330_000;
/// The status of an answer to somebody who is not signed in.
const UNAUTHENTICATED: u16 = 401;

/// For `#[server(client = ApiClient)]`.
pub struct ApiClient;

/// An answer that has arrived to its end.
pub struct ApiResponse {
    status: u16,
    body: Bytes,
}

/// A browser has one thread, so what leptos wants to be sent between threads never is.
type Sending = SendWrapper<Pin<Box<dyn Future<Output = Result<ApiResponse, ApiError>>>>>;

async fn exchange(request: BrowserRequest) -> Result<ApiResponse, ApiError> {
    let response = <BrowserClient as Client<ApiError>>::send(request).await?;
    Ok(ApiResponse {
        status: ClientRes::<ApiError>::status(&response),
        body: ClientRes::<ApiError>::try_into_bytes(response).await?,
    })
}

/// Sends a request and waits so long for its whole answer.
async fn answered(request: BrowserRequest, patience_ms: u32) -> Result<ApiResponse, ApiError> {
    let answer = pin!(exchange(request));
    let answer = match select(answer, TimeoutFuture::new(patience_ms)).await {
        Either::Left((answer, _)) => answer?,
        Either::Right(_) => return Err(ApiError(AppError::Unavailable)),
    };
    // A proxy may answer with this status too, and that says nothing about the session.
    if answer.status == UNAUTHENTICATED && says_unauthenticated(answer.body.clone()) {
        crate::exit::session_ended();
    }
    Ok(answer)
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
    match answer.status {
        200 => JsonText::decode(answer.body).map_err(|_| ApiError(AppError::Unavailable)),
        _ => Err(ApiError::de(answer.body)),
    }
}

impl Client<ApiError> for ApiClient {
    type Request = BrowserRequest;
    type Response = ApiResponse;

    fn send(request: BrowserRequest) -> impl Future<Output = Result<ApiResponse, ApiError>> + Send {
        let sending: Sending = SendWrapper::new(Box::pin(answered(request, PATIENCE_MS)));
        sending
    }

    fn open_websocket(
        path: &str,
    ) -> impl Future<
        Output = Result<
            (
                impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static,
                impl Sink<Bytes> + Send + 'static,
            ),
            ApiError,
        >,
    > + Send {
        <BrowserClient as Client<ApiError>>::open_websocket(path)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<ApiError>>::spawn(future);
    }
}

impl ClientRes<ApiError> for ApiResponse {
    async fn try_into_string(self) -> Result<String, ApiError> {
        let text = String::from_utf8(self.body.into());
        text.map_err(|_| ApiError(AppError::Unavailable))
    }

    async fn try_into_bytes(self) -> Result<Bytes, ApiError> {
        Ok(self.body)
    }

    fn try_into_stream(
        self,
    ) -> Result<impl Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, ApiError> {
        Ok(stream::once(ready(Ok(self.body))))
    }

    fn status(&self) -> u16 {
        self.status
    }

    fn status_text(&self) -> String {
        String::new()
    }

    // No server function leads elsewhere.
    fn location(&self) -> String {
        String::new()
    }

    fn has_redirect(&self) -> bool {
        false
    }
}

fn says_unauthenticated(body: Bytes) -> bool {
    ApiError::de(body).0 == AppError::Unauthenticated
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
