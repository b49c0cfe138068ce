//! What a payee is told and paid: the statement, the explanation of each amount, and the payment
//! files for banks and payment providers.

mod explain;
mod payment_file;
mod statement;
mod titles;

pub use explain::{ContractReasons, PayableReasons, ReasonCell, ReasonStep};
pub use payment_file::{PayoutColumn, PayoutFile, PayoutFiles, PayoutProfile, PayoutTotal};
pub use statement::{
    AccountEntry, AccountSummary, ContractAccount, ContractPart, IncomeLine, PayeeStatement,
    Recoupment, ReleaseIncome, Reserved, Section, prove_statements,
};
pub use titles::{Titles, TrackTitle};
