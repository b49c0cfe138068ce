//! The bytes of the side file of words.
//!
//! ```text
//! postings, dictionary   for each segment of 2^20 tracks
//! footer                 segments with every 64th word of their dictionaries,
//!                        the id of every 64th track
//! hash of the footer, length of the footer, magic
//! ```
//!
//! A posting is the sorted ordinals of a word within the segment, as differences; a dictionary is
//! its words, sorted, with the lengths of their postings. So the tracks of all words with one
//! beginning are one stretch of the file.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::fit::Query;
use super::words::ANCHOR;
use crate::catalog::track::{Reader, push_number, push_text};

const MAGIC: &[u8; 8] = b"LLWORDS1";
/// Hash, length and magic behind the footer.
const TRAILER: usize = 32 + 8 + 8;
/// Tracks of a segment.
const SEGMENT: usize = 1 << 20;
/// Words between two that stand in the footer.
const SPARSE: usize = 64;

/// Stands for a whole name: fifteen bits of its hash, behind a character that no word has.
pub(super) fn exact_token(is_with_artist: bool, words: &BTreeSet<String>) -> String {
    name_token(is_with_artist, words.iter().map(String::as_str))
}

fn name_token<'a>(is_with_artist: bool, words: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = blake3::Hasher::new();
    for word in words {
        hasher.update(word.as_bytes());
        hasher.update(b" ");
    }
    let hash = *hasher.finalize().as_bytes();
    let mark = if is_with_artist { '\u{1}' } else { '\u{2}' };
    [mark]
        .into_iter()
        .chain(hash[..3].iter().map(|byte| char::from(b'0' + byte % 32)))
        .collect()
}

#[derive(Default)]
struct Posting {
    bytes: Vec<u8>,
    /// The next ordinal that would need no difference.
    next: u64,
}

/// Writes the side file, track by track.
pub(super) struct WordFileWriter {
    out: BufWriter<File>,
    at: u64,
    words: HashMap<String, Posting>,
    in_segment: usize,
    tracks: u64,
    segments: Vec<u8>,
    segment_count: u64,
    anchors: Vec<u8>,
    anchor_count: u64,
}

impl WordFileWriter {
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        Ok(Self {
            out: BufWriter::with_capacity(1 << 20, File::create(path)?),
            at: 0,
            words: HashMap::new(),
            in_segment: 0,
            tracks: 0,
            segments: Vec::new(),
            segment_count: 0,
            anchors: Vec::new(),
            anchor_count: 0,
        })
    }

    /// Adds tracks in the order of their ids, each with its distinct tokens.
    pub(super) fn add(&mut self, tracks: Vec<(String, Vec<String>)>) -> io::Result<()> {
        for (id, tokens) in tracks {
            if self.tracks.is_multiple_of(ANCHOR) {
                push_text(&mut self.anchors, &id);
                self.anchor_count += 1;
            }
            for token in tokens {
                let posting = self.words.entry(token).or_default();
                push_number(&mut posting.bytes, self.in_segment as u64 - posting.next);
                posting.next = self.in_segment as u64 + 1;
            }
            self.tracks += 1;
            self.in_segment += 1;
            if self.in_segment == SEGMENT {
                self.end_segment()?;
            }
        }
        Ok(())
    }

    fn end_segment(&mut self) -> io::Result<()> {
        let mut words: Vec<(String, Posting)> =
            std::mem::take(&mut self.words).into_iter().collect();
        words.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let postings_at = self.at;
        let mut dictionary = Vec::new();
        let mut sparse = Vec::new();
        let mut offset = 0u64;
        for (index, (word, posting)) in words.iter().enumerate() {
            if index.is_multiple_of(SPARSE) {
                push_text(&mut sparse, word);
                push_number(&mut sparse, dictionary.len() as u64);
                push_number(&mut sparse, offset);
            }
            push_text(&mut dictionary, word);
            push_number(&mut dictionary, posting.bytes.len() as u64);
            self.out.write_all(&posting.bytes)?;
            offset += posting.bytes.len() as u64;
        }
        self.out.write_all(&dictionary)?;
        self.at += offset + dictionary.len() as u64;
        let numbers = [
            self.in_segment as u64,
            postings_at,
            offset,
            dictionary.len() as u64,
            words.len().div_ceil(SPARSE) as u64,
        ];
        numbers
            .into_iter()
            .for_each(|n| push_number(&mut self.segments, n));
        self.segments.extend_from_slice(&sparse);
        self.segment_count += 1;
        self.in_segment = 0;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.in_segment > 0 {
            self.end_segment()?;
        }
        let mut footer = Vec::new();
        push_number(&mut footer, self.segment_count);
        footer.extend_from_slice(&self.segments);
        push_number(&mut footer, self.anchor_count);
        footer.extend_from_slice(&self.anchors);
        self.out.write_all(&footer)?;
        self.out.write_all(blake3::hash(&footer).as_bytes())?;
        self.out.write_all(&(footer.len() as u64).to_be_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    }
}

