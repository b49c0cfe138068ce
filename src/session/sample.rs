//! The sample label, built into the program: a catalog and one month of statements, for trying things out.

use std::io;
use std::path::{Path, PathBuf};

use crate::review::{TermText, TermsChange};
use crate::terms::pieces::split_file;

static STATEMENTS: include_dir::Dir<'static> =
    include_dir::include_dir!("$CARGO_MANIFEST_DIR/sample-data/statements");
static CATALOG: &[u8] = include_bytes!("../../sample-data/catalog.csv");
static TERMS: [(&str, &[u8]); 3] = [
    (
        "contracts.toml",
        include_bytes!("../../sample-data/settle/contracts.toml"),
    ),
    (
        "rates.csv",
        include_bytes!("../../sample-data/settle/rates.csv"),
    ),
    (
        "balances.csv",
        include_bytes!("../../sample-data/settle/balances.csv"),
    ),
];

/// The contracts, rates and balances of the worked example in `sample-data/settle`, as a change of terms.
#[must_use]
pub fn example_terms() -> TermsChange {
    let pieces = TERMS
        .iter()
        .flat_map(|(name, bytes)| split_file(name, bytes).expect("the example can be read"));
    let set = pieces
        .map(|t| TermText {
            kind: t.kind.word().to_owned(),
            name: t.name,
            text: t.text,
        })
        .collect();
    TermsChange {
        set,
        ..TermsChange::default()
    }
}

/// The sample's files on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFiles {
    /// The catalog.
    pub catalog: PathBuf,
    /// The statements, sorted by name.
    pub statements: Vec<PathBuf>,
}

/// Writes the sample's files into a folder; files that are there already and are the same stay as they are.
///
/// # Errors
/// The error of the file system.
pub fn write(folder: &Path) -> io::Result<SampleFiles> {
    let statements_folder = folder.join("statements");
    std::fs::create_dir_all(&statements_folder)?;
    let catalog = folder.join("catalog.csv");
    put(&catalog, CATALOG)?;
    let mut statements = Vec::new();
    for file in STATEMENTS.files() {
        let path = statements_folder.join(file.path());
        put(&path, file.contents())?;
        statements.push(path);
    }
    statements.sort();
    Ok(SampleFiles {
        catalog,
        statements,
    })
}

/// Statements are shown from where they lie, so a file that is being looked at must not be written anew.
fn put(path: &Path, content: &[u8]) -> io::Result<()> {
    match std::fs::read(path) {
        Ok(there) if there == content => Ok(()),
        _ => std::fs::write(path, content),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sample_is_the_one_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let sample = super::write(folder.path()).unwrap();
        assert!(sample.statements.len() >= 12);
        // As cargo says when it runs the tests: a target folder may be shared by several checkouts.
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let root = std::path::Path::new(&package).join("sample-data");
        assert_eq!(
            std::fs::read(&sample.catalog).unwrap(),
            std::fs::read(root.join("catalog.csv")).unwrap()
        );
        for path in &sample.statements {
            let there = root.join("statements").join(path.file_name().unwrap());
            assert_eq!(std::fs::read(path).unwrap(), std::fs::read(there).unwrap());
        }
    }
}
