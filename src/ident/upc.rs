//! Release codes: UPC-12, EAN-13 and GTIN-14, compared as GTIN-14 (GS1 General Specifications, section 3.3.2).

use std::fmt;

use thiserror::Error;

/// A release code as GTIN-14, that is: left-padded with zeros to fourteen digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Upc(u64);

/// Why a text is not a release code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UpcError {
    /// The cell says that there is none.
    #[error("no UPC given")]
    NotGiven,
    /// A spreadsheet wrote the number as `8.59E+11`: its last digits are gone.
    #[error(
        "a spreadsheet wrote the UPC in exponent form, so its last digits are lost; export the file again with UPC as text"
    )]
    Exponent,
    /// Five or more zeros at the end and a check digit that does not fit: rounded by a spreadsheet.
    #[error(
        "the UPC ends in zeros and its check digit does not fit: rounded by a spreadsheet; export the file again with UPC as text"
    )]
    Rounded,
    /// Not 8 or 11 to 14 digits.
    #[error("a UPC or EAN has 8 or 11 to 14 digits")]
    Length,
    /// Something that is not a digit.
    #[error("a UPC or EAN has digits only")]
    Character,
}

impl UpcError {
    /// Whether a spreadsheet has destroyed the code.
    #[must_use]
    pub fn is_damage(self) -> bool {
        matches!(self, Self::Exponent | Self::Rounded)
    }
}

impl Upc {
    /// Reads a release code, understanding `="0085…"`, `empty:` prefixes, inner blanks, hyphens and a trailing `.0`.
    ///
    /// A code that lost its leading zeros (eleven digits) is padded; a wrong check digit alone is no error, since labels do
    /// use such codes.
    ///
    /// # Errors
    /// [`UpcError`]; damage by a spreadsheet is recognized and never guessed at. Never panics.
    pub fn parse(text: &str) -> Result<Self, UpcError> {
        let text = clean(text);
        if super::is_not_given(text) {
            return Err(UpcError::NotGiven);
        }
        if is_exponent_form(text) {
            return Err(UpcError::Exponent);
        }
        let mut value = 0u64;
        let mut digits = 0usize;
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    digits += 1;
                    if digits > 14 {
                        return Err(UpcError::Length);
                    }
                    value = value * 10 + u64::from(byte - b'0');
                }
                b' ' | b'-' => {}
                _ => return Err(UpcError::Character),
            }
        }
        match digits {
            8 | 11..=14 => {}
            _ => return Err(UpcError::Length),
        }
        let upc = Self(value);
        if digits >= 11 && value.is_multiple_of(100_000) && !upc.has_valid_check_digit() {
            return Err(UpcError::Rounded);
        }
        Ok(upc)
    }

    /// The number whose fourteen-digit form is the GTIN-14.
    #[must_use]
    pub fn to_u64(self) -> u64 {
        self.0
    }

    /// The code of a number below 10^14.
    #[must_use]
    pub fn from_u64(value: u64) -> Option<Self> {
        (value < 100_000_000_000_000).then_some(Self(value))
    }

    /// Whether the last digit is the check digit of the others (weights 3 and 1 from the right, modulo 10).
    #[must_use]
    pub fn has_valid_check_digit(self) -> bool {
        let mut rest = self.0 / 10;
        let mut sum = 0;
        let mut weight = 3;
        while rest > 0 {
            sum += rest % 10 * weight;
            weight = 4 - weight;
            rest /= 10;
        }
        (10 - sum % 10) % 10 == self.0 % 10
    }

    /// The digits of a readable code as the sender wrote them, without wrapper and blanks.
    #[must_use]
    pub fn digits_as_written(text: &str) -> String {
        clean(text).chars().filter(char::is_ascii_digit).collect()
    }
}

/// Strips the wrappers of spreadsheets and of Believe's exports.
fn clean(text: &str) -> &str {
    let mut text = text.trim_matches(|c: char| c.is_whitespace() || c == '\'');
    if let Some(inner) = text.strip_prefix('=') {
        text = inner;
    }
    text = text.trim_matches('"').trim();
    if let Some(head) = text.get(..6)
        && head.eq_ignore_ascii_case("empty:")
    {
        text = text[6..].trim();
    }
    text.strip_suffix(".0").unwrap_or(text)
}

fn is_exponent_form(text: &str) -> bool {
    let Some(at) = text.find(['e', 'E']) else {
        return false;
    };
    let mantissa = &text[..at];
    let exponent = &text[at + 1..];
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    !mantissa.is_empty()
        && !exponent.is_empty()
        && mantissa
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for Upc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl fmt::Debug for Upc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Upc({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_code_are_equal() {
        for text in [
            "085365572676",
            "85365572676",
            "0085365572676",
            "00085365572676",
            "=\"0085365572676\"",
            "empty:085365572676",
            "Empty: 085365572676",
            "085365 572676",
            "85365572676.0",
            "\"085365572676\"",
        ] {
            assert_eq!(
                Upc::parse(text).map(|u| u.to_string()),
                Ok("00085365572676".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn damage_and_absence_are_told_apart() {
        let cases = [
            ("8.59E+11", UpcError::Exponent),
            ("7.37725782924135E+016", UpcError::Exponent),
            ("8,59E+11", UpcError::Exponent),
            ("191774000000", UpcError::Rounded),
            ("", UpcError::NotGiven),
            ("no upc", UpcError::NotGiven),
            ("N/A", UpcError::NotGiven),
            ("empty:", UpcError::NotGiven),
            ("123", UpcError::Length),
            ("123456789012345", UpcError::Length),
            ("12345678901X", UpcError::Character),
        ];
        for (text, want) in cases {
            assert_eq!(Upc::parse(text), Err(want), "{text}");
        }
    }

    #[test]
    fn a_wrong_check_digit_alone_is_accepted_but_known() {
        let wrong = Upc::parse("123456789013").unwrap();
        assert!(!wrong.has_valid_check_digit());
        assert!(Upc::parse("123456789012").unwrap().has_valid_check_digit());
    }
}
