//! Where a database is, and why it cannot be used.
//!
//! Each thing that can be wrong with it has its own sentence, for the person who started the program. No sentence holds a password.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};

/// The oldest version of PostgreSQL that is taken.
pub(super) const OLDEST: i32 = 15;
/// How long to wait for a connection to the server.
pub(super) const REACHED_WITHIN: Duration = Duration::from_secs(5);
/// How long to wait for a connection of the pool.
pub(super) const ACQUIRED_WITHIN: Duration = Duration::from_secs(3);
/// How long a connection is used.
pub(super) const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// What each connection sets: a statement or a transaction that hangs is ended by the server, and what is answered is on disk.
/// Plans by indexes touch fewer rows that others write, so fewer transactions meet.
const SETTINGS: [(&str, &str); 9] = [
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("synchronous_commit", "on"),
    ("random_page_cost", "1.1"),
    // A transaction whose commit failed is over when it is undone, which is no news.
    ("client_min_messages", "error"),
    // So the server notices within half a minute that a process is gone for good, and lets go of its lock.
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];
/// How many plans of statements a connection keeps; there are fewer statements.
const PLANS: usize = 512;
/// A statement is planned once on each connection, not for its first five arguments and then again: what finds rows by their keys has
/// one good plan, and making it takes longer than using it a hundred times.
pub(super) const PLANNED_ONCE: (&str, &str) = ("plan_cache_mode", "force_generic_plan");

/// Where a PostgreSQL database is, and who asks: `postgres://user:password@host:port/name`.
#[derive(Clone)]
pub struct Address(PgConnectOptions);

impl Address {
    /// Who has the database alone says so by this connection.
    pub(super) async fn connect(&self) -> Result<PgConnection, OpenError> {
        let connected = tokio::time::timeout(REACHED_WITHIN, self.reach()).await;
        let connected = connected.unwrap_or_else(|_| {
            let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "it does not answer");
            Err(sqlx::Error::Io(late))
        });
        connected.map_err(|error| self.error(&error))
    }

    /// The same without a limit in time, and with what went wrong as sqlx says it.
    pub(super) async fn reach(&self) -> sqlx::Result<PgConnection> {
        self.0.connect().await
    }

    /// A pool of at most so many connections, none of which is open yet. To be made in the runtime that uses it.
    pub(super) fn pool(&self, most: u32) -> PgPool {
        PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(ACQUIRED_WITHIN)
            .max_lifetime(LIFETIME)
            // It would cost each transaction one more way to the server: see `session::on_live_connection`.
            .test_before_acquire(false)
            .connect_lazy_with(self.0.clone())
    }

    /// The same database, with another setting of its connections.
    pub(super) fn with(&self, setting: (&str, &str)) -> Self {
        Self(self.0.clone().options([setting]))
    }

    /// Another database of the same server.
    #[cfg(test)]
    pub(super) fn of_database(&self, name: &str) -> Self {
        Self(self.0.clone().database(name))
    }

    /// What an error means to the operator.
    pub(super) fn error(&self, error: &sqlx::Error) -> OpenError {
        let database = self.to_string();
        let code = error.as_database_error().and_then(|error| error.code());
        let reason = match error {
            sqlx::Error::Database(error) => error.message().to_owned(),
            sqlx::Error::Io(error) => error.to_string(),
            error => error.to_string(),
        };
        match code.as_deref() {
            // invalid_password, invalid_authorization_specification.
            Some("28P01" | "28000") => OpenError::Refused { database, reason },
            // invalid_catalog_name.
            Some("3D000") => OpenError::Missing { database },
            Some(_) => OpenError::Database { database, reason },
            None => OpenError::Unreachable { database, reason },
        }
    }
}

/// Without the password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, host, port) = (self.0.get_username(), self.0.get_host(), self.0.get_port());
        let name = self.0.get_database().unwrap_or(user);
        write!(f, "postgres://{user}@{host}:{port}/{name}")
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(address: &str) -> Result<Self, String> {
        // What sqlx says of an address might quote it.
        let options = PgConnectOptions::from_str(address);
        let options = options
            .map_err(|_| "expected postgres://user:password@host:port/database".to_owned())?;
        let options = options
            .application_name("sideline")
            .statement_cache_capacity(PLANS)
            .options(SETTINGS)
            .disable_statement_logging();
        Ok(Self(options))
    }
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing answers there.
    #[error("The database {database} cannot be reached: {reason}.")]
    Unreachable {
        /// Its address.
        database: String,
        /// What the system says.
        reason: String,
    },
    /// The server does not let this user in.
    #[error("PostgreSQL refuses to open {database}: {reason}. Check user and password.")]
    Refused {
        /// Its address.
        database: String,
        /// What the server says.
        reason: String,
    },
    /// The server has no such database.
    #[error("There is no database {database}; make it with `createdb --encoding UTF8`.")]
    Missing {
        /// Its address.
        database: String,
    },
    /// The server is too old.
    #[error(
        "The server of {database} is PostgreSQL {found}; Sideline needs PostgreSQL {OLDEST} or later."
    )]
    TooOld {
        /// Its address.
        database: String,
        /// Its version.
        found: String,
    },
    /// It cannot hold every text.
    #[error("The database {database} has the encoding {found}; Sideline needs UTF8.")]
    Encoding {
        /// Its address.
        database: String,
        /// Its encoding.
        found: String,
    },
    /// A newer program was here before.
    #[error(
        "The database {database} has version {found}, made by a newer Sideline; this one knows versions up to {known}."
    )]
    Newer {
        /// Its address.
        database: String,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// An older program was here before.
    #[error(
        "The database {database} has version {found}, and this Sideline uses version {known}; run `sideline migrate` first."
    )]
    Older {
        /// Its address.
        database: String,
        /// Its version.
        found: i64,
        /// The version that this program uses.
        known: i64,
    },
    /// It is another program's.
    #[error(
        "The database {database} has tables that are not Sideline's; give Sideline one of its own."
    )]
    NotOurs {
        /// Its address.
        database: String,
    },
    /// Another process has it.
    #[error(
        "The database {database} is in use by another Sideline process. Several on one database need NATS: start each with --bus."
    )]
    InUse {
        /// Its address.
        database: String,
    },
    /// A process that shares it with nobody has it.
    #[error(
        "The database {database} is in use by a Sideline process without --bus; stop that one first."
    )]
    TakenAlone {
        /// Its address.
        database: String,
    },
    /// Anything else that the server reports.
    #[error("The database {database} cannot be opened: {reason}.")]
    Database {
        /// Its address.
        database: String,
        /// What it reports.
        reason: String,
    },
}
