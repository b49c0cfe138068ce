//! A file as it lies on disk into a stream of UTF-8 text: decompressed, decoded, hashed, and watched for changes.
//!
//! Invariants: the file is read with plain reads (never mapped: a file cut off by another program must be an error, not the end
//! of the process), every byte read goes into the content hash, and nothing is ever written to the file's folder.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use super::peel::{Peeler, is_wrapped};
use super::{Limits, StatementError, kind};

/// How many decoded bytes are looked at to recognize encoding, separator and layout.
pub const HEAD_BYTES: usize = 1 << 20;

/// One stream of text: a plain or compressed file, or one member of a zip archive.
pub struct Source {
    path: PathBuf,
    shown: PathBuf,
    before: Metadata,
    stream: TextStream,
    head: Vec<u8>,
    /// Takes the quotes off records that each stand in one cell.
    peeler: Option<Peeler>,
}

/// What was read, known when the stream has ended.
#[derive(Debug, Clone)]
pub struct ReadTotals {
    /// BLAKE3 of the decompressed bytes.
    pub content_hash: blake3::Hash,
    /// BLAKE3 of the text in UTF-8 without byte order mark and carriage returns: equal for a file re-zipped, renamed or with converted line ends.
    pub text_hash: blake3::Hash,
    /// Decompressed bytes.
    pub content_bytes: u64,
    /// The file on disk as it was then.
    pub mark: FileMark,
}

/// By what a file on disk is known again without reading it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMark {
    /// Size in bytes.
    pub bytes: u64,
    /// When it was changed last, in nanoseconds since 1970; `None` when the file system does not tell.
    pub modified_ns: Option<u64>,
}

impl FileMark {
    /// The mark of the file that is there now.
    ///
    /// # Errors
    /// What the file system says when it is not there.
    pub fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|meta| Self::from_metadata(&meta))
    }

    fn from_metadata(meta: &Metadata) -> Self {
        let since = meta
            .modified()
            .ok()
            .and_then(|m| m.duration_since(std::time::UNIX_EPOCH).ok());
        Self {
            bytes: meta.len(),
            modified_ns: since.and_then(|s| u64::try_from(s.as_nanos()).ok()),
        }
    }

    /// Whether both say so and agree.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self == other && self.modified_ns.is_some()
    }
}

