//! Amounts added up under keys, every addition checked.

use std::collections::BTreeMap;
use std::collections::btree_map::{self, Keys};

use super::{Amount, AmountOverflow};

/// Amounts by key, in the order of the keys. What was never added to is zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums<K>(BTreeMap<K, Amount>);

impl<K> Default for Sums<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Sums<K> {
    /// No sums.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an amount to the sum of a key. The key is there from then on, even if the sum is zero.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the sum leaves the exact range; it is as it was then.
    pub fn add(&mut self, key: K, amount: Amount) -> Result<(), AmountOverflow> {
        let sum = self.0.entry(key).or_default();
        *sum = sum.plus(amount)?;
        Ok(())
    }

    /// Takes an amount off the sum of a key.
    ///
    /// # Errors
    /// [`AmountOverflow`] when the sum leaves the exact range; it is as it was then.
    pub fn subtract(&mut self, key: K, amount: Amount) -> Result<(), AmountOverflow> {
        let sum = self.0.entry(key).or_default();
        *sum = sum.minus(amount)?;
        Ok(())
    }

    /// Adds all sums of another.
    ///
    /// # Errors
    /// [`AmountOverflow`] when a sum leaves the exact range.
    pub fn add_all(&mut self, other: &Self) -> Result<(), AmountOverflow>
    where
        K: Clone,
    {
        for (key, amount) in &other.0 {
            self.add(key.clone(), *amount)?;
        }
        Ok(())
    }

    /// The sum of a key; zero when nothing was added to it.
    #[must_use]
    pub fn of(&self, key: &K) -> Amount {
        self.0.get(key).copied().unwrap_or_default()
    }

    /// Makes sure that a key is there.
    pub fn touch(&mut self, key: K) {
        self.0.entry(key).or_default();
    }

    /// Takes a key out; zero when it was not there.
    pub fn remove(&mut self, key: &K) -> Amount {
        self.0.remove(key).unwrap_or_default()
    }

    /// Keeps only what a test holds for.
    pub fn retain(&mut self, test: impl FnMut(&K, &mut Amount) -> bool) {
        self.0.retain(test);
    }

    /// Keys with their sums, in order.
    pub fn iter(&self) -> btree_map::Iter<'_, K, Amount> {
        self.0.iter()
    }

    /// Keys with their sums from a range of keys, in order.
    pub fn range(&self, range: impl std::ops::RangeBounds<K>) -> btree_map::Range<'_, K, Amount> {
        self.0.range(range)
    }

    /// Keys, in order.
    pub fn keys(&self) -> Keys<'_, K, Amount> {
        self.0.keys()
    }

    /// The sums, in the order of their keys.
    pub fn amounts(&self) -> impl Iterator<Item = Amount> + '_ {
        self.0.values().copied()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was ever added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Ord> IntoIterator for Sums<K> {
    type Item = (K, Amount);
    type IntoIter = btree_map::IntoIter<K, Amount>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a, K: Ord> IntoIterator for &'a Sums<K> {
    type Item = (&'a K, &'a Amount);
    type IntoIter = btree_map::Iter<'a, K, Amount>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<K: Ord> FromIterator<(K, Amount)> for Sums<K> {
    /// Of two amounts with one key the later one counts: for what was summed before.
    fn from_iter<I: IntoIterator<Item = (K, Amount)>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_checked_and_unknown_keys_are_zero() {
        let most = Amount::from_raw(i128::MAX);
        let mut sums = Sums::new();
        sums.add("a", most).unwrap();
        sums.add("b", Amount::from_integer(2)).unwrap();
        sums.subtract("b", Amount::from_integer(3)).unwrap();
        assert_eq!(sums.add("a", Amount::from_raw(1)), Err(AmountOverflow));
        assert_eq!(sums.of(&"a"), most);
        assert_eq!(sums.of(&"b"), Amount::from_integer(-1));
        assert_eq!(sums.of(&"c"), Amount::ZERO);
        assert_eq!(sums.keys().copied().collect::<Vec<_>>(), ["a", "b"]);
        let mut other = Sums::new();
        other.touch("c");
        other.add_all(&sums).unwrap();
        assert_eq!(other.len(), 3);
        assert_eq!(other.remove(&"c"), Amount::ZERO);
        assert_eq!(other, sums);
    }
}
