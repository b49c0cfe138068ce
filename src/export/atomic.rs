//! Files that appear whole under their final names: written beside their targets, synced, read back, renamed, the folder synced.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tempfile::{NamedTempFile, TempPath};
use thiserror::Error;

/// A file could not be written.
#[derive(Debug, Error)]
#[error("cannot {what} {}: {source}; what stood there before is unchanged", path.display())]
pub struct ExportError {
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl ExportError {
    fn new(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { what, path, source }
    }
}

/// A set of files for one folder and folders in it that are renamed together, after all of them have been written.
pub struct ExportSet {
    folder: PathBuf,
    finished: Vec<Finished>,
    /// Folders in the folder.
    inner: Vec<PathBuf>,
}

/// A file that waits for its name. It is closed: a set may have more files than a process may have open.
struct Finished {
    name: String,
    path: TempPath,
    bytes: u64,
    hash: blake3::Hash,
}

/// A file of a set that is being written.
pub struct OutFile {
    name: String,
    out: BufWriter<HashingFile>,
}

struct HashingFile {
    file: NamedTempFile,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl Write for HashingFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Write for OutFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.out.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl OutFile {
    /// The file once more, for syncing what was written before the end.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.out.get_ref().file.as_file().try_clone()
    }
}

impl ExportSet {
    /// Begins a set; the folder is made when it is missing.
    ///
    /// # Errors
    /// [`ExportError`] when the folder cannot be made.
    pub fn new(folder: &Path) -> Result<Self, ExportError> {
        std::fs::create_dir_all(folder).map_err(ExportError::new("make", folder))?;
        Ok(Self {
            folder: folder.to_owned(),
            finished: Vec::new(),
            inner: Vec::new(),
        })
    }

