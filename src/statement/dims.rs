//! The dimensions of a cell: territory, sale period, usage type and currency, as one small number per combination.

use std::collections::HashMap;

use crate::ident::{Currency, SalePeriod};
use parking_lot::Mutex;

/// What a cell is counted under, besides its item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dims {
    /// Currency of the amounts.
    pub currency: Currency,
    /// Alpha-2 code, or the sender's word.
    pub territory: String,
    /// Sale period.
    pub period: SalePeriod,
    /// Usage type as the sender calls it.
    pub usage: String,
}

/// All combinations seen in one statement; numbers are given in order of appearance and have no meaning of their own.
#[derive(Debug, Default)]
pub(super) struct DimTable {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    numbers: HashMap<Dims, u32>,
    values: Vec<Dims>,
}

impl DimTable {
    /// The number of a combination.
    pub(super) fn number(&self, dims: Dims) -> u32 {
        let mut inner = self.inner.lock();
        if let Some(&number) = inner.numbers.get(&dims) {
            return number;
        }
        let number = u32::try_from(inner.values.len()).expect(
            "there are fewer than 2^32 combinations of territory, month, usage and currency",
        );
        inner.values.push(dims.clone());
        inner.numbers.insert(dims, number);
        number
    }

    /// Appends the combinations from number `from` on.
    pub(super) fn copy_from(&self, from: usize, out: &mut Vec<Dims>) {
        let inner = self.inner.lock();
        out.extend_from_slice(&inner.values[from..]);
    }

    /// All combinations by number.
    pub(super) fn into_values(self) -> Vec<Dims> {
        self.inner.into_inner().values
    }
}
