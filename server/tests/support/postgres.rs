//! Databases of PostgreSQL for tests: each test has one of its own, a copy of one that was migrated once.
//!
//! The server is the one that SIDELINE_TEST_POSTGRES names, else one on this machine that lets everybody in; `scripts/setup.sh test`
//! starts one where there is none. No test is left out for want of a server.

use std::path::Path;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use server::store::postgres::{Address, PostgresStore, Sharing};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};
use tokio::sync::OnceCell;

/// Where a server usually is.
const USUAL: &str = "postgres://postgres@127.0.0.1:5432/postgres";
/// The lock of those who make the database that others are copied from: "template".
const LOCK: i64 = i64::from_be_bytes(*b"template");

/// Where the server is: the address of a database that is there.
fn server() -> String {
    std::env::var("SIDELINE_TEST_POSTGRES").unwrap_or_else(|_| USUAL.to_owned())
}

/// The address of another database of the server.
fn beside(name: &str) -> String {
    let server = server();
    let (before, query) = match server.split_once('?') {
        Some((before, query)) => (before, format!("?{query}")),
        None => (server.as_str(), String::new()),
    };
    let place = before.rfind('/').expect("an address with a database");
    format!("{}/{name}{query}", &before[..place])
}

/// A connection to the server, for what a test does behind the store's back.
pub async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("an address of PostgreSQL");
    options.disable_statement_logging().connect().await.expect(
        "a PostgreSQL to test with: `. scripts/setup.sh test` starts one, or SIDELINE_TEST_POSTGRES names one",
    )
}

async fn run(connection: &mut PgConnection, statement: String) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement.clone()));
    done.execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// The database that others are copied from.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(made_template).await
}

/// The migrations have an address of their own, so that a change of them makes another one.
async fn made_template() -> String {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut files: Vec<_> = std::fs::read_dir(migrations)
        .expect("migrations")
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    // FNV: of no consequence, and the same in every process.
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in std::fs::read(file).expect("a migration") {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    let name = format!("sideline_template_{sum:016x}");
    let mut connection = connect(&server()).await;
    run(&mut connection, format!("SELECT pg_advisory_lock({LOCK})")).await;
    let found = sqlx::query("SELECT datname FROM pg_database WHERE datname LIKE 'sideline\\_%'")
        .fetch_all(&mut connection)
        .await
        .expect("a list of databases");
    let mut there = false;
    for row in found {
        let found: String = row.get("datname");
        there |= found == name;
        let process = found
            .strip_prefix("sideline_test_")
            .and_then(|rest| rest.split('_').next());
        let left = process.is_some_and(|process| !Path::new("/proc").join(process).exists());
        if left || (found.starts_with("sideline_template_") && found != name) {
            // Somebody with another state of the migrations may be using it.
            let drop = format!("DROP DATABASE IF EXISTS {found}");
            let _ = sqlx::raw_sql(AssertSqlSafe(drop))
                .execute(&mut connection)
                .await;
        }
    }
    if !there {
        let new = format!("sideline_test_{}_template", process::id());
        run(
            &mut connection,
            format!("CREATE DATABASE {new} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"),
        )
        .await;
        let address: Address = beside(&new).parse().expect("an address");
        PostgresStore::migrate(&address).await.expect("a schema");
        // Its last connection may still be on its way out.
        run(
            &mut connection,
            format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{new}'"
            ),
        )
        .await;
        run(
            &mut connection,
            format!("ALTER DATABASE {new} RENAME TO {name}"),
        )
        .await;
    }
    // With the connection goes the lock.
    connection.close().await.expect("a connection");
    name
}

/// A database of one test, which goes when this is dropped.
pub struct Database {
    name: String,
}

impl Database {
    /// One without any data.
    pub async fn new() -> Self {
        Self::copied(template().await).await
    }

    /// One without any table.
    pub async fn empty() -> Self {
        Self::copied("template0").await
    }

    /// One with the data of this one, whose connections end for good.
    pub async fn copy(&self) -> Self {
        let mut connection = connect(&server()).await;
        let close = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.name);
        run(&mut connection, close).await;
        connection.close().await.expect("a connection");
        self.disconnect().await;
        Self::copied(&self.name).await
    }

    async fn copied(template: &str) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("sideline_test_{}_{number}", process::id());
        let mut connection = connect(&server()).await;
        let options = match template {
            "template0" => " ENCODING 'UTF8' LOCALE 'C'",
            _ => "",
        };
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}{options}");
        run(&mut connection, create).await;
        connection.close().await.expect("a connection");
        Self { name }
    }

    /// Its address.
    pub fn url(&self) -> String {
        beside(&self.name)
    }

    /// Its address, as the store takes it.
    pub fn address(&self) -> Address {
        self.url().parse().expect("an address")
    }

    /// The store in it.
    pub async fn open(&self) -> PostgresStore {
        let store = PostgresStore::open(&self.address(), Sharing::Alone).await;
        store.expect("the database opens")
    }

    /// Ends every connection to it but the one that asks, as the end of the server does.
    pub async fn disconnect(&self) {
        let mut connection = connect(&server()).await;
        let end = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        run(&mut connection, end).await;
        connection.close().await.expect("a connection");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread of its own: the one that drops may be in a runtime. Nobody waits for it, because each drop is a checkpoint of the server,
        // which takes a second where it syncs to a disk; those of drops that are asked for together are one. What is left over, a later
        // run takes away.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                let mut connection = connect(&server()).await;
                run(&mut connection, drop).await;
            });
        });
    }
}