/// Members of an archive, or the file itself: the names under which the parts of a file are known.
///
/// # Errors
/// [`StatementError`] when the file cannot be opened or an archive names a path outside itself.
pub fn parts(path: &Path) -> Result<Vec<Part>, StatementError> {
    let file_name = path.file_name().map_or_else(
        || path.display().to_string(),
        |n| n.to_string_lossy().into_owned(),
    );
    let mut file = open(path)?;
    if !is_zip(&mut file).map_err(|e| StatementError::io(path, e))? {
        return Ok(vec![Part {
            path: path.to_owned(),
            name: file_name,
            member: None,
        }]);
    }
    let mut archive = zip::ZipArchive::new(file).map_err(|e| StatementError::archive(path, &e))?;
    let names: Vec<String> = archive
        .file_names_raw()
        .map(|name| String::from_utf8_lossy(name).into_owned())
        .collect();
    if let Some(kind) = kind::of_archive(&names) {
        return Err(StatementError::of_kind(path, kind));
    }
    let mut members = Vec::new();
    for index in 0..archive.len() {
        let member = archive
            .by_index_raw(index)
            .map_err(|e| StatementError::archive(path, &e))?;
        if member.is_dir() {
            continue;
        }
        if member.enclosed_name().is_none() {
            return Err(StatementError::Refused {
                file: path.to_owned(),
                reason: format!(
                    "the archive holds an entry named {:?}, which points outside the archive",
                    String::from_utf8_lossy(member.name_raw())
                ),
                remedy: "ask the sender for a clean archive, or unpack the statement yourself and import that file".into(),
            });
        }
        let name = String::from_utf8_lossy(member.name_raw()).into_owned();
        if name.contains("__MACOSX/") || name.ends_with(".DS_Store") {
            continue;
        }
        if member.encrypted() {
            return Err(StatementError::Refused {
                file: path.to_owned(),
                reason: format!("the archive is under a password (its member {name} is encrypted)"),
                remedy: "Unpack it with its password and import the statement itself".into(),
            });
        }
        members.push(Part {
            path: path.to_owned(),
            name: format!("{file_name}/{name}"),
            member: Some(index),
        });
    }
    if members.is_empty() {
        return Err(StatementError::Refused {
            file: path.to_owned(),
            reason: "the archive is empty".into(),
            remedy: "download the statement again".into(),
        });
    }
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

/// A part of a file that can be opened as a [`Source`].
#[derive(Debug, Clone)]
pub struct Part {
    /// The file on disk.
    pub path: PathBuf,
    /// The name to show: the file's name, for archives followed by the member's.
    pub name: String,
    member: Option<usize>,
}

fn open(path: &Path) -> Result<File, StatementError> {
    let file = File::open(path).map_err(|e| StatementError::io(path, e))?;
    let meta = file.metadata().map_err(|e| StatementError::io(path, e))?;
    if meta.is_dir() {
        return Err(StatementError::Refused {
            file: path.to_owned(),
            reason: "this is a folder".into(),
            remedy: "name the files in it".into(),
        });
    }
    Ok(file)
}

fn is_zip(file: &mut File) -> io::Result<bool> {
    let mut magic = [0u8; 4];
    let n = read_up_to(file, &mut magic)?;
    file.rewind()?;
    Ok(n == 4 && (magic == *b"PK\x03\x04" || magic == *b"PK\x05\x06"))
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

impl Part {
    /// Opens the part, decides on compression and encoding, and reads the head.
    ///
    /// # Errors
    /// [`StatementError`] when the file cannot be read or is no text.
    ///
    /// `forced` decides the encoding whatever the bytes say; `fallback` is for text that is not UTF-8 and has no byte order mark.
    pub fn open(
        &self,
        forced: Option<&'static Encoding>,
        fallback: Option<&'static Encoding>,
        limits: &Limits,
    ) -> Result<Source, StatementError> {
        let file = open(&self.path)?;
        let before = file
            .metadata()
            .map_err(|e| StatementError::io(&self.path, e))?;
        let packed_bytes = before.len();
        let reader = self.decompressed(file)?;
        let is_packed = reader.is_packed;
        let guard = is_packed.then_some(Expansion {
            packed_bytes,
            max_ratio: limits.max_expansion,
            max_bytes: limits.max_unpacked_bytes,
        });
        let mut stream = TextStream::new(reader.reader, guard);
        let raw_head = stream
            .peek_raw(HEAD_BYTES)
            .map_err(|e| self.read_error(e))?;
        if let Some(kind) = kind::of_bytes(&raw_head) {
            return Err(StatementError::of_kind(&self.shown(), kind));
        }
        stream
            .decide_encoding(&raw_head, forced, fallback)
            .map_err(|reason| StatementError::Refused {
                file: self.shown(),
                reason,
                remedy: "Ask the sender for the detail as CSV or tab-separated text".into(),
            })?;
        let mut head = Vec::new();
        while head.len() < HEAD_BYTES {
            let want = HEAD_BYTES - head.len();
            if stream
                .fill(&mut head, want)
                .map_err(|e| self.read_error(e))?
                == 0
            {
                break;
            }
        }
        let mut peeler = is_wrapped(&head).then(Peeler::default);
        if let Some(peeler) = &mut peeler {
            let wrapped = std::mem::take(&mut head);
            peeler.push(&wrapped, &mut head);
            if wrapped.len() < HEAD_BYTES {
                peeler.finish(&mut head);
            }
        }
        Ok(Source {
            path: self.path.clone(),
            shown: self.shown(),
            before,
            stream,
            head,
            peeler,
        })
    }

    /// All bytes of the part, unpacked and not decoded; `max_expansion` is how many times its size a packed file may grow.
    ///
    /// # Errors
    /// [`StatementError`] when it cannot be read to its end, or grows to more than is allowed.
    pub fn content(&self, max_expansion: u64) -> Result<Vec<u8>, StatementError> {
        let file = open(&self.path)?;
        let packed_bytes = file
            .metadata()
            .map_err(|e| StatementError::io(&self.path, e))?
            .len();
        let Packed { reader, is_packed } = self.decompressed(file)?;
        let guard = is_packed.then(|| Expansion {
            packed_bytes,
            max_ratio: max_expansion,
            max_bytes: Limits::default().max_unpacked_bytes,
        });
        let mut stream = TextStream::new(reader, guard);
        let mut content = Vec::new();
        while stream
            .read_raw(&mut content, 1 << 20)
            .map_err(|e| self.read_error(e))?
            > 0
        {}
        Ok(content)
    }

    fn decompressed(&self, mut file: File) -> Result<Packed, StatementError> {
        if let Some(index) = self.member {
            // The archive is read on a thread-independent handle: each member is opened anew.
            let archive =
                zip::ZipArchive::new(file).map_err(|e| StatementError::archive(&self.path, &e))?;
            let member = ZipMember::new(archive, index)
                .map_err(|e| StatementError::archive(&self.path, &e))?;
            return Ok(Packed {
                reader: Box::new(member),
                is_packed: true,
            });
        }
        let mut magic = [0u8; 4];
        let n = read_up_to(&mut file, &mut magic).map_err(|e| StatementError::io(&self.path, e))?;
        file.rewind()
            .map_err(|e| StatementError::io(&self.path, e))?;
        Ok(match &magic[..n] {
            [0x1F, 0x8B, ..] => Packed {
                reader: Box::new(flate2::read::MultiGzDecoder::new(file)),
                is_packed: true,
            },
            [0x28, 0xB5, 0x2F, 0xFD] => {
                let decoder = zstd::stream::read::Decoder::new(file)
                    .map_err(|e| StatementError::io(&self.path, e))?;
                Packed {
                    reader: Box::new(decoder),
                    is_packed: true,
                }
            }
            _ => Packed {
                reader: Box::new(file),
                is_packed: false,
            },
        })
    }

    fn read_error(&self, error: io::Error) -> StatementError {
        StatementError::read(&self.shown(), error)
    }

    /// The name of the member, for a part of an archive.
    #[must_use]
    pub fn member_name(&self) -> Option<&str> {
        let file_name = self.path.file_name()?.to_string_lossy().into_owned();
        self.member
            .and_then(|_| self.name.strip_prefix(&file_name)?.strip_prefix('/'))
    }

    /// The path to show in messages; for archives with the member's name.
    #[must_use]
    pub fn shown(&self) -> PathBuf {
        match self.member {
            Some(_) => self.path.with_file_name(&self.name),
            None => self.path.clone(),
        }
    }
}

struct Packed {
    reader: Box<dyn Read + Send>,
    is_packed: bool,
}

/// A member of an archive as an owned reader: inflates from the member's raw bytes.
struct ZipMember {
    inner: Box<dyn Read + Send>,
    crc: Option<(u32, flate2::Crc)>,
}

impl ZipMember {
    fn new(mut archive: zip::ZipArchive<File>, index: usize) -> zip::result::ZipResult<Self> {
        let (start, packed, method, crc) = {
            let member = archive.by_index_raw(index)?;
            let start = member
                .data_start()
                .ok_or(zip::result::ZipError::InvalidArchive(
                    "a member has no data".into(),
                ))?;
            (
                start,
                member.compressed_size(),
                member.compression(),
                member.crc32(),
            )
        };
        let mut file = archive.into_inner();
        file.seek(io::SeekFrom::Start(start))?;
        let raw = file.take(packed);
        let inner: Box<dyn Read + Send> = match method {
            zip::CompressionMethod::Stored => Box::new(raw),
            zip::CompressionMethod::Deflated => Box::new(flate2::read::DeflateDecoder::new(raw)),
            _ => {
                return Err(zip::result::ZipError::UnsupportedArchive(
                    "only stored and deflated members are read",
                ));
            }
        };
        Ok(Self {
            inner,
            crc: Some((crc, flate2::Crc::new())),
        })
    }
}

impl Read for ZipMember {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n > 0 {
            if let Some((_, crc)) = &mut self.crc {
                crc.update(&buffer[..n]);
            }
        } else if !buffer.is_empty()
            && let Some((want, crc)) = self.crc.take()
            && crc.sum() != want
        {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the archive member is damaged or cut off (its checksum does not fit)",
            ));
        }
        Ok(n)
    }
}

