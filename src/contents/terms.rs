//! Contracts, rates and opening balances as a workspace keeps them: texts by kind and name, read and checked as a whole.

use std::collections::BTreeSet;
use std::path::PathBuf;

use thiserror::Error;

use crate::review::{TermText, TermTexts, TermsChange};
use crate::settlement::SettleError;
use crate::terms::Rates;
use crate::terms::pieces::{CheckedTerms, TermKind, check, place_name, split_file};

/// Why files of contracts, rates or balances cannot be taken.
#[derive(Debug, Error)]
pub enum TermsError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What the files say, with its faults and their places.
    #[error(transparent)]
    Settle(#[from] SettleError),
    /// Two files of one import have the same name.
    #[error(
        "two of the files are {kind} {name:?}, and one would take the place of the other; rename one of them"
    )]
    SameName {
        /// What they are about.
        kind: String,
        /// Their name.
        name: String,
    },
    /// A file of rates lacks rates that the earlier file of its name had.
    #[error(
        "rates {name:?} would no longer have {lost}, by which money may have been settled; give the new file another name, or all rates of the earlier one too"
    )]
    LostRates {
        /// Name of the file.
        name: String,
        /// What is missing.
        lost: String,
    },
}

/// Pieces with what they are about.
pub fn pieces(texts: &TermTexts) -> impl Iterator<Item = (TermKind, &str, &str)> {
    texts.iter().filter_map(|((kind, name), text)| {
        Some((TermKind::parse(kind)?, name.as_str(), text.as_str()))
    })
}

/// Reads terms and checks them as a whole.
///
/// # Errors
/// [`SettleError::Faults`], with their lines in the pieces.
pub fn read_terms(texts: &TermTexts) -> Result<CheckedTerms, SettleError> {
    Ok(check(pieces(texts).map(|(kind, name, text)| {
        (kind, place_name(kind, name), text.as_bytes())
    }))?)
}

/// The terms as they would be after a change.
///
/// # Errors
/// [`SettleError::Faults`] when they would not be sound.
pub fn terms_after(
    texts: &TermTexts,
    change: &TermsChange,
) -> Result<(TermTexts, CheckedTerms), SettleError> {
    let mut after = texts.clone();
    change.apply(&mut after);
    let checked = read_terms(&after)?;
    Ok((after, checked))
}

/// What importing files would set.
///
/// # Errors
/// [`TermsError::Settle`] with the faults and their places in the files; [`TermsError::Input`] for a file that cannot be read.
pub fn change_of_files(before: &TermTexts, files: &[PathBuf]) -> Result<TermsChange, TermsError> {
    let mut change = TermsChange::default();
    let mut given: Vec<(TermKind, String, Vec<u8>)> = Vec::new();
    for path in files {
        let bytes = std::fs::read(path).map_err(|source| TermsError::Input {
            path: path.clone(),
            source,
        })?;
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |n| n.to_string_lossy().into_owned(),
        );
        let terms = split_file(&name, &bytes).map_err(SettleError::from)?;
        given.push((
            terms.first().map_or(TermKind::Contract, |t| t.kind),
            name,
            bytes,
        ));
        change.set.extend(terms.into_iter().map(|t| TermText {
            kind: t.kind.word().to_owned(),
            name: t.name,
            text: t.text,
        }));
    }
    let mut names = BTreeSet::new();
    if let Some(term) = change
        .set
        .iter()
        .find(|t| !names.insert((&t.kind, &t.name)))
    {
        return Err(TermsError::SameName {
            kind: term.kind.clone(),
            name: term.name.clone(),
        });
    }
    lost_rates(before, &change)?;
    // Against the files as they are, so that faults name their lines.
    let kept = pieces(before).filter(|(kind, name, _)| {
        !change
            .set
            .iter()
            .any(|t| t.kind == kind.word() && t.name == *name)
    });
    let kept = kept.map(|(kind, name, text)| (kind, place_name(kind, name), text.as_bytes()));
    check(
        kept.chain(
            given
                .iter()
                .map(|(kind, name, bytes)| (*kind, name.clone(), bytes.as_slice())),
        ),
    )
    .map_err(SettleError::from)?;
    Ok(change)
}

/// A file of rates that takes the place of another must have what that one had: closed months were settled by it.
fn lost_rates(before: &TermTexts, change: &TermsChange) -> Result<(), TermsError> {
    for term in change
        .set
        .iter()
        .filter(|t| t.kind == TermKind::Rates.word())
    {
        let Some(old) = before.get(&(term.kind.clone(), term.name.clone())) else {
            continue;
        };
        let read = |text: &str| {
            Rates::read(&[(
                place_name(TermKind::Rates, &term.name),
                text.as_bytes().to_vec(),
            )])
            .map_err(SettleError::from)
        };
        if let Some(lost) = read(old)?.first_missing_in(&read(&term.text)?) {
            return Err(TermsError::LostRates {
                name: term.name.clone(),
                lost,
            });
        }
    }
    Ok(())
}
