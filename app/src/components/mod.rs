//! The pieces that pages are made of. A component takes data and callbacks; its styles stand in `style/` under
//! the same name.

pub mod agent_menu;
pub mod assistance_picker;
mod avatar;
pub mod clipboard;
pub mod composer;
pub mod connection;
pub mod dialog;
pub mod dialpad;
pub mod directory;
pub mod field;
pub mod focus;
pub mod icon;
mod linked;
pub mod load_failed;
pub mod menu;
pub mod outgoing;
mod page_title;
pub mod pop_up;
pub mod presence;
pub mod print;
mod quiet;
pub mod reassign;
pub mod resize;
pub mod row_focus;
pub mod time;
pub mod toasts;
pub mod transcript;
pub mod transcript_entry;
pub mod unsent;
pub mod user_menu;
mod wait;
pub mod workitems_modal;

pub use avatar::Avatar;
pub use composer::Composer;
pub use dialog::Dialog;
pub use field::Field;
pub use icon::Icon;
pub use linked::linked;
pub use menu::{Menu, MenuAnchor, MenuItem};
pub use page_title::PageTitle;
pub use presence::PresenceDot;
pub use quiet::use_quiet;
pub use time::{LocalTime, Waiting};
pub use transcript::Transcript;
pub use wait::Wait;
