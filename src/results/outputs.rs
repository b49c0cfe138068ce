//! What a settlement is written into besides its tables: statements of payees and files for banks.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::ResultsError;
use super::inputs::read;
use crate::account::{
    PayeeStatement, PayoutProfile, PayoutTotal, Titles, TrackTitle, prove_statements,
};
use crate::catalog;
use crate::contents::{Contents, ReadError};
use crate::export::{
    ExportSet, INDEX_COLUMNS, Letterhead, Sheet, statement_csv, statement_pdf, statement_sheet,
    statement_stems, write_payout_file, write_statement_index,
};
use crate::ident::Currency;
use crate::money::Amount;
use crate::settlement::{Inputs, ProofLine, SettleError, Settled};
use crate::statement::records::{Dialect, RowReader};

/// Folder of the statements.
const STATEMENTS: &str = "statements";
/// The list of the statements: whose they are, what they pay, and their hashes.
pub(super) const INDEX: &str = "statements/index.csv";

/// Files that are written besides the tables.
#[derive(Debug, Clone, Default)]
pub struct ExtraFiles {
    /// What stands on the statements of payees; `None` for no statements.
    pub statements: Option<Letterhead>,
    /// Forms of payout files.
    pub payout_files: Vec<PayoutProfile>,
}

/// What was written besides the tables.
#[derive(Debug, Clone, Default)]
pub struct WrittenFiles {
    /// How many statements, each a CSV and a PDF.
    pub statements: usize,
    /// Control totals of the payout files; those without a file are left out by their profiles.
    pub payouts: Vec<PayoutTotal>,
    /// The proof of the statements.
    pub(super) proof: Vec<ProofLine>,
    /// Names of the files that stand in `proof.json`.
    pub(super) files: Vec<String>,
}

/// A statement as files: names, and what is in them.
pub type StatementFiles = Vec<(String, Vec<u8>)>;

/// The statements of one payee as files, a CSV and a PDF for each currency.
///
/// # Errors
/// [`ResultsError::Overflow`] when a sum leaves the exact range.
pub fn statement_files(
    settled: &Settled,
    payee: &str,
    letterhead: &Letterhead,
) -> Result<StatementFiles, ResultsError> {
    let statements = settled.statements_of(payee)?;
    let mut files = StatementFiles::new();
    for (statement, stem) in statements.iter().zip(statement_stems(&statements)) {
        files.extend(files_of(statement, &stem, letterhead)?);
    }
    Ok(files)
}

/// What the statement of a payee in a currency says, as it stands in the PDF; `None` when the payee has no statement in it.
///
/// # Errors
/// [`ResultsError::Overflow`] when a sum leaves the exact range.
pub fn sheet_of(
    settled: &Settled,
    payee: &str,
    currency: Currency,
    letterhead: &Letterhead,
) -> Result<Option<Sheet>, ResultsError> {
    let statements = settled.statements_of(payee)?;
    let stems = statement_stems(&statements);
    let found = statements
        .iter()
        .zip(stems)
        .find(|(statement, _)| statement.currency == currency);
    Ok(found
        .map(|(statement, stem)| statement_sheet(statement, letterhead, &format!("{stem}.csv")))
        .transpose()?)
}

fn files_of(
    statement: &PayeeStatement<'_>,
    stem: &str,
    letterhead: &Letterhead,
) -> Result<StatementFiles, ResultsError> {
    let csv_name = format!("{stem}.csv");
    let pdf = statement_pdf(statement, letterhead, &csv_name)?;
    Ok(vec![
        (csv_name, statement_csv(statement, letterhead)),
        (format!("{stem}.pdf"), pdf),
    ])
}

