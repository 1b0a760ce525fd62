//! The channels by which customers reach the program. Everything under here speaks to people outside: it reads only the
//! customer's side of the store and never learns what staff do among themselves.

pub mod webchat;
