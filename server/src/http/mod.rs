//! What HTTP needs on the host: pages, sign-in, assets, health, and the checks that every request passes. No use-case
//! lives here, and nothing here knows of `live` or `channels`; the router is put together in `router.rs`.

pub(crate) mod alerts;
pub(crate) mod analytics;
mod ask_once;
pub mod assets;
pub(crate) mod audit_export;
pub(crate) mod chat_channel;
pub mod client_address;
pub(crate) mod concurrency_limits;
pub(crate) mod cookies;
mod csv;
pub(crate) mod errors;
pub(crate) mod escalation;
pub(crate) mod file;
pub(crate) mod file_send;
pub(crate) mod form_rate;
pub(crate) mod forms;
mod forms_page;
pub(crate) mod guards;
mod header;
pub(crate) mod health;
pub(crate) mod history_export;
pub(crate) mod labels;
mod language;
pub(crate) mod layers;
pub(crate) mod list_export;
mod media_type;
mod page_reader;
pub(crate) mod pages;
pub(crate) mod paths;
mod people;
pub(crate) mod plain_page;
pub(crate) mod problem;
pub(crate) mod push;
pub(crate) mod query;
mod refused;
mod request_id;
pub(crate) mod roles;
pub mod routes;
mod said;
pub(crate) mod saved_texts;
mod secret_rows;
pub(crate) mod send_rate;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod single_sign_on;
pub(crate) mod tokens;
mod user_agent;
pub(crate) mod user_import;
pub(crate) mod views;
pub(crate) mod waiting;
pub(crate) mod walls;
pub(crate) mod webhooks;
pub(crate) mod well_known;

use std::time::Duration;

use shared::files::FILE_MAX;

pub(crate) use media_type::is_media_type;
pub use session::SignedIn;

/// The largest request body, in bytes: 4,000 characters of four bytes, each escaped as JSON may.
pub const BODY_MAX: usize = 64 * 1024;
/// The largest batch of a provider that brings many messages in one request, in bytes: what Meta sends at most.
pub const BATCH_MAX: usize = 3 * 1024 * 1024;
/// The largest body that brings a file, in bytes: a file that is a little too large is refused with words of its own.
pub const FILE_BODY_MAX: usize = FILE_MAX + BODY_MAX;
/// The largest body that brings a file of users, in bytes: browsers end lines in two signs, so it may be half as large again.
const IMPORT_BODY_MAX: usize = user_import::KIB_MAX * 1024 * 3 / 2 + BODY_MAX;

/// The largest body of a request to a path, in bytes.
pub fn body_max(path: &str) -> usize {
    if paths::brings_batch(path) {
        BATCH_MAX
    } else if paths::brings_file(path) {
        FILE_BODY_MAX
    } else if path == paths::USER_IMPORT {
        IMPORT_BODY_MAX
    } else {
        BODY_MAX
    }
}

/// What an operator can set about HTTP.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Browsers reach this host over TLS: cookies are Secure and carry the `__Host-` prefix.
    pub secure: bool,
    /// Browsers use TLS for all hosts below this one's name as well. Only with `secure`.
    pub hsts_subdomains: bool,
    /// A proxy in front names the client in `X-Forwarded-For`; without one, anybody could.
    pub trust_forwarded: bool,
    /// How long a request may take until its answer begins. A body that is sent byte by byte must be complete by then.
    pub answer_within: Duration,
    /// How many connections there may be; silent ones make room for others.
    pub connections: usize,
    /// The digest of the token that makes the first administrator at `/setup`; without one nobody does.
    pub setup_hash: Option<String>,
    /// Whom to tell about a vulnerability, as a URI; without one there is no `security.txt`.
    pub security_contact: Option<String>,
    /// How many texts one user may send in a second over time (`send_rate.rs`).
    pub send_rate: u32,
    /// How many other commands one user may send in a second over time.
    pub command_rate: u32,
    /// How many requests one token of the HTTP API may send in a minute (`crate::api`).
    pub api_rate: u32,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            secure: false,
            hsts_subdomains: false,
            trust_forwarded: false,
            answer_within: Duration::from_secs(60),
            connections: usize::MAX,
            setup_hash: None,
            security_contact: None,
            send_rate: u32::MAX,
            command_rate: u32::MAX,
            api_rate: u32::MAX,
        }
    }
}
