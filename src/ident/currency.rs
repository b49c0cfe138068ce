//! Currencies: ISO 4217 codes with their minor digits.

use std::fmt;

use thiserror::Error;

use super::currency_table::CURRENCIES;

/// A currency of ISO 4217, active or historical (reports still carry `RUR`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is no currency code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a currency code of ISO 4217")]
pub struct CurrencyError(pub String);

impl Currency {
    /// `XXX`, ISO 4217's code for "no currency": quarantined rows whose currency cannot be read are counted under it.
    pub const NONE: Self = Self(*b"XXX");

    /// Before every code in their order.
    pub(crate) const FIRST: Self = Self([0; 3]);

    /// Reads a three-letter code in any case.
    ///
    /// # Errors
    /// [`CurrencyError`] when ISO 4217 knows no such code.
    pub fn parse(text: &str) -> Result<Self, CurrencyError> {
        let trimmed = text.trim();
        let error = || CurrencyError(trimmed.chars().take(20).collect());
        let code: [u8; 3] = trimmed.as_bytes().try_into().map_err(|_| error())?;
        let code = code.map(|byte| byte.to_ascii_uppercase());
        Self::find(code).map(|_| Self(code)).ok_or_else(error)
    }

    fn find(code: [u8; 3]) -> Option<u8> {
        CURRENCIES
            .binary_search_by(|(known, _)| known.as_bytes().cmp(&code[..]))
            .ok()
            .map(|index| CURRENCIES[index].1)
    }

    /// Digits after the decimal point in which the currency is paid: 2 for USD, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn minor_digits(self) -> u32 {
        u32::from(Self::find(self.0).unwrap_or(2))
    }

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> serde::Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_carry_their_minor_digits() {
        for (code, digits) in [
            ("USD", 2),
            ("jpy", 0),
            ("KWD", 3),
            ("CLF", 4),
            ("RUR", 2),
            ("XXX", 2),
        ] {
            assert_eq!(
                Currency::parse(code).unwrap().minor_digits(),
                digits,
                "{code}"
            );
        }
        for text in ["", "US", "USDD", "QQQ", "€"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(CURRENCIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
