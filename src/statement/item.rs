//! Items: the distinct things that a statement reports, as the DSP wrote them.

/// The fields that make an item, in the order of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The DSP or store of the row; empty when the layout has one DSP only.
    Dsp,
    /// ISRC as written.
    Isrc,
    /// Release code as written.
    Upc,
    /// The DSP's own id.
    DspId,
    /// Title.
    Title,
    /// Version.
    Version,
    /// Artist.
    Artist,
    /// Label.
    Label,
    /// Title of the release.
    Release,
    /// Duration as written.
    Duration,
}

impl Field {
    /// All fields in the order of the key.
    pub const ALL: [Self; 10] = [
        Self::Dsp,
        Self::Isrc,
        Self::Upc,
        Self::DspId,
        Self::Title,
        Self::Version,
        Self::Artist,
        Self::Label,
        Self::Release,
        Self::Duration,
    ];

    /// The column's name in the cube.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dsp => "dsp",
            Self::Isrc => "isrc",
            Self::Upc => "upc",
            Self::DspId => "dsp_id",
            Self::Title => "title",
            Self::Version => "version",
            Self::Artist => "artist",
            Self::Label => "label",
            Self::Release => "release",
            Self::Duration => "duration",
        }
    }
}

/// Appends one field of a key: its length (seven bits a byte), then its bytes.
pub(crate) fn push_field(key: &mut Vec<u8>, field: &[u8]) {
    let mut len = field.len();
    while len >= 0x80 {
        key.push(len as u8 | 0x80);
        len >>= 7;
    }
    key.push(len as u8);
    key.extend_from_slice(field);
}

/// Splits a key into its fields.
#[must_use]
pub fn split_key(key: &[u8]) -> [&[u8]; Field::ALL.len()] {
    let mut fields = [&key[..0]; Field::ALL.len()];
    let mut at = 0;
    for field in &mut fields {
        let mut len = 0usize;
        let mut shift = 0;
        while let Some(&byte) = key.get(at) {
            at += 1;
            len |= usize::from(byte & 0x7F) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        *field = key.get(at..at + len).unwrap_or_default();
        at += len;
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_split_into_what_was_pushed() {
        let long = vec![b'x'; 300];
        let fields: [&[u8]; 10] = [
            b"",
            b"USX123000001",
            b"",
            b"A1",
            &long,
            b"",
            "Ünï".as_bytes(),
            b"",
            b"",
            b"",
        ];
        let mut key = Vec::new();
        for field in fields {
            push_field(&mut key, field);
        }
        assert_eq!(split_key(&key), fields);
    }
}
