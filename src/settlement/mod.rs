//! Contract money: cells, contracts, rates and balances into postings, payables, closing balances
//! and the proof that nothing was lost on the way.
//!
//! [`Inputs`] settled are a [`Settled`].

mod album;
mod assign;
mod cells;
mod claim;
pub(crate) mod ledger;
mod opening;
pub(crate) mod payees;
mod posted;
mod postings;
mod proof;
mod received;
pub(crate) mod scope;
pub(crate) mod settle;
mod steps;
pub(crate) mod suspense;

pub use album::AlbumPart;
pub(crate) use assign::AssignedPart;
pub use assign::Waiting;
pub use cells::{CellText, Cells, CellsBuilder, Dim, Line, LineNumber, Work};
pub use claim::{Claim, ProofLine};
pub use ledger::{Account, PostingReason, PostingStep, Transfer, Trial, add_up};
pub use payees::{PAYMENT_STEPS, PayableLine, PayableState};
pub use posted::Posted;
pub use settle::{Inputs, SettleError, Settled, Whose};
pub use steps::{ContractResult, TerritoryClass};
pub use suspense::SuspenseReason;