/// One in 64 words of a segment's dictionary.
struct Sparse {
    word: String,
    dictionary: u64,
    posting: u64,
}

struct Segment {
    tracks: usize,
    postings_at: u64,
    postings_len: u64,
    dictionary_len: u64,
    sparse: Vec<Sparse>,
}

/// The side file, opened.
pub(super) struct WordFile {
    file: File,
    segments: Vec<Segment>,
    anchors: Vec<String>,
}

impl WordFile {
    /// Opens the file; `None` when it is not whole.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let mut file = File::open(path).ok()?;
        let end = file.seek(SeekFrom::End(0)).ok()?;
        let trailer = read_at(&file, end.checked_sub(TRAILER as u64)?, TRAILER)?;
        let (hash, rest) = trailer.split_at(32);
        let (len, magic) = rest.split_at(8);
        let len = u64::from_be_bytes(len.try_into().ok()?);
        let footer = read_at(
            &file,
            (end - TRAILER as u64).checked_sub(len)?,
            usize::try_from(len).ok()?,
        )?;
        if magic != MAGIC || blake3::hash(&footer).as_bytes() != hash {
            return None;
        }
        let mut at = Reader(&footer);
        let segments = (0..at.number()?)
            .map(|_| Segment::read(&mut at))
            .collect::<Option<Vec<_>>>()?;
        let anchors = (0..at.number()?)
            .map(|_| at.str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            file,
            segments,
            anchors,
        })
    }

    /// The id of the first of 64 tracks.
    pub(super) fn anchor(&self, number: u64) -> &str {
        self.anchors
            .get(usize::try_from(number).unwrap_or(usize::MAX))
            .map_or("", String::as_str)
    }

    /// The last track with a known ordinal that is not behind an id, with its ordinal.
    pub(super) fn anchor_before(&self, id: &str) -> Option<(&str, u64)> {
        let index = self
            .anchors
            .partition_point(|a| a.as_str() <= id)
            .checked_sub(1)?;
        Some((&self.anchors[index], index as u64 * ANCHOR))
    }

    /// How many words of the query each track has; `None` when the file is damaged, or nobody waits
    /// any more.
    pub(super) fn look_up(&self, query: &Query, is_stale: &dyn Fn() -> bool) -> Option<WordCounts> {
        let words = query.words.len() as u8;
        let mut counts = WordCounts {
            words,
            of: Vec::new(),
            named: [Vec::new(), Vec::new()],
        };
        for segment in &self.segments {
            if is_stale() {
                return None;
            }
            let first = counts.of.len();
            counts.of.resize(first + segment.tracks, 0);
            for word in &query.words {
                let mut has = vec![false; segment.tracks];
                segment.each(&self.file, word, |ordinal| {
                    has.get_mut(ordinal).map(|h| *h = true)
                })?;
                counts.of[first..]
                    .iter_mut()
                    .zip(has)
                    .for_each(|(count, has)| *count += u8::from(has));
            }
            for (index, is_with_artist) in [(0, true), (1, false)] {
                let token = name_token(is_with_artist, query.words.iter().map(String::as_str));
                let named = &mut counts.named[index];
                segment.each(&self.file, &token, |ordinal| {
                    named.push((first + ordinal) as u64);
                    Some(())
                })?;
            }
        }
        Some(counts)
    }
}

