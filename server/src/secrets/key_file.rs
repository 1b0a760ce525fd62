//! The file with the keys: one on each line, its id and 64 hex digits, the one that seals first. Nobody but its owner reads
//! it. A copy of the database opens no secret without it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{KEY, Keyring, NamedKey};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error("the key file {file} cannot be read: {reason}")]
    Unreadable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// The file cannot be written.
    #[error("the key file {file} cannot be written: {reason}")]
    Unwritable {
        /// Which.
        file: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// It holds something else than keys.
    #[error("line {line} of the key file {file} is no key: expected 64 hex digits behind an id")]
    NoKey {
        /// Which.
        file: PathBuf,
        /// Which line, from one; 1 for an empty file.
        line: usize,
    },
}

/// The keys of a file that must be there.
pub fn load(file: &Path) -> Result<Keyring, KeyFileError> {
    let text = fs::read_to_string(file).map_err(|reason| KeyFileError::Unreadable {
        file: file.to_owned(),
        reason,
    })?;
    keys(file, &text).map(Keyring::of)
}

/// The keys of a file, which is made with one new key where there is none.
pub fn load_or_create(file: &Path) -> Result<Keyring, KeyFileError> {
    match write(
        OpenOptions::new().create_new(true),
        file,
        &[NamedKey::random()],
    ) {
        Err(KeyFileError::Unwritable { reason, .. })
            if reason.kind() == io::ErrorKind::AlreadyExists => {}
        written => written?,
    }
    load(file)
}

/// Makes a new key the one that seals, has `reseal` seal everything again, and drops the keys before. After a crash in
/// between both are there, and it can be done again.
pub async fn rekey<E: From<KeyFileError>>(
    file: &Path,
    reseal: impl AsyncFnOnce(Keyring) -> Result<(), E>,
) -> Result<(), E> {
    let text = fs::read_to_string(file).map_err(|reason| KeyFileError::Unreadable {
        file: file.to_owned(),
        reason,
    })?;
    let mut all = vec![NamedKey::random()];
    all.extend(keys(file, &text)?);
    replace(file, &all)?;
    reseal(Keyring::of(all.clone())).await?;
    all.truncate(1);
    replace(file, &all)?;
    Ok(())
}

fn keys(file: &Path, text: &str) -> Result<Vec<NamedKey>, KeyFileError> {
    let no_key = |line| KeyFileError::NoKey {
        file: file.to_owned(),
        line,
    };
    let lines = (1..).zip(text.lines());
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let keys: Result<Vec<_>, _> = lines
        .map(|(number, line)| key(line).ok_or_else(|| no_key(number)))
        .collect();
    let keys = keys?;
    if keys.is_empty() {
        return Err(no_key(1));
    }
    Ok(keys)
}

fn key(line: &str) -> Option<NamedKey> {
    let (id, digits) = line.trim().split_once(' ')?;
    let mut key = [0; KEY];
    hex::decode_to_slice(digits.trim(), &mut key).ok()?;
    let key = NamedKey::of(key);
    // A digit that was lost or exchanged.
    (key.id == id).then_some(key)
}

/// In one step, so that a crash leaves the one or the other.
fn replace(file: &Path, keys: &[NamedKey]) -> Result<(), KeyFileError> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write(
        OpenOptions::new().create(true).truncate(true),
        &beside,
        keys,
    )?;
    let moved = fs::rename(&beside, file).and_then(|()| settle(file));
    moved.map_err(|reason| KeyFileError::Unwritable {
        file: file.to_owned(),
        reason,
    })
}

/// Nobody but the owner reads it, from the first moment on.
fn write(options: &mut OpenOptions, file: &Path, keys: &[NamedKey]) -> Result<(), KeyFileError> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let lines = keys
        .iter()
        .map(|key| format!("{} {}\n", key.id, hex::encode(key.key)));
    let lines: String = lines.collect();
    let written = options.write(true).open(file).and_then(|mut open| {
        open.write_all(lines.as_bytes())?;
        open.sync_all()
    });
    written
        .and_then(|()| settle(file))
        .map_err(|reason| KeyFileError::Unwritable {
            file: file.to_owned(),
            reason,
        })
}

/// The file's name is on disk as well.
fn settle(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "channel_secrets/care/auth_token";

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let first = load_or_create(&file).unwrap();
        let (id, sealed) = first.seal(PLACE, "hunter2");
        let again = load_or_create(&file).unwrap();
        assert_eq!(again.open(PLACE, &id, &sealed).unwrap().reveal(), "hunter2");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn what_is_no_key_is_named_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        assert!(matches!(load(&file), Err(KeyFileError::Unreadable { .. })));
        for (text, number) in [("", 1), ("\n\nkey", 3), ("0 00", 1)] {
            fs::write(&file, text).unwrap();
            let refused = load(&file).unwrap_err();
            assert!(
                matches!(refused, KeyFileError::NoKey { line, .. } if line == number),
                "{refused}"
            );
        }
        load_or_create(&folder.path().join("good")).unwrap();
        let good = fs::read_to_string(folder.path().join("good")).unwrap();
        let flipped = good.replace(&good[9..10], if &good[9..10] == "0" { "1" } else { "0" });
        fs::write(&file, flipped).unwrap();
        assert!(matches!(
            load(&file),
            Err(KeyFileError::NoKey { line: 1, .. })
        ));
    }

    #[tokio::test]
    async fn a_new_key_opens_what_was_sealed_again_and_the_old_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret.key");
        let before = load_or_create(&file).unwrap();
        let (id, sealed) = before.seal(PLACE, "hunter2");
        let mut resealed = None;
        rekey(&file, async |keys: Keyring| {
            let secret = keys.open(PLACE, &id, &sealed).unwrap();
            resealed = Some(keys.seal(PLACE, secret.reveal()));
            Ok::<_, KeyFileError>(())
        })
        .await
        .unwrap();
        let (new_id, sealed_again) = resealed.unwrap();
        let after = load(&file).unwrap();
        assert_ne!(id, new_id);
        assert_eq!(after.current(), new_id);
        let opened = after.open(PLACE, &new_id, &sealed_again).unwrap();
        assert_eq!(opened.reveal(), "hunter2");
        assert!(after.open(PLACE, &id, &sealed).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 1);
    }
}
