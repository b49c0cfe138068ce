//! The open period: which statements belong to it, and what they come to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::{StatementCells, Works};
use super::past::{gap, settle_past};
use super::source::StatementSource;
use super::{
    ClosedPeriod, OpenPeriod, PeriodError, PeriodStatement, digest_of, releases_of, terms_digest,
};
use crate::contents::terms::read_terms;
use crate::contents::{Contents, StatementRecord};
use crate::ident::{Currency, Day, SalePeriod};
use crate::money::Amount;
use crate::results::ResultsError;
use crate::review::TermTexts;
use crate::settlement::{Cells, Inputs, SettleError, Settled};
use crate::terms::Rates;
use crate::terms::pieces::CheckedTerms;

/// Which statements belong to the open period, and which wait for a later one.
struct Open {
    period: SalePeriod,
    places: Vec<usize>,
    later: Vec<String>,
}

fn what_is_open(
    source: &impl StatementSource,
    closed: &[ClosedPeriod],
    wanted: Option<SalePeriod>,
) -> Result<Open, PeriodError> {
    let last_day = |text: &str| {
        SalePeriod::from_canonical(text)
            .and_then(SalePeriod::days)
            .map(|(_, last)| last)
    };
    let records = source.records();
    let is_open = |hash: &str| !closed.iter().any(|p| p.owns(hash));
    let open: Vec<usize> = (0..records.len())
        .filter(|at| is_open(&records[*at].text_hash))
        .collect();
    let last_closed = closed.last();
    let last_end = last_closed.and_then(|p| Some(p.days()?.1));
    let next = last_end.and_then(|day| month_of(day.day_after()?));
    let of_sales = open
        .iter()
        .filter_map(|at| last_day(&records[*at].sale_period))
        .max()
        .and_then(month_of);
    let period = match wanted {
        // What is not closed must not fall between periods.
        Some(period) if !period.is_whole_months() => {
            return Err(PeriodError::NotMonths(period.to_string()));
        }
        Some(period) => period,
        None => match (next, of_sales) {
            (Some(next), Some(sales)) if sales.days() > next.days() => sales,
            (Some(next), _) => next,
            (None, Some(sales)) => sales,
            (None, None) => return Err(PeriodError::NothingOpen),
        },
    };
    let Some((first, end)) = period.days() else {
        return Err(PeriodError::NothingOpen);
    };
    if let (Some(last), Some(closed)) = (last_end, last_closed)
        && first <= last
    {
        return Err(PeriodError::NotLater {
            period: period.to_string(),
            closed: closed.period.clone(),
        });
    }
    let (later, places): (Vec<usize>, Vec<usize>) = open
        .into_iter()
        .partition(|at| last_day(&records[*at].sale_period).is_some_and(|day| day > end));
    if places.is_empty() && closed.is_empty() {
        return Err(PeriodError::NothingOpen);
    }
    Ok(Open {
        period,
        places,
        later: later
            .into_iter()
            .map(|at| records[at].name.clone())
            .collect(),
    })
}

/// Money that was received is spread over the statement that it names, so it must be clear which one that is.
fn check_received(
    rates: &Rates,
    records: &[StatementRecord],
    open: &Open,
    closed: &[ClosedPeriod],
) -> Result<(), PeriodError> {
    let period_of = |record: &StatementRecord| {
        closed
            .iter()
            .find(|p| p.owns(&record.text_hash))
            .map_or_else(|| open.period.to_string(), |p| p.period.clone())
    };
    for received in &rates.received {
        let wanted = received.period.map(|p| p.to_string());
        let of_name = records.iter().filter(|r| r.name == received.statement);
        let periods: Vec<String> = of_name
            .map(period_of)
            .filter(|p| wanted.as_ref().is_none_or(|w| w == p))
            .collect();
        let is_in_one = periods.iter().all(|p| *p == periods[0]);
        let remedy = match wanted {
            None if !is_in_one => "; write the period in which it is settled beside it",
            _ => " of one period; take out all but one, rename their files and import them again",
        };
        if periods.len() > 1 {
            let place = received.place.to_string();
            let statement = received.statement.clone();
            let count = periods.len();
            return Err(PeriodError::Received {
                place,
                statement,
                count,
                remedy,
            });
        }
    }
    Ok(())
}

/// The month of a day.
pub(crate) fn month_of(day: Day) -> Option<SalePeriod> {
    let (year, month, _) = day.to_ymd();
    SalePeriod::month(year, month).ok()
}

/// The cells of statements, by their places and names.
pub(super) fn gather(
    source: &impl StatementSource,
    statements: &[(usize, String)],
    works: &mut Works,
) -> Result<(Cells, BTreeMap<Currency, Amount>), PeriodError> {
    let mut gathered = StatementCells::default();
    for (place, name) in statements {
        source.add(*place, name, works, &mut gathered)?;
    }
    let cells = gathered.builder.finish()?;
    // The link between what statements report and what contracts are settled from.
    for (currency, reported) in &gathered.reported {
        let of_currency = cells
            .lines
            .iter()
            .filter(|l| cells.dims[l.dim as usize].currency == *currency);
        let settled = Amount::sum(of_currency.map(|l| l.amount))?;
        if settled != *reported {
            return Err(ResultsError::Unproven(format!(
                "{currency}: {reported} is reported, and {settled} would be settled"
            ))
            .into());
        }
    }
    Ok((cells, gathered.ignored))
}

/// Settles what is open among the statements of a source, by terms that need not be those of the workspace.
pub(crate) fn settle_open(
    contents: &Contents,
    source: &impl StatementSource,
    texts: &TermTexts,
    closed: &[ClosedPeriod],
    wanted: Option<SalePeriod>,
) -> Result<OpenPeriod, PeriodError> {
    let terms = read_terms(texts)?;
    if terms.book.contracts.is_empty() {
        return Err(PeriodError::NoContracts);
    }
    let open = what_is_open(source, closed, wanted)?;
    check_received(&terms.rates, &source.records(), &open, closed)?;
    let mut works = Works::default();
    let digest = terms_digest(texts);
    let mut past = settle_past(contents, source, &terms, &digest, closed, &mut works)?;
    let records = source.records();
    let named: Vec<(usize, String)> = open
        .places
        .iter()
        .map(|at| (*at, records[*at].name.clone()))
        .collect();
    let (cells, ignored) = gather(source, &named, &mut works)?;
    let releases = Arc::new(releases_of(contents.workspace(), &cells)?);
    let cells = Arc::new(cells);
    let CheckedTerms { book, rates, .. } = terms;
    past.opening.settled_until =
        gap(closed.last(), Some(open.period)).or(past.opening.settled_until);
    past.opening.check(&book).map_err(SettleError::from)?;
    let inputs = Inputs {
        book,
        rates,
        opening: past.opening,
        cells: Arc::clone(&cells),
        releases,
        period: Some(open.period),
    };
    Ok(OpenPeriod {
        settled: Settled::of(inputs)?,
        statements: open
            .places
            .iter()
            .map(|at| PeriodStatement {
                name: records[*at].name.clone(),
                text_hash: records[*at].text_hash.clone(),
            })
            .collect(),
        later: open.later,
        corrections: past.corrections,
        corrected_accounts: past.corrected_accounts,
        waiting_before: past.waiting,
        ignored,
        cells,
        earned: past.earned,
        chain: past.chain,
        terms: digest,
        all_terms: digest_of(texts.iter()),
    })
}
