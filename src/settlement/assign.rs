//! Which contract gets which cell. A cell that no contract covers, that several cover, or that one covers only in part, waits: nothing is
//! resolved in silence.
//!
//! A line of a whole release may be spread over its tracks first (`album.rs`); its parts are assigned as sales of the tracks.
//!
//! Invariant: assigning anew only what changed contracts touch ([`Assigned::again`]) gives what assigning everything gives.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use rayon::iter::{
    IndexedParallelIterator, IntoParallelIterator, IntoParallelRefIterator, ParallelIterator,
};

use crate::money::{Amount, AmountOverflow, Ratio, divide, spread};
use crate::settlement::album::{self, Album, AlbumPart, AlbumRule, KnownReleases, Units, is_album};
use crate::settlement::cells::{Cells, Dim, LineNumber, Work};
use crate::settlement::scope::{Coverage, SaleScope, WorkIndex, conflict, covered_ratio, lines_of};
use crate::settlement::settle::Inputs;
use crate::settlement::suspense::SuspenseReason;
use crate::terms::ContractNumber;
use crate::terms::contracts::{AlbumLines, Book, Contract};

/// Lines that one thread assigns at a time.
const CHUNK_LINES: usize = 1 << 14;

/// A line, or a part of one, that belongs to a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AssignedPart<'a> {
    /// The line.
    pub line: LineNumber,
    /// Units.
    pub quantity: Amount,
    /// Money.
    pub amount: Amount,
    /// What it is of the line; `None` for the whole.
    pub share: Option<&'a Share>,
}

/// A part of a line that is not one contract's alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Share {
    quantity: Amount,
    amount: Amount,
    /// What it is of an album line.
    pub album: Option<Arc<AlbumPart>>,
}

/// Money of a line that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// SuspenseReason.
    pub why: SuspenseReason,
    /// The contracts that cover it.
    pub contracts: Vec<ContractNumber>,
    /// The line.
    pub line: LineNumber,
    /// Units.
    pub quantity: Amount,
    /// How much.
    pub amount: Amount,
    /// What it is of an album line that was spread.
    pub album: Option<Arc<AlbumPart>>,
}

/// The lines of one contract, in their order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    /// Lines, with 0 for the whole line, else one more than the place of the share.
    lines: Vec<(LineNumber, u32)>,
    shares: Vec<Share>,
}

impl Parts {
    fn push(&mut self, line: LineNumber, share: Option<Share>) {
        let place = match share {
            None => 0,
            Some(share) => {
                self.shares.push(share);
                u32::try_from(self.shares.len()).expect("there are fewer than 2^32 parts")
            }
        };
        self.lines.push((line, place));
    }

    fn share(&self, place: u32) -> Option<&Share> {
        place.checked_sub(1).map(|at| &self.shares[at as usize])
    }

    fn iter<'a>(&'a self, cells: &'a Cells) -> impl Iterator<Item = AssignedPart<'a>> {
        self.lines
            .iter()
            .map(|(line, place)| match self.share(*place) {
                None => {
                    let whole = &cells.lines[*line];
                    AssignedPart {
                        line: *line,
                        quantity: whole.quantity,
                        amount: whole.amount,
                        share: None,
                    }
                }
                Some(share) => AssignedPart {
                    line: *line,
                    quantity: share.quantity,
                    amount: share.amount,
                    share: Some(share),
                },
            })
    }

    /// The parts for which a test holds, and those that were drawn, by line.
    fn merged(&self, is_kept: impl Fn(LineNumber) -> bool, drawn: &Self) -> Self {
        let mut merged = Self::default();
        let mut new = drawn.lines.iter().peekable();
        for (line, place) in self.lines.iter().filter(|(line, _)| is_kept(*line)) {
            while let Some((before, place)) = new.next_if(|(new, _)| new < line) {
                merged.push(*before, drawn.share(*place).cloned());
            }
            merged.push(*line, self.share(*place).cloned());
        }
        new.for_each(|(line, place)| merged.push(*line, drawn.share(*place).cloned()));
        merged
    }
}

/// Every line with its contract.
#[derive(Debug, Default)]
pub(crate) struct Assigned {
    /// By contract; shared with other assignments of the same cells, as far as they are the same.
    parts: Vec<Arc<Parts>>,
    /// What waits, by line.
    pub waiting: Vec<Waiting>,
    /// Album lines that were spread.
    pub spread: Vec<LineNumber>,
}

