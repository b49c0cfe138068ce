//! `ledgerline read`: the line-by-line reader on its own.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::args::{LineEnd, ReadArguments};
use crate::statement::records::{self, Dialect, read_rows};
use crate::statement::{kind, source};

pub(super) fn run(arguments: &ReadArguments) -> Result<ExitCode> {
    let part = super::layout::one_part(&arguments.file, arguments.member.as_deref())?;
    let bytes = part.content(arguments.max_expansion)?;
    if let Some(reason) = no_text(&bytes, arguments.encoding.as_deref()) {
        bail!("{}: {reason}", part.shown().display());
    }
    let bytes = decoded(bytes, arguments.encoding.as_deref())?;
    let read = read_rows(&bytes, &dialect(arguments, &bytes)?);
    let mut out = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(sink(arguments.out.as_deref(), io::stdout())?);
    for row in &read.rows {
        out.write_record(row)?;
    }
    out.flush()?;
    if read.flags.is_empty() && arguments.flags.is_none() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut flags = csv::WriterBuilder::new()
        .terminator(csv::Terminator::Any(b'\n'))
        .from_writer(sink(arguments.flags.as_deref(), io::stderr())?);
    flags.write_record(["row", "line", "byte_offset", "kind", "detail", "raw"])?;
    for flag in &read.flags {
        let place = [
            flag.row.to_string(),
            flag.line.to_string(),
            flag.byte_offset.to_string(),
        ];
        flags.write_record(place.iter().map(String::as_bytes).chain([
            flag.kind.code().as_bytes(),
            flag.detail.as_bytes(),
            &flag.raw,
        ]))?;
    }
    flags.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn sink(path: Option<&std::path::Path>, otherwise: impl Write + 'static) -> Result<Box<dyn Write>> {
    Ok(match path {
        Some(path) => Box::new(io::BufWriter::new(
            std::fs::File::create(path)
                .with_context(|| format!("cannot write {}", path.display()))?,
        )),
        None => Box::new(io::BufWriter::new(otherwise)),
    })
}

/// Why the bytes are no text, and what to do.
fn no_text(bytes: &[u8], label: Option<&str>) -> Option<String> {
    if let Some(kind) = kind::of_bytes(bytes) {
        return Some(format!("{}. {}", kind.reason(), kind.remedy));
    }
    let is_wide = encoding_rs::Encoding::for_bom(bytes)
        .is_some_and(|(encoding, _)| encoding != encoding_rs::UTF_8);
    let says_wide = label.is_some_and(|label| label.to_ascii_lowercase().starts_with("utf-16"));
    let is_binary = !is_wide && !says_wide && source::is_binary(bytes);
    is_binary.then(|| "this is a binary file, not text. Say its encoding with --encoding if it is text, such as utf-16le".to_owned())
}

fn decoded(bytes: Vec<u8>, label: Option<&str>) -> Result<Vec<u8>> {
    let encoding = match label {
        Some(label) => encoding_rs::Encoding::for_label(label.as_bytes())
            .with_context(|| format!("no encoding has the name {label}"))?,
        None => encoding_rs::Encoding::for_bom(&bytes)
            .map_or(encoding_rs::UTF_8, |(encoding, _)| encoding),
    };
    // ASCII is a label of Windows-1252; bytes of UTF-8 are passed on as they are, whether valid or not.
    if encoding == encoding_rs::UTF_8 || bytes.is_ascii() {
        return Ok(bytes);
    }
    Ok(encoding.decode(&bytes).0.into_owned().into_bytes())
}

fn dialect(arguments: &ReadArguments, bytes: &[u8]) -> Result<Dialect> {
    let quote = single(&arguments.quote, "quote")?;
    let escape = match &arguments.escape {
        Some(text) => single(text, "escape")?,
        None => quote,
    };
    let delimiter = match arguments.delimiter.as_deref() {
        Some("tab" | "\\t") => b"\t".to_vec(),
        Some("") => bail!("the delimiter must not be empty"),
        Some(text) => text.as_bytes().to_vec(),
        None => vec![likely_delimiter(bytes)],
    };
    let record_end = match arguments.record_end {
        LineEnd::Auto => records::RecordEnd::Auto,
        LineEnd::Lf => records::RecordEnd::Lf,
        LineEnd::Crlf => records::RecordEnd::CrLf,
        LineEnd::Cr => records::RecordEnd::Cr,
    };
    Ok(Dialect {
        delimiter,
        quote,
        escape,
        record_end,
        preamble: arguments.preamble,
        columns: arguments.columns.filter(|c| *c > 0),
    })
}

fn single(text: &str, what: &str) -> Result<Option<u8>> {
    match text.as_bytes() {
        _ if text == "none" => Ok(None),
        [one] => Ok(Some(*one)),
        _ => bail!("the {what} is one character, or none"),
    }
}

/// The separator that gives the same number of cells on most of the first lines, and more than one.
fn likely_delimiter(bytes: &[u8]) -> u8 {
    let lines: Vec<&[u8]> = bytes
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .take(100)
        .collect();
    let score = |delimiter: u8| {
        let mut counts: Vec<usize> = lines
            .iter()
            .map(|l| memchr::memchr_iter(delimiter, l).count())
            .collect();
        counts.sort_unstable();
        let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
        (
            if median > 0 {
                counts.iter().filter(|c| **c == median).count()
            } else {
                0
            },
            median,
        )
    };
    [b'|', b';', b'\t', b',']
        .into_iter()
        .max_by_key(|d| score(*d))
        .unwrap_or(b',')
}
