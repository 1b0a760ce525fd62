//! The command line. Every flag has an environment variable. An error is one sentence that says what to do.

mod database;
mod host;
mod log;
mod open_files;
mod rekey;
mod upkeep;
mod users;

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::Uri;
use clap::error::{ContextKind, ContextValue};
use clap::{Args, Parser, Subcommand, ValueEnum};
use i18n::Language;
use shared::error::AppError;
use shared::people::Role;

use self::database::{Database, database, open, open_shared};
use crate::bus::nats::BusAddress;
use crate::desk::to_app_error;
use crate::store::StoreError;
use crate::traces::Collector;
use crate::webhooks::address::Network;

/// Where Twilio's API is.
const TWILIO_URL: &str = "https://api.twilio.com";
/// Where Meta's Graph API is.
const META_URL: &str = "https://graph.facebook.com";

/// Supervisors stand beside agents who talk to customers.
#[derive(Debug, Parser)]
#[command(name = "sideline", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

impl Cli {
    /// The command line of this process. An address that was not understood is not said again: it may hold a password.
    pub fn read() -> Result<Self, clap::Error> {
        Self::try_parse().map_err(|mut error| {
            let secret = match error.get(ContextKind::InvalidArg) {
                Some(ContextValue::String(flag)) => {
                    ADDRESSES.iter().any(|one| flag.starts_with(one))
                }
                _ => false,
            };
            if secret {
                let hidden = ContextValue::String("***".to_owned());
                error.insert(ContextKind::InvalidValue, hidden);
            }
            error
        })
    }
}

/// The flags whose values may hold passwords.
const ADDRESSES: [&str; 4] = ["--database", "--bus", "--from", "--to"];

#[derive(Debug, Subcommand)]
enum Command {
    /// Run Sideline.
    Serve(ServeArgs),
    /// Run Sideline with demo data and simulated customers.
    Demo(DemoArgs),
    /// Bring the database to this program's version, and stop.
    Migrate(DataArgs),
    /// Copy everything from a SQLite file into an empty database of PostgreSQL. Neither is in use meanwhile.
    MigrateDatabase(MigrateDatabaseArgs),
    /// Copy the database to a new file, consistently, also while Sideline runs.
    Backup(BackupArgs),
    /// Verify what must be true of a database, also while Sideline runs; says what is not, and fails then.
    Check(CheckArgs),
    /// Make a new key for the secrets of channels and webhooks and seal them with it; the key before is dropped. Not while Sideline runs.
    Rekey(KeyArgs),
    /// Manage users from the command line.
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create a user. The password is read from standard input, or from SIDELINE_PASSWORD, and is changed at the first
    /// sign-in. Not while Sideline runs.
    Add(UserAddArgs),
    /// List the users, also while Sideline runs.
    List(DataArgs),
    /// Set a user's password, which is changed at the next sign-in, and end their sessions. Read like that of `add`. Not
    /// while Sideline runs.
    ResetPassword(UserResetArgs),
}

#[derive(Debug, Args)]
struct DataArgs {
    /// Folder of the database and of the key of its secrets; created when it is not there.
    #[arg(
        long,
        env = "SIDELINE_DATA",
        default_value = "data",
        value_name = "DIR"
    )]
    data: PathBuf,
    /// The database, where it is not sideline.db in the data folder: sqlite:FILE, or postgres://user:password@host:port/database.
    #[arg(
        long,
        env = "SIDELINE_DATABASE",
        value_name = "URL",
        hide_env_values = true
    )]
    database: Option<Database>,
}

#[derive(Debug, Args)]
struct KeyArgs {
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    key: KeyFileArgs,
}

#[derive(Debug, Args)]
struct KeyFileArgs {
    /// File with the key that seals the secrets of channels and webhooks, which are in the database. Without this it is secret.key in the
    /// data folder, created for its owner alone when it is not there. Keep a copy apart from the database's.
    #[arg(long, env = "SIDELINE_SECRET_KEY_FILE", value_name = "FILE")]
    secret_key_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct BusArgs {
    /// NATS, by which several nodes on one database of PostgreSQL tell each other of changes: nats://host:4222 or tls://host:4222,
    /// with user:password@ or token@ where it asks for them; several servers of one cluster with commas. Without it this process has
    /// the database alone.
    #[arg(long, env = "SIDELINE_BUS", value_name = "URL", hide_env_values = true)]
    bus: Option<BusAddress>,
    /// File with the credentials for NATS, as nsc makes it.
    #[arg(
        long,
        env = "SIDELINE_BUS_CREDENTIALS",
        value_name = "FILE",
        requires = "bus"
    )]
    bus_credentials: Option<PathBuf>,
    /// File in PEM with the authorities that the certificate of NATS may come from, in place of those that the machine knows. With it
    /// nothing is said to NATS without TLS.
    #[arg(long, env = "SIDELINE_BUS_CA", value_name = "FILE", requires = "bus")]
    bus_ca: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct MigrateDatabaseArgs {
    /// The file: sqlite:FILE.
    #[arg(long, value_name = "URL")]
    from: Database,
    /// The database: postgres://user:password@host:port/database.
    #[arg(
        long,
        value_name = "URL",
        env = "SIDELINE_DATABASE",
        hide_env_values = true
    )]
    to: Database,
}

