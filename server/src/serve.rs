//! Running the host: from an open listener until told to stop, so that tests can run it on a free port.

use std::future::{Future, IntoFuture};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::desk::Desk;
use crate::http::{HttpConfig, router};

/// How long open requests may take to finish once the host is told to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// Answers requests on `listener` until `stop` is done. Live connections are told to come back later, so that
/// browsers resume with the next process.
pub async fn serve(
    desk: Desk,
    config: HttpConfig,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let app = router(desk, config, closed).into_make_service_with_connect_info::<SocketAddr>();
    let mut begun = closing.subscribe();
    let server = axum::serve(listener, app).with_graceful_shutdown(async move {
        stop.await;
        let _ = closing.send(true);
    });
    // A customer's event stream or a half-open socket must not keep the process from ending.
    let patience = async move {
        let _ = begun.wait_for(|begun| *begun).await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        result = server.into_future() => result,
        () = patience => Ok(()),
    }
}

/// Done when the process is asked to end: Ctrl-C, or SIGTERM from a process supervisor.
pub async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