impl Assigned {
    pub(super) fn of(inputs: &Inputs) -> Result<Self, AmountOverflow> {
        let cells = &inputs.cells;
        let assigner = Assigner::of(inputs)?;
        let chunks = (0..cells.lines.len()).into_par_iter().step_by(CHUNK_LINES);
        let drawn = chunks.map(|start| {
            assigner.draw(
                start..(start + CHUNK_LINES).min(cells.lines.len()),
                &mut |_| (),
            )
        });
        let drawn = drawn.collect::<Result<Vec<_>, AmountOverflow>>()?;
        let (parts, waiting, spread) = by_contract(inputs.book.contracts.len(), drawn);
        Ok(Self {
            parts: parts.into_iter().map(Arc::new).collect(),
            waiting,
            spread,
        })
    }

    /// The same cells by contracts of the same names: lines of works that changed contracts cover, or did, are assigned anew.
    pub(super) fn again(
        self: &Arc<Self>,
        old: &Book,
        inputs: &Inputs,
    ) -> Result<Arc<Self>, AmountOverflow> {
        let book = &inputs.book;
        let cells = &*inputs.cells;
        if old.releases != book.releases {
            return Ok(Arc::new(Self::of(inputs)?));
        }
        let changed: Vec<ContractNumber> = book
            .numbered_contracts()
            .filter(|(number, new)| !old.contracts[*number].has_same_scope(new))
            .map(|(number, _)| number)
            .collect();
        if changed.is_empty() {
            return Ok(Arc::clone(self));
        }
        let touched = WorkIndex::of(changed.iter().flat_map(|number| {
            [&old.contracts[*number], &book.contracts[*number]].map(|c| (*number, c))
        }));
        let is_touched: Vec<bool> = cells
            .works
            .par_iter()
            .map(|work| touches(&touched, work, shelf(inputs)))
            .collect();
        if is_touched.iter().filter(|t| **t).count() * 2 > cells.works.len() {
            return Ok(Arc::new(Self::of(inputs)?));
        }
        let assigner = Assigner::of(inputs)?;
        let mut rebuilt: BTreeSet<ContractNumber> = changed.into_iter().collect();
        let mut drawn = Vec::new();
        for (work, _) in (0u32..)
            .zip(&is_touched)
            .filter(|(_, is_touched)| **is_touched)
        {
            // A contract that has lost a line covers its work still, or is among those that have changed.
            drawn.push(assigner.draw(lines_of(cells, work), &mut |candidates| {
                rebuilt.extend(candidates)
            })?);
        }
        let is_kept = |line: LineNumber| !is_touched[cells.lines[line].work as usize];
        let (new, new_waiting, new_spread) = by_contract(book.contracts.len(), drawn);
        let mut parts = self.parts.clone();
        for number in rebuilt.into_iter().map(ContractNumber::index) {
            let merged = parts[number].merged(is_kept, &new[number]);
            if merged != *parts[number] {
                parts[number] = Arc::new(merged);
            }
        }
        let mut waiting: Vec<Waiting> = self
            .waiting
            .iter()
            .filter(|w| is_kept(w.line))
            .cloned()
            .chain(new_waiting)
            .collect();
        waiting.sort_by_key(|w| w.line);
        let mut spread: Vec<LineNumber> = self
            .spread
            .iter()
            .copied()
            .filter(|line| is_kept(*line))
            .chain(new_spread)
            .collect();
        spread.sort_unstable();
        Ok(Arc::new(Self {
            parts,
            waiting,
            spread,
        }))
    }

    /// The lines of a contract, in their order.
    pub(crate) fn parts<'a>(
        &'a self,
        contract: ContractNumber,
        cells: &'a Cells,
    ) -> impl Iterator<Item = AssignedPart<'a>> {
        self.parts[contract.index()].iter(cells)
    }

    /// The parts of album lines, with those that wait: line, units, money.
    pub(super) fn album_parts<'a>(
        &'a self,
        cells: &'a Cells,
    ) -> impl Iterator<Item = (LineNumber, Amount, Amount)> {
        let parts = self
            .parts
            .iter()
            .filter(|p| !p.shares.is_empty())
            .flat_map(|p| p.iter(cells));
        let of_albums = parts
            .filter(|p| p.share.is_some_and(|s| s.album.is_some()))
            .map(|p| (p.line, p.quantity, p.amount));
        of_albums.chain(
            self.waiting
                .iter()
                .filter(|w| w.album.is_some())
                .map(|w| (w.line, w.quantity, w.amount)),
        )
    }

    /// Whether a contract has the same lines with the same sums as in another assignment of the same cells.
    pub(super) fn is_same(&self, contract: ContractNumber, other: &Self) -> bool {
        let ours = &self.parts[contract.index()];
        let theirs = &other.parts[contract.index()];
        Arc::ptr_eq(ours, theirs) || ours == theirs
    }
}

