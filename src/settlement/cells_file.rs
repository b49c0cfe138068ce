//! Cells as a file that reads back as the same cells, and as a digest.

use crate::settlement::cells::{COLUMNS, Cells, Line};

impl Cells {
    /// The rows of a cells file, header first. Texts stand as they are, also those that a spreadsheet would run: the file is an input, and
    /// must read back as the same cells.
    pub fn rows(&self) -> impl Iterator<Item = [String; COLUMNS.len()]> + '_ {
        let row = |line: &Line| {
            let work = &self.works[line.work as usize];
            let dim = &self.dims[line.dim as usize];
            [
                work.track.clone(),
                self.territories[dim.territory as usize].clone(),
                self.periods[dim.period as usize].to_string(),
                self.usages[dim.usage as usize].clone(),
                self.dsps[dim.dsp as usize].clone(),
                line.quantity.to_string(),
                line.amount.to_string(),
                dim.currency.code().to_owned(),
                self.flags[dim.flags as usize].clone(),
                work.release.clone(),
                work.label.clone(),
                self.statements[dim.statement as usize].clone(),
            ]
        };
        std::iter::once(COLUMNS.map(|(name, ..)| name.to_owned())).chain(self.lines.iter().map(row))
    }

    /// Stands for all that the cells say.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        self.works
            .iter()
            .flat_map(|w| [&w.track, &w.release, &w.label])
            .for_each(|t| text(t));
        for table in [
            &self.territories,
            &self.usages,
            &self.dsps,
            &self.statements,
            &self.flags,
        ] {
            text(&table.len().to_string());
            table.iter().for_each(|t| text(t));
        }
        self.periods.iter().for_each(|p| text(&p.to_string()));
        for dim in &self.dims {
            text(dim.currency.code());
            let numbers = [
                dim.period,
                dim.statement,
                dim.dsp,
                dim.territory,
                dim.usage,
                dim.flags,
                u32::from(dim.is_received),
            ];
            numbers.into_iter().for_each(|n| text(&n.to_string()));
        }
        for line in &self.lines {
            hasher.update(&line.work.to_le_bytes());
            hasher.update(&line.dim.to_le_bytes());
            hasher.update(&line.quantity.floor_raw().to_le_bytes());
            hasher.update(&line.amount.floor_raw().to_le_bytes());
        }
        // Digits beyond the twentieth are rare; cells without them keep the digest that they had before such digits were kept.
        for (number, line) in (0u64..).zip(&self.lines) {
            if line.quantity.to_narrow().is_none() || line.amount.to_narrow().is_none() {
                hasher.update(&number.to_le_bytes());
                hasher.update(&line.quantity.rest().to_le_bytes());
                hasher.update(&line.amount.rest().to_le_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
}