fn read_at(mut file: &File, at: u64, len: usize) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

impl Segment {
    fn read(at: &mut Reader<'_>) -> Option<Self> {
        let tracks = usize::try_from(at.number()?)
            .ok()
            .filter(|n| *n <= SEGMENT)?;
        let postings_at = at.number()?;
        let postings_len = at.number()?;
        let dictionary_len = at.number()?;
        let sparse = (0..at.number()?)
            .map(|_| {
                Some(Sparse {
                    word: at.str()?.to_owned(),
                    dictionary: at.number()?,
                    posting: at.number()?,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            tracks,
            postings_at,
            postings_len,
            dictionary_len,
            sparse,
        })
    }

    /// Hands over the ordinals of all tracks with a word that begins so; a track comes once for
    /// each such word.
    fn each(
        &self,
        file: &File,
        beginning: &str,
        mut take: impl FnMut(usize) -> Option<()>,
    ) -> Option<()> {
        let first = self
            .sparse
            .partition_point(|s| s.word.as_str() < beginning)
            .saturating_sub(1);
        let end = self
            .sparse
            .partition_point(|s| s.word.as_str() < beginning || s.word.starts_with(beginning));
        let Some(start) = self.sparse.get(first) else {
            return Some(());
        };
        let dictionary_end = self
            .sparse
            .get(end)
            .map_or(self.dictionary_len, |s| s.dictionary);
        let dictionary_at = self.postings_at + self.postings_len + start.dictionary;
        let dictionary = read_at(
            file,
            dictionary_at,
            usize::try_from(dictionary_end.checked_sub(start.dictionary)?).ok()?,
        )?;
        let mut reader = Reader(&dictionary);
        let mut lens = Vec::new();
        // The postings of the words that fit stand one after another: from the first to the last.
        let mut from = None;
        let mut to = start.posting;
        while !reader.0.is_empty() {
            let word = reader.str()?;
            let len = reader.number()?;
            if word.starts_with(beginning) {
                from.get_or_insert(to);
                lens.push(usize::try_from(len).ok()?);
            } else if word > beginning {
                break;
            }
            to += len;
        }
        let Some(from) = from else { return Some(()) };
        let bytes = read_at(
            file,
            self.postings_at + from,
            usize::try_from(to - from).ok()?,
        )?;
        let mut rest = bytes.as_slice();
        for len in lens {
            let (posting, after) = rest.split_at_checked(len)?;
            rest = after;
            let mut reader = Reader(posting);
            let mut next = 0;
            while !reader.0.is_empty() {
                // Ordinals stand as differences, which are small.
                let ordinal = next + usize::try_from(reader.number()?).ok()?;
                take(ordinal).filter(|()| ordinal < self.tracks)?;
                next = ordinal + 1;
            }
        }
        Some(())
    }
}

/// How many words of a query each track has, by ordinal.
pub(super) struct WordCounts {
    words: u8,
    of: Vec<u8>,
    /// Ordinals of tracks whose title and artist, or whose title, may be the query.
    named: [Vec<u64>; 2],
}

impl WordCounts {
    /// Passes over a track.
    pub(super) fn clear(&mut self, ordinal: u64) {
        if let Some(count) = self.of.get_mut(ordinal as usize) {
            *count = 0;
        }
    }

    /// How many tracks have all words.
    pub(super) fn whole(&self) -> u64 {
        self.of.iter().filter(|count| **count == self.words).count() as u64
    }

    /// The tracks that lack so many words.
    pub(super) fn lacking(&self, lacking: u8) -> impl Iterator<Item = u64> {
        let wanted = self.words - lacking;
        (0u64..)
            .zip(&self.of)
            .filter(move |(_, count)| **count == wanted)
            .map(|(ordinal, _)| ordinal)
    }

    /// The tracks that have all words and whose name may be the query.
    pub(super) fn named(&self, is_with_artist: bool) -> impl Iterator<Item = u64> {
        let named = &self.named[usize::from(!is_with_artist)];
        named
            .iter()
            .copied()
            .filter(|ordinal| self.of.get(*ordinal as usize) == Some(&self.words))
    }
}
