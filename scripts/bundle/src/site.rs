//! What comes out: `pkg/<hash>/…` with each file in three encodings, the table by which the program includes them
//! (`http/assets.rs` of the server), and the table of their sizes.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::Path;

use brotli::enc::BrotliEncoderParams;
use brotli::enc::backward_references::BrotliEncoderMode;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::inputs::files_below;
use crate::{Failure, name_below};

/// What a first page loads.
struct FirstLoad {
    of: &'static str,
    /// What all of it may take in brotli. More fails the build.
    budget: usize,
    files: &'static [&'static str],
}

const CONSOLE: FirstLoad = FirstLoad {
    of: "the console",
    budget: 864_000,
    files: &[
        "sideline_bg.wasm",
        "sideline.js",
        "sideline.css",
        "early.js",
        "alerts.js",
        // A page loads one language; this one takes most.
        "texts-de.txt",
        "icons.svg",
        "snippets/",
    ],
};

const CHAT_PAGE: FirstLoad = FirstLoad {
    of: "the customers' page",
    budget: 40_000,
    files: &[
        "chat.css",
        "chat.js",
        "chat-files.js",
        "chat-frame.js",
        "chat-outbox.js",
        "chat-stream.js",
        "chat-text.js",
        "favicon.svg",
    ],
};

/// What a page of another site loads to show the launcher, beside the frame.
const WIDGET: FirstLoad = FirstLoad {
    of: "the widget's loader",
    budget: 5_000,
    files: &["widget.js"],
};

/// The loader, and the customers' page in its frame.
const OPEN_WIDGET: FirstLoad = FirstLoad {
    of: "the open widget",
    budget: 40_000,
    files: &[
        "widget.js",
        "chat.css",
        "chat.js",
        "chat-files.js",
        "chat-frame.js",
        "chat-outbox.js",
        "chat-stream.js",
        "chat-text.js",
        "favicon.svg",
    ],
};

/// All that has a budget.
const LOADS: [FirstLoad; 4] = [CONSOLE, CHAT_PAGE, WIDGET, OPEN_WIDGET];

impl FirstLoad {
    /// A name that ends in a slash is a folder.
    fn contains(&self, name: &str) -> bool {
        self.files
            .iter()
            .any(|file| name == *file || (file.ends_with('/') && name.starts_with(file)))
    }
}

/// The files of the site by their names, before they are written.
#[derive(Default)]
pub struct Site {
    files: Vec<(String, Vec<u8>)>,
}

impl Site {
    pub fn add(&mut self, name: String, bytes: Vec<u8>) {
        self.files.push((name, bytes));
    }

    /// Replaces what an earlier run wrote below `out`.
    pub fn write(mut self, out: &Path) -> Result<Sizes, Failure> {
        self.files.sort();
        let hash = self.hash();
        let pkg = out.join("pkg");
        if pkg.exists() {
            fs::remove_dir_all(&pkg)?;
        }
        let mut rows = Vec::new();
        for (name, bytes) in self.files {
            let path = pkg.join(&hash).join(&name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            let (brotli, gzip) = (brotli(&name, &bytes)?, gzip(&bytes)?);
            fs::write(
                path.with_file_name(format!("{}.br", file_name(&path))),
                &brotli,
            )?;
            fs::write(
                path.with_file_name(format!("{}.gz", file_name(&path))),
                &gzip,
            )?;
            fs::write(&path, &bytes)?;
            rows.push(Row {
                name,
                raw: bytes.len(),
                brotli: brotli.len(),
            });
        }
        let names = rows.iter().map(|row| row.name.as_str());
        fs::write(out.join("assets.rs"), table(&hash, names)?)?;
        Ok(Sizes { rows })
    }

    /// One hash over all names and contents: files that belong together are found under one folder or not at all.
    fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (name, bytes) in &self.files {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        }
        hex::encode(&hash.finalize()[..6])
    }
}

/// The files as a value of the server's `Site`. It lies beside `pkg`.
fn table<'a>(hash: &str, names: impl Iterator<Item = &'a str>) -> Result<String, Failure> {
    let folder = format!("pkg/{hash}");
    let mut table = format!("Site {{ hash: {hash:?}, folder: {folder:?}, assets: &[\n");
    for name in names {
        let (content_type, path) = (content_type(name), format!("{folder}/{name}"));
        writeln!(
            table,
            "    assets::Asset {{ name: {name:?}, content_type: {content_type:?}, raw: include_bytes!({path:?}), \
             br: include_bytes!({:?}), gz: include_bytes!({:?}) }},",
            format!("{path}.br"),
            format!("{path}.gz"),
        )?;
    }
    table.push_str("] }\n");
    Ok(table)
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

fn file_name(path: &Path) -> std::borrow::Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}

fn brotli(name: &str, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mode = if name.ends_with(".wasm") {
        BrotliEncoderMode::BROTLI_MODE_GENERIC
    } else {
        BrotliEncoderMode::BROTLI_MODE_TEXT
    };
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        mode,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    name: String,
    raw: usize,
    brotli: usize,
}

