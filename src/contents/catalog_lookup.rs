//! What command line and window ask of the catalog.

use std::path::PathBuf;

use super::{Contents, ReadError};
use crate::catalog::{self, ImportPlan, SearchResult, SharedIsrc, Track};
use crate::ident::Isrc;
use crate::job::Job;
use crate::journal;

impl Contents {
    /// The tracks that fit a query best, as [`fn@catalog::search`] finds them.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read.
    pub fn search_catalog(
        &self,
        query: &str,
        limit: usize,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<SearchResult, ReadError> {
        let change_of = journal::catalog_change;
        Ok(catalog::search(
            &self.workspace,
            change_of,
            query,
            limit,
            is_stale,
        )?)
    }

    /// At most `limit` tracks in the order of their ids, beginning with the first that is not
    /// before `from`.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read.
    pub fn browse_catalog(&self, from: &str, limit: usize) -> Result<Vec<Track>, ReadError> {
        Ok(catalog::browse(&self.workspace, from, limit)?)
    }

    /// Whether words are looked up in the side file, or the catalog is too small to need one.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog's state cannot be read.
    pub fn has_word_index(&self) -> Result<bool, ReadError> {
        Ok(catalog::has_word_index(
            &self.workspace,
            journal::catalog_change,
        )?)
    }

    /// Makes the side file of words anew; `false` when the job was cancelled or the catalog changed
    /// meanwhile.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read or the file cannot be written.
    pub fn build_word_index(&self) -> Result<bool, ReadError> {
        Ok(catalog::build_word_index(&self.workspace, &self.job)?)
    }

    /// The track of an id; `None` when the catalog has none.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read.
    pub fn track(&self, id: &str) -> Result<Option<Track>, ReadError> {
        Ok(catalog::track(&self.workspace, id)?)
    }

    /// All tracks with an ISRC, in the order of their ids.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read.
    pub fn tracks_of_isrc(&self, isrc: Isrc) -> Result<Vec<Track>, ReadError> {
        let hits = catalog::lookup_isrcs(&self.workspace, &[isrc])?;
        let mut ids: Vec<String> = hits
            .of(0)
            .iter()
            .map(|hit| hits.id(*hit).to_owned())
            .collect();
        ids.sort_unstable();
        let tracks = catalog::tracks(&self.workspace, &ids)?;
        Ok(tracks.into_iter().flatten().collect())
    }

    /// Hands every ISRC that several tracks share to `take`, in order of the codes.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read to its end.
    pub fn shared_tracks(&self, take: impl FnMut(SharedIsrc)) -> Result<(), ReadError> {
        Ok(catalog::duplicates(&self.workspace, take)?)
    }

    /// Every ISRC that several tracks share, with how many, in order of the codes; `None` when
    /// `is_stale` said that nobody waits for it.
    ///
    /// # Errors
    /// [`ReadError::Workspace`] when the catalog cannot be read to its end.
    pub fn shared_isrcs(
        &self,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Option<Vec<(Isrc, u32)>>, ReadError> {
        Ok(catalog::shared_isrcs(&self.workspace, is_stale)?)
    }

    /// What importing catalog files would change, with at most `shown` differences in full.
    ///
    /// # Errors
    /// [`ReadError::Catalog`] when a file cannot be read.
    pub fn plan_catalog_import(
        &self,
        files: &[PathBuf],
        job: &Job,
        shown: usize,
    ) -> Result<ImportPlan, ReadError> {
        Ok(catalog::plan_import(&self.workspace, files, job, shown)?)
    }
}
