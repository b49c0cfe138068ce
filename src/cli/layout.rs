//! `ledgerline layout new`: a layout for a file that no layout fits.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::args::{LayoutCommand, NewLayoutArguments};
use super::layouts;
use crate::statement::ReadOptions;
use crate::statement::propose::{Proposal, propose};
use crate::statement::source::{Part, parts};

pub(super) fn layout(command: &LayoutCommand) -> Result<ExitCode> {
    match command {
        LayoutCommand::New(arguments) => new(arguments),
    }
}

fn new(arguments: &NewLayoutArguments) -> Result<ExitCode> {
    if let Some(out) = &arguments.out
        && out.exists()
        && !arguments.force
    {
        bail!(
            "{} is there already; give another name with --out, or --force to write over it",
            out.display()
        );
    }
    let part = one_part(&arguments.file, arguments.member.as_deref())?;
    let options = ReadOptions {
        encoding: arguments.encoding,
        currencies: arguments
            .currency
            .map(|currency| (None, currency))
            .into_iter()
            .collect(),
        ..ReadOptions::default()
    };
    let Proposal {
        text,
        notes,
        problem,
    } = propose(&part, &layouts(&[])?, &options, arguments.name.as_deref())?;
    match &arguments.out {
        Some(out) => write_whole(out, &text, arguments.force)?,
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    let mut said = io::stderr().lock();
    for note in notes {
        writeln!(said, "note: {note}")?;
    }
    let Some(problem) = problem else {
        return Ok(ExitCode::SUCCESS);
    };
    writeln!(
        said,
        "error: the layout does not read {} as it stands: {problem}",
        part.shown().display()
    )?;
    Ok(ExitCode::from(1))
}

/// The file, or the member of an archive that is meant.
pub(super) fn one_part(file: &Path, member: Option<&str>) -> Result<Part> {
    let mut parts = parts(file)?;
    let names: Vec<String> = parts
        .iter()
        .filter_map(Part::member_name)
        .map(str::to_owned)
        .collect();
    if let Some(wanted) = member {
        let found = parts
            .into_iter()
            .find(|part| part.member_name() == Some(wanted));
        return found.with_context(|| match names.is_empty() {
            true => format!(
                "{} is not an archive, so it has no member {wanted}; leave out --member",
                file.display()
            ),
            false => format!(
                "{} has no member {wanted}; it has: {}",
                file.display(),
                names.join(", ")
            ),
        });
    }
    match (parts.pop(), parts.len()) {
        (Some(part), 0) => Ok(part),
        _ => bail!(
            "{} holds {} files; say which with --member NAME: {}",
            file.display(),
            names.len(),
            names.join(", ")
        ),
    }
}

/// Writes a file that is there whole or not at all.
fn write_whole(path: &Path, text: &str, may_replace: bool) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(".ledgerline-")
            .tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        let placed = if may_replace {
            file.persist(path)
        } else {
            file.persist_noclobber(path)
        };
        placed.map(drop).map_err(|error| error.error)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