#[derive(Debug, Args)]
struct BackupArgs {
    #[command(flatten)]
    data: DataArgs,
    /// The file to write; there must be none of that name.
    file: PathBuf,
}

#[derive(Debug, Args)]
struct CheckArgs {
    #[command(flatten)]
    data: DataArgs,
    /// A database other than the one in the data folder, such as a backup.
    file: Option<PathBuf>,
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
    /// Browsers use TLS for all hosts below this one's name too (HSTS includeSubDomains). Only where each of them has it.
    #[arg(long, env = "SIDELINE_HSTS_SUBDOMAINS", requires = "behind_tls")]
    hsts_subdomains: bool,
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
    /// Address of this host as browsers and providers reach it, such as https://desk.example.com. Providers report to it, and
    /// sign it; passkeys are bound to its name, and work for no other.
    #[arg(long, env = "SIDELINE_PUBLIC_URL", value_name = "URL", value_parser = base_url)]
    public_url: Option<String>,
    /// Where Twilio's API is; another address than Twilio's own is a stand-in for a test.
    #[arg(long, env = "SIDELINE_TWILIO_URL", default_value = TWILIO_URL, value_name = "URL",
          value_parser = base_url)]
    twilio_url: String,
    /// Where Meta's Graph API is; another address than Meta's own is a stand-in for a test.
    #[arg(long, env = "SIDELINE_META_URL", default_value = META_URL, value_name = "URL",
          value_parser = base_url)]
    meta_url: String,
    /// Networks that are not public and to which webhooks may be sent all the same, over http too: 10.1.0.0/16, or an address;
    /// several with commas. Everybody who administers can then send requests there.
    #[arg(
        long,
        env = "SIDELINE_WEBHOOKS_ALLOW_NETWORK",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    webhooks_allow_network: Vec<Network>,
    /// Networks that are not public and in which browsers may have a push service all the same, over http too; several with
    /// commas. Everybody who can sign in can then send requests there.
    #[arg(
        long,
        env = "SIDELINE_PUSH_ALLOW_NETWORK",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    push_allow_network: Vec<Network>,
    /// Networks that are not public and in which the provider of single sign-on may be all the same; several with commas. It has to
    /// speak TLS there too, except on this machine: 127.0.0.1 is for tests.
    #[arg(
        long,
        env = "SIDELINE_SSO_ALLOW_NETWORK",
        value_name = "NETWORK",
        value_delimiter = ','
    )]
    sso_allow_network: Vec<Network>,
    /// File in PEM with the authorities that the certificate of the provider of single sign-on may come from, in place of those that
    /// Mozilla lists.
    #[arg(long, env = "SIDELINE_SSO_CA", value_name = "FILE")]
    sso_ca: Option<PathBuf>,
    #[command(flatten)]
    key: KeyFileArgs,
    #[command(flatten)]
    bus: BusArgs,
    /// Seconds that a lost connection may be away before its monitorings end.
    #[arg(long, env = "SIDELINE_MONITOR_GRACE", default_value_t = 8, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=300))]
    monitor_grace: u64,
    /// Texts that one user may send in a second over time, and six times as many at once.
    #[arg(long, env = "SIDELINE_SEND_RATE", default_value_t = 20, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    send_rate: u32,
    /// Other commands that one user may send in a second over time, such as a presence or a label, and ten times as many at once.
    #[arg(long, env = "SIDELINE_COMMAND_RATE", default_value_t = 20, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    command_rate: u32,
    /// Requests that one token of the HTTP API may send in a minute, all of them at once if need be.
    #[arg(long, env = "SIDELINE_API_RATE", default_value_t = 600, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    api_rate: u32,
    /// Address and port of the metrics for Prometheus, at /metrics; none without it. Anybody who reaches it can read
    /// them: keep it on a network of your own.
    #[arg(long, env = "SIDELINE_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// Collector of OpenTelemetry that gets traces by OTLP over HTTP, such as http://127.0.0.1:4318 or https://traces.example.com;
    /// none without it. They hold ids and no texts. OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG say which part is kept,
    /// OTEL_EXPORTER_OTLP_HEADERS what the collector asks for beside them.
    #[arg(long, env = "SIDELINE_OTLP", value_name = "URL")]
    otlp: Option<Collector>,
    /// File in PEM with the authorities that the certificate of a collector over TLS may come from, in place of those that Mozilla
    /// lists.
    #[arg(long, env = "SIDELINE_OTLP_CA", value_name = "FILE", requires = "otlp")]
    otlp_ca: Option<PathBuf>,
    /// Whom to tell about a vulnerability: mailto:, https: or tel:. Stands in /.well-known/security.txt.
    #[arg(long, env = "SIDELINE_SECURITY_CONTACT", value_name = "URI", value_parser = contact)]
    security_contact: Option<String>,
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
    /// No simulated customers and no simulated providers, so nothing happens without a user.
    #[arg(long, env = "SIDELINE_QUIET_CUSTOMERS")]
    quiet_customers: bool,
    /// Simulated providers with --quiet-customers as well: SMS, WhatsApp, Messenger and Instagram that the user writes at
    /// /demo/phone. Not where --twilio-url or --meta-url names another stand-in.
    #[arg(long, env = "SIDELINE_STAND_INS")]
    stand_ins: bool,
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

