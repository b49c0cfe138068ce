//! Closed periods as they would be settled now, and what the open period goes on with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::accounts::{ACCOUNTS, AccountCorrection, PostedBefore};
use super::cells::Works;
use super::earned::{CorrectionLine, Earned};
use super::open::gather;
use super::source::StatementSource;
use super::{
    CONTRACTS, ChainLink, ClosedPeriod, OPENING, PeriodError, WaitingLine, cells_digest,
    releases_of, waiting_of,
};
use crate::contents::{Contents, StatementRecord};
use crate::ident::{Day, SalePeriod};
use crate::settlement::{Cells, Inputs, SettleError, Settled};
use crate::terms::pieces::CheckedTerms;
use crate::terms::{Balances, Book, CorrectedKey, CorrectionKey, Payee, Releases};

/// Closed periods as they would be settled now.
pub(super) struct Past {
    /// What the open period opens with, corrections included.
    pub(super) opening: Balances,
    pub(super) corrections: Vec<CorrectionLine>,
    pub(super) corrected_accounts: Vec<AccountCorrection>,
    pub(super) waiting: Vec<WaitingLine>,
    pub(super) earned: Earned,
    pub(super) chain: Vec<ChainLink>,
}

impl Past {
    /// What there is before anything was closed.
    fn nothing(opening: Balances) -> Self {
        Self {
            opening,
            corrections: Vec::new(),
            corrected_accounts: Vec::new(),
            waiting: Vec::new(),
            earned: Earned::default(),
            chain: Vec::new(),
        }
    }
}

pub(super) fn settle_past(
    contents: &Contents,
    source: &impl StatementSource,
    terms: &CheckedTerms,
    digest: &str,
    closed: &[ClosedPeriod],
    works: &mut Works,
) -> Result<Past, PeriodError> {
    let Some(last) = closed.last() else {
        return Ok(Past::nothing(terms.opening.clone()));
    };
    let mut sold = Vec::with_capacity(closed.len());
    let mut chain = Vec::with_capacity(closed.len());
    for period in closed {
        let cells = sold_in(contents, source, period, works)?;
        chain.push(ChainLink {
            period: period.period.clone(),
            cells: cells_digest(&cells.cells, &cells.releases),
        });
        sold.push(cells);
    }
    let before = Earned::read(&contents.kept(last, "earned.csv")?).ok_or_else(|| {
        contents
            .workspace()
            .damaged(format!("earned.csv of {}", last.period))
    })?;
    let carried = kept_balances(contents, &terms.book, last, "balances.csv")?;
    if last.terms == digest && last.chain == chain {
        return Ok(Past {
            waiting: last.waiting.clone(),
            earned: before,
            chain,
            ..Past::nothing(carried)
        });
    }
    let again = settle_again(contents, terms, closed, sold)?;
    let corrections = before.corrections(&again.earned)?;
    let opening = Balances {
        carried: carried.carried,
        ..again.closing
    };
    Ok(Past {
        opening: with_corrections(opening, &corrections, &again.corrected_accounts)?,
        corrections,
        corrected_accounts: again.corrected_accounts,
        waiting: again.waiting,
        earned: again.earned,
        chain,
    })
}

/// What was sold in a closed period, as its statements are matched now.
struct SoldInPeriod {
    cells: Cells,
    releases: Releases,
}

/// Gathers the statements that a closed period owns.
fn sold_in(
    contents: &Contents,
    source: &impl StatementSource,
    period: &ClosedPeriod,
    works: &mut Works,
) -> Result<SoldInPeriod, PeriodError> {
    // Money that was received names statements by the names that they had then.
    let name_then = |record: &StatementRecord| {
        let mut statements = period.statements.iter();
        let then = statements.find(|s| s.text_hash == record.text_hash)?;
        Some(then.name.clone())
    };
    let statements: Vec<(usize, String)> = source
        .records()
        .iter()
        .enumerate()
        .filter_map(|(index, record)| Some((index, name_then(record)?)))
        .collect();
    let (cells, _) = gather(source, &statements, works)?;
    let releases = releases_of(contents.workspace(), &cells)?;
    Ok(SoldInPeriod { cells, releases })
}

fn kept_balances(
    contents: &Contents,
    book: &Book,
    period: &ClosedPeriod,
    name: &str,
) -> Result<Balances, PeriodError> {
    let file = (name.to_owned(), contents.kept(period, name)?);
    Ok(Balances::read(&[file], book).map_err(SettleError::from)?)
}

/// All closed periods settled once more, by the contracts and rates of now.
struct SettledAgain {
    earned: Earned,
    corrected_accounts: Vec<AccountCorrection>,
    waiting: Vec<WaitingLine>,
    /// Closing balances of the last of them.
    closing: Balances,
}

