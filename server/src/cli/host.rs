//! `sideline serve` and `sideline demo`: start the host, and close it at the end.

use std::io::{ErrorKind, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use shared::ids::NodeId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use super::{
    CliError, DemoArgs, META_URL, ServeArgs, TWILIO_URL, cli_error, key_file, log, open_files,
    open_shared, refused,
};
use crate::authorities::Authorities;
use crate::bus::nats::NatsLink;
use crate::channels::{ProviderConfig, providers};
use crate::clock_and_ids::{Ids, RandomIds, SystemClock};
use crate::demo as demonstration;
use crate::demo::stand_ins::{Doors, HostAddress, StandIns};
use crate::desk::event_sender::Webhooks;
use crate::desk::identity_provider::IdentityProviders;
use crate::desk::nodes::NodeConfig;
use crate::desk::push::Pushes;
use crate::desk::{Desk, DeskConfig};
use crate::http::HttpConfig;
use crate::http::cookies::token_hash;
use crate::http::routes::Routes;
use crate::metrics::{self, Metrics};
use crate::oidc::{Oidc, OidcConfig};
use crate::push::WebPush;
use crate::secrets::{self, Keyring};
use crate::serve::{serve as answer, stop_signal};
use crate::store::OwnedStore;
use crate::store::postgres::Sharing;
use crate::webhooks::address::Network;
use crate::webhooks::{HttpSender, WebhookConfig};

/// How long queued writes may take after the last connection has ended.
const DRAIN: Duration = Duration::from_secs(5);

/// Demo data, and what is simulated.
struct Demo {
    /// Customers write.
    customers: bool,
    /// Stand-ins take the place of the vendors that carry messages.
    stand_ins: bool,
}

/// What there is before the desk.
struct Parts {
    store: Arc<dyn OwnedStore>,
    keys: Keyring,
    identity_providers: IdentityProviders,
}

/// Runs Sideline.
pub(super) async fn serve(args: ServeArgs) -> Result<(), CliError> {
    host(args, None).await
}

/// Runs Sideline with demo data; on an address that others can reach only with `--demo-for-everybody`.
pub(super) async fn demo(args: DemoArgs) -> Result<(), CliError> {
    let ip = args.serve.listen.ip();
    if !ip.is_loopback() && !args.demo_for_everybody {
        return Err(cli_error(format!(
            "demo accounts have a password that everybody knows, and {ip} can be reached by others; \
             listen on 127.0.0.1, or add --demo-for-everybody if that is what you want"
        )));
    }
    // An address that somebody chose is the one that is meant.
    let chosen = args.serve.twilio_url != TWILIO_URL || args.serve.meta_url != META_URL;
    let demo = Demo {
        customers: !args.quiet_customers,
        stand_ins: (args.stand_ins || !args.quiet_customers) && !chosen,
    };
    host(args.serve, Some(demo)).await
}

async fn host(args: ServeArgs, demo: Option<Demo>) -> Result<(), CliError> {
    let begun = Instant::now();
    let traces = log::start(&args)?;
    let identity_providers = identity_providers(&args)?;
    let connections = open_files::raise();
    let sharing = match args.bus.bus {
        Some(_) => Sharing::Nodes,
        None => Sharing::Alone,
    };
    let store = open_shared(&args.data, sharing).await?;
    let ended = match keys(&args) {
        Ok(keys) => {
            let parts = Parts {
                store: Arc::clone(&store),
                keys,
                identity_providers,
            };
            run(args, demo, parts, connections, begun).await
        }
        Err(error) => Err(error),
    };
    close(&*store).await?;
    if let Some(traces) = traces {
        // It blocks; a runtime that ends does not wait for it longer than it takes.
        let _ = tokio::task::spawn_blocking(move || traces.close()).await;
    }
    ended
}

async fn run(
    args: ServeArgs,
    demo: Option<Demo>,
    parts: Parts,
    connections: usize,
    begun: Instant,
) -> Result<(), CliError> {
    let store = Arc::clone(&parts.store);
    let (listener, address) = bind("--listen", args.listen).await?;
    let (stopping, stopped) = watch::channel(false);
    let (desk, stand_ins) = begin(&args, demo.as_ref(), parts, address, &stopped).await?;
    desk.open().await.map_err(cli_error)?;
    let stop = stop_signal().map_err(cli_error)?;
    let measured = match args.metrics_listen {
        Some(asked) => Some(bind("--metrics-listen", asked).await?),
        None => None,
    };
    println!("Listening on http://{address}");
    if let Some((_, address)) = &measured {
        println!("Metrics on http://{address}/metrics");
    }
    if demo.is_some() {
        let address = format!("http://{address}");
        println!("{}", demonstration::welcome(&address, stand_ins.is_some()));
    }
    let setup = setup_token(&desk, store.epoch()).await?;
    if let Some(token) = &setup {
        print_setup(token, address, args.behind_tls);
    }
    let _ = std::io::stdout().flush();
    let measuring = measured.map(|(listener, _)| {
        let metrics = Metrics::new(store, desk.clone(), begun.elapsed());
        let mut stopped = stopped.clone();
        let stop = async move {
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        tokio::spawn(metrics::serve(metrics, listener, stop))
    });
    if demo.is_some_and(|demo| demo.customers) {
        demonstration::customers::spawn(desk.clone(), stand_ins.clone(), stopped);
    }
    let http = HttpConfig {
        secure: args.behind_tls,
        hsts_subdomains: args.hsts_subdomains,
        trust_forwarded: args.trust_forwarded,
        connections,
        setup_hash: setup.as_deref().map(token_hash),
        security_contact: args.security_contact,
        send_rate: args.send_rate,
        command_rate: args.command_rate,
        api_rate: args.api_rate,
        ..HttpConfig::default()
    };
    let more = |closing| match stand_ins {
        Some(stand_ins) => demonstration::phone_page::router(stand_ins, closing),
        None => Routes::new(),
    };
    let ended = answer(desk.clone(), http, listener, more, stop).await;
    desk.nodes_leave().await;
    let ended = ended.map_err(cli_error);
    let _ = stopping.send(true);
    if let Some(measuring) = measuring {
        // It has no open work, but it holds the store, which is closed next.
        let _ = measuring.await;
    }
    ended
}

/// The desk, with demo data and what is simulated where that is wanted.
async fn begin(
    args: &ServeArgs,
    demo: Option<&Demo>,
    parts: Parts,
    address: SocketAddr,
    stopped: &watch::Receiver<bool>,
) -> Result<(Desk, Option<StandIns>), CliError> {
    let doors = match demo {
        Some(demo) if demo.stand_ins => Some(Doors::open().await.map_err(cli_error)?),
        _ => None,
    };
    let host = HostAddress::new(args.public_url.as_deref(), address);
    let (twilio_url, meta_url, public_url) = match &doors {
        Some(doors) => (
            doors.twilio_url(),
            doors.meta_url(),
            Some(host.public_url.clone()),
        ),
        None => (
            args.twilio_url.as_str(),
            args.meta_url.as_str(),
            args.public_url.clone(),
        ),
    };
    let provider = ProviderConfig {
        twilio_url: twilio_url.to_owned(),
        meta_url: meta_url.to_owned(),
        ..ProviderConfig::default()
    };
    let outside = |allowed: &[Network]| WebhookConfig {
        allowed: allowed.to_vec(),
        ..WebhookConfig::default()
    };
    let receivers = outside(&args.webhooks_allow_network);
    let push_services = outside(&args.push_allow_network);
    let Parts {
        store,
        keys,
        identity_providers,
    } = parts;
    let config = DeskConfig {
        dial_pattern: args.dial_pattern.clone(),
        grace: Duration::from_secs(args.monitor_grace),
        public_url: public_url.clone(),
        providers: providers(&provider),
        webhooks: Webhooks::by(HttpSender::new(receivers, Arc::new(SystemClock))),
        pushes: Pushes::by(WebPush::new(
            push_services,
            Arc::new(SystemClock),
            &keys,
            public_url.clone(),
        )),
        identity_providers,
        keys,
        node: node(args, &*store).await?,
        ..DeskConfig::default()
    };
    let desk = Desk::new(store, Arc::new(SystemClock), Arc::new(RandomIds), config);
    let Some(doors) = doors else {
        if demo.is_some() {
            demonstration::seed(&desk).await.map_err(refused)?;
        }
        return Ok((desk, None));
    };
    let seeded = demonstration::seed_with_channels(&desk).await;
    seeded.map_err(refused)?;
    let started = StandIns::start(doors, desk.clone(), host, stopped.clone()).await;
    Ok((desk, Some(started.map_err(refused)?)))
}

/// What makes this process one of several nodes, where it is.
async fn node(args: &ServeArgs, store: &dyn OwnedStore) -> Result<Option<NodeConfig>, CliError> {
    let Some(address) = &args.bus.bus else {
        return Ok(None);
    };
    let credentials = match &args.bus.bus_credentials {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            cli_error(format!(
                "the file {} cannot be read: {error}",
                file.display()
            ))
        })?),
        None => None,
    };
    let authorities = args.bus.bus_ca.as_deref();
    if let Some(file) = authorities {
        // The client reads the file with each connection; what is wrong with it is said now.
        let read = Authorities::read(file);
        read.map_err(|error| cli_error(format!("--bus-ca: {error}")))?;
    }
    // Nodes of another database on the same servers are none of this one's.
    let link = NatsLink::open(address, credentials.as_deref(), authorities, store.epoch()).await;
    let link = link
        .map_err(|error| cli_error(format!("the credentials for NATS cannot be used: {error}")))?;
    let id = NodeId::parse(RandomIds.next()).map_err(refused)?;
    Ok(Some(NodeConfig {
        id,
        link: Arc::new(link),
    }))
}