fn touches(index: &WorkIndex<'_>, work: &Work, shelf: KnownReleases<'_>) -> bool {
    let covers = |work: &Work| {
        let mut found = Vec::new();
        index.candidates(work, &mut found);
        !found.is_empty()
    };
    if !is_album(work) {
        return covers(work);
    }
    let (whole, tracks) = shelf.works(work);
    covers(&whole) || tracks.iter().any(covers)
}

/// Lines with their contracts, in the order of lines.
#[derive(Default)]
struct Drawn {
    /// Contract and line, with 0 for the whole line, else one more than the place of the share.
    parts: Vec<(ContractNumber, LineNumber, u32)>,
    shares: Vec<Option<Share>>,
    waiting: Vec<Waiting>,
    spread: Vec<LineNumber>,
}

impl Drawn {
    fn share(&mut self, contract: ContractNumber, sale: &Sale, quantity: Amount, amount: Amount) {
        self.shares.push(Some(Share {
            quantity,
            amount,
            album: sale.album.clone(),
        }));
        let place = u32::try_from(self.shares.len()).expect("there are fewer than 2^32 parts");
        self.parts.push((contract, sale.line, place));
    }

    fn wait(
        &mut self,
        sale: &Sale,
        why: SuspenseReason,
        contracts: Vec<ContractNumber>,
        quantity: Amount,
        amount: Amount,
    ) {
        self.waiting.push(Waiting {
            why,
            contracts,
            line: sale.line,
            quantity,
            amount,
            album: sale.album.clone(),
        });
    }
}

fn by_contract(contracts: usize, drawn: Vec<Drawn>) -> (Vec<Parts>, Vec<Waiting>, Vec<LineNumber>) {
    let mut counts = vec![0usize; contracts];
    drawn
        .iter()
        .flat_map(|d| &d.parts)
        .for_each(|(contract, ..)| counts[contract.index()] += 1);
    let mut parts: Vec<Parts> = counts
        .into_iter()
        .map(|count| Parts {
            lines: Vec::with_capacity(count),
            shares: Vec::new(),
        })
        .collect();
    let mut waiting = Vec::new();
    let mut spread = Vec::new();
    for mut drawn in drawn {
        for (contract, line, place) in drawn.parts {
            let share = place
                .checked_sub(1)
                .and_then(|at| drawn.shares[at as usize].take());
            parts[contract.index()].push(line, share);
        }
        waiting.extend(drawn.waiting);
        spread.extend(drawn.spread);
    }
    (parts, waiting, spread)
}

/// A line, or the part of one that is a sale of a track.
struct Sale {
    line: LineNumber,
    quantity: Amount,
    amount: Amount,
    album: Option<Arc<AlbumPart>>,
}

/// Says which contracts get which lines.
struct Assigner<'a> {
    book: &'a Book,
    cells: &'a Cells,
    shelf: KnownReleases<'a>,
    units: Units,
    scopes: Vec<SaleScope>,
    index: WorkIndex<'a>,
}

impl<'a> Assigner<'a> {
    fn of(inputs: &'a Inputs) -> Result<Self, AmountOverflow> {
        let book = &inputs.book;
        let cells = &*inputs.cells;
        let shelf = shelf(inputs);
        let is_by_units = book
            .contracts
            .iter()
            .any(|c| c.album_lines == Some(AlbumLines::Units));
        let units = if is_by_units {
            album::units(cells, shelf)?
        } else {
            Units::default()
        };
        let scopes = book
            .contracts
            .par_iter()
            .map(|c| SaleScope::of(c, cells))
            .collect();
        Ok(Self {
            book,
            cells,
            shelf,
            units,
            scopes,
            index: WorkIndex::of(book.numbered_contracts()),
        })
    }

    /// Assigns lines; `see` is told the contracts that each of their works has, whatever their conditions.
    fn draw(
        &self,
        lines: Range<usize>,
        see: &mut impl FnMut(&[ContractNumber]),
    ) -> Result<Drawn, AmountOverflow> {
        let mut drawn = Drawn::default();
        let mut candidates = Vec::new();
        let mut last = None;
        let mut album = None;
        for (at, line) in lines.clone().zip(&self.cells.lines[lines]) {
            if last.replace(line.work) != Some(line.work) {
                let work = &self.cells.works[line.work as usize];
                self.index.candidates(work, &mut candidates);
                see(&candidates);
                album = is_album(work).then(|| Album::of(work, self.shelf, &self.index));
                album
                    .iter()
                    .flat_map(|a| a.tracks.iter().chain([&a.whole]))
                    .for_each(|candidates| see(candidates));
            }
            let sale = Sale {
                line: LineNumber::of(at),
                quantity: line.quantity,
                amount: line.amount,
                album: None,
            };
            match &mut album {
                None => self.assign(sale, &candidates, &mut drawn)?,
                Some(album) => self.take_album(sale, album, &mut drawn)?,
            }
        }
        Ok(drawn)
    }

