//! A stream of text into batches that each begin and end between rows.
//!
//! A cut is made before a line that is a row by itself: by the rule of reading (see [`super::records`]) such a line always begins a
//! row, so each batch reads the same alone as in its place. Where no such line is near, rows are read up to the cut.

use super::plan::Plan;
use super::records::RowReader;
use super::source::{Source, bytes_in_file};
use super::{BATCH_ROWS, Limits, StatementError};

/// A piece of a file that begins and ends between rows.
#[derive(Debug)]
pub(super) struct Batch {
    /// 0-based number, in the order of the file.
    pub index: u64,
    /// The text.
    pub bytes: Vec<u8>,
    /// Physical lines before it.
    pub first_line: u64,
    /// Offset of its beginning in the decompressed file.
    pub file_offset: u64,
    /// A line too long to be a record: its length; `bytes` is its beginning.
    pub oversize: Option<u64>,
}

/// Bytes asked for at a time.
const FILL_BYTES: usize = 256 << 10;
/// A batch of very long rows ends after so many bytes.
const MAX_BATCH_BYTES: usize = 24 << 20;
/// Bytes whose line ends are counted at a time.
const COUNT_BYTES: usize = 32 << 10;
/// Lines after the wanted size in which a safe cut is looked for.
const CUT_LINES: usize = 256;

/// Cuts one source into batches.
pub(super) struct Splitter<'a> {
    source: Source,
    plan: &'a Plan,
    batch_rows: usize,
    max_line_bytes: usize,
    buffer: Vec<u8>,
    ended: bool,
    next_index: u64,
    lines: u64,
    text_bytes: u64,
    file_offset: u64,
    spare: Vec<Vec<u8>>,
}

impl<'a> Splitter<'a> {
    /// Begins after the head of `head_bytes` bytes and `head_lines` lines.
    pub(super) fn new(
        mut source: Source,
        plan: &'a Plan,
        head_bytes: usize,
        head_lines: u64,
        batch_rows: Option<usize>,
        limits: &Limits,
    ) -> Self {
        let mut buffer = source.take_head();
        let head: Vec<u8> = buffer.drain(..head_bytes).collect();
        let file_offset = source.bom_bytes() + bytes_in_file(&head, source.encoding());
        Self {
            source,
            plan,
            batch_rows: batch_rows.unwrap_or(BATCH_ROWS).max(1),
            max_line_bytes: limits.max_line_bytes,
            buffer,
            ended: false,
            next_index: 0,
            lines: head_lines,
            text_bytes: head_bytes as u64,
            file_offset,
            spare: Vec::new(),
        }
    }

    /// Bytes of decompressed content read so far.
    pub(super) fn content_bytes(&self) -> u64 {
        self.source.content_bytes()
    }

    /// Physical lines and text bytes handed out so far, the head included.
    pub(super) fn handed_out(&self) -> (u64, u64) {
        (self.lines, self.text_bytes)
    }

    /// Gives a buffer back for use by a later batch.
    pub(super) fn recycle(&mut self, mut bytes: Vec<u8>) {
        bytes.clear();
        self.spare.push(bytes);
    }

    /// Ends reading; see [`Source::finish`].
    pub(super) fn into_source(self) -> Source {
        self.source
    }

