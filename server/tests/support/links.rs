//! A way to a server on this machine that can be cut as a network is cut that drops packets: nothing is delivered and nothing is
//! refused, and neither side is told. What was held back arrives when the way is mended.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A way to a server, which lasts as long as the test.
pub struct Link {
    address: SocketAddr,
    cut: watch::Sender<bool>,
}

impl Link {
    /// A way to this port.
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (cut, state) = watch::channel(false);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, port, state.clone()));
            }
        });
        Self { address, cut }
    }

    /// Its port on this side.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Nothing passes any more.
    pub fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Everything passes again.
    pub fn mend(&self) {
        self.cut.send_replace(false);
    }
}

async fn carry(near: TcpStream, port: u16, mut cut: watch::Receiver<bool>) {
    // An error says that the test is over.
    if cut.wait_for(|cut| !cut).await.is_err() {
        return;
    }
    let Ok(far) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    // Where one direction ends, so does the other: a server that was killed is gone for both sides.
    tokio::select! {
        () = one_way(near_in, far_out, cut.clone()) => {}
        () = one_way(far_in, near_out, cut) => {}
    }
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut cut: watch::Receiver<bool>,
) {
    let mut held = [0; 16 * 1_024];
    while let Ok(length @ 1..) = from.read(&mut held).await {
        if cut.wait_for(|cut| !cut).await.is_err() || to.write_all(&held[..length]).await.is_err() {
            return;
        }
    }
}