/// Guards against archives that unpack to more than any statement does.
struct Expansion {
    packed_bytes: u64,
    max_ratio: u64,
    max_bytes: u64,
}

impl Expansion {
    /// Below this size no ratio is suspicious: a day of identical rows packs very well.
    const HARMLESS_BYTES: u64 = 64 << 20;

    fn check(&self, unpacked: u64) -> io::Result<()> {
        let too_big = unpacked > self.max_bytes;
        let too_dense =
            unpacked > Self::HARMLESS_BYTES && unpacked / self.packed_bytes.max(1) > self.max_ratio;
        if too_big || too_dense {
            return Err(io::Error::other(format!(
                "it unpacks from {} to more than {unpacked} bytes (allowed are {} times its size and {} bytes in all); if it is genuine, unpack it first or raise --max-expansion",
                self.packed_bytes, self.max_ratio, self.max_bytes
            )));
        }
        Ok(())
    }
}

/// Decompressed bytes in, UTF-8 text out, with hashes of both.
struct TextStream {
    reader: Box<dyn Read + Send>,
    guard: Option<Expansion>,
    /// Bytes read for recognition, not yet handed out.
    pending: Vec<u8>,
    raw: Vec<u8>,
    decoder: Option<Decoder>,
    encoding: &'static Encoding,
    has_bom: bool,
    ended: bool,
    content_hash: blake3::Hasher,
    /// `None` as long as the text equals the content.
    text_hash: Option<blake3::Hasher>,
    content_bytes: u64,
    decode_errors: bool,
}

