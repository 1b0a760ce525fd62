//! The browser's half: wasm-bindgen writes the JavaScript around the wasm, wasm-opt makes the wasm smaller.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use wasm_bindgen_cli_support::Bindgen;

use crate::{Failure, inputs, name_below};

/// The features that the compiler and wasm-bindgen use today. `--all-features` would also turn on encodings that no browser reads.
const WASM_FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// For the fewest bytes after compression: a function with one caller stays a function unless it is tiny, because
/// brotli finds more that repeats in many short functions than in few long ones (7% of the whole). Functions of one name
/// are made of one source for different types, and compress better side by side (1%). A second and a third round still
/// find 1.5%; `--converge` finds another 0.3% in twice the time.
const SMALLEST: [&str; 5] = [
    "-Oz",
    "-Oz",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    "--reorder-functions-by-name",
];

/// `sideline.js`, `sideline_bg.wasm` and the snippets that the JavaScript imports, by name.
pub struct Browser {
    pub files: Vec<(String, Vec<u8>)>,
}

impl Browser {
    /// Reads what an earlier run left in `folder` for the same fingerprint, or makes it there.
    pub fn kept_or_made(
        folder: &Path,
        print: &str,
        wasm: &Path,
        wasm_opt: Option<&Path>,
    ) -> Result<Self, Failure> {
        let stamp = folder.with_extension("stamp");
        if !fs::read_to_string(&stamp).is_ok_and(|known| known == print) {
            if folder.exists() {
                fs::remove_dir_all(folder)?;
            }
            fs::create_dir_all(folder)?;
            make(folder, wasm, wasm_opt)?;
            fs::write(&stamp, print)?;
        }
        let mut files = Vec::new();
        for path in inputs::files_below(folder, None)? {
            files.push((name_below(Some(folder), &path)?, fs::read(path)?));
        }
        Ok(Self { files })
    }
}

fn make(folder: &Path, wasm: &Path, wasm_opt: Option<&Path>) -> Result<(), Failure> {
    Bindgen::new()
        .input_path(wasm)
        .out_name("sideline")
        .web(true)
        .and_then(|bindgen| bindgen.typescript(false).generate(folder))
        .map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    if let Some(wasm_opt) = wasm_opt {
        let wasm = folder.join("sideline_bg.wasm");
        let smaller = env::temp_dir().join(format!("sideline-{}.wasm", std::process::id()));
        let status = Command::new(wasm_opt)
            .args(SMALLEST)
            .args(WASM_FEATURES)
            .arg(&wasm)
            .arg("-o")
            .arg(&smaller)
            .status();
        let done = status
            .map_err(|error| format!("{}: {error}", wasm_opt.display()))?
            .success();
        if done {
            fs::copy(&smaller, wasm)?;
        }
        let _ = fs::remove_file(smaller);
        if !done {
            return Err("wasm-opt refused the wasm".into());
        }
    }
    Ok(())
}
