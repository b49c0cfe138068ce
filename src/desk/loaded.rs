//! One statement in memory: its cube, its quarantine, and what the cascade makes of its items before anybody decides.

use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::contents::{Contents, ReadError, StatementRecord};
use crate::ident::{Currency, Isrc};
use crate::matching::{Outcomes, dsp_of, match_items};
use crate::money::AmountOverflow;
use crate::payout::Total;
use crate::review::{Decisions, ItemCode};
use crate::statement::cube::{Cube, CubeCells};
use crate::statement::item::Field;
use crate::statement::quarantine::Quarantined;

/// A statement with its outcomes.
#[derive(Debug)]
pub struct Loaded {
    /// What is known of it.
    pub record: StatementRecord,
    /// Its name in the workspace.
    pub key: String,
    /// Items and cells.
    pub cube: Arc<Cube>,
    /// Rows that could not be taken.
    pub quarantine: Vec<Quarantined>,
    /// What the cascade makes of its items without decisions.
    pub base: Outcomes,
    /// Codes of its items.
    pub codes: Vec<ItemCode>,
    /// Where the cells of each item end.
    cell_ends: Vec<u32>,
    /// Sums of all its records by currency, computed from its cells alone.
    pub reported: Vec<(Currency, Total)>,
}

impl Loaded {
    /// Loads a statement of the workspace and matches its items against the catalog.
    ///
    /// # Errors
    /// [`ReadError`] when the statement or the catalog cannot be read.
    pub fn read(contents: &Contents, record: StatementRecord) -> Result<Self, ReadError> {
        let (cube, quarantine) = contents.load(&record)?;
        let base = match_items(
            contents.workspace(),
            &cube,
            record.origin(),
            &Decisions::default(),
        )?;
        Ok(Self::new(record, cube, quarantine, base)?)
    }

    /// A statement that was never a file, for measurements and tests; a workspace takes long to fill.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn of_cube(
        name: &str,
        dsp: &str,
        cube: Cube,
        base: Outcomes,
    ) -> Result<Self, AmountOverflow> {
        Self::new(
            StatementRecord::bare(name, dsp),
            Arc::new(cube),
            Vec::new(),
            base,
        )
    }

    /// The same statement matched anew, after the catalog has changed.
    ///
    /// # Errors
    /// [`ReadError`] when the catalog or the statement's files cannot be read.
    pub fn matched_anew(&self, contents: &Contents) -> Result<Self, ReadError> {
        Self::read(contents, self.record.clone())
    }

    fn new(
        record: StatementRecord,
        cube: Arc<Cube>,
        quarantine: Vec<Quarantined>,
        base: Outcomes,
    ) -> Result<Self, AmountOverflow> {
        let origin = record.origin();
        let codes = (0..cube.items())
            .into_par_iter()
            .with_min_len(1024)
            .map(|item| ItemCode::of(&cube.fields(item), origin))
            .collect();
        let mut cell_ends = vec![0u32; cube.items()];
        for (index, cell) in cube.cells().iter().enumerate() {
            cell_ends[cell.item as usize] =
                u32::try_from(index + 1).expect("a cube in memory holds fewer than 2^32 cells");
        }
        for item in 1..cell_ends.len() {
            cell_ends[item] = cell_ends[item].max(cell_ends[item - 1]);
        }
        let reported = crate::payout::reported(&cube, &quarantine)?
            .into_iter()
            .collect();
        Ok(Self {
            key: record.key(),
            record,
            cube,
            quarantine,
            base,
            codes,
            cell_ends,
            reported,
        })
    }

    /// The cells of an item, by dimension.
    #[must_use]
    pub fn cells(&self, item: usize) -> CubeCells<'_> {
        let start = if item == 0 {
            0
        } else {
            self.cell_ends[item - 1] as usize
        };
        self.cube.cells().part(start..self.cell_ends[item] as usize)
    }

    /// The DSP of an item: as reported, or the one whose report it is.
    #[must_use]
    pub fn dsp(&self, item: usize) -> &str {
        dsp_of(&self.cube, item, &self.record.dsp)
    }

    /// The ISRC of an item, when it can be read.
    #[must_use]
    pub fn isrc(&self, item: usize) -> Option<Isrc> {
        Isrc::parse(self.cube.field(item, Field::Isrc)).ok()
    }
}
