//! Running the host: from an open listener until told to stop, so that tests can run it on a free port.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::desk::Desk;
use crate::http::{HttpConfig, router};

/// How long open requests and live connections may take to finish once the host is told to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// Answers requests on `listener` until `stop` is done. Then it takes no new connection, finishes the requests
/// that it has, and closes live sockets with a code that tells browsers to come back, so that they resume with the
/// next process.
pub async fn serve(
    desk: Desk,
    config: HttpConfig,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let app = router(desk, config, closed).into_make_service_with_connect_info::<SocketAddr>();
    let mut begun = closing.subscribe();
    let told = closing.clone();
    // Without this the system holds back a second small frame until the first is acknowledged, some 40 ms later.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps holding back small frames");
        }
    });
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        let _ = told.send(true);
    });
    let goodbye = async move {
        server.into_future().await?;
        // An upgraded socket is no request any more, so axum does not wait for it. Whoever has not said goodbye
        // yet still holds a receiver.
        closing.closed().await;
        Ok(())
    };
    // A half-open socket must not keep the process from ending.
    let patience = async move {
        let _ = begun.wait_for(|begun| *begun).await;
        drop(begun);
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        result = goodbye => result,
        () = patience => Ok(()),
    }
}

/// Done when the process is asked to end: Ctrl-C, or SIGTERM from a process supervisor. Listens from the call on,
/// not from the first time that somebody waits.
#[cfg(unix)]
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the process is asked to end: Ctrl-C.
#[cfg(not(unix))]
pub fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
