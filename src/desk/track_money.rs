//! What was reported for a track, by sale period and currency.

use std::collections::BTreeMap;

use crate::desk::{Desk, LineId, LineSum};
use crate::ident::{Currency, SalePeriod};
use crate::matching::Status;
use crate::money::AmountOverflow;

/// What was reported for a track.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrackMoney {
    /// By period and currency, in that order.
    pub periods: Vec<(SalePeriod, Currency, LineSum)>,
    /// By DSP and currency, in that order.
    pub dsps: Vec<(String, Currency, LineSum)>,
    /// The lines that it was matched to.
    pub lines: Vec<LineId>,
    /// Lines that are split over it and other tracks; their money is not in the sums.
    pub split: u64,
    /// Lines that could mean it and wait for a person; their money is not in the sums.
    pub open: u64,
}

/// Collects what was reported for a track over all statements; `None` when `is_stale` said that nobody waits for it.
///
/// # Errors
/// [`AmountOverflow`] when a sum leaves the exact range.
pub fn track_money(
    desk: &Desk,
    id: &str,
    is_stale: &dyn Fn() -> bool,
) -> Result<Option<TrackMoney>, AmountOverflow> {
    let mut money = TrackMoney::default();
    let mut periods = BTreeMap::new();
    let mut dsps = BTreeMap::new();
    for line in 0..desk.lines().len() as LineId {
        if line.is_multiple_of(65_536) && is_stale() {
            return Ok(None);
        }
        let tracks = desk.track_ids(line);
        match (desk.status(line), tracks.as_slice()) {
            (_, all) if !all.contains(&id) => {}
            (Status::Matched, [_]) => money.lines.push(line),
            (Status::Matched, _) => money.split += 1,
            (Status::Ambiguous | Status::Unmatched, _) => money.open += 1,
            _ => {}
        }
    }
    for &line in &money.lines {
        let currency = desk.lines().currency(line);
        for (period, sum) in desk.evidence(line)?.periods {
            periods
                .entry((period, currency))
                .or_insert_with(LineSum::default)
                .add(&sum)?;
        }
        dsps.entry((desk.lines().dsp(line).to_owned(), currency))
            .or_insert_with(LineSum::default)
            .add(desk.lines().sum(line))?;
    }
    money.periods = periods
        .into_iter()
        .map(|((period, currency), sum)| (period, currency, sum))
        .collect();
    money.dsps = dsps
        .into_iter()
        .map(|((dsp, currency), sum)| (dsp, currency, sum))
        .collect();
    Ok(Some(money))
}
