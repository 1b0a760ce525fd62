//! Running the host: from an open listener until it is asked to stop, so that tests can run it on a free port.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::connections::Connections;
use crate::desk::Desk;
use crate::http::HttpConfig;
use crate::http::client_address::ClientAddress;
use crate::http::routes::Routes;
use crate::router::router_with;

/// How long open requests and live connections may take to finish once the host is asked to stop.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(3);
/// How long the head of a request may take, and how long a connection may wait for its next one. Longer than proxies
/// keep theirs, so that they are the ones who close.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// How long a silent connection may take to end when its place is needed.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Answers requests on `listener` until `stop` is done. Then it takes no new connection, finishes the requests
/// that it has, and closes live sockets with a code that tells browsers to come back, so that they resume with the
/// next process. `more` makes the routes that only this program has, of what turns true when it is about to end.
pub async fn serve(
    desk: Desk,
    config: HttpConfig,
    listener: TcpListener,
    more: impl FnOnce(watch::Receiver<bool>) -> Routes,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let (closing, closed) = watch::channel(false);
    let connections = Connections::new(config.connections);
    let more = more(closed.clone());
    let app = router_with(desk, &config, closed, more);
    let mut begun = closing.subscribe();
    let announce = closing.clone();
    let stop = async move {
        stop.await;
        let _ = announce.send(true);
    };
    let drained = async move {
        serve_connections(listener, app, HEAD_TIMEOUT, connections, stop).await;
        // An upgraded socket is no request any more, so nothing waits for it yet. Each one that is still open holds a
        // receiver.
        closing.closed().await;
    };
    // A half-open socket must not keep the process from ending.
    let overdue = async move {
        let _ = begun.wait_for(|begun| *begun).await;
        drop(begun);
        tokio::time::sleep(SHUTDOWN_LIMIT).await;
    };
    tokio::select! {
        () = drained => {}
        () = overdue => {}
    }
    Ok(())
}

/// Takes connections until `stop` is done, and is done itself when their requests are. `axum::serve` does the same, but
/// waits for ever for the head of a request.
pub async fn answer(listener: TcpListener, app: Router, stop: impl Future<Output = ()>) {
    let as_many_as_come = Connections::new(usize::MAX);
    serve_connections(listener, app, HEAD_TIMEOUT, as_many_as_come, stop).await;
}

async fn serve_connections(
    mut listener: TcpListener,
    app: Router,
    head_timeout: Duration,
    connections: Connections,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head_timeout);
    // Each connection holds a receiver.
    let (ending, _) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let next = async {
            connections.room().await;
            // Waits a moment when there are too many open files.
            Listener::accept(&mut listener).await
        };
        let (stream, address) = tokio::select! {
            accepted = next => accepted,
            () = &mut stop => break,
        };
        tracing::trace!(%address, "a connection begins");
        set_nodelay(&stream);
        let (stream, line) = connections.take(stream, ClientAddress::of(address.ip()));
        let (app, requests) = (app.clone(), line.handle());
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let (app, under_way) = (app.clone(), requests.request());
            async move {
                let mut request: Request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(address));
                let answer = app.oneshot(request).await;
                let answer = answer.unwrap_or_else(|none| match none {});
                Ok::<_, Infallible>(under_way.until_answered(answer))
            }
        });
        let connection = http
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut ended = ending.subscribe();
        tokio::spawn(async move {
            let mut connection = pin!(connection);
            let outcome = tokio::select! {
                outcome = connection.as_mut() => outcome,
                _ = ended.changed() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                answered = line.has_to_go() => match answered {
                    true => {
                        connection.as_mut().graceful_shutdown();
                        timeout(CLOSE_LIMIT, connection).await.unwrap_or(Ok(()))
                    }
                    false => Ok(()),
                },
            };
            line.end();
            if let Err(error) = outcome {
                tracing::debug!(%error, %address, "a connection ended before its time");
            }
        });
    }
    drop(listener);
    let _ = ending.send(());
    ending.closed().await;
}

