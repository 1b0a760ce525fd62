//! The command line. Every flag has an environment variable; what goes wrong is one sentence that says what
//! to do.

use std::io::{BufRead, ErrorKind, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use shared::admin::UserAccount;
use shared::ids::UserId;
use shared::people::Role;
use shared::text::{DisplayName, Password, Username};
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::demo;
use crate::desk::{Desk, DeskConfig};
use crate::http::HttpConfig;
use crate::password;
use crate::seeds::{Clock, Ids, RandomIds, SystemClock};
use crate::serve::{serve, stop_signal};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// Supervisors stand beside agents who talk to customers.
#[derive(Debug, Parser)]
#[command(name = "sideline", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run Sideline.
    Serve(ServeArgs),
    /// Run Sideline with demo data and simulated customers.
    Demo(DemoArgs),
    /// Bring the database to this program's version, and stop.
    Migrate(DataArgs),
    /// Manage users from the command line.
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create a user; the first administrator comes from here. The password is read from standard input, or
    /// from SIDELINE_PASSWORD.
    Add(UserAddArgs),
}

#[derive(Debug, Args)]
struct DataArgs {
    /// Folder of the database; created when it is not there.
    #[arg(
        long,
        env = "SIDELINE_DATA",
        default_value = "data",
        value_name = "DIR"
    )]
    data: PathBuf,
}

#[derive(Debug, Args)]
struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Address and port to listen on; port 0 takes a free one and prints it.
    #[arg(
        long,
        env = "SIDELINE_LISTEN",
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS"
    )]
    listen: SocketAddr,
    /// Browsers come over TLS, ended by a proxy in front: cookies become Secure.
    #[arg(long, env = "SIDELINE_BEHIND_TLS")]
    behind_tls: bool,
    /// Take the client's address from the last entry of X-Forwarded-For. Only behind a proxy that sets it.
    #[arg(long, env = "SIDELINE_TRUST_FORWARDED")]
    trust_forwarded: bool,
    /// Address that places a call; {number} is replaced.
    #[arg(
        long,
        env = "SIDELINE_DIAL_PATTERN",
        default_value = "tel:{number}",
        value_name = "PATTERN"
    )]
    dial_pattern: String,
    /// Seconds that a lost connection may be away before its monitorings end.
    #[arg(long, env = "SIDELINE_MONITOR_GRACE", default_value_t = 8, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=300))]
    monitor_grace: u64,
    /// How log lines look.
    #[arg(long, env = "SIDELINE_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter such as "warn,server=debug".
    #[arg(
        long,
        env = "SIDELINE_LOG",
        default_value = "warn",
        value_name = "FILTER"
    )]
    log: String,
}

#[derive(Debug, Args)]
struct DemoArgs {
    #[command(flatten)]
    serve: ServeArgs,
    /// No simulated customers: nothing happens by itself.
    #[arg(long, env = "SIDELINE_QUIET_CUSTOMERS")]
    quiet_customers: bool,
    /// Serve demo accounts, whose password everybody knows, on an address that others can reach.
    #[arg(long, env = "SIDELINE_DEMO_FOR_EVERYBODY")]
    demo_for_everybody: bool,
}

#[derive(Debug, Args)]
struct UserAddArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name to sign in with.
    username: String,
    /// Name that others see.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// A role; may be given several times, the first decides the landing page.
    #[arg(long = "role", value_enum, default_values_t = [RoleArg::Administrator], value_name = "ROLE")]
    roles: Vec<RoleArg>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleArg {
    Agent,
    Supervisor,
    Administrator,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Role {
        match role {
            RoleArg::Agent => Role::Agent,
            RoleArg::Supervisor => Role::Supervisor,
            RoleArg::Administrator => Role::Administrator,
        }
    }
}

/// What ends the program, as a sentence for whoever started it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CliError(String);

fn because(what: impl std::fmt::Display) -> CliError {
    CliError(what.to_string())
}