    fn contract(&self, number: ContractNumber) -> &'a Contract {
        &self.book.contracts[number]
    }

    fn dim(&self, line: LineNumber) -> &'a Dim {
        &self.cells.dims[self.cells.lines[line].dim as usize]
    }

    fn take_album(
        &self,
        line: Sale,
        album: &mut Album<'_>,
        drawn: &mut Drawn,
    ) -> Result<(), AmountOverflow> {
        let dim = self.dim(line.line);
        match album.decide(self.book, &self.units, |c| {
            self.scopes[c.index()].coverage(dim) != Coverage::None
        })? {
            AlbumRule::Whole => self.assign(line, &album.whole, drawn),
            AlbumRule::Waits(why, contracts) => {
                drawn.wait(&line, why, contracts, line.quantity, line.amount);
                Ok(())
            }
            AlbumRule::Spread(spreading) => {
                drawn.spread.push(line.line);
                let quantities = spread(line.quantity, &spreading.weights)?;
                let amounts = spread(line.amount, &spreading.weights)?;
                for (index, (quantity, amount)) in quantities.into_iter().zip(amounts).enumerate() {
                    let sale = Sale {
                        line: line.line,
                        quantity,
                        amount,
                        album: Some(Arc::clone(&spreading.parts[index])),
                    };
                    self.assign(sale, &album.tracks[spreading.tracks[index]], drawn)?;
                }
                Ok(())
            }
        }
    }

    fn assign(
        &self,
        sale: Sale,
        candidates: &[ContractNumber],
        drawn: &mut Drawn,
    ) -> Result<(), AmountOverflow> {
        match self.only_owner(candidates, self.dim(sale.line)) {
            Some(owner) if sale.album.is_none() => drawn.parts.push((owner, sale.line, 0)),
            Some(owner) => drawn.share(owner, &sale, sale.quantity, sale.amount),
            None => self.take_special(&sale, candidates, drawn)?,
        }
        Ok(())
    }

    /// The contract that has a line alone and whole.
    fn only_owner(&self, candidates: &[ContractNumber], dim: &Dim) -> Option<ContractNumber> {
        let mut only = None;
        for &number in candidates {
            match self.scopes[number.index()].coverage(dim) {
                Coverage::None => {}
                Coverage::Whole
                    if only.is_none() && self.contract(number).participation == Ratio::ONE =>
                {
                    only = Some(number)
                }
                _ => return None,
            }
        }
        only
    }

    fn take_special(
        &self,
        sale: &Sale,
        candidates: &[ContractNumber],
        drawn: &mut Drawn,
    ) -> Result<(), AmountOverflow> {
        let dim = self.dim(sale.line);
        let covering: Vec<ContractNumber> = candidates
            .iter()
            .copied()
            .filter(|c| self.scopes[c.index()].coverage(dim) != Coverage::None)
            .collect();
        let waits = self.cells.works[self.cells.lines[sale.line].work as usize].waits();
        let period = self.cells.periods[dim.period as usize].days();
        let why = if covering.is_empty() {
            Some(waits.unwrap_or(SuspenseReason::NoContract))
        } else {
            conflict(self.book, &covering, period)
        };
        if let Some(why) = why {
            drawn.wait(sale, why, covering, sale.quantity, sale.amount);
            return Ok(());
        }
        // What is left over is the last share.
        let mut weights = Vec::with_capacity(covering.len() + 1);
        for contract in covering.iter().map(|c| self.contract(*c)) {
            let days = period.map_or(Ratio::ONE, |(first, last)| {
                covered_ratio(&contract.condition, first, last)
            });
            weights.push(contract.participation.times(days).ok_or(AmountOverflow)?);
        }
        let covered = weights
            .iter()
            .try_fold(Ratio::ZERO, |sum, w| sum.plus(*w))
            .ok_or(AmountOverflow)?;
        weights.push(covered.rest().ok_or(AmountOverflow)?);
        let quantities = divide(sale.quantity, &weights)?;
        let amounts = divide(sale.amount, &weights)?;
        for (index, contract) in covering.iter().enumerate() {
            drawn.share(*contract, sale, quantities[index], amounts[index]);
        }
        if covered < Ratio::ONE {
            let last = weights.len() - 1;
            drawn.wait(
                sale,
                SuspenseReason::Uncovered,
                covering,
                quantities[last],
                amounts[last],
            );
        }
        Ok(())
    }
}

fn shelf(inputs: &Inputs) -> KnownReleases<'_> {
    KnownReleases {
        written: &inputs.book.releases,
        catalog: &inputs.releases,
    }
}
