//! A listener over TLS on loopback, with a certificate of an authority that no program knows from the start.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// The authority of the certificate below. Nobody has its key.
pub const AUTHORITY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/program/tls/authority.crt"
);

/// A listener on a free port, and its address.
pub async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// Takes connections over TLS alone.
pub struct Secured {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Secured {
    /// As 127.0.0.1.
    pub fn over(listener: TcpListener) -> Self {
        let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/collector.crt"));
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/collector.key"));
        let certificates = vec![certificate.expect("a certificate")];
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(certificates, key.expect("a key"));
        let config = config.expect("a certificate with its key");
        Self {
            listener,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }
}

impl axum::serve::Listener for Secured {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (socket, from) = self.listener.accept().await.expect("a connection");
            // Who does not trust the certificate leaves again.
            if let Ok(secured) = self.acceptor.accept(socket).await {
                return (secured, from);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
