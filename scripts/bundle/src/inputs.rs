//! What goes in: lists of files in a fixed order, and one fingerprint over everything that matters.

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

use crate::Failure;

/// A hash over this program itself and over each input, so that equal fingerprints mean equal output.
pub struct Fingerprint(Sha256);

impl Fingerprint {
    pub fn new() -> Result<Self, Failure> {
        let mut fingerprint = Self(Sha256::new());
        // The program stands for the version of wasm-bindgen and for every choice made in this crate.
        fingerprint.0.update(fs::read(env::current_exe()?)?);
        Ok(fingerprint)
    }

    pub fn file(&mut self, path: &Path) -> Result<(), Failure> {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        self.text(&path.to_string_lossy());
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        Ok(())
    }

    pub fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
    }

    /// The fingerprint of what was put in so far.
    pub fn hex(&self) -> String {
        hex::encode(self.0.clone().finalize())
    }
}

/// The files below a folder in the order of their paths; none where the folder does not exist. Hidden files are
/// an editor's or a system's business.
pub fn files_below(folder: &Path, extension: Option<&str>) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    if folder.is_dir() {
        collect(folder, extension, &mut files)?;
    }
    files.sort();
    Ok(files)
}

fn collect(
    folder: &Path,
    extension: Option<&str>,
    files: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, extension, files)?;
        } else if extension.is_none() || path.extension().and_then(|end| end.to_str()) == extension
        {
            files.push(path);
        }
    }
    Ok(())
}
