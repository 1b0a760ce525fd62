//! Turns the browser's wasm, the texts of each language, the style sheets and the static files into what the server embeds: a folder named
//! after the hash of its content, with each file also in brotli and gzip.
//!
//! ```text
//! bundle --wasm app.wasm --style style/ --static app/static/ --out site/ --wasm-opt path/to/wasm-opt
//! ```
//!
//! Never rewrites what is inside a file to make it findable: the files name each other relatively, and move together.

mod browser;
mod inputs;
mod site;
mod style;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use browser::Browser;
use inputs::Fingerprint;
use site::{Site, Sizes};

/// What can go wrong here ends the build; a sentence is enough.
type Failure = Box<dyn std::error::Error>;

/// What the command line says.
struct Options {
    wasm: PathBuf,
    style: PathBuf,
    statics: Option<PathBuf>,
    out: PathBuf,
    wasm_opt: Option<PathBuf>,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let (mut wasm, mut style, mut statics, mut out, mut wasm_opt) =
            (None, None, None, None, None);
        while let Some(name) = arguments.next() {
            let place = match name.as_str() {
                "--wasm" => &mut wasm,
                "--style" => &mut style,
                "--static" => &mut statics,
                "--out" => &mut out,
                "--wasm-opt" => &mut wasm_opt,
                _ => return Err(format!("unknown argument {name}").into()),
            };
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} needs a value"))?;
            // An empty value is how a script says "none".
            *place = Some(PathBuf::from(value)).filter(|path| !path.as_os_str().is_empty());
        }
        Ok(Self {
            wasm: wasm.ok_or("--wasm is missing")?,
            style: style.ok_or("--style is missing")?,
            statics,
            out: out.ok_or("--out is missing")?,
            wasm_opt,
        })
    }
}

fn main() -> ExitCode {
    match Options::parse(env::args().skip(1)).and_then(|options| bundle(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bundle: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn bundle(options: &Options) -> Result<(), Failure> {
    let wasm_opt = options.wasm_opt.as_deref();
    let mut fingerprint = Fingerprint::new()?;
    fingerprint.file(&options.wasm)?;
    fingerprint.text(if wasm_opt.is_some() {
        "optimised"
    } else {
        "as compiled"
    });
    let browser_print = fingerprint.hex();
    let styles = inputs::files_below(&options.style, Some("css"))?;
    let statics = options
        .statics
        .as_deref()
        .map_or(Ok(Vec::new()), |folder| inputs::files_below(folder, None))?;
    for file in styles.iter().chain(&statics) {
        fingerprint.file(file)?;
    }
    let print = fingerprint.hex();

    let stamp = options.out.join("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|known| known == print) {
        Sizes::written(&options.out)?.print();
        return Ok(());
    }

    // The half that takes long is kept apart, so that a change of a style sheet does not pay for it.
    let browser = Browser::kept_or_made(
        &options.out.join("browser"),
        &browser_print,
        &options.wasm,
        wasm_opt,
    )?;
    let mut site = Site::default();
    for (name, bytes) in browser.files {
        site.add(name, bytes);
    }
    site.add(
        "sideline.css".to_owned(),
        style::join(&styles)?.into_bytes(),
    );
    for language in i18n::Language::ALL {
        let texts = i18n::browser_file(language);
        site.add(i18n::browser_file_name(language), texts.into_bytes());
    }
    for file in &statics {
        let name = name_below(options.statics.as_deref(), file)?;
        let bytes = match name.ends_with(".css") {
            true => style::join(std::slice::from_ref(file))?.into_bytes(),
            false => fs::read(file)?,
        };
        site.add(name, bytes);
    }

    // Without the stamp, what stops half-way is not taken for finished.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let sizes = site.write(&options.out)?;
    sizes.print();
    if wasm_opt.is_some() {
        sizes.check_budget()?;
    }
    fs::write(stamp, print)?;
    Ok(())
}

/// The name of a file as the browser asks for it: its path below the folder, with forward slashes.
fn name_below(folder: Option<&Path>, file: &Path) -> Result<String, Failure> {
    let relative = folder.map_or(Ok(file), |folder| file.strip_prefix(folder))?;
    let parts: Option<Vec<_>> = relative
        .components()
        .map(|part| part.as_os_str().to_str())
        .collect();
    Ok(parts
        .ok_or_else(|| format!("{} is not a name for a URL", file.display()))?
        .join("/"))
}
