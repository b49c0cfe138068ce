//! Names of statement files: what people read, made safe for every system.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::account::PayeeStatement;
use crate::terms::Book;

/// Letters of a payee's name that a file name takes; with a path they must stay below 255 bytes, and Windows' 260 letters.
const MOST_LETTERS: usize = 60;

/// Names of the files of statements, without their endings: payee, currency, period. Payees whose names come to the same get a part of
/// their names' hash too; which ones do depends on the contracts alone, and not on who has a statement.
#[must_use]
pub fn statement_stems(statements: &[PayeeStatement<'_>]) -> Vec<String> {
    let Some(settled) = statements.first().map(|s| s.settled) else {
        return Vec::new();
    };
    let names = payee_names(&settled.inputs.book);
    statements
        .iter()
        .map(|s| {
            format!(
                "{}_{}_{}",
                names[s.payee.index()],
                s.currency,
                file_part(&settled.period.to_string())
            )
        })
        .collect()
}

fn payee_names(book: &Book) -> Vec<String> {
    let clean: Vec<String> = book.payees.iter().map(|p| file_part(&p.name)).collect();
    let mut uses: HashMap<String, usize> = HashMap::new();
    for name in &clean {
        *uses.entry(folded(name)).or_default() += 1;
    }
    book.payees
        .iter()
        .zip(clean)
        .map(|(payee, name)| match uses[&folded(&name)] {
            1 => name,
            _ => format!(
                "{name}~{}",
                &blake3::hash(payee.name.as_bytes()).to_hex()[..8]
            ),
        })
        .collect()
}

/// What systems that do not tell case or composed letters apart take for the same name.
fn folded(name: &str) -> String {
    name.nfkc()
        .flat_map(char::to_lowercase)
        .collect::<String>()
        .to_uppercase()
}

/// Text as a part of a file name. No system gives the rest a meaning: separators and signs that Windows refuses become `-`, marks that are
/// not seen are left out, and so are dots and blanks at the ends.
fn file_part(text: &str) -> String {
    let kept = text.nfc().filter(|c| !is_unseen(*c)).map(|c| {
        if c.is_control() || r#"<>:"/\|?*~"#.contains(c) {
            '-'
        } else {
            c
        }
    });
    let kept: String = kept.take(MOST_LETTERS).collect();
    let trimmed = kept.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '-'));
    if trimmed.is_empty() {
        "payee".to_owned()
    } else {
        trimmed.to_owned()
    }
}

/// Marks that steer direction or join letters: with them a name can look like another.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_everywhere_and_stay_readable() {
        for (name, want) in [
            ("Harbor Lights", "Harbor Lights"),
            ("AC/DC", "AC-DC"),
            ("../../etc/passwd", "etc-passwd"),
            ("Z:\\x|y?*\"<>", "Z--x-y"),
            ("  ...  ", "payee"),
            ("", "payee"),
            ("a\u{202e}fdp", "afdp"),
            ("line\nend", "line-end"),
            ("宇多田ヒカル", "宇多田ヒカル"),
            ("Beyonce\u{301}", "Beyonc\u{e9}"),
        ] {
            assert_eq!(file_part(name), want, "{name:?}");
        }
        assert_eq!(file_part(&"あ".repeat(500)).chars().count(), MOST_LETTERS);
    }

    #[test]
    fn names_that_come_to_the_same_get_files_of_their_own() {
        let long = |end: &str| "x".repeat(80) + end;
        let names = [
            "Ada",
            "ADA",
            "AC/DC",
            "AC:DC",
            "Beyonc\u{e9}",
            "Beyonce\u{301}",
            "Ben",
            "Straße",
            "STRASSE",
            &long("1"),
            &long("2"),
        ]
        .map(str::to_owned);
        let payee = |name: &String| format!("[[payee]]\nname = {name:?}\ncurrency = \"EUR\"\n");
        let text: String = names.iter().map(payee).collect();
        let text = text.replace("\\u{301}", "\u{301}");
        let book = Book::read(&[("c.toml".into(), text.into_bytes())]).unwrap();
        let files = payee_names(&book);
        assert_eq!(files.len(), names.len());
        let mut folded: Vec<String> = files.iter().map(|f| super::folded(f)).collect();
        folded.sort();
        folded.dedup();
        assert_eq!(folded.len(), names.len(), "{files:?}");
        assert!(files.contains(&"Ben".to_owned()));
        assert!(files.iter().all(|f| !f.contains(['/', ':'])));
        assert_eq!(
            files.iter().filter(|f| f.contains('~')).count(),
            names.len() - 1,
            "{files:?}"
        );
    }
}
