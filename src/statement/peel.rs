//! Files in which each record stands whole in one quoted cell: a spreadsheet that knows another separator took each line for one
//! cell, and wrote it back with quotes around it (`"2025-07,Spotify,""Title, x"",1.25"`).

/// Lines that are looked at.
const LOOKED_AT: usize = 50;

/// Whether the lines of a text are records in one cell each.
pub(super) fn is_wrapped(head: &[u8]) -> bool {
    let lines = || {
        head.split(|b| *b == b'\n')
            .map(trimmed)
            .filter(|l| !l.is_empty())
            .take(LOOKED_AT)
    };
    let all = lines().count();
    let wrapped = lines()
        .filter(|line| inner(line).is_some_and(holds_cells))
        .count();
    wrapped > 0
        && wrapped * 5 >= all * 4
        && lines().next().is_some_and(|first| inner(first).is_some())
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn holds_cells(inner: &[u8]) -> bool {
    inner
        .iter()
        .any(|b| matches!(b, b',' | b';' | b'\t' | b'|'))
}

/// What stands between the quotes of a line that is one quoted cell, perhaps with empty cells behind it.
fn inner(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr::memchr(b'"', &rest[at..])?;
        match rest.get(at + 1) {
            Some(b'"') => at += 2,
            _ => break,
        }
    }
    rest[at + 1..]
        .iter()
        .all(|b| matches!(b, b',' | b';' | b'\t' | b'|' | b' '))
        .then_some(&rest[..at])
}

/// Takes the quotes off, line by line, of a text that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Peeler {
    rest: Vec<u8>,
}

impl Peeler {
    /// Appends the whole lines that a piece completes.
    pub(super) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let Some(end) = memchr::memrchr(b'\n', piece) else {
            return self.rest.extend_from_slice(piece);
        };
        self.rest.extend_from_slice(&piece[..=end]);
        let text = std::mem::take(&mut self.rest);
        for line in text.split_inclusive(|b| *b == b'\n') {
            peel(line, out);
        }
        self.rest.extend_from_slice(&piece[end + 1..]);
    }

    /// Appends the last line, if it had no end.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        peel(&std::mem::take(&mut self.rest), out);
    }
}

fn peel(line: &[u8], out: &mut Vec<u8>) {
    let content = trimmed(line.strip_suffix(b"\n").unwrap_or(line));
    let Some(inner) = inner(content) else {
        return out.extend_from_slice(line);
    };
    let mut at = 0;
    while let Some(quote) = memchr::memchr(b'"', &inner[at..]) {
        out.extend_from_slice(&inner[at..=at + quote]);
        // Quotes inside come in pairs.
        at += quote + 2;
    }
    out.extend_from_slice(&inner[at..]);
    out.extend_from_slice(&line[content.len()..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_in_one_cell_are_unwrapped() {
        let text = b"\"a,b,c\"\r\n\"1,\"\"x, y\"\",3\";;;\r\n\r\nplain,1,2\r\n\"4,5,6\"";
        assert!(is_wrapped(b"\"a,b,c\"\r\n\"1,\"\"x, y\"\",3\"\r\n"));
        for size in [1, 3, 7, 1000] {
            let (mut peeler, mut out) = (Peeler::default(), Vec::new());
            for piece in text.chunks(size) {
                peeler.push(piece, &mut out);
            }
            peeler.finish(&mut out);
            assert_eq!(
                String::from_utf8(out).unwrap(),
                "a,b,c\r\n1,\"x, y\",3\r\n\r\nplain,1,2\r\n4,5,6"
            );
        }
    }

    #[test]
    fn files_with_every_cell_quoted_stay_as_they_are() {
        assert!(!is_wrapped(b"\"a\",\"b\"\n\"1\",\"2\"\n"));
        assert!(!is_wrapped(b"a,b\n\"1,2\",3\n"));
        assert!(!is_wrapped(b"\"one\"\n\"two\"\n"));
        assert!(!is_wrapped(b""));
    }
}
