//! The chain of the audit log: each row carries a digest of itself and of the row before, so that no row can be changed or
//! taken out of the middle without a trace. It proves nothing against somebody who can rewrite the whole file; a digest that
//! was exported earlier does.
//!
//! The digest is SHA-256 of the digest before in hex, a line feed, and the row as a JSON array without blanks:
//! `[id,at,actor,what,about,outcome,changes,skipped]`, in which `changes` is a text. What retention deletes from the front
//! leaves its last number and digest in `audit_anchor`, and the chain goes on from there.

use sha2::{Digest, Sha256};

/// The columns of a row that its digest is made of.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Link<'a> {
    pub(in crate::store) id: i64,
    pub(in crate::store) at: i64,
    pub(in crate::store) actor: Option<&'a str>,
    pub(in crate::store) what: &'a str,
    pub(in crate::store) about: &'a str,
    pub(in crate::store) outcome: &'a str,
    pub(in crate::store) changes: &'a str,
    pub(in crate::store) skipped: i64,
}

impl Link<'_> {
    /// The digest of this row behind the one with the digest `before`.
    pub(in crate::store) fn digest(&self, before: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        let row = serde_json::to_string(&(
            self.id,
            self.at,
            self.actor,
            self.what,
            self.about,
            self.outcome,
            self.changes,
            self.skipped,
        ))?;
        let mut digest = Sha256::new();
        digest.update(hex::encode(before));
        digest.update("\n");
        digest.update(row);
        Ok(digest.finalize().to_vec())
    }
}