impl TextStream {
    fn new(reader: Box<dyn Read + Send>, guard: Option<Expansion>) -> Self {
        Self {
            reader,
            guard,
            pending: Vec::new(),
            raw: Vec::new(),
            decoder: None,
            encoding: UTF_8,
            has_bom: false,
            ended: false,
            content_hash: blake3::Hasher::new(),
            text_hash: None,
            content_bytes: 0,
            decode_errors: false,
        }
    }

    fn peek_raw(&mut self, bytes: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.read_raw(&mut head, bytes)?;
        self.pending = head.clone();
        Ok(head)
    }

    /// Appends up to `want` raw bytes; fewer only at the end.
    fn read_raw(&mut self, out: &mut Vec<u8>, want: usize) -> io::Result<usize> {
        let start = out.len();
        let from_pending = want.min(self.pending.len());
        if from_pending > 0 {
            out.extend(self.pending.drain(..from_pending));
        }
        let rest = want - from_pending;
        if rest > 0 {
            out.reserve(rest);
            let n = self.reader.by_ref().take(rest as u64).read_to_end(out)?;
            self.content_bytes += n as u64;
            if let Some(guard) = &self.guard {
                guard.check(self.content_bytes)?;
            }
        }
        Ok(out.len() - start)
    }

    fn decide_encoding(
        &mut self,
        head: &[u8],
        forced: Option<&'static Encoding>,
        fallback: Option<&'static Encoding>,
    ) -> Result<(), String> {
        let (encoding, bom_len) = match (forced, Encoding::for_bom(head)) {
            (None, Some((found, len))) => (found, len),
            (Some(wanted), Some((found, len))) if wanted == found => (wanted, len),
            (Some(wanted), _) => (wanted, 0),
            (None, None) => (guess_encoding(head, fallback)?, 0),
        };
        self.encoding = encoding;
        self.has_bom = bom_len > 0;
        if encoding != UTF_8 {
            self.decoder = Some(encoding.new_decoder_with_bom_removal());
            self.text_hash = Some(blake3::Hasher::new());
        } else if self.has_bom {
            self.content_hash.update(&self.pending[..bom_len]);
            self.pending.drain(..bom_len);
            self.text_hash = Some(blake3::Hasher::new());
        }
        Ok(())
    }

