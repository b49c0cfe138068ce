//! The contract language: files of contracts, exchange rates and opening balances into data that is
//! checked as a whole, and back into text.
//!
//! Nothing here moves money; [`crate::settlement`] does.

pub(crate) mod account_kind;
pub(crate) mod balances;
pub(crate) mod book;
pub(crate) mod contracts;
pub mod form;
pub(crate) mod input;
pub mod language;
pub mod pieces;
pub(crate) mod rates;
pub(crate) mod releases;

pub use account_kind::AccountKind;
pub use balances::{
    BALANCE_COLUMNS, BalanceKind, BalanceTotals, Balances, CarriedKey, ClauseKey, CorrectedKey,
    CorrectionKey, ReserveKey, TaxKey, WaitingKey, YearToDate,
};
pub use contracts::{
    Adjustment, AlbumLines, Bearer, Book, Condition, Contract, ContractNumber, Counts, Deduction,
    MidPeriod, Payee, PayeeNumber, Profile, Rate, RateRule, Recoupable, Reserve, Split, Step, Tax,
    TaxBase, TaxNumber, Tiers,
};
pub(crate) use input::rows_of;
pub use input::{Fault, Place};
pub use rates::{Hop, Quote, Rates, Received};
pub use releases::{Release, ReleaseError, ReleaseTrack, Releases};
