//! Writes the table of the files that the program carries: what `scripts/build.sh` bundled into `SIDELINE_SITE`.
//!
//! Without that variable (tests, clippy, documentation) the table is empty, whatever may lie around from earlier
//! builds, so that those never depend on a browser build.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=SIDELINE_SITE");
    let table = match env::var_os("SIDELINE_SITE").filter(|site| !site.is_empty()) {
        Some(site) => table_of(Path::new(&site))?,
        None => table("dev", ""),
    };
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    fs::write(out.join("assets.rs"), table)
}

fn table_of(site: &Path) -> io::Result<String> {
    let manifest = site.join("manifest.txt");
    // The name of the folder is a hash of its content, so the manifest stands for every file.
    println!("cargo:rerun-if-changed={}", manifest.display());
    let hash = fs::read_to_string(&manifest).map_err(|error| {
        io::Error::other(format!("SIDELINE_SITE: {}: {error}", manifest.display()))
    })?;
    let pkg = site.join("pkg").join(hash.trim());
    let mut files = Vec::new();
    collect(&pkg, &mut files)?;
    files.sort();
    let mut entries = String::new();
    for file in files {
        let name = file
            .strip_prefix(&pkg)
            .map_err(io::Error::other)?
            .to_string_lossy()
            .replace('\\', "/");
        let path = file.to_string_lossy();
        writeln!(
            entries,
            "    Asset {{ name: {name:?}, content_type: {:?}, raw: include_bytes!({path:?}), \
             br: include_bytes!({:?}), gz: include_bytes!({:?}) }},",
            content_type(&name),
            format!("{path}.br"),
            format!("{path}.gz"),
        )
        .map_err(io::Error::other)?;
    }
    Ok(table(hash.trim(), &entries))
}

fn table(hash: &str, entries: &str) -> String {
    let folder = format!("pkg/{hash}");
    format!(
        "static SITE: Site = Site {{ hash: {hash:?}, folder: {folder:?}, assets: &[\n{entries}] }};\n"
    )
}

/// The files as they are, without their compressed copies.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_none_or(|end| end != "br" && end != "gz")
        {
            files.push(path);
        }
    }
    Ok(())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "wasm" => "application/wasm",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        _ => "application/octet-stream",
    }
}