/// What speaks to the provider of single sign-on; a file of authorities must be of use.
fn identity_providers(args: &ServeArgs) -> Result<IdentityProviders, CliError> {
    let authorities = args.sso_ca.as_deref().map(Authorities::read).transpose();
    let authorities = authorities.map_err(|error| cli_error(format!("--sso-ca: {error}")))?;
    let config = OidcConfig {
        allowed: args.sso_allow_network.clone(),
        authorities,
        ..OidcConfig::default()
    };
    Ok(IdentityProviders::by(Oidc::new(
        config,
        Arc::new(SystemClock),
    )))
}

/// The keys that seal secrets; a file of one's own must be there.
fn keys(args: &ServeArgs) -> Result<Keyring, CliError> {
    let file = key_file(&args.data, &args.key);
    match &args.key.secret_key_file {
        Some(_) => secrets::load(&file),
        None => secrets::load_or_create(&file),
    }
    .map_err(cli_error)
}

/// The token that makes the first administrator, as long as there is nobody. It follows from the key of the secrets and from the
/// database, so nodes that share both print the same one, each of them takes it, and a program that starts again keeps it.
async fn setup_token(desk: &Desk, epoch: &str) -> Result<Option<String>, CliError> {
    let mut rows = desk.store().snapshot().await.map_err(cli_error)?;
    let anybody = rows.user_any().await.map_err(cli_error)?;
    let token = || hex::encode(desk.config().keys.derived(&format!("setup {epoch}")));
    Ok((!anybody).then(token))
}

