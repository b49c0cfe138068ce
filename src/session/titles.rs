//! Names for statements when there is no workspace: a catalog that lasts only for them.

use std::path::{Path, PathBuf};

use super::{Session, SessionError};
use crate::account::Titles;
use crate::catalog::CatalogReport;
use crate::job::Job;
use crate::results::{ResultsError, titles};
use crate::settlement::Settled;
use crate::statement::layout::Layouts;

/// Names of the tracks and releases of a settlement from catalog files, which are imported into a workspace that lasts only for it, in a folder.
///
/// # Errors
/// As for [`titles`], and [`SessionError::Catalog`] for files that are no catalog.
pub fn titles_of_files(
    files: &[PathBuf],
    folder: &Path,
    settled: &Settled,
    job: &Job,
) -> Result<(Titles, CatalogReport), SessionError> {
    let make = || {
        std::fs::create_dir_all(folder).and_then(|()| {
            tempfile::Builder::new()
                .prefix(".ledgerline-")
                .tempdir_in(folder)
        })
    };
    let temporary = make().map_err(|source| ResultsError::Input {
        path: folder.to_owned(),
        source,
    })?;
    let own: [&Path; 0] = [];
    let mut session = Session::open(
        &temporary.path().join("workspace"),
        Layouts::load(&own)?,
        job.clone(),
    )?;
    let report = session.import_catalog(files)?;
    Ok((titles(&session.contents, settled)?, report))
}