    /// The next batch, `None` at the end.
    pub(super) fn next_batch(&mut self) -> Result<Option<Batch>, StatementError> {
        let line_end = self.plan.dialect.line_end();
        let mut lines = 0usize;
        let mut scanned = 0usize;
        // Where the wanted number of lines ends, then where it is safe to cut.
        loop {
            // Counting is many times faster than finding, so only the piece that holds the wanted line is searched.
            for start in (scanned..self.buffer.len()).step_by(COUNT_BYTES) {
                let end = (start + COUNT_BYTES).min(self.buffer.len());
                let piece = &self.buffer[start..end];
                let ends = memchr::memchr_iter(line_end, piece).count();
                if lines + ends < self.batch_rows && end < MAX_BATCH_BYTES {
                    lines += ends;
                    continue;
                }
                for at in memchr::memchr_iter(line_end, piece) {
                    lines += 1;
                    let wanted = start + at + 1;
                    if lines >= self.batch_rows || wanted >= MAX_BATCH_BYTES {
                        return self.cut_after(wanted, lines as u64).map(Some);
                    }
                }
            }
            scanned = self.buffer.len();
            if let Some(batch) = self.oversize_line(lines)? {
                return Ok(Some(batch));
            }
            if !self.fill()? {
                break;
            }
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        let end = self.buffer.len();
        let lines = self.count_lines(end);
        Ok(Some(self.take(end, lines)))
    }

    fn fill(&mut self) -> Result<bool, StatementError> {
        if self.ended {
            return Ok(false);
        }
        let n = self.source.fill(&mut self.buffer, FILL_BYTES)?;
        self.ended = n == 0;
        Ok(n > 0)
    }

    /// Cuts at `wanted` or behind it.
    fn cut_after(&mut self, wanted: usize, lines: u64) -> Result<Batch, StatementError> {
        let mut cut = wanted;
        for skipped in 0..CUT_LINES as u64 {
            match self.line_at(cut)? {
                None => break,
                Some((_, end)) if self.is_safe(cut, end) => {
                    return Ok(self.take(cut, lines + skipped));
                }
                Some((next, _)) => cut = next,
            }
        }
        let cut = self.row_end_after(wanted)?;
        let lines = self.count_lines(cut);
        Ok(self.take(cut, lines))
    }

    fn is_safe(&self, start: usize, end: usize) -> bool {
        let end = self.plan.dialect.trim_end(&self.buffer, start, end);
        self.plan
            .dialect
            .is_row(&self.buffer[start..end], self.plan.columns())
    }

    /// The line that begins at `start`: where the next one begins, and its own end. `None` at the end of the file or for an oversize line.
    fn line_at(&mut self, start: usize) -> Result<Option<(usize, usize)>, StatementError> {
        let line_end = self.plan.dialect.line_end();
        let mut scanned = start;
        loop {
            if let Some(at) = memchr::memchr(line_end, &self.buffer[scanned..]) {
                return Ok(Some((scanned + at + 1, scanned + at)));
            }
            scanned = self.buffer.len();
            if scanned - start > self.max_line_bytes {
                return Ok(None);
            }
            if !self.fill()? {
                return Ok(if start < self.buffer.len() {
                    Some((self.buffer.len(), self.buffer.len()))
                } else {
                    None
                });
            }
        }
    }

    /// Reads rows from the beginning of the buffer until one ends at or behind `wanted`. Enough lines are read ahead for the reader
    /// to decide as it would with the whole file.
    fn row_end_after(&mut self, wanted: usize) -> Result<usize, StatementError> {
        let mut ahead = wanted;
        for _ in 0..CUT_LINES {
            match self.line_at(ahead)? {
                Some((next, _)) => ahead = next,
                None => break,
            }
        }
        let mut reader = RowReader::new(
            &self.buffer[..ahead],
            &self.plan.dialect,
            self.plan.columns(),
        );
        let mut end = ahead;
        while let Some(row) = reader.next_row() {
            if row.next >= wanted {
                end = row.next;
                break;
            }
        }
        Ok(end)
    }

    /// Physical lines of the beginning of the buffer; a last line without an end counts.
    fn count_lines(&self, end: usize) -> u64 {
        let line_end = self.plan.dialect.line_end();
        let ends = memchr::memchr_iter(line_end, &self.buffer[..end]).count() as u64;
        ends + u64::from(self.buffer[..end].last().is_some_and(|b| *b != line_end))
    }

    fn take(&mut self, end: usize, lines: u64) -> Batch {
        let mut rest = self.spare.pop().unwrap_or_default();
        rest.extend_from_slice(&self.buffer[end..]);
        let mut bytes = std::mem::replace(&mut self.buffer, rest);
        bytes.truncate(end);
        let batch_bytes = bytes.len() as u64;
        let in_file = bytes_in_file(&bytes, self.source.encoding());
        self.batch(bytes, lines, batch_bytes, in_file, None)
    }

    fn batch(
        &mut self,
        bytes: Vec<u8>,
        lines: u64,
        text_bytes: u64,
        in_file: u64,
        oversize: Option<u64>,
    ) -> Batch {
        let batch = Batch {
            index: self.next_index,
            bytes,
            first_line: self.lines,
            file_offset: self.file_offset,
            oversize,
        };
        self.next_index += 1;
        self.lines += lines;
        self.text_bytes += text_bytes;
        self.file_offset += in_file;
        batch
    }

    /// When the buffer's last line has grown beyond any record: hands out what is before it, or reads over it.
    fn oversize_line(&mut self, lines_before: usize) -> Result<Option<Batch>, StatementError> {
        let line_end = self.plan.dialect.line_end();
        if self.buffer.len() <= self.max_line_bytes {
            return Ok(None);
        }
        let start = memchr::memrchr(line_end, &self.buffer).map_or(0, |at| at + 1);
        if self.buffer.len() - start <= self.max_line_bytes {
            return Ok(None);
        }
        if lines_before > 0 && start > 0 {
            let lines = self.count_lines(start);
            return Ok(Some(self.take(start, lines)));
        }
        let mut sample =
            self.buffer[..super::quarantine::RAW_BYTES.min(self.buffer.len())].to_vec();
        sample.shrink_to_fit();
        let mut text_bytes = 0u64;
        let mut in_file = 0u64;
        loop {
            let end = memchr::memchr(line_end, &self.buffer).map(|at| at + 1);
            let take = end.unwrap_or(self.buffer.len());
            text_bytes += take as u64;
            in_file += bytes_in_file(&self.buffer[..take], self.source.encoding());
            self.buffer.drain(..take);
            if end.is_some() || !self.fill()? {
                break;
            }
        }
        Ok(Some(self.batch(
            sample,
            1,
            text_bytes,
            in_file,
            Some(text_bytes),
        )))
    }
}