fn size(path: &Path) -> Result<usize, Failure> {
    Ok(usize::try_from(fs::metadata(path)?.len())?)
}

/// How large everything became.
pub struct Sizes {
    rows: Vec<Row>,
}

impl Sizes {
    /// Of what an earlier run wrote below `out`.
    pub fn written(out: &Path) -> Result<Self, Failure> {
        let pkg = out.join("pkg");
        let mut rows = Vec::new();
        for compressed in files_below(&pkg, Some("br"))? {
            let raw = compressed.with_extension("");
            let path = name_below(Some(pkg.as_path()), &raw)?;
            let (_hash, name) = path.split_once('/').unwrap_or_default();
            rows.push(Row {
                name: name.to_owned(),
                raw: size(&raw)?,
                brotli: size(&compressed)?,
            });
        }
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(Self { rows })
    }

    fn first_load(&self, load: &FirstLoad) -> usize {
        let loaded = self.rows.iter().filter(|row| load.contains(&row.name));
        loaded.map(|row| row.brotli).sum()
    }

    pub fn print(&self) {
        println!("{:<32} {:>10} {:>10}", "file", "bytes", "brotli");
        for row in &self.rows {
            println!("{:<32} {:>10} {:>10}", row.name, row.raw, row.brotli);
        }
        for load in LOADS {
            println!(
                "{:<32} {:>10} {:>10}   of {}",
                format!("first load of {}", load.of),
                "",
                self.first_load(&load),
                load.budget
            );
        }
    }

    pub fn check_budget(&self) -> Result<(), Failure> {
        for load in LOADS {
            let total = self.first_load(&load);
            if total > load.budget {
                return Err(format!(
                    "the first load of {} takes {total} bytes in brotli, the budget is {}",
                    load.of, load.budget
                )
                .into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        let mut site = Site::default();
        for (name, text) in files {
            site.add((*name).to_owned(), text.as_bytes().to_vec());
        }
        site
    }

    #[test]
    fn the_hash_changes_with_a_name_and_with_content() {
        let first = site(&[("a.js", "1"), ("b.css", "2")]).hash();
        assert_eq!(first.len(), 12);
        assert_eq!(first, site(&[("a.js", "1"), ("b.css", "2")]).hash());
        assert_ne!(first, site(&[("a.js", "1"), ("c.css", "2")]).hash());
        assert_ne!(first, site(&[("a.js", "1"), ("b.css", "3")]).hash());
        assert_ne!(first, site(&[("a.js", "1b.css"), ("", "2")]).hash());
    }

    #[test]
    fn the_table_names_each_file_in_its_three_encodings() {
        let table = table("0123456789ab", ["a.js"].into_iter()).unwrap();
        assert!(table.starts_with("Site { hash: \"0123456789ab\", folder: \"pkg/0123456789ab\""));
        assert!(table.contains("name: \"a.js\", content_type: \"text/javascript; charset=utf-8\""));
        for file in ["a.js", "a.js.br", "a.js.gz"] {
            let included = format!("include_bytes!(\"pkg/0123456789ab/{file}\")");
            assert!(table.contains(&included), "{file}");
        }
    }

    fn sizes(rows: &[(&str, usize)]) -> Sizes {
        let row = |&(name, brotli): &(&str, usize)| Row {
            name: name.to_owned(),
            raw: 0,
            brotli,
        };
        Sizes {
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn what_was_written_is_measured_again_as_it_was() {
        let out = std::env::temp_dir().join(format!("bundle-sizes-{}", std::process::id()));
        let files = [
            ("widget.js", "1"),
            ("sideline.js", "a longer one"),
            ("snippets/x/inline0.js", "0"),
        ];
        let made = site(&files).write(&out).unwrap();
        let found = Sizes::written(&out).unwrap();
        fs::remove_dir_all(&out).unwrap();
        let names: Vec<&str> = found.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["sideline.js", "snippets/x/inline0.js", "widget.js"]);
        assert_eq!(found.rows, made.rows);
    }

    #[test]
    fn the_widget_is_not_part_of_the_consoles_first_load() {
        let sizes = sizes(&[
            ("sideline.js", 10),
            ("chat.js", 500),
            ("widget.js", 30),
            ("snippets/x/inline0.js", 1),
        ]);
        assert_eq!(sizes.first_load(&CONSOLE), 11);
        assert_eq!(sizes.first_load(&CHAT_PAGE), 500);
        assert_eq!(sizes.first_load(&WIDGET), 30);
        assert_eq!(sizes.first_load(&OPEN_WIDGET), 530);
        assert!(sizes.check_budget().is_ok());
    }

    #[test]
    fn each_first_load_has_a_budget_of_its_own() {
        for (file, budget) in [
            ("sideline_bg.wasm", CONSOLE.budget),
            ("chat.js", CHAT_PAGE.budget),
            ("widget.js", WIDGET.budget),
        ] {
            assert!(sizes(&[(file, budget)]).check_budget().is_ok());
            assert!(sizes(&[(file, budget + 1)]).check_budget().is_err());
        }
    }
}
