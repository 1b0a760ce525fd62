//! The ways on which customers come in. Everything under here speaks to people outside: it reads only the
//! customer's side of the store and never learns what staff do among themselves.

pub mod webchat;
