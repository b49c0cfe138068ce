//! The lines that are shown into a file of their own, which is there whole or not at all.

use std::path::Path;

use super::write_view_csv;
use crate::desk::{Desk, LineId};
use crate::export::{ExportError, ExportSet};

/// Writes lines as CSV to a file; see [`write_view_csv`].
///
/// # Errors
/// [`ExportError`] when the file cannot be written; what stood there before is unchanged.
pub fn export_view(desk: &Desk, rows: &[LineId], path: &Path) -> Result<(), ExportError> {
    let folder = path
        .parent()
        .filter(|p| !p.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_else(|| "review.csv".into());
    let mut set = ExportSet::new(folder)?;
    let mut file = set.begin(&name)?;
    write_view_csv(desk, rows, &mut file).map_err(|e| set.error(&name, e))?;
    set.end(file)?;
    set.commit(&[])
}
