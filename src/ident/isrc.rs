//! International Standard Recording Code, ISO 3901: two letters, three letters or digits, seven digits.

use std::fmt;

use thiserror::Error;

/// An ISRC, packed into 49 bits so that codes sort as their text does.
///
/// The layout of the code (prefix code of five characters, year of reference of two digits, designation of five digits) is that of
/// ISO 3901:2019; hyphens are for the eye only and carry no meaning.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Isrc(u64);

/// Why a text is not an ISRC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IsrcError {
    /// Not twelve characters after hyphens and blanks were removed.
    #[error("an ISRC has 12 letters and digits")]
    Length,
    /// A character stands where ISO 3901 does not allow it (position is 1-based).
    #[error("character {0} is not allowed in that place of an ISRC")]
    Character(u8),
}

impl Isrc {
    /// Reads an ISRC in any of the spellings met in reports: lower case, hyphens, blanks, an `ISRC` prefix.
    ///
    /// # Errors
    /// [`IsrcError`] when the text is not an ISRC. Never panics.
    pub fn parse(text: &str) -> Result<Self, IsrcError> {
        Self::parse_bytes(text.as_bytes())
    }

    /// Like [`Isrc::parse`], on raw bytes.
    ///
    /// # Errors
    /// [`IsrcError`] when the bytes are not an ISRC.
    pub fn parse_bytes(text: &[u8]) -> Result<Self, IsrcError> {
        let mut code = [0u8; 16];
        let mut len = 0;
        for &byte in text {
            if is_filler(byte) {
                continue;
            }
            if len == code.len() {
                return Err(IsrcError::Length);
            }
            code[len] = byte.to_ascii_uppercase();
            len += 1;
        }
        let mut body = &code[..len];
        if body.len() == 16 && body.starts_with(b"ISRC") {
            body = &body[4..];
        }
        let body: &[u8; 12] = body.try_into().map_err(|_| IsrcError::Length)?;
        Self::pack(body)
    }

    fn pack(body: &[u8; 12]) -> Result<Self, IsrcError> {
        let mut packed = 0u64;
        for (index, &byte) in body.iter().enumerate() {
            let (digit, base) = match (index, byte) {
                (0..2, b'A'..=b'Z') => (byte - b'A', 26),
                (2..5, b'0'..=b'9') => (byte - b'0', 36),
                (2..5, b'A'..=b'Z') => (byte - b'A' + 10, 36),
                (5..12, b'0'..=b'9') => (byte - b'0', 10),
                _ => return Err(IsrcError::Character(index as u8 + 1)),
            };
            packed = packed * base + u64::from(digit);
        }
        Ok(Self(packed))
    }

    /// The packed value, below 2^49; its order is the order of the text.
    #[must_use]
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// The ISRC of a packed value, if there is one.
    #[must_use]
    pub fn from_u64(packed: u64) -> Option<Self> {
        (packed < 26 * 26 * 36 * 36 * 36 * 10_000_000).then_some(Self(packed))
    }

    /// The twelve characters, without hyphens.
    #[must_use]
    pub fn to_ascii(self) -> [u8; 12] {
        let mut text = [0u8; 12];
        let mut rest = self.0;
        for index in (0..12).rev() {
            let base = match index {
                0..2 => 26,
                2..5 => 36,
                _ => 10,
            };
            let digit = (rest % base) as u8;
            rest /= base;
            text[index] = match index {
                0..2 => b'A' + digit,
                2..5 if digit >= 10 => b'A' + digit - 10,
                _ => b'0' + digit,
            };
        }
        text
    }
}

fn is_filler(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'\t' | b':' | b'"' | b'\'' | b'=')
}

impl fmt::Display for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.to_ascii() {
            write!(f, "{}", byte as char)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Isrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Isrc({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_code_are_equal() {
        for text in [
            "USX123000001",
            "usx123000001",
            "US-X12-30-00001",
            " US X12 30 00001 ",
            "ISRC US-X12-30-00001",
            "isrc:USX123000001",
        ] {
            assert_eq!(
                Isrc::parse(text).unwrap().to_string(),
                "USX123000001",
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_not_an_isrc_is_refused_with_the_place() {
        let cases = [
            ("", IsrcError::Length),
            ("USX12300001", IsrcError::Length),
            ("USX1230000012", IsrcError::Length),
            ("1SX123000001", IsrcError::Character(1)),
            ("USX12300000O", IsrcError::Character(12)),
            ("US/123000001", IsrcError::Character(3)),
        ];
        for (text, want) in cases {
            assert_eq!(Isrc::parse(text), Err(want), "{text}");
        }
    }

    #[test]
    fn packing_keeps_the_order_and_stays_within_49_bits() {
        let low = Isrc::parse("AA0000000000").unwrap();
        let high = Isrc::parse("ZZZZZ9999999").unwrap();
        assert_eq!(low.to_u64(), 0);
        assert!(high.to_u64() < 1 << 49);
        assert_eq!(Isrc::from_u64(high.to_u64()), Some(high));
        assert_eq!(Isrc::from_u64(high.to_u64() + 1), None);
    }
}
