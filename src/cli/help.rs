//! `ledgerline help`: commands with their options, and chapters of the guide.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;

use super::program;
use crate::guide::{CHAPTERS, chapter};

/// Prints what is known under these words: a command, a chapter, or both. Without words, what there is.
pub(super) fn help(words: &[String]) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    if words.is_empty() {
        write!(out, "{}", program().render_long_help())?;
        writeln!(out, "\nChapters of the guide (ledgerline help CHAPTER):")?;
        for chapter in CHAPTERS {
            writeln!(out, "  {:<18} {}", chapter.id, chapter.title())?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let command = command_help(words);
    let chapter = match words {
        [id] => chapter(id),
        _ => None,
    };
    if command.is_none() && chapter.is_none() {
        let ids: Vec<&str> = CHAPTERS.iter().map(|c| c.id).collect();
        anyhow::bail!(
            "there is no command and no chapter {:?}; commands are listed by `ledgerline help`, chapters are: {}",
            words.join(" "),
            ids.join(", ")
        );
    }
    if let Some(text) = command {
        writeln!(out, "{text}")?;
    }
    if let Some(chapter) = chapter {
        write!(out, "{}", chapter.text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The options of a command, or of a command of a command.
fn command_help(words: &[String]) -> Option<String> {
    let mut command = program();
    let mut name = command.get_name().to_owned();
    for word in words {
        command = command.find_subcommand(word)?.clone();
        name = format!("{name} {word}");
    }
    Some(command.bin_name(name).render_long_help().to_string())
}
