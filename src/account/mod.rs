//! What a payee is told and paid: the statement, the explanation of each amount, and the payment
//! files for banks and payment providers.

mod explain;
mod payment_file;
mod statement;
mod titles;

pub use explain::{ContractReasons, ReasonCell, ReasonStep, Reasons};
pub use payment_file::{PayoutColumn, PayoutFile, PayoutFiles, PayoutProfile, PayoutTotal};
pub use statement::{
    ContractAccount, ContractPart, Entry, IncomeLine, PayeeStatement, Recoupment, ReleaseIncome,
    Reserved, Section, Summary, prove_statements,
};
pub use titles::{Titles, TrackTitle};