#[derive(Debug, Args)]
struct UserResetArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Name to sign in with.
    username: String,
    /// Take the user's second factor away as well, so that they can sign in without it.
    #[arg(long)]
    without_second_factor: bool,
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

/// What ends the program, as a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct CliError(String);

/// An input that was refused, with its name.
fn refused(error: AppError) -> CliError {
    let text = i18n::error_text(Language::En, &error);
    match error {
        AppError::Invalid { field, .. } => CliError(format!("{field}: {text}")),
        _ => CliError(text),
    }
}

/// What the store did not do; one that cannot store says itself why.
fn not_stored(error: StoreError) -> CliError {
    match error {
        StoreError::Invalid { .. } | StoreError::Conflict(_) => refused(to_app_error(error)),
        error => cli_error(error),
    }
}

fn cli_error(what: impl std::fmt::Display) -> CliError {
    CliError(what.to_string())
}

/// Carries out the command line.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.command {
        Command::Serve(args) => host::serve(args).await,
        Command::Demo(args) => host::demo(args).await,
        Command::Migrate(args) => upkeep::migrate(&database(&args)).await,
        Command::MigrateDatabase(args) => upkeep::migrate_database(&args.from, &args.to).await,
        Command::Backup(args) => upkeep::backup(&database(&args.data), &args.file).await,
        Command::Check(args) => {
            let file = args.file.map(Database::Sqlite);
            let meant = file.unwrap_or_else(|| database(&args.data));
            upkeep::check(&meant, &args.data.data).await
        }
        Command::Rekey(args) => rekey::rekey(&args.data, &key_file(&args.data, &args.key)).await,
        Command::User(UserCommand::Add(args)) => users::add(args).await,
        Command::User(UserCommand::List(args)) => users::list(&args).await,
        Command::User(UserCommand::ResetPassword(args)) => users::reset_password(args).await,
    }
}

/// A contact as RFC 9116 has it.
fn contact(text: &str) -> Result<String, String> {
    let known = ["mailto:", "https://", "tel:"];
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    match plain && known.iter().any(|scheme| text.starts_with(scheme)) {
        true => Ok(text.to_owned()),
        false => Err("expected mailto:…, https://… or tel:…".to_owned()),
    }
}

/// An address without a path of its own and without a slash at its end. Where it is not this machine's it has TLS.
fn base_url(text: &str) -> Result<String, String> {
    let base = text.trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|_| "expected a URL".to_owned())?;
    let host = uri.host().unwrap_or_default();
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    let bare = uri.path_and_query().is_none_or(|path| path == "/");
    match uri.scheme_str() {
        Some("https") if bare && !host.is_empty() => Ok(base.to_owned()),
        Some("http") if bare && local => Ok(base.to_owned()),
        _ => Err("expected https://…, or http://127.0.0.1:…, without a path".to_owned()),
    }
}

/// The file with the key that seals secrets.
fn key_file(data: &DataArgs, key: &KeyFileArgs) -> PathBuf {
    let default = || data.data.join("secret.key");
    key.secret_key_file.clone().unwrap_or_else(default)
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn an_address_has_tls_unless_it_is_this_machines() {
        assert_eq!(
            base_url("https://desk.example.com/"),
            Ok("https://desk.example.com".to_owned())
        );
        assert!(base_url("https://desk.example.com:8443").is_ok());
        assert!(base_url("http://127.0.0.1:4010").is_ok());
        for refused in [
            "desk.example.com",
            "http://desk.example.com",
            "https://a/b",
            "https://",
            "",
        ] {
            assert!(base_url(refused).is_err(), "{refused}");
        }
    }
}
