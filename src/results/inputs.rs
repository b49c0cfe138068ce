//! Files of cells, contracts, rates and balances, read and settled. No workspace is needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ResultsError, read_cells};
use crate::ident::SalePeriod;
use crate::settlement::{Inputs, SettleError, Settled};
use crate::terms::{Balances, Book, Rates};

/// Files of terms, which say how money is settled.
#[derive(Debug, Clone, Default)]
pub struct TermFiles {
    /// Contracts with their parties, TOML or CSV.
    pub contracts: Vec<PathBuf>,
    /// Exchange rates.
    pub rates: Vec<PathBuf>,
    /// Opening balances.
    pub balances: Vec<PathBuf>,
    /// The month that is settled; without one the month of the last sales.
    pub period: Option<SalePeriod>,
}

/// What files of terms say, and what stands for it.
pub struct ReadTerms {
    /// Contracts, rates and balances, without cells.
    pub inputs: Inputs,
    /// A digest of the same bytes, whatever the order of the files of each kind.
    pub digest: String,
}

/// Reads everything and settles it.
///
/// # Errors
/// [`ResultsError::Input`] for files that cannot be read, [`ResultsError::Settle`] for what is wrong in them.
pub fn settle_files(cells: &Path, terms: &TermFiles) -> Result<Settled, ResultsError> {
    let read_cells = || {
        let (name, bytes) = read(cells)?;
        let cells = read_cells(&name, &bytes).map_err(SettleError::from)?;
        Ok::<_, ResultsError>(cells)
    };
    let (cells, terms) = rayon::join(read_cells, || terms.read());
    Ok(Settled::of(Inputs {
        cells: Arc::new(cells?),
        ..terms?.inputs
    })?)
}

impl TermFiles {
    /// Reads every file once: what it says and the digest come from the same bytes.
    ///
    /// # Errors
    /// As for [`settle_files`].
    pub fn read(&self) -> Result<ReadTerms, ResultsError> {
        let contracts = read_all(&self.contracts)?;
        let rates = read_all(&self.rates)?;
        let balances = read_all(&self.balances)?;
        let digest = digest(&[&contracts, &rates, &balances], self.period);
        let book = Book::read(&contracts).map_err(SettleError::from)?;
        let opening = Balances::read(&balances, &book).map_err(SettleError::from)?;
        let inputs = Inputs {
            rates: Rates::read(&rates).map_err(SettleError::from)?,
            book,
            opening,
            cells: Arc::default(),
            releases: Arc::default(),
            period: self.period,
        };
        Ok(ReadTerms { inputs, digest })
    }
}

fn digest(kinds: &[&[(String, Vec<u8>)]; 3], period: Option<SalePeriod>) -> String {
    let hashes = kinds.map(|files| {
        let mut hashes: Vec<String> = files
            .iter()
            .map(|(_, bytes)| blake3::hash(bytes).to_hex().to_string())
            .collect();
        hashes.sort_unstable();
        hashes
    });
    let [contracts, rates, balances] = hashes;
    let period = period.map(|p| p.to_string());
    let all = serde_json::json!([contracts, rates, balances, period]);
    blake3::hash(all.to_string().as_bytes())
        .to_hex()
        .to_string()
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<(String, Vec<u8>)>, ResultsError> {
    paths.iter().map(|path| read(path)).collect()
}

/// A file's name for errors, and its bytes.
pub(super) fn read(path: &Path) -> Result<(String, Vec<u8>), ResultsError> {
    let bytes = std::fs::read(path).map_err(|source| ResultsError::Input {
        path: path.to_owned(),
        source,
    })?;
    Ok((path.display().to_string(), bytes))
}
