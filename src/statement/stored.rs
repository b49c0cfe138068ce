//! The batches of a file, each read alone: out of the file itself where its bytes can be reached, else out of a copy that is packed
//! batch by batch.
//!
//! Invariant: a batch that is read alone is the text that the import read; a file that is not what it was is an error.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::import::Opened;
use super::quarantine::RAW_BYTES;
use super::source::{FileMark, ReadTotals, Source};
use super::splitter::Splitter;
use super::{ReadOptions, StatementError};
use crate::job::Job;

/// Bytes of a batch in the file or in the copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub offset: u64,
    pub bytes: u64,
    /// Whether it is known to be a line that is too long; a copy holds the beginning of it.
    pub is_oversize: bool,
}

/// The text of one batch.
#[derive(Debug)]
pub(crate) struct BatchText {
    pub bytes: Vec<u8>,
    /// Whether it is the beginning of a line that is too long to be a record.
    pub is_oversize: bool,
}

/// Where batches are read from.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    /// The file itself, as it was when its mark was taken.
    File {
        path: PathBuf,
        mark: FileMark,
        encoding: &'static Encoding,
    },
    /// A copy of its text.
    Copy { path: PathBuf },
}

/// A larger piece is one line that is too long: batches of records are smaller.
const MAX_PIECE_BYTES: u64 = 96 << 20;

/// Whether a piece of the file can be read without what is before it.
pub(crate) fn is_seekable(source: &Source) -> bool {
    let encoding = source.encoding();
    !source.is_packed()
        && !source.is_wrapped()
        && (encoding.is_single_byte() || [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding))
}

impl Store {
    /// Reads one batch; `line_end` and `max_line_bytes` tell whether it is a line too long to be a record.
    pub(crate) fn read(
        &self,
        span: Span,
        line_end: u8,
        max_line_bytes: usize,
    ) -> Result<BatchText, StatementError> {
        let is_huge = span.bytes > MAX_PIECE_BYTES && matches!(self, Self::File { .. });
        let take = if is_huge {
            RAW_BYTES as u64
        } else {
            span.bytes
        };
        let mut bytes = match self {
            Self::File {
                path,
                mark,
                encoding,
            } => read_from_file(
                path,
                *mark,
                encoding,
                Span {
                    bytes: take,
                    ..span
                },
            )?,
            Self::Copy { path } => read_from_copy(path, span)?,
        };
        let is_long = bytes.len() > max_line_bytes
            && memchr::memchr(line_end, &bytes).is_none_or(|at| at + 1 == bytes.len());
        let is_oversize = span.is_oversize || is_huge || is_long;
        if is_oversize {
            bytes.truncate(RAW_BYTES);
        }
        Ok(BatchText { bytes, is_oversize })
    }
}

fn read_from_file(
    path: &Path,
    mark: FileMark,
    encoding: &'static Encoding,
    span: Span,
) -> Result<Vec<u8>, StatementError> {
    let io = |e| StatementError::io(path, e);
    let changed = || StatementError::Changed {
        file: path.to_owned(),
    };
    let mut file = File::open(path).map_err(io)?;
    if FileMark::of(path).map_err(io)? != mark {
        return Err(changed());
    }
    file.seek(SeekFrom::Start(span.offset)).map_err(io)?;
    let bytes = exactly(&mut file, span.bytes)
        .map_err(io)?
        .ok_or_else(changed)?;
    if FileMark::of(path).map_err(io)? != mark {
        return Err(changed());
    }
    Ok(if encoding == UTF_8 {
        bytes
    } else {
        encoding
            .decode_without_bom_handling(&bytes)
            .0
            .into_owned()
            .into_bytes()
    })
}

fn read_from_copy(path: &Path, span: Span) -> Result<Vec<u8>, StatementError> {
    let io = |e| StatementError::io(path, e);
    let mut file = File::open(path).map_err(io)?;
    file.seek(SeekFrom::Start(span.offset)).map_err(io)?;
    let packed =
        exactly(&mut file, span.bytes)
            .map_err(io)?
            .ok_or_else(|| StatementError::Changed {
                file: path.to_owned(),
            })?;
    zstd::stream::decode_all(packed.as_slice()).map_err(|e| StatementError::read(path, e))
}

/// So many bytes; `None` when the file ends before.
fn exactly(file: &mut File, wanted: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    bytes.reserve_exact(usize::try_from(wanted).unwrap_or_default());
    let read = file.take(wanted).read_to_end(&mut bytes)?;
    Ok((read as u64 == wanted).then_some(bytes))
}

/// Writes the copy: each batch packed for itself.
pub(crate) struct CopyWriter {
    file: File,
    path: PathBuf,
    at: u64,
}

impl CopyWriter {
    /// Fast rather than small: the copy lives as long as the window.
    const LEVEL: i32 = 1;

    pub(crate) fn new(path: PathBuf) -> Result<Self, StatementError> {
        let file = File::create(&path).map_err(|source| StatementError::Output {
            file: path.clone(),
            source,
        })?;
        Ok(Self { file, path, at: 0 })
    }

    /// Appends a batch.
    pub(crate) fn push(&mut self, text: &[u8], is_oversize: bool) -> Result<Span, StatementError> {
        let written = zstd::stream::encode_all(text, Self::LEVEL)
            .and_then(|packed| self.file.write_all(&packed).map(|()| packed.len() as u64));
        let bytes = written.map_err(|source| StatementError::Output {
            file: self.path.clone(),
            source,
        })?;
        let span = Span {
            offset: self.at,
            bytes,
            is_oversize,
        };
        self.at += bytes;
        Ok(span)
    }
}

/// A batch that went by.
pub(crate) struct Passing<'a> {
    pub index: u64,
    pub first_line: u64,
    pub file_offset: u64,
    pub text: &'a [u8],
    /// Whether the text is the beginning of a line that is too long to be a record.
    pub is_oversize: bool,
}

/// Reads a file from its beginning to its end, batch by batch.
pub(crate) fn pass(
    opened: Opened,
    options: &ReadOptions,
    job: &Job,
    each: &mut impl FnMut(&Passing<'_>) -> Result<(), StatementError>,
) -> Result<ReadTotals, StatementError> {
    let Opened {
        source,
        plan,
        head_bytes,
        head_lines,
        ..
    } = opened;
    job.begin(if source.is_packed() {
        0
    } else {
        source.file_bytes()
    });
    let mut splitter = Splitter::new(
        source,
        &plan,
        head_bytes,
        head_lines,
        options.batch_rows,
        &options.limits,
    );
    while let Some(batch) = splitter.next_batch()? {
        if job.is_cancelled() {
            return Err(StatementError::Cancelled);
        }
        let passing = Passing {
            index: batch.index,
            first_line: batch.first_line,
            file_offset: batch.file_offset,
            text: &batch.bytes,
            is_oversize: batch.oversize.is_some(),
        };
        each(&passing)?;
        job.set_bytes_done(splitter.content_bytes());
        splitter.recycle(batch.bytes);
    }
    splitter.into_source().finish()
}
