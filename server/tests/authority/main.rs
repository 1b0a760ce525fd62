//! Who may what: every server function, every route and every live topic that the running program knows, asked for
//! as everybody. One that is missing from its table fails.

mod alerts;
mod analytics;
mod audited;
mod browser;
mod cast;
mod chat_settings;
mod device;
mod escalation;
mod files;
mod first_sign_in;
mod forms;
mod functions;
mod header;
mod headers;
mod history_export;
mod kept;
mod keys;
mod labels;
mod list_export;
mod meanwhile;
mod passkeys;
mod passkeys_limits;
mod passkeys_refused;
mod passkeys_set_up;
mod proof;
mod ready;
mod refusals;
mod reviews;
mod roles;
mod routes;
mod saved_texts;
mod second_factor;
mod sessions;
mod set_up;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod taken_away;
mod tokens;
mod topics;
mod user_import;
mod views;
mod walls;
mod webhooks;
mod wrong_fields;
