//! The query of an address, read strictly.

use shared::error::{AppError, NAME_SHOWN, Problem};

/// Refuses other fields than these, and one that stands there twice. `Invalid` names the field.
pub(crate) fn only(fields: &[(String, String)], known: &[&str]) -> Result<(), AppError> {
    for (place, (name, _)) in fields.iter().enumerate() {
        let reason = if !known.contains(&name.as_str()) {
            Problem::UnknownField
        } else if fields[..place].iter().any(|(other, _)| other == name) {
            Problem::TooMany { max: 1 }
        } else {
            continue;
        };
        let name: String = name.chars().take(NAME_SHOWN).collect();
        return Err(AppError::invalid(&name, reason));
    }
    Ok(())
}