/// Adds everything that is wanted besides the tables to a set.
pub(crate) fn add_extras(
    settled: &Settled,
    set: &mut ExportSet,
    extras: &ExtraFiles,
) -> Result<WrittenFiles, ResultsError> {
    let mut written = WrittenFiles {
        payouts: add_payout_files(settled, set, &extras.payout_files)?,
        ..WrittenFiles::default()
    };
    written.files = written
        .payouts
        .iter()
        .map(|t| t.file.clone())
        .filter(|file| !file.is_empty())
        .collect();
    written.files.dedup();
    if let Some(letterhead) = &extras.statements {
        (written.statements, written.proof) = add_statements(settled, set, letterhead)?;
        written.files.push(INDEX.to_owned());
    }
    Ok(written)
}

/// Adds the statements of all payees to a set, in a folder of their own, with a list of them. Gives back how many there are, and their proof.
///
/// # Errors
/// [`ResultsError::Unproven`] when one of them does not tie out, [`ResultsError::Export`] when they cannot be written.
fn add_statements(
    settled: &Settled,
    set: &mut ExportSet,
    letterhead: &Letterhead,
) -> Result<(usize, Vec<ProofLine>), ResultsError> {
    let statements = settled.statements()?;
    let proof = prove_statements(settled, &statements)?;
    if let Some(line) = proof.iter().find(|l| !l.holds()) {
        return Err(ResultsError::Unproven(line.to_string()));
    }
    let stems = statement_stems(&statements);
    set.add_folder(STATEMENTS)?;
    let items: Vec<(&PayeeStatement<'_>, &String)> = statements.iter().zip(&stems).collect();
    set.put_all(&items, |(statement, stem)| {
        let files = files_of(statement, stem, letterhead)?;
        Ok::<_, ResultsError>(
            files
                .into_iter()
                .map(|(name, bytes)| (format!("{STATEMENTS}/{name}"), bytes))
                .collect(),
        )
    })?;
    let hashes: HashMap<String, String> = set
        .listing()
        .map(|(name, _, hash)| (name.to_owned(), hash))
        .collect();
    let mut file = set.begin(INDEX)?;
    write_statement_index(&mut file, &items, |name: &str| {
        hashes
            .get(&format!("{STATEMENTS}/{name}"))
            .cloned()
            .unwrap_or_default()
    })
    .map_err(|e| set.error(INDEX, e))?;
    set.end(file)?;
    Ok((statements.len(), proof))
}

/// Adds the payout files of some profiles to a set. Gives back their control totals.
///
/// # Errors
/// [`ResultsError::Settle`] with every payment that cannot be written, [`ResultsError::Export`] when a file cannot be.
fn add_payout_files(
    settled: &Settled,
    set: &mut ExportSet,
    profiles: &[PayoutProfile],
) -> Result<Vec<PayoutTotal>, ResultsError> {
    let mut totals = Vec::new();
    for profile in profiles {
        let payout = profile.files(settled).map_err(SettleError::from)?;
        check(settled, profile, &payout.totals)?;
        for file in &payout.files {
            let mut out = set.begin(&file.name)?;
            write_payout_file(&mut out, profile, file).map_err(|e| set.error(&file.name, e))?;
            set.end(out)?;
        }
        totals.extend(payout.totals);
    }
    Ok(totals)
}

/// The control totals of a profile, with what it leaves out, are what is payable.
fn check(
    settled: &Settled,
    profile: &PayoutProfile,
    totals: &[PayoutTotal],
) -> Result<(), ResultsError> {
    let mut left: BTreeMap<Currency, Amount> = BTreeMap::new();
    let written = totals.iter().map(|t| (t.currency, t.amount.negated()));
    for (currency, amount) in settled
        .payables
        .iter()
        .map(|l| (l.currency, l.payable))
        .chain(written)
    {
        let sum = left.entry(currency).or_default();
        *sum = sum.plus(amount)?;
    }
    match left.into_iter().find(|(_, amount)| !amount.is_zero()) {
        Some((currency, amount)) => Err(ResultsError::Unproven(format!(
            "{amount} {currency} are payable and not in payout file {:?}",
            profile.name
        ))),
        None => Ok(()),
    }
}

/// Profiles of payout files by their names; files of your own go before those that ship.
///
/// # Errors
/// [`ResultsError::Input`] for files that cannot be read, [`ResultsError::Settle`] for what is wrong in them,
/// [`ResultsError::NoSuchProfile`] for a name that none of them has.
pub fn payout_profiles(
    names: &[String],
    own: &[PathBuf],
) -> Result<Vec<PayoutProfile>, ResultsError> {
    let own = own
        .iter()
        .map(|path| read(path))
        .collect::<Result<Vec<_>, ResultsError>>()?;
    let all = PayoutProfile::read(&own).map_err(SettleError::from)?;
    let names: BTreeSet<&String> = names.iter().collect();
    let find = |name: &String| {
        let known = || {
            all.iter()
                .map(|p| p.name.as_str())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
                .join(", ")
        };
        all.iter()
            .find(|p| p.name == *name)
            .cloned()
            .ok_or_else(|| ResultsError::NoSuchProfile {
                name: name.clone(),
                known: known(),
            })
    };
    names.into_iter().map(find).collect()
}

impl Contents {
    /// What stands on the statements of a settlement: who sends them, the only label when nobody says it, and names from the catalog.
    ///
    /// # Errors
    /// As for [`titles`].
    pub fn letterhead(
        &self,
        settled: &Settled,
        sender: Option<String>,
    ) -> Result<Letterhead, ResultsError> {
        Ok(Letterhead {
            sender: sender.unwrap_or_else(|| only_label(settled)),
            titles: titles(self, settled)?,
        })
    }

    /// Writes the statements of one payee into a folder. Gives back the names of the files.
    ///
    /// # Errors
    /// As for [`titles`] and [`statement_files`], and [`ResultsError::Export`].
    pub fn write_statements_of(
        &self,
        settled: &Settled,
        payee: &str,
        out: &Path,
    ) -> Result<Vec<String>, ResultsError> {
        let files = statement_files(settled, payee, &self.letterhead(settled, None)?)?;
        let mut set = ExportSet::new(out)?;
        files
            .iter()
            .try_for_each(|(name, bytes)| set.put(name, bytes))?;
        set.commit(&[])?;
        Ok(files.into_iter().map(|(name, _)| name).collect())
    }
}

/// Who sends the statements when nobody says it: the label of the cells, if they name one and only one.
#[must_use]
pub fn only_label(settled: &Settled) -> String {
    let labels: BTreeSet<&str> = settled
        .inputs
        .cells
        .works
        .iter()
        .map(|w| w.label.as_str())
        .filter(|l| !l.is_empty())
        .collect();
    if labels.len() == 1 {
        labels.into_iter().collect()
    } else {
        String::new()
    }
}

/// Names of the tracks and releases of a settlement, from a catalog.
///
/// # Errors
/// [`ResultsError::Read`] when the catalog cannot be read.
pub fn titles(contents: &Contents, settled: &Settled) -> Result<Titles, ResultsError> {
    let Inputs {
        book,
        releases,
        cells,
        ..
    } = &*settled.inputs;
    let of_releases = book
        .releases
        .iter()
        .chain(releases.iter())
        .flat_map(|(_, release)| release.tracks())
        .map(|t| &t.id);
    let ids: BTreeSet<&String> = cells
        .works
        .iter()
        .map(|w| &w.track)
        .chain(of_releases)
        .filter(|t| !t.is_empty())
        .collect();
    let ids: Vec<String> = ids.into_iter().cloned().collect();
    let mut titles = Titles::default();
    // The title in a track's row is that of its release; with several releases it is taken only where no track has it alone.
    let mut releases: BTreeMap<String, [BTreeSet<String>; 2]> = BTreeMap::new();
    for track in catalog::tracks(contents.workspace(), &ids)
        .map_err(ReadError::from)?
        .into_iter()
        .flatten()
    {
        let title = if track.version.is_empty() {
            track.title
        } else {
            format!("{} ({})", track.title, track.version)
        };
        titles.add_track(
            &track.id,
            TrackTitle {
                title,
                artist: track.artist,
            },
        );
        for upc in track
            .upcs
            .iter()
            .filter(|_| !track.release_title.is_empty())
        {
            let [alone, shared] = releases.entry(upc.to_string()).or_default();
            if track.upcs.len() == 1 { alone } else { shared }.insert(track.release_title.clone());
        }
    }
    for (upc, [alone, shared]) in releases {
        let names = if alone.is_empty() { shared } else { alone };
        if let (1, Some(name)) = (names.len(), names.first()) {
            titles.add_release(&upc, name);
        }
    }
    Ok(titles)
}

/// Statements and payout files of an earlier run into the same folder that are not in this one: they would not fit its tables.
pub(crate) fn stale_files(folder: &Path, set: &ExportSet) -> Vec<String> {
    let mut names = BTreeSet::new();
    let proof = std::fs::read(folder.join(super::PROOF))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let files = proof
        .as_ref()
        .and_then(|p| p["files"].as_array())
        .into_iter()
        .flatten();
    names.extend(
        files
            .filter_map(|f| f["name"].as_str())
            .filter(|n| n.starts_with("payout-") || *n == INDEX)
            .map(str::to_owned),
    );
    if let Ok(index) = std::fs::read(folder.join(INDEX)) {
        let dialect = Dialect::new(b',');
        let mut reader = RowReader::new(&index, &dialect, INDEX_COLUMNS.len());
        while let Some(row) = reader.next_row() {
            let named = INDEX_COLUMNS
                .iter()
                .zip(row.cells())
                .filter(|(column, _)| matches!(**column, "csv" | "pdf"));
            names.extend(
                named
                    .filter_map(|(_, name)| std::str::from_utf8(name).ok())
                    .filter(|n| n.starts_with("statements/"))
                    .map(str::to_owned),
            );
        }
    }
    let is_inside = |name: &String| {
        !name.contains(['\\', ':'])
            && name
                .split('/')
                .all(|part| !part.is_empty() && part != "." && part != "..")
    };
    let current: BTreeSet<&str> = set.listing().map(|(name, ..)| name).collect();
    names
        .into_iter()
        .filter(|name| is_inside(name) && !current.contains(name.as_str()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_an_earlier_run_are_stale_and_none_outside_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("statements")).unwrap();
        let proof = r#"{"files": [{"name": "postings.csv"}, {"name": "payout-sepa.csv"}, {"name": "payout-../../x.csv"}, {"name": "statements/index.csv"}]}"#;
        std::fs::write(folder.path().join("proof.json"), proof).unwrap();
        let row =
            |payee: &str, csv: &str, pdf: &str| format!("{payee},EUR,paid,1,0,{csv},h,{pdf},h\n");
        let rows = [
            row("statements/mine", "statements/a.csv", "statements/a.pdf"),
            row("Ben", "statements/../../b.csv", "statements//c"),
        ];
        std::fs::write(
            folder.path().join(INDEX),
            INDEX_COLUMNS.join(",") + "\n" + &rows.concat(),
        )
        .unwrap();
        let mut set = ExportSet::new(folder.path()).unwrap();
        set.add_folder("statements").unwrap();
        set.put("statements/a.csv", b"new").unwrap();
        assert_eq!(
            stale_files(folder.path(), &set),
            [
                "payout-sepa.csv",
                "statements/a.pdf",
                "statements/index.csv"
            ]
        );
    }

    #[test]
    fn an_unknown_profile_names_those_that_there_are() {
        let error = payout_profiles(&["spea".to_owned()], &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("spea") && error.contains("payables, paypal, sepa"),
            "{error}"
        );
    }
}
