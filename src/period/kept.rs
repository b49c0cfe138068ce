//! The files of a closed period, as the workspace keeps them: large ones packed with zstd, each with the hash of what it says.
//!
//! Invariant: what is read has the hash that the journal names; anything else is an error.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::PeriodError;
use crate::results::ResultFile;

/// Hashes and counts what goes through.
pub(super) struct Hashing<W> {
    out: W,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            hasher: blake3::Hasher::new(),
            bytes: 0,
        }
    }

    pub(super) fn end(self, name: &str) -> (W, ResultFile) {
        let file = ResultFile {
            name: name.to_owned(),
            bytes: self.bytes,
            blake3: self.hasher.finalize().to_hex().to_string(),
        };
        (self.out, file)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buffer)?;
        self.hasher.update(&buffer[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

const LEVEL: i32 = 3;
const ENDING: &str = ".zst";

/// Whether a file grows with cells and is packed.
fn is_packed(name: &str) -> bool {
    matches!(name, "cells.csv" | "postings.csv")
}

fn path(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join(if is_packed(name) {
        format!("{name}{ENDING}")
    } else {
        name.to_owned()
    })
}

/// Writes a file and syncs it.
pub(super) fn write(
    folder: &Path,
    name: &str,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<ResultFile, PeriodError> {
    let path = path(folder, name);
    let fail = |source| PeriodError::Write {
        path: path.clone(),
        source,
    };
    let file = File::create(&path).map_err(fail)?;
    let (file, kept) = if is_packed(name) {
        let mut out = Hashing::new(
            zstd::stream::write::Encoder::new(BufWriter::new(file), LEVEL).map_err(fail)?,
        );
        fill(&mut out).map_err(fail)?;
        let (packed, kept) = out.end(name);
        (packed.finish().map_err(fail)?, kept)
    } else {
        let mut out = Hashing::new(BufWriter::new(file));
        fill(&mut out).map_err(fail)?;
        out.end(name)
    };
    let file = file
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .map_err(fail)?;
    file.sync_all().map_err(fail)?;
    Ok(kept)
}

/// Reads a file whole.
pub(super) fn read(folder: &Path, kept: &ResultFile) -> Result<Vec<u8>, PeriodError> {
    let path = path(folder, &kept.name);
    let bytes = std::fs::read(&path).and_then(|bytes| {
        if is_packed(&kept.name) {
            zstd::stream::decode_all(bytes.as_slice())
        } else {
            Ok(bytes)
        }
    });
    let damaged = |reason: String| PeriodError::Damaged {
        path: path.clone(),
        reason,
    };
    let bytes = bytes.map_err(|e| damaged(e.to_string()))?;
    if blake3::hash(&bytes).to_hex().as_str() != kept.blake3 {
        return Err(damaged(
            "it is not as it was written when the period was closed".into(),
        ));
    }
    Ok(bytes)
}
