//! What is asked before a statement counts: whether too much of it is lost in quarantine, and whether its rows are counted already.

use std::collections::BTreeMap;

use super::{Session, SessionError};
use crate::contents::{Overlap, StatementRecord};
use crate::ident::{Currency, SalePeriod};
use crate::money::{Amount, AmountOverflow};
use crate::statement::cube::Cube;
use crate::statement::import::Imported;
use crate::statement::likeness::{Likeness, Money, RowStanding};
use crate::statement::loss::Severity;
use crate::statement::source::Part;
use crate::statement::{Accept, Again, NotTaken, StatementError};

/// Why a file of a run does not count in its results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file's name, for archives followed by the member's.
    pub file: String,
    /// Why, when it was read; other files were refused.
    pub why: Option<NotTaken>,
}

impl LeftOut {
    /// Of a file that could not be taken.
    #[must_use]
    pub fn of(file: &str, error: &SessionError) -> Self {
        let why = match error {
            SessionError::Statement(StatementError::NotTaken { why, .. }) => Some((**why).clone()),
            _ => None,
        };
        Self {
            file: file.to_owned(),
            why,
        }
    }
}

/// Money of all cells, by currency.
fn money_of(cube: &Cube) -> Result<Vec<Money>, AmountOverflow> {
    let mut sums: BTreeMap<Currency, Amount> = BTreeMap::new();
    for cell in cube.cells() {
        let sum = sums
            .entry(cube.dims[cell.dim as usize].currency)
            .or_default();
        *sum = sum.plus(cell.amount)?;
    }
    Ok(sums
        .into_iter()
        .map(|(currency, amount)| Money { currency, amount })
        .collect())
}

/// Whether both came from the same sender, as far as the layouts know.
fn is_same_sender(one: &StatementRecord, other: &StatementRecord) -> bool {
    // The layout that finds columns by their names knows no sender.
    let is_generic = |record: &StatementRecord| record.layout == "generic";
    is_generic(one) == is_generic(other) && one.sender == other.sender
}

/// Whether the periods of sale meet. One that is not known may be any.
fn may_meet(one: &StatementRecord, other: &StatementRecord) -> bool {
    let days = |record: &StatementRecord| {
        SalePeriod::from_canonical(&record.sale_period).and_then(SalePeriod::days)
    };
    match (days(one), days(other)) {
        (Some((first, last)), Some((other_first, other_last))) => {
            first <= other_last && other_first <= last
        }
        _ => true,
    }
}

impl Session {
    /// Notes in `record` what was accepted and what is counted already; an error when too much is lost, or all is counted already, and nobody
    /// has accepted that.
    pub(super) fn pass_gates(
        &self,
        (part, imported): (&Part, &Imported),
        accept: Accept,
        record: &mut StatementRecord,
        others: &[StatementRecord],
    ) -> Result<(), SessionError> {
        let overflow = |source| StatementError::Overflow {
            file: part.shown(),
            source,
        };
        let not_taken = |why| StatementError::NotTaken {
            file: part.shown(),
            why: Box::new(why),
        };
        if let Some(loss) = record
            .loss
            .clone()
            .filter(|loss| loss.severity() == Severity::Grave)
        {
            if !accept.quarantine {
                return Err(not_taken(NotTaken::Quarantine(loss)).into());
            }
            record.accepted.quarantine = Some(loss);
        }
        let (earlier, likenesses) = self.comparable(record, others)?;
        match imported.likeness.standing(&likenesses).map_err(overflow)? {
            RowStanding::Again { of, is_about } => {
                let files = of.iter().map(|n| earlier[*n].name.clone()).collect();
                let money = money_of(&imported.cube).map_err(overflow)?;
                let again = Again {
                    files,
                    rows: imported.likeness.rows(),
                    money,
                    is_about,
                };
                if !accept.duplicate {
                    return Err(not_taken(NotTaken::Duplicate(again)).into());
                }
                record.accepted.duplicate = Some(again);
            }
            RowStanding::Overlaps(overlaps) => {
                record.overlaps = overlaps
                    .into_iter()
                    .map(|(n, shared)| Overlap {
                        key: earlier[n].key(),
                        file: earlier[n].name.clone(),
                        shared,
                    })
                    .collect();
            }
        }
        Ok(())
    }

    /// Whether every row of a statement that comes back is counted already by others.
    pub(super) fn is_counted_already(
        &self,
        record: &StatementRecord,
        likeness: &Likeness,
    ) -> Result<bool, SessionError> {
        let (_, likenesses) = self.comparable(record, &self.contents.statements()?)?;
        Ok(matches!(
            likeness.standing(&likenesses)?,
            RowStanding::Again { .. }
        ))
    }

    /// The statements with which one is compared: of the same sender and for periods that meet, as far as they keep what their rows mean.
    fn comparable<'r>(
        &self,
        record: &StatementRecord,
        others: &'r [StatementRecord],
    ) -> Result<(Vec<&'r StatementRecord>, Vec<Likeness>), SessionError> {
        let mut earlier = Vec::new();
        let mut likenesses = Vec::new();
        for other in others {
            if other.text_hash == record.text_hash
                || !is_same_sender(record, other)
                || !may_meet(record, other)
            {
                continue;
            }
            let Some(likeness) = self
                .contents
                .likeness(other, &self.workspace().statement_folder(&other.key()))?
            else {
                continue;
            };
            earlier.push(other);
            likenesses.push(likeness);
        }
        Ok((earlier, likenesses))
    }
}
