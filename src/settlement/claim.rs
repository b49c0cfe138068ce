//! What the equations of the proofs claim, and the equations.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::money::Amount;

/// What an equation of a proof claims. It has words only where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    /// Money that was reported is the money of all statuses.
    MoneyReported,
    /// The same of units.
    UnitsReported,
    /// The same of rows.
    RowsReported,
    /// Money that is matched is owed to somebody.
    MoneyOwed,
    /// Money that is matched is paid, but for what rounding leaves.
    MoneyPayable,
    /// Money that is reported is what contracts are settled from.
    MoneySettled,
    /// Rows that are matched are somebody's.
    RowsOwed,
    /// The money of the cells is what DSPs owe.
    CellsReceivable,
    /// From the cells to the payables nothing was lost.
    CellsReachPayables,
    /// The first, where closed periods are corrected by account.
    CellsAndCorrectionsReceivable,
    /// The second, where closed periods are corrected by account.
    CellsAndCorrectionsReachPayables,
    /// What is corrected in one account is corrected in others.
    CorrectionsEmpty,
    /// Every movement has two sides.
    PostingsBalanced,
    /// Nothing is left under way.
    ContractsEmpty,
    /// Nothing is left with payees that is neither paid nor carried.
    PayeesEmpty,
    /// The parts of album lines are the lines.
    AlbumLinesSpread,
    /// The same of their units.
    AlbumUnitsSpread,
    /// What the postings pay is what the payables say.
    PostedPayable,
    /// Rounding is all that lies between what is owed and what is paid.
    RoundingBetween,
    /// The lines of the payables add up.
    PayableLines,
    /// Advances: the postings lead from the opening to the closing balances.
    UnrecoupedClosing,
    /// Reserves.
    ReservesClosing,
    /// Carried forward.
    CarriedClosing,
    /// Waiting for a rate.
    WaitingClosing,
    /// Each statement comes out.
    StatementsTieOut,
    /// Each account of a contract comes out.
    StatementContractsTieOut,
    /// Balances that the statements begin with.
    StatementOpening,
    /// Balances that they end with.
    StatementClosing,
    /// Tax.
    StatementTax,
    /// What is paid.
    StatementPaid,
    /// What rounding takes.
    StatementRounding,
}

impl Claim {
    /// The equation in words, as files have it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::MoneyReported => "money reported = sum over all statuses",
            Self::UnitsReported => "units reported = sum over all statuses",
            Self::RowsReported => "rows reported = sum over all statuses",
            Self::MoneyOwed => "money matched = sum owed to payees",
            Self::MoneyPayable => "money matched = sum payable + rounding",
            Self::MoneySettled => "money reported = money that contracts are settled from",
            Self::RowsOwed => "rows matched = rows of payees",
            Self::CellsReceivable => "money reported = receivable",
            Self::CellsReachPayables => {
                "money reported = payable + tax + fees + retained + recouped + reserves + carried forward + waiting + suspense + rounding + exchanged - adjustments"
            }
            Self::CellsAndCorrectionsReceivable => "money reported + corrected = receivable",
            Self::CellsAndCorrectionsReachPayables => {
                "money reported + corrected = payable + tax + fees + retained + recouped + reserves + carried forward + waiting + suspense + rounding + exchanged - adjustments"
            }
            Self::CorrectionsEmpty => "left with corrections = 0",
            Self::PostingsBalanced => "sum of all postings = 0",
            Self::ContractsEmpty => "left with contracts = 0",
            Self::PayeesEmpty => "left with payees = 0",
            Self::AlbumLinesSpread => "album lines that are spread = their parts",
            Self::AlbumUnitsSpread => "units of album lines that are spread = those of their parts",
            Self::PostedPayable => "payable in postings = payable to payees",
            Self::RoundingBetween => "exact amounts that are paid = payable + rounding",
            Self::PayableLines => "carried in + earned - tax = paid exactly + carried forward",
            Self::UnrecoupedClosing => "unrecouped in postings = closing balances",
            Self::ReservesClosing => "reserves in postings = closing balances",
            Self::CarriedClosing => "carried forward in postings = closing balances",
            Self::WaitingClosing => "waiting in postings = closing balances",
            Self::StatementsTieOut => {
                "statements = statements where opening + earned - recouped - tax - rounding - paid = closing"
            }
            Self::StatementContractsTieOut => {
                "contracts in statements = contracts whose income and steps are what is split"
            }
            Self::StatementOpening => {
                "opening balances of statements = opening balances carried forward and waiting"
            }
            Self::StatementClosing => {
                "closing balances of statements = closing balances carried forward and waiting"
            }
            Self::StatementTax => "tax in statements = tax withheld in postings",
            Self::StatementPaid => "paid in statements = payable to payees",
            Self::StatementRounding => "rounding in statements = rounding",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

impl Serialize for Claim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.words())
    }
}

/// One equation of a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProofLine {
    /// Currency.
    pub currency: String,
    /// What is claimed.
    pub claim: Claim,
    /// The left side.
    pub left: Amount,
    /// The right side.
    pub right: Amount,
}

impl ProofLine {
    /// Whether both sides are equal.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.left == self.right
    }
}

impl fmt::Display for ProofLine {
    /// The equation as an error names it when it does not hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            currency,
            claim,
            left,
            right,
        } = self;
        write!(f, "{currency} {claim}: {left} is not {right}")
    }
}
