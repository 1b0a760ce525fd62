//! What a file of views imports: leptos' prelude, with this crate's [cells](crate::cells), [markup](crate::markup) and
//! lists in place of leptos' own.

pub use leptos::prelude::*;
pub use markup::view;

pub use crate::cells::{Effect, LocalValue, Memo, RwSignal, Signal, StoredValue, spawn_local};
pub use crate::components::each::{For, Show};
pub use crate::markup::{NodeRef, dynamic};