/// Carries out the command line.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => host(args, None).await,
        Command::Demo(args) => {
            let ip = args.serve.listen.ip();
            if !ip.is_loopback() && !args.demo_for_everybody {
                return Err(because(format!(
                    "demo accounts have a password that everybody knows, and {ip} can be reached by others; \
                     listen on 127.0.0.1, or add --demo-for-everybody if that is what you want"
                )));
            }
            host(args.serve, Some(!args.quiet_customers)).await
        }
        Command::Migrate(args) => migrate(&args.data).await,
        Command::User(UserCommand::Add(args)) => user_add(args).await,
    }
}

fn database(data: &Path) -> PathBuf {
    data.join("sideline.db")
}

async fn open(data: &Path) -> Result<SqliteStore, CliError> {
    SqliteStore::open(&database(data)).await.map_err(because)
}

/// `demo`: `None` without demo data, else whether simulated customers write.
async fn host(args: ServeArgs, demo: Option<bool>) -> Result<(), CliError> {
    start_log(&args)?;
    let store = open(&args.data.data).await?;
    let config = DeskConfig {
        dial_pattern: args.dial_pattern,
        grace: Duration::from_secs(args.monitor_grace),
    };
    let desk = Desk::new(
        Arc::new(store),
        Arc::new(SystemClock),
        Arc::new(RandomIds::default()),
        config,
    );
    if demo.is_some() {
        demo::seed(&desk).await.map_err(because)?;
    }
    desk.open().await.map_err(because)?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => because(format!(
            "{} is taken by another program; stop it, or choose another port with --listen 127.0.0.1:0",
            args.listen
        )),
        _ => because(format!("cannot listen on {}: {error}", args.listen)),
    })?;
    let address = listener.local_addr().map_err(because)?;
    println!("Listening on http://{address}");
    if demo.is_some() {
        println!("{}", demo::welcome(&format!("http://{address}")));
    } else if desk.store().user_list().await.map_err(because)?.is_empty() {
        println!("There are no users yet. Create the first administrator: sideline user add NAME");
    }
    let _ = std::io::stdout().flush();
    let (stopping, stopped) = watch::channel(false);
    if demo == Some(true) {
        demo::customers::spawn(desk.clone(), stopped);
    }
    let http = HttpConfig {
        secure: args.behind_tls,
        trust_forwarded: args.trust_forwarded,
    };
    let ended = serve(desk, http, listener, stop_signal())
        .await
        .map_err(because);
    let _ = stopping.send(true);
    ended
}

fn start_log(args: &ServeArgs) -> Result<(), CliError> {
    let filter = tracing_subscriber::EnvFilter::try_new(&args.log)
        .map_err(|error| because(format!("--log {}: {error}", args.log)))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match args.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(because)
}

async fn migrate(data: &Path) -> Result<(), CliError> {
    let (from, to) = SqliteStore::migrate(&database(data))
        .await
        .map_err(because)?;
    if from == to {
        println!("The database is at version {to} already.");
    } else {
        println!("The database went from version {from} to {to}.");
    }
    Ok(())
}

async fn user_add(args: UserAddArgs) -> Result<(), CliError> {
    let username = Username::parse(&args.username).map_err(because)?;
    let name = args.name.unwrap_or_else(|| args.username.clone());
    let name = DisplayName::parse(&name).map_err(because)?;
    let password = Password::parse(&read_password()?).map_err(because)?;
    let mut roles: Vec<Role> = Vec::new();
    for role in args.roles {
        if !roles.contains(&role.into()) {
            roles.push(role.into());
        }
    }
    let store = open(&args.data.data).await?;
    let account = UserAccount {
        id: UserId::parse(RandomIds::default().next()).map_err(because)?,
        username: username.as_str().to_owned(),
        name: name.into(),
        roles,
        active: true,
    };
    let hash = password::hash(&password).await;
    let created = store
        .user_create(account, &hash, SystemClock.now())
        .await
        .map_err(because)?
        .value;
    println!("Created {} ({}).", created.username, created.name);
    Ok(())
}

fn read_password() -> Result<String, CliError> {
    if let Ok(password) = std::env::var("SIDELINE_PASSWORD") {
        return Ok(password);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password (it is shown as you type): ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(because)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