    /// Appends up to about `want` bytes of text; returns how many, 0 at the end.
    fn fill(&mut self, out: &mut Vec<u8>, want: usize) -> io::Result<usize> {
        let start = out.len();
        if self.ended {
            return Ok(0);
        }
        if self.decoder.is_none() {
            let n = self.read_raw(out, want)?;
            self.ended = n == 0;
            self.hash_plain(&out[start..]);
            return Ok(n);
        }
        while out.len() == start && !self.ended {
            self.fill_decoded(out, want)?;
        }
        Ok(out.len() - start)
    }

    fn fill_decoded(&mut self, out: &mut Vec<u8>, want: usize) -> io::Result<()> {
        let start = out.len();
        let mut raw = std::mem::take(&mut self.raw);
        raw.clear();
        let n = self.read_raw(&mut raw, want.clamp(1024, 1 << 20))?;
        self.ended = n == 0;
        self.content_hash.update(&raw);
        let Some(decoder) = self.decoder.as_mut() else {
            return Ok(());
        };
        let mut text = String::with_capacity(
            decoder
                .max_utf8_buffer_length(raw.len())
                .unwrap_or(raw.len() * 3 + 16),
        );
        let (result, _, had_errors) = decoder.decode_to_string(&raw, &mut text, self.ended);
        debug_assert_eq!(
            result,
            CoderResult::InputEmpty,
            "the buffer was made large enough"
        );
        self.decode_errors |= had_errors;
        out.extend_from_slice(text.as_bytes());
        self.raw = raw;
        self.hash_text(&out[start..]);
        Ok(())
    }

    fn hash_plain(&mut self, bytes: &[u8]) {
        if self.text_hash.is_none() && memchr::memchr(b'\r', bytes).is_some() {
            // From here on the text differs from the content by its carriage returns.
            self.text_hash = Some(self.content_hash.clone());
        }
        self.content_hash.update(bytes);
        self.hash_text(bytes);
    }

    fn hash_text(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.text_hash {
            for piece in bytes.split(|b| *b == b'\r') {
                hasher.update(piece);
            }
        }
    }
}

/// Tells UTF-16 without mark, UTF-8 and the fallback (Windows-1252 if none is given) apart; refuses what is no text.
fn guess_encoding(
    head: &[u8],
    fallback: Option<&'static Encoding>,
) -> Result<&'static Encoding, String> {
    let sample = &head[..head.len().min(64 << 10)];
    let nuls = sample.iter().filter(|b| **b == 0).count();
    if nuls * 5 > sample.len() * 2 {
        let at_odd = sample
            .iter()
            .skip(1)
            .step_by(2)
            .filter(|b| **b == 0)
            .count();
        let at_even = sample.iter().step_by(2).filter(|b| **b == 0).count();
        if at_odd > 10 * at_even.max(1) || (at_even == 0 && at_odd > 0) {
            return Ok(UTF_16LE);
        }
        if at_even > 10 * at_odd.max(1) || (at_odd == 0 && at_even > 0) {
            return Ok(UTF_16BE);
        }
    }
    if is_binary(sample) {
        return Err("this is a binary file, not text".into());
    }
    Ok(if looks_like_utf_8(head) {
        UTF_8
    } else {
        fallback.unwrap_or(WINDOWS_1252)
    })
}

/// Whether bytes of one for each character, or of UTF-8, hold more control characters than text does.
#[must_use]
pub fn is_binary(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(64 << 10)];
    let controls = sample
        .iter()
        .filter(|b| **b < 32 && !matches!(**b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B | 0x1E | 0x1F))
        .count();
    controls * 50 > sample.len()
}