/// Prints where the first administrator is created.
fn print_setup(token: &str, address: SocketAddr, behind_tls: bool) {
    // Cookies that are Secure work only at the proxy's address, which nobody here knows.
    let (place, base) = match behind_tls {
        true => ("at this path of the address in front", String::new()),
        false => ("here", format!("http://{address}")),
    };
    println!(
        "There are no users yet. Create the first administrator {place}, once:\n\
         {base}/setup?token={token}"
    );
}

async fn bind(flag: &str, asked: SocketAddr) -> Result<(TcpListener, SocketAddr), CliError> {
    let listener = TcpListener::bind(asked)
        .await
        .map_err(|error| match error.kind() {
            ErrorKind::AddrInUse => cli_error(format!(
                "{asked} is taken by another program; stop it, or choose another port with {flag} 127.0.0.1:0"
            )),
            _ => cli_error(format!("cannot listen on {asked}: {error}")),
        })?;
    let address = listener.local_addr().map_err(cli_error)?;
    Ok((listener, address))
}

/// Waits until everything accepted is written, at most for [`DRAIN`].
async fn close(store: &dyn OwnedStore) -> Result<(), CliError> {
    timeout(DRAIN, store.close()).await.map_err(|_| {
        cli_error(format!(
            "the database was not closed within {} seconds; what was answered is stored all the same",
            DRAIN.as_secs()
        ))
    })
}
