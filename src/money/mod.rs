//! Exact money: text into [`Amount`]s, sums of amounts, and the one place where money is rounded.
//!
//! Invariant: no binary floating point, and no operation that loses a digit in silence. What does not fit is an error.

mod amount;
mod exponent;
mod parse;
mod ratio;
mod round;
mod show;
mod sums;

pub use amount::{Amount, AmountOverflow, Magnitude, REST_SCALE, SCALE};
pub use exponent::{ExponentEvidence, is_shortened};
pub use parse::{AmountError, DecimalEvidence, DecimalMark, decimal_evidence, parse_amount};
pub use ratio::{Ratio, RatioError, divide, spread};
pub use round::{Allocation, allocate, smallest_unit, split};
pub use show::{grouped, is_shown_whole, shown};
pub use sums::Sums;