/// Whether bytes above ASCII mostly form UTF-8 (a file with one damaged row is still UTF-8; that row goes to quarantine).
fn looks_like_utf_8(head: &[u8]) -> bool {
    let mut good = 0usize;
    let mut bad = 0usize;
    for chunk in head.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // A character cut in two by the end of the head is no damage.
        bad += usize::from(!chunk.invalid().is_empty());
    }
    bad <= good
        || bad == 0
        || (bad == 1 && good == 0 && head.len() >= HEAD_BYTES && !head[head.len() - 1].is_ascii())
}

impl Source {
    /// The file on disk.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first decoded bytes, up to [`HEAD_BYTES`] of them.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Takes the head out, to be put at the beginning of the first batch.
    pub(crate) fn take_head(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.head)
    }

    /// The encoding that was decided on.
    #[must_use]
    pub fn encoding(&self) -> &'static Encoding {
        self.stream.encoding
    }

    /// Bytes of the byte order mark, which precede the text.
    #[must_use]
    pub fn bom_bytes(&self) -> u64 {
        match (self.stream.has_bom, self.stream.encoding) {
            (false, _) => 0,
            (true, e) if e == UTF_8 => 3,
            (true, _) => 2,
        }
    }

    /// Size of the file on disk, in bytes.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        self.before.len()
    }

    /// Decompressed bytes read so far.
    #[must_use]
    pub fn content_bytes(&self) -> u64 {
        self.stream.content_bytes
    }

    /// Whether the stream is smaller on disk than as read.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.stream.guard.is_some()
    }

    /// Whether quotes around whole records are taken off, so that the text is not what the file holds.
    #[must_use]
    pub fn is_wrapped(&self) -> bool {
        self.peeler.is_some()
    }

    /// Appends up to about `want` bytes of text; 0 at the end.
    pub(crate) fn fill(&mut self, out: &mut Vec<u8>, want: usize) -> Result<usize, StatementError> {
        let failed = |e| StatementError::read(&self.shown, e);
        let Some(peeler) = &mut self.peeler else {
            return self.stream.fill(out, want).map_err(failed);
        };
        let start = out.len();
        let mut piece = Vec::new();
        while out.len() == start {
            piece.clear();
            if self.stream.fill(&mut piece, want).map_err(failed)? == 0 {
                peeler.finish(out);
                break;
            }
            peeler.push(&piece, out);
        }
        Ok(out.len() - start)
    }

    /// Closes the stream and compares the file with what it was when it was opened.
    ///
    /// # Errors
    /// [`StatementError::Changed`] when size, time of change or identity differ, or fewer bytes came than the file had.
    pub fn finish(self) -> Result<ReadTotals, StatementError> {
        let after = std::fs::metadata(&self.path).map_err(|e| StatementError::io(&self.path, e))?;
        let is_short = !self.is_packed() && self.stream.content_bytes != self.before.len();
        if is_short || fingerprint(&after) != fingerprint(&self.before) {
            return Err(StatementError::Changed { file: self.shown });
        }
        let content_hash = self.stream.content_hash.finalize();
        let text_hash = self.stream.text_hash.map_or(content_hash, |h| h.finalize());
        Ok(ReadTotals {
            content_hash,
            text_hash,
            content_bytes: self.stream.content_bytes,
            mark: FileMark::from_metadata(&self.before),
        })
    }
}

fn fingerprint(meta: &Metadata) -> (u64, Option<std::time::SystemTime>, u64) {
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(meta);
    #[cfg(not(unix))]
    let inode = 0;
    (meta.len(), meta.modified().ok(), inode)
}

/// Bytes that a piece of decoded text takes in the file's own encoding, so that offsets in messages are those of the file.
#[must_use]
pub fn bytes_in_file(text: &[u8], encoding: &'static Encoding) -> u64 {
    if encoding == UTF_8 {
        return text.len() as u64;
    }
    let text = String::from_utf8_lossy(text);
    if encoding == UTF_16LE || encoding == UTF_16BE {
        return text.chars().map(|c| c.len_utf16() as u64 * 2).sum();
    }
    text.chars().count() as u64
}