/// Small frames leave at once: otherwise the system holds back the second one until the first is acknowledged, which
/// takes some 40 ms.
fn set_nodelay(connection: &TcpStream) {
    if let Err(error) = connection.set_nodelay(true) {
        tracing::debug!(%error, "a connection holds back small frames");
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    use super::*;

    /// A host that answers `/` after `held` is let go, and how to stop it.
    async fn host(
        head_timeout: Duration,
    ) -> (SocketAddr, watch::Sender<bool>, oneshot::Sender<()>) {
        host_for(head_timeout, usize::MAX).await
    }

    async fn host_for(
        head_timeout: Duration,
        most: usize,
    ) -> (SocketAddr, watch::Sender<bool>, oneshot::Sender<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (held, hold) = watch::channel(true);
        let app = Router::new().route(
            "/",
            get(move || async move {
                let _ = hold.clone().wait_for(|held| !*held).await;
                "answered"
            }),
        );
        let (stop, stopped) = oneshot::channel();
        let connections = Connections::new(most);
        let stop_when = async move {
            let _ = stopped.await;
        };
        tokio::spawn(serve_connections(
            listener,
            app,
            head_timeout,
            connections,
            stop_when,
        ));
        (address, held, stop)
    }

    async fn read_to_end(mut socket: TcpStream) -> String {
        let mut text = String::new();
        // Reset or closed: either way it is over.
        let _ = socket.read_to_string(&mut text).await;
        text
    }

    #[tokio::test]
    async fn who_never_finishes_a_head_is_let_go() {
        let (address, held, _stop) = host(Duration::from_millis(50)).await;
        held.send_replace(false);
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"GET / HTTP/1.1\r\nho").await.unwrap();
        let silent = TcpStream::connect(address).await.unwrap();
        let mut kept = TcpStream::connect(address).await.unwrap();
        kept.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
            .await
            .unwrap();
        assert!(!read_to_end(half).await.contains("200"));
        assert_eq!(read_to_end(silent).await, "");
        assert!(read_to_end(kept).await.ends_with("answered"));
    }

    #[tokio::test]
    async fn what_was_asked_before_the_end_is_answered() {
        let (address, held, stop) = host(HEAD_TIMEOUT).await;
        let mut asked = TcpStream::connect(address).await.unwrap();
        asked
            .write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
            .await
            .unwrap();
        // It is under way when the handler waits.
        while held.receiver_count() < 2 {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        held.send_replace(false);
        assert!(read_to_end(asked).await.ends_with("answered"));
    }

    #[tokio::test]
    async fn s31_silent_connections_make_room_and_those_that_work_stay() {
        let (address, held, _stop) = host_for(HEAD_TIMEOUT, 8).await;
        let asked = async || {
            let mut socket = TcpStream::connect(address).await.unwrap();
            socket
                .write_all(b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")
                .await
                .unwrap();
            socket
        };
        let mut works = asked().await;
        // It is under way when the handler waits.
        while held.receiver_count() < 2 {
            tokio::task::yield_now().await;
        }
        let mut silent = Vec::new();
        for number in 0..40 {
            let mut socket = TcpStream::connect(address).await.unwrap();
            if number % 2 == 0 {
                // It may have been let go already.
                let _ = socket.write_all(b"GET / HTTP/1.1\r\nho").await;
            }
            silent.push(socket);
        }
        let comes_late = asked().await;
        while held.receiver_count() < 3 {
            tokio::task::yield_now().await;
        }
        held.send_replace(false);
        assert!(read_to_end(comes_late).await.ends_with("answered"));
        let mut text = String::new();
        works.read_to_string(&mut text).await.unwrap();
        assert!(text.ends_with("answered"));
        // The first one that said nothing has gone.
        assert_eq!(read_to_end(silent.swap_remove(0)).await, "");
    }
}