/// Settles closed periods one after the other, each with the balances of the one before as if it had
/// been settled so at once.
fn settle_again(
    contents: &Contents,
    terms: &CheckedTerms,
    closed: &[ClosedPeriod],
    sold: Vec<SoldInPeriod>,
) -> Result<SettledAgain, PeriodError> {
    let posted = posted_before(contents, closed)?;
    let books = closed_books(contents, closed)?;
    let mut again = SettledAgain {
        earned: Earned::default(),
        corrected_accounts: Vec::new(),
        waiting: Vec::new(),
        closing: Balances::default(),
    };
    for (index, (period, sold)) in closed.iter().zip(sold).enumerate() {
        let book = as_closed(&books[index..], &terms.book);
        if index == 0 {
            again.closing = kept_balances(contents, &book, period, OPENING)?;
        }
        let days = SalePeriod::from_canonical(&period.period);
        let before = index.checked_sub(1).and_then(|index| closed.get(index));
        // What is carried forward stands aside: it does not change what is earned, and what was
        // paid was paid.
        let opening = Balances {
            carried: BTreeMap::new(),
            corrections: BTreeMap::new(),
            corrected: BTreeMap::new(),
            settled_until: gap(before, days).or(again.closing.settled_until),
            ..again.closing
        };
        opening.check(&book).map_err(SettleError::from)?;
        let settled = Settled::of(Inputs {
            book,
            rates: terms.rates.clone(),
            opening,
            cells: Arc::new(sold.cells),
            releases: Arc::new(sold.releases),
            period: days,
        })?;
        again.earned.add(&period.period, &settled)?;
        let corrected = posted.corrections(&period.period, &settled.posted()?);
        again.corrected_accounts.extend(corrected);
        again.waiting.extend(waiting_of(&period.period, &settled)?);
        again.closing = settled.closing;
    }
    Ok(again)
}

/// Balances with what corrections come to, by payee and by account.
fn with_corrections(
    mut opening: Balances,
    corrections: &[CorrectionLine],
    accounts: &[AccountCorrection],
) -> Result<Balances, PeriodError> {
    for line in corrections.iter().filter(|line| line.is_sum()) {
        let key = CorrectionKey {
            payee: line.payee.clone(),
            currency: line.currency,
            period: line.period.clone(),
        };
        opening.corrections.insert(key, line.difference()?);
    }
    for line in accounts {
        let key = CorrectedKey {
            period: line.period.clone(),
            account: line.account.clone(),
            currency: line.currency,
        };
        opening.corrected.insert(key, line.difference()?);
    }
    Ok(opening)
}

/// The last day of the period before, where months lie between it and a period.
pub(super) fn gap(before: Option<&ClosedPeriod>, period: Option<SalePeriod>) -> Option<Day> {
    let (_, end) = before?.days()?;
    let (first, _) = period?.days()?;
    (end.day_after()? < first).then_some(end)
}

/// What has been posted about closed periods.
fn posted_before(
    contents: &Contents,
    closed: &[ClosedPeriod],
) -> Result<PostedBefore, PeriodError> {
    let damaged = |name: &str, period: &ClosedPeriod| {
        contents
            .workspace()
            .damaged(format!("{name} of {}", period.period))
    };
    let mut posted = PostedBefore::default();
    for period in closed {
        if period.files.iter().any(|f| f.name == ACCOUNTS) {
            posted
                .add_own(&period.period, &contents.kept(period, ACCOUNTS)?)
                .ok_or_else(|| damaged(ACCOUNTS, period))?;
        }
        posted
            .add_corrected(&contents.kept(period, OPENING)?)
            .ok_or_else(|| damaged(OPENING, period))?;
    }
    Ok(posted)
}

/// The contracts of now with the parties and taxes that a period was closed with. Who was not among them then is as in the first later
/// period that has them: what it was corrected by is theirs in that currency and by those taxes. `closed` begins with the period.
fn as_closed(closed: &[Book], now: &Book) -> Book {
    let known = |payee: &Payee| {
        closed
            .iter()
            .find_map(|book| Some(book.payees[book.payee(&payee.name)?].clone()))
    };
    let payees = now
        .payees
        .iter()
        .map(|payee| known(payee).unwrap_or_else(|| payee.clone()))
        .collect();
    let taxes = closed
        .first()
        .map_or_else(|| now.taxes.clone(), |then| then.taxes.clone());
    Book {
        payees,
        taxes,
        ..now.clone()
    }
}

/// The contracts that each period was closed with.
fn closed_books(contents: &Contents, closed: &[ClosedPeriod]) -> Result<Vec<Book>, PeriodError> {
    closed
        .iter()
        .map(|period| {
            let file = (CONTRACTS.to_owned(), contents.kept(period, CONTRACTS)?);
            Ok(Book::read(&[file]).map_err(SettleError::from)?)
        })
        .collect()
}
