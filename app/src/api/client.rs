//! The browser's side of a server function: leptos' own client, which gives up after a while and notices the end of the
//! session. The host calls its backend and never itself over the network.

use std::pin::pin;

use futures::future::{Either, select};
use futures::{Sink, Stream};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use leptos::server_fn::Bytes;
use leptos::server_fn::client::Client;
use leptos::server_fn::client::browser::BrowserClient;
use leptos::server_fn::request::browser::BrowserRequest;
use leptos::server_fn::response::ClientRes;
use leptos::server_fn::response::browser::BrowserResponse;
use send_wrapper::SendWrapper;
use shared::error::AppError;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::ApiError;

/// How long an answer is waited for, in milliseconds: longer than the host takes for any. Without an end a request that
/// hangs would hold everything behind it.
const PATIENCE_MS: u32 = 65_000;
/// The status of an answer to somebody who is not signed in.
const UNAUTHENTICATED: u16 = 401;

/// For `#[server(client = ApiClient)]`.
pub struct ApiClient;

impl Client<ApiError> for ApiClient {
    type Request = BrowserRequest;
    type Response = BrowserResponse;

    fn send(
        request: BrowserRequest,
    ) -> impl Future<Output = Result<BrowserResponse, ApiError>> + Send {
        // A browser has one thread.
        SendWrapper::new(async move {
            let answer = pin!(<BrowserClient as Client<ApiError>>::send(request));
            let answer = match select(answer, TimeoutFuture::new(PATIENCE_MS)).await {
                Either::Left((answer, _)) => answer?,
                Either::Right(_) => return Err(ApiError(AppError::Unavailable)),
            };
            if ClientRes::<ApiError>::status(&answer) == UNAUTHENTICATED {
                crate::session::ended();
            }
            Ok(answer)
        })
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

/// Whether the host says that nobody is signed in. It does not when it cannot be reached.
pub(crate) async fn session_is_gone() -> bool {
    let answer = JsFuture::from(window().fetch_with_str("/live")).await;
    let answer = answer.ok().and_then(|answer| answer.dyn_into().ok());
    answer.is_some_and(|answer: Response| answer.status() == UNAUTHENTICATED)
}
