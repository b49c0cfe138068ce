//! How lines stand under the decisions of one desk, over what is prepared for all desks with the same lines.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use super::bits::{Bits, by_blocks};
use super::fold::fold;
use super::index::{SearchIndex, push_tracks};
use super::view::QueryError;
use crate::desk::{Desk, LineId};
use crate::matching::{Status, Why};

/// How lines stand.
#[derive(Debug)]
pub(super) struct LineStanding {
    pub whys: Vec<Why>,
    /// Lines that need a person.
    pub open: Bits,
    /// What decisions made of lines, by line.
    pub ruled: Vec<Ruled>,
    is_ruled: Bits,
}

/// What a decision made of a line, in comparable form.
#[derive(Debug)]
pub(super) struct Ruled {
    pub line: LineId,
    /// Folded ids of tracks, as in the index.
    pub tracks: Vec<u8>,
    /// Folded names of payees.
    pub payees: Vec<String>,
    pub candidates: u16,
}

/// Whether a person has to do something about it.
pub(super) fn needs_person(status: Status) -> bool {
    matches!(status, Status::Unmatched | Status::Ambiguous | Status::Held)
}

impl LineStanding {
    pub(super) fn of(
        index: &SearchIndex,
        desk: &Desk,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<Self, QueryError> {
        let lines = index.lines.len();
        let mut whys = index.lines.base_whys().to_vec();
        let mut is_ruled = Bits::none(lines);
        let decided: Vec<_> = desk.decided_lines().collect();
        for (line, decided) in &decided {
            whys[*line as usize] = decided.why;
            is_ruled.set(*line, true);
        }
        let ruled = decided
            .into_par_iter()
            .map(|(line, _)| Ruled::of(desk, line))
            .collect();
        let open = Bits::of_blocks(&Bits::all(lines), is_stale, &|bits, marks| {
            let first = bits.first();
            bits.iter()
                .filter(|line| needs_person(whys[*line as usize].status()))
                .for_each(|line| marks.mark((line - first) as usize));
        })?;
        Ok(Self {
            whys,
            open,
            ruled,
            is_ruled,
        })
    }

    /// What a decision made of a line.
    pub(super) fn ruled(&self, line: LineId) -> Option<&Ruled> {
        if !self.is_ruled.has(line) {
            return None;
        }
        self.ruled
            .binary_search_by_key(&line, |ruled| ruled.line)
            .ok()
            .map(|index| &self.ruled[index])
    }
}

/// The lines for which this holds.
pub(super) fn lines_where(
    lines: usize,
    is_stale: &dyn Fn() -> bool,
    holds: impl Fn(LineId) -> bool + Sync,
) -> Result<Bits, QueryError> {
    Bits::of_blocks(&Bits::all(lines), is_stale, &|bits, marks| {
        let first = bits.first();
        (0..bits.count() as LineId)
            .filter(|index| holds(first + index))
            .for_each(|index| marks.mark(index as usize));
    })
}

/// Lines in a given order, only those of a set.
pub(super) fn in_order(
    order: &[LineId],
    set: &Bits,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<LineId>, QueryError> {
    use super::bits::BLOCK;
    let parts = by_blocks(order.len(), is_stale, |block| {
        let chunk = &order[block * BLOCK..order.len().min((block + 1) * BLOCK)];
        chunk
            .iter()
            .copied()
            .filter(|line| set.has(*line))
            .collect::<Vec<_>>()
    })?;
    Ok(parts.concat())
}

impl Ruled {
    fn of(desk: &Desk, line: LineId) -> Self {
        let ids = desk.track_ids(line);
        let mut tracks = Vec::new();
        push_tracks(ids.iter().copied(), &mut tracks);
        let payees = desk.payees(line).into_iter().map(fold).collect();
        Self {
            line,
            tracks,
            payees,
            candidates: u16::try_from(ids.len()).unwrap_or(u16::MAX),
        }
    }
}