    /// Makes a folder in the folder; names of files may then begin with it and a `/`. Without a file it does not stay.
    ///
    /// # Errors
    /// [`ExportError`] when the folder cannot be made.
    pub fn add_folder(&mut self, name: &str) -> Result<(), ExportError> {
        let path = self.folder.join(name);
        std::fs::create_dir_all(&path).map_err(ExportError::new("make", &path))?;
        self.inner.push(path);
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Begins a file.
    ///
    /// # Errors
    /// [`ExportError`] when no file can be made in the folder.
    pub fn begin(&self, name: &str) -> Result<OutFile, ExportError> {
        self.begin_sized(name, BUFFER_BYTES)
    }

    fn begin_sized(&self, name: &str, buffer: usize) -> Result<OutFile, ExportError> {
        let mut builder = tempfile::Builder::new();
        let target = self.folder.join(name);
        // Not the file's own name: with what is added to it, that may be too long.
        builder.prefix(".ledgerline-").suffix(".part");
        #[cfg(unix)]
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        #[cfg(unix)]
        builder.permissions(permissions);
        let file = builder
            .tempfile_in(target.parent().unwrap_or(&self.folder))
            .map_err(ExportError::new("write", &target))?;
        Ok(OutFile {
            name: name.to_owned(),
            out: BufWriter::with_capacity(
                buffer,
                HashingFile {
                    file,
                    hasher: blake3::Hasher::new(),
                    bytes: 0,
                },
            ),
        })
    }

    /// Syncs a file and reads it back.
    ///
    /// # Errors
    /// [`ExportError`] when the disk is full or does not give back what was written.
    pub fn end(&mut self, file: OutFile) -> Result<(), ExportError> {
        let finished = self.finish(file)?;
        self.finished.push(finished);
        Ok(())
    }

    fn finish(&self, file: OutFile) -> Result<Finished, ExportError> {
        let target = self.folder.join(&file.name);
        let written = file
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
            .map_err(ExportError::new("write", &target))?;
        written
            .file
            .as_file()
            .sync_all()
            .map_err(ExportError::new("sync", &target))?;
        let hash = written.hasher.finalize();
        if hash_of(written.file.path(), written.bytes)
            .map_err(ExportError::new("read back", &target))?
            != hash
        {
            let damaged = io::Error::other("the disk does not give back what was written");
            return Err(ExportError::new("write", &target)(damaged));
        }
        Ok(Finished {
            name: file.name,
            path: written.file.into_temp_path(),
            bytes: written.bytes,
            hash,
        })
    }

    /// Writes a whole file.
    ///
    /// # Errors
    /// [`ExportError`] as for the steps.
    pub fn put(&mut self, name: &str, content: &[u8]) -> Result<(), ExportError> {
        let finished = self.put_apart(name, content)?;
        self.finished.push(finished);
        Ok(())
    }

    fn put_apart(&self, name: &str, content: &[u8]) -> Result<Finished, ExportError> {
        let mut file = self.begin_sized(name, 0)?;
        file.write_all(content)
            .map_err(ExportError::new("write", &self.folder.join(name)))?;
        self.finish(file)
    }

    /// Makes and writes whole files, one or several for each item, on as many threads as there are. Their order is that of the items.
    ///
    /// # Errors
    /// The error of `make`, and [`ExportError`] as for the steps.
    pub fn put_all<T: Sync, E: From<ExportError> + Send>(
        &mut self,
        items: &[T],
        make: impl Fn(&T) -> Result<Vec<(String, Vec<u8>)>, E> + Sync,
    ) -> Result<(), E> {
        let finished = items
            .par_iter()
            .map(|item| -> Result<Vec<Finished>, E> {
                make(item)?
                    .iter()
                    .map(|(name, content)| self.put_apart(name, content).map_err(E::from))
                    .collect()
            })
            .collect::<Result<Vec<_>, E>>()?;
        self.finished.extend(finished.into_iter().flatten());
        Ok(())
    }

    /// Maps an error of a file of this set.
    pub(crate) fn error(&self, name: &str, source: io::Error) -> ExportError {
        ExportError::new("write", &self.folder.join(name))(source)
    }

    /// Name, size and BLAKE3 of the files that have been finished.
    pub fn listing(&self) -> impl Iterator<Item = (&str, u64, String)> {
        self.finished
            .iter()
            .map(|f| (f.name.as_str(), f.bytes, f.hash.to_hex().to_string()))
    }

    /// Gives all files their names, the last one last, and removes `stale` files of earlier runs.
    ///
    /// # Errors
    /// [`ExportError`] when a file cannot be renamed.
    pub fn commit(mut self, stale: &[&str]) -> Result<(), ExportError> {
        for name in stale {
            let path = self.folder.join(name);
            match std::fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => {
                    return Err(ExportError::new("remove the earlier", &path)(e));
                }
                _ => {}
            }
        }
        for finished in std::mem::take(&mut self.finished) {
            let target = self.folder.join(&finished.name);
            finished
                .path
                .persist(&target)
                .map_err(|e| ExportError::new("name", &target)(e.error))?;
        }
        for folder in self.inner.iter().chain([&self.folder]) {
            File::open(folder)
                .and_then(|f| f.sync_all())
                .map_err(ExportError::new("sync", folder))?;
        }
        Ok(())
    }
}

impl Drop for ExportSet {
    /// Leaves no empty folder behind; one that has files cannot be removed like this, and stays.
    fn drop(&mut self) {
        self.finished.clear();
        for folder in &self.inner {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Bytes that are written, or read back, at a time.
const BUFFER_BYTES: usize = 1 << 20;

fn hash_of(path: &Path, bytes: u64) -> io::Result<blake3::Hash> {
    let mut file = File::open(path)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![
        0u8;
        usize::try_from(bytes)
            .unwrap_or(BUFFER_BYTES)
            .clamp(1, BUFFER_BYTES)
    ];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hasher.finalize()),
            n => {
                hasher.update(&buffer[..n]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_appears_before_the_commit_and_nothing_is_left_without_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.csv"), "old").unwrap();
        let mut set = ExportSet::new(folder.path()).unwrap();
        set.put("a.csv", b"new").unwrap();
        assert_eq!(std::fs::read(folder.path().join("a.csv")).unwrap(), b"old");
        drop(set);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        let mut set = ExportSet::new(folder.path()).unwrap();
        set.put("a.csv", b"new").unwrap();
        set.commit(&["lines.csv"]).unwrap();
        assert_eq!(std::fs::read(folder.path().join("a.csv")).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn folders_of_a_set_come_with_their_files_and_go_without() {
        let folder = tempfile::tempdir().unwrap();
        let items: Vec<u32> = (0..2000).collect();
        let make = |n: &u32| {
            if *n == 2000 {
                Err(ExportError::new("make", Path::new("x"))(io::Error::other(
                    "no",
                )))
            } else {
                Ok(vec![(format!("in/{n}"), n.to_string().into_bytes())])
            }
        };
        let mut set = ExportSet::new(folder.path()).unwrap();
        set.add_folder("in").unwrap();
        set.put_all(&items, make).unwrap();
        assert_eq!(
            set.listing().map(|(name, ..)| name.to_owned()).nth(1234),
            Some("in/1234".to_owned())
        );
        drop(set);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut set = ExportSet::new(folder.path()).unwrap();
        set.add_folder("in").unwrap();
        set.put_all(&items, make).unwrap();
        assert!(set.put_all(&[2000], make).is_err());
        set.commit(&["in/none"]).unwrap();
        assert_eq!(
            std::fs::read_dir(folder.path().join("in")).unwrap().count(),
            2000
        );
        assert_eq!(
            std::fs::read_to_string(folder.path().join("in/77")).unwrap(),
            "77"
        );
    }
}
