//! What a file is that is no statement: named by its first bytes, so that a refusal says what to ask the sender for.
//!
//! Invariant: nothing that could be a statement has a kind. Binary kinds begin with bytes that no text begins with, and of the kinds that
//! are text only the DDEX sales report is looked for before the layouts; all others are asked only when no layout fits.

use crate::ident::Currency;

/// A kind of file that is known and not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// What it is, as in “this is …”.
    pub what: String,
    /// What to ask for or to do, for somebody who wants a statement read.
    pub remedy: String,
}

/// What is asked for when a document came in place of data.
const ASK_FOR_TEXT: &str = "Ask the sender for the detail as CSV or tab-separated text";
/// How a workbook becomes a file that is read.
const SAVE_AS_CSV: &str =
    "Open it in a spreadsheet, save the sheet with the rows as CSV (UTF-8) and import that";
const UNPACK: &str = "Unpack it and import the statement itself";
const DUMP: &str =
    "Export the table with the detail rows as CSV or tab-separated text, or ask the sender for it";
const DOWNLOAD: &str = "Download it again, or ask the sender for it once more";
const WRONG_FILE: &str = "Leave it out, or look for the statement that it came with";

impl Kind {
    fn new(what: impl Into<String>, remedy: &str) -> Self {
        Self {
            what: what.into(),
            remedy: remedy.to_owned(),
        }
    }

    /// The kind as the reason of a refusal.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("this is {}; such files are not read", self.what)
    }

    /// Like [`Kind::reason`], for a file that was given as a catalog.
    #[must_use]
    pub fn reason_of_catalog(&self) -> String {
        format!(
            "this is {}; a catalog is read from CSV or tab-separated text only",
            self.what
        )
    }
}

/// A signature: where it stands, its bytes, what begins so, and what to do.
type Magic = (usize, &'static [u8], &'static str, &'static str);

/// Signatures that no text begins with.
const CERTAIN: [Magic; 34] = [
    (0, b"%PDF-", "a PDF document", ASK_FOR_TEXT),
    (0, b"%!PS", "a PostScript document", ASK_FOR_TEXT),
    (0, b"{\\rtf", "an RTF document", ASK_FOR_TEXT),
    (0, b"\x89PNG\r\n\x1A\n", "a picture (PNG)", ASK_FOR_TEXT),
    (0, b"\xFF\xD8\xFF", "a picture (JPEG)", ASK_FOR_TEXT),
    (0, b"GIF87a", "a picture (GIF)", ASK_FOR_TEXT),
    (0, b"GIF89a", "a picture (GIF)", ASK_FOR_TEXT),
    (0, b"II*\0", "a picture (TIFF)", ASK_FOR_TEXT),
    (0, b"MM\0*", "a picture (TIFF)", ASK_FOR_TEXT),
    (0, b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (0, b"\xFD7zXZ\0", "a file packed with xz", UNPACK),
    (0, b"\x04\x22\x4D\x18", "a file packed with lz4", UNPACK),
    (
        0,
        b"PK\x03\x04",
        "a zip archive inside of another packed file",
        UNPACK,
    ),
    (
        0,
        b"\x1F\x8B\x08",
        "a file that is packed twice (gzip)",
        UNPACK,
    ),
    (
        0,
        b"\x28\xB5\x2F\xFD",
        "a file that is packed twice (zstd)",
        UNPACK,
    ),
    (0, b"\x1F\x9D", "a file packed with compress (.Z)", UNPACK),
    (0, b"SQLite format 3\0", "an SQLite database", DUMP),
    (4, b"Standard Jet DB\0", "a Microsoft Access database", DUMP),
    (4, b"Standard ACE DB\0", "a Microsoft Access database", DUMP),
    (0, b"Obj\x01", "an Avro file", DUMP),
    (0, b"ARROW1\0\0", "an Arrow (Feather) file", DUMP),
    (0, b"\x89HDF\r\n\x1A\n", "an HDF5 file", DUMP),
    (0, b"fLaC", "an audio file (FLAC)", WRONG_FILE),
    (0, b"OggS\0", "an audio file (Ogg)", WRONG_FILE),
    (0, b"MThd\0\0", "a MIDI file", WRONG_FILE),
    (0, b"\x7FELF", "a program", WRONG_FILE),
    (0, b"\xCF\xFA\xED\xFE", "a program", WRONG_FILE),
    (0, b"\xCA\xFE\xBA\xBE", "a program", WRONG_FILE),
    (
        0,
        b"-----BEGIN PGP MESSAGE",
        "a file encrypted with PGP",
        "Decrypt it and import what is in it",
    ),
    (
        0,
        b"age-encryption.org/",
        "a file encrypted with age",
        "Decrypt it and import what is in it",
    ),
    (
        0,
        b"Salted__",
        "a file encrypted with a password",
        "Decrypt it and import what is in it",
    ),
    (
        0,
        b"\x1A\x45\xDF\xA3",
        "a video file (Matroska)",
        WRONG_FILE,
    ),
    (257, b"ustar", "a tar archive", UNPACK),
];

/// Signatures that a text could begin with: they count only where bytes follow that no text has.
const WITH_CONTROLS: [Magic; 9] = [
    (0, b"BZh", "a file packed with bzip2", UNPACK),
    (0, b"PAR1", "a Parquet file", DUMP),
    (0, b"ORC", "an ORC file", DUMP),
    (0, b"MZ", "a program", WRONG_FILE),
    (0, b"ID3", "an audio file (MP3)", WRONG_FILE),
    (0, b"BM", "a picture (BMP)", ASK_FOR_TEXT),
    (8, b"WEBP", "a picture (WebP)", ASK_FOR_TEXT),
    (8, b"WAVE", "an audio file (WAV)", WRONG_FILE),
    (8, b"AIFF", "an audio file (AIFF)", WRONG_FILE),
];

/// The kind of a file by its first bytes, unpacked and not yet decoded. `None` for whatever may be text.
#[must_use]
pub fn of_bytes(head: &[u8]) -> Option<Kind> {
    let begins =
        |(at, magic, ..): &&Magic| head.get(*at..).is_some_and(|rest| rest.starts_with(magic));
    if head.len() >= 16 && head.iter().all(|b| *b == 0) {
        return Some(Kind::new(
            "a file of zeros only, as broken downloads and full disks leave them",
            DOWNLOAD,
        ));
    }
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Some(of_ole(head));
    }
    let has_controls = head[..head.len().min(4096)].iter().any(|b| *b < 9);
    if head.get(4..8) == Some(b"ftyp") && has_controls {
        let is_picture = head.get(8..12).is_some_and(|brand| {
            [b"heic", b"heix", b"hevc", b"mif1", b"avif"]
                .iter()
                .any(|b| *b == brand)
        });
        return Some(if is_picture {
            Kind::new("a picture (HEIC)", ASK_FOR_TEXT)
        } else {
            Kind::new("an audio or video file (MP4)", WRONG_FILE)
        });
    }
    if let [0xFF, second, ..] = head
        && matches!(second, 0xFB | 0xF3 | 0xF2 | 0xFA)
    {
        return Some(Kind::new("an audio file (MP3)", WRONG_FILE));
    }
    let certain = CERTAIN.iter().find(begins);
    certain
        .or_else(|| WITH_CONTROLS.iter().find(begins).filter(|_| has_controls))
        .map(|(_, _, what, remedy)| Kind::new(*what, remedy))
}

/// Microsoft's container of before 2007: a workbook, a document, a mail, or a workbook of today under a password.
fn of_ole(head: &[u8]) -> Kind {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(head, &wide).is_some()
    };
    if has("EncryptedPackage") {
        let remedy = "Open it with its password in a spreadsheet, save the sheet with the rows as CSV (UTF-8) and import that";
        return Kind::new("an Excel workbook under a password", remedy);
    }
    if has("WordDocument") {
        return Kind::new("a Word document", ASK_FOR_TEXT);
    }
    if has("__substg1.0_") {
        return Kind::new(
            "a mail of Outlook",
            "Save what is attached to it and import that",
        );
    }
    Kind::new("an Excel workbook of before 2007 (.xls)", SAVE_AS_CSV)
}

/// The kind of a zip archive that is a document by itself, by the names of its members.
#[must_use]
pub fn of_archive(members: &[String]) -> Option<Kind> {
    let has = |name: &str| members.iter().any(|m| m == name);
    let begins = |start: &str| members.iter().any(|m| m.starts_with(start));
    if has("[Content_Types].xml") {
        return Some(match () {
            () if begins("word/") => Kind::new("a Word document", ASK_FOR_TEXT),
            () if begins("ppt/") => Kind::new("a PowerPoint document", ASK_FOR_TEXT),
            () if has("xl/workbook.bin") => Kind::new("an Excel workbook (.xlsb)", SAVE_AS_CSV),
            () if has("xl/vbaProject.bin") => Kind::new("an Excel workbook (.xlsm)", SAVE_AS_CSV),
            () => Kind::new("an Excel workbook (.xlsx)", SAVE_AS_CSV),
        });
    }
    if has("mimetype") && has("content.xml") {
        return Some(Kind::new("an OpenDocument file (.ods)", SAVE_AS_CSV));
    }
    if members.iter().any(|m| m.ends_with(".iwa")) {
        return Some(Kind::new(
            "a document of Apple Numbers or Pages",
            "Export it as CSV (UTF-8) from Numbers and import that",
        ));
    }
    has("META-INF/MANIFEST.MF").then(|| Kind::new("a Java program", WRONG_FILE))
}

/// Bytes of a text that are looked at; what a file is stands at its beginning.
const LOOKED_AT: usize = 64 << 10;

/// The kind of a text that no layout fits.
#[must_use]
pub fn of_text(head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(&head[..head.len().min(LOOKED_AT)]);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    of_dsr(head)
        .or_else(|| of_markup(text))
        .or_else(|| of_json(text))
        .or_else(|| of_fixed_width(text))
        .or_else(|| of_cards(text))
        .or_else(|| of_mail(text))
        .or_else(|| of_script(text))
}

/// A DDEX Digital Sales Report as a flat file: its first cell says so. It has records of many types and no header, so a layout that
/// seems to fit one of its lines would read it wrongly.
#[must_use]
pub fn of_dsr(head: &[u8]) -> Option<Kind> {
    let text = String::from_utf8_lossy(&head[..head.len().min(LOOKED_AT)]);
    let lines = || {
        text.trim_start_matches('\u{FEFF}')
            .lines()
            .map(|line| line.split('\t').map(str::trim).collect::<Vec<_>>())
    };
    let first = lines().find(|cells| !cells[0].is_empty())?;
    if !matches!(first[0], "HEAD" | "FHEA" | "#HEAD" | "#FHEA") {
        return None;
    }
    let record = lines()
        .take(20)
        .find(|cells| matches!(cells[0], "HEAD" | "FHEA"));
    let Some(record) = record.filter(|cells| cells.len() > 3) else {
        return first[0]
            .starts_with('#')
            .then(|| Kind::new("a DDEX DSR flat file", DSR_REMEDY));
    };
    let is_ddex = record[1].to_ascii_lowercase().starts_with("dsrf")
        || record[1].contains('/')
        || record[2].ends_with("Profile");
    is_ddex.then(|| {
        let mut what = format!(
            "a DDEX DSR flat file (profile {} {})",
            record[2].replace("Profile", ""),
            record[3]
        );
        if let (Some(start), Some(end)) = (record.get(8), record.get(9))
            && start.starts_with(|c: char| c.is_ascii_digit())
        {
            what.push_str(&format!(", usage {start} to {end}"));
        }
        let mut codes: Vec<String> = lines()
            .filter(|cells| cells[0].starts_with("SY"))
            .flat_map(|cells| currency_codes(&cells))
            .collect();
        codes.sort();
        codes.dedup();
        if !codes.is_empty() {
            what.push_str(&format!(", {}", codes.join(" and ")));
        }
        Kind::new(what, DSR_REMEDY)
    })
}

const DSR_REMEDY: &str = "Its money stands in summaries and not in its lines; ask the sender for the financial report or for the statement as CSV or tab-separated text";

fn currency_codes(cells: &[&str]) -> Vec<String> {
    cells
        .iter()
        .filter(|cell| {
            cell.len() == 3
                && cell.bytes().all(|b| b.is_ascii_uppercase())
                && Currency::parse(cell).is_ok()
        })
        .map(|cell| (*cell).to_owned())
        .collect()
}

/// Pages and XML documents. A first cell in angle brackets is not enough: it must be a declaration or an element that is one.
fn of_markup(text: &str) -> Option<Kind> {
    let lower: String = text
        .chars()
        .take(LOOKED_AT)
        .collect::<String>()
        .to_ascii_lowercase();
    let is_page = ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|start| lower.starts_with(start))
        || (lower.starts_with("<!--") && lower.contains("<html"));
    let is_table = lower.starts_with("<table") || (is_page && lower.contains("<table"));
    if is_page || is_table {
        const SIGN_IN: [&str; 6] = [
            "type=\"password\"",
            "type='password'",
            "type=password",
            "<title>sign in",
            "<title>log in",
            "<title>login",
        ];
        let asks_to_sign_in = SIGN_IN.iter().any(|mark| lower.contains(mark));
        return Some(match () {
            () if asks_to_sign_in => Kind::new(
                "an HTML page that asks to sign in, saved in place of the statement",
                "Sign in at the sender's site and download the statement again",
            ),
            () if is_table => Kind::new(
                "an HTML page with a table (some senders name it .xls)",
                SAVE_AS_CSV,
            ),
            () => Kind::new(
                "an HTML page",
                "Download the statement itself from the sender's site; a page came in its place",
            ),
        });
    }
    of_xml(text)
}

fn of_xml(text: &str) -> Option<Kind> {
    let root = root_element(text)?;
    let local = root.name.rsplit(':').next().unwrap_or_default().to_owned();
    let is_xml = text.starts_with("<?xml")
        || root.attributes.contains("xmlns")
        || text.contains(&format!("</{}", root.name));
    if !is_xml {
        return None;
    }
    if let Some(message) = ddex_message(root.attributes) {
        return Some(of_ddex(&message, &local));
    }
    let namespaces = root.attributes.to_ascii_lowercase();
    Some(match local.as_str() {
        "Workbook" if namespaces.contains("office:spreadsheet") => {
            Kind::new("a workbook (Excel 2003 XML)", SAVE_AS_CSV)
        }
        "document" | "document-content" if namespaces.contains("opendocument") => {
            Kind::new("an OpenDocument file (XML)", SAVE_AS_CSV)
        }
        "NewReleaseMessage" | "CatalogListMessage" | "PurgeReleaseMessage" => of_ddex(
            &Ddex {
                name: "ern".into(),
                version: String::new(),
            },
            &local,
        ),
        "Envelope" => Kind::new("the answer of a web service (SOAP)", ASK_FOR_TEXT),
        "Error" | "error" => Kind::new(
            "an error message of the server, saved in place of the statement",
            DOWNLOAD,
        ),
        "rss" | "feed" => Kind::new("a news feed", WRONG_FILE),
        "svg" => Kind::new("a picture (SVG)", ASK_FOR_TEXT),
        "plist" => Kind::new("a property list", WRONG_FILE),
        "xbrl" => Kind::new("a business report in XML (XBRL)", ASK_FOR_TEXT),
        _ => Kind::new(format!("an XML document <{}>", root.name), ASK_FOR_TEXT),
    })
}

struct Root<'a> {
    name: &'a str,
    attributes: &'a str,
}

/// The first element behind declarations and comments.
fn root_element(text: &str) -> Option<Root<'_>> {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let inside = rest.strip_prefix('<')?;
        let end = if inside.starts_with("!--") {
            rest.find("-->")? + 3
        } else {
            rest.find('>')? + 1
        };
        if inside.starts_with(['?', '!']) {
            rest = &rest[end..];
            continue;
        }
        let tag = rest[1..end - 1].trim_end_matches('/');
        let name_end = tag.find(char::is_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_end);
        let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_:.-".contains(c));
        return is_name.then_some(Root { name, attributes });
    }
}

/// A DDEX message as its namespace says it: `http://ddex.net/xml/ern/43`, `…/2010/dsr-main/32`, `ddex.net/xml/mead/11`.
struct Ddex {
    name: String,
    version: String,
}

fn ddex_message(attributes: &str) -> Option<Ddex> {
    let after = attributes.split("ddex.net/xml/").skip(1);
    let messages = after.filter_map(|rest| {
        let path = rest.split(['"', '\'', ' ']).next()?;
        let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty()).collect();
        let at = parts
            .iter()
            .position(|part| part.starts_with(|c: char| c.is_ascii_alphabetic()))?;
        let name = parts[at].trim_end_matches("-main").to_ascii_lowercase();
        let digits = parts.get(at + 1).copied().unwrap_or_default();
        let version = if digits.bytes().all(|b| b.is_ascii_digit()) {
            digits
                .chars()
                .map(String::from)
                .collect::<Vec<_>>()
                .join(".")
        } else {
            digits.to_owned()
        };
        Some(Ddex { name, version })
    });
    let known: Vec<Ddex> = messages
        .filter(|m| m.name != "avs" && m.name != "allowed-value-sets")
        .collect();
    known.into_iter().next()
}

fn of_ddex(message: &Ddex, root: &str) -> Kind {
    let label = [message.name.to_ascii_uppercase(), message.version.clone()]
        .join(" ")
        .trim_end()
        .to_owned();
    match message.name.split('-').next().unwrap_or_default() {
        "ern" => Kind::new(
            format!("an XML release message ({label}): catalog data, no statement"),
            "Ask the sender for the sales statement as CSV or tab-separated text; a catalog is read from CSV with one row for each track",
        ),
        "mead" | "pie" => Kind::new(
            format!("an XML message with descriptions ({label}): no statement"),
            ASK_FOR_TEXT,
        ),
        "dsr" => Kind::new(
            format!("a DDEX sales report in XML ({label}, <{root}>)"),
            ASK_FOR_TEXT,
        ),
        _ => Kind::new(
            format!("a DDEX message in XML ({label}, <{root}>)"),
            ASK_FOR_TEXT,
        ),
    }
}

fn of_json(text: &str) -> Option<Kind> {
    let next = |open: char| text.strip_prefix(open).map(str::trim_start);
    let is_object = next('{').is_some_and(|rest| rest.starts_with(['"', '}']));
    let is_array = next('[').is_some_and(|rest| {
        rest.starts_with("{\"") || rest.starts_with(['[', '{']) || rest.trim_end() == "]"
    });
    let first_line = text.lines().next().unwrap_or_default().trim_end();
    let is_lines = is_object
        && first_line.ends_with('}')
        && text
            .lines()
            .nth(1)
            .is_some_and(|line| line.starts_with('{'));
    let what = if is_lines {
        "a file of JSON lines"
    } else {
        "a JSON file"
    };
    (is_object || is_array).then(|| Kind::new(what, ASK_FOR_TEXT))
}

/// Files of the societies in columns of fixed width: header record, then a group.
fn of_fixed_width(text: &str) -> Option<Kind> {
    let mut lines = text.lines();
    let header = lines
        .next()
        .filter(|line| line.starts_with("HDR") && !line.contains(['\t', ';', ',']))?;
    let group = lines.next().filter(|line| line.starts_with("GRH"))?;
    let version = ["01.10", "02.00", "02.10", "02.20", "03.00"]
        .iter()
        .find(|v| header.contains(*v))
        .map_or("", |v| v.trim_start_matches('0'));
    let is_works = ["NWR", "REV", "ISW", "EXC", "ACK", "AGR", "ISR", "WRK"]
        .iter()
        .any(|kind| group[3..].starts_with(kind));
    Some(if is_works {
        let remedy = "It registers works and has no money; ask the sender for the royalty statement as CSV or tab-separated text";
        Kind::new(
            format!(
                "a CWR file ({}): works, no statement",
                format!("Common Works Registration {version}").trim_end()
            ),
            remedy,
        )
    } else {
        Kind::new(
            "a file of the societies in columns of fixed width (CISAC)",
            ASK_FOR_TEXT,
        )
    })
}

fn of_cards(text: &str) -> Option<Kind> {
    let starts = [
        ("BEGIN:VCARD", "a file of contacts (vCard)"),
        ("BEGIN:VCALENDAR", "a calendar"),
        ("[InternetShortcut]", "a shortcut to a web page"),
        ("-----BEGIN ", "a file of keys or an encrypted message"),
    ];
    starts
        .iter()
        .find(|(start, _)| text.starts_with(start))
        .map(|(_, what)| Kind::new(*what, WRONG_FILE))
}

/// A mail, alone or in a mailbox: lines of `Name: value` with at least three names that only mails have together.
fn of_mail(text: &str) -> Option<Kind> {
    const NAMES: [&str; 9] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "mime-version",
        "message-id",
        "return-path",
        "delivered-to",
    ];
    let head = text
        .lines()
        .take(60)
        .take_while(|line| !line.trim().is_empty());
    let mut found: Vec<String> = head
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    found.retain(|name| NAMES.contains(&name.as_str()));
    found.sort();
    found.dedup();
    (found.len() >= 3).then(|| Kind::new("a mail", "Save what is attached to it and import that"))
}

fn of_script(text: &str) -> Option<Kind> {
    let first = text.lines().next().unwrap_or_default();
    let is_dump = [
        "-- MySQL dump",
        "-- PostgreSQL database dump",
        "-- MariaDB dump",
        "PRAGMA foreign_keys",
        "INSERT INTO ",
        "CREATE TABLE ",
    ];
    if is_dump.iter().any(|start| text.starts_with(start))
        || (first.starts_with("--") && text.contains("INSERT INTO "))
    {
        return Some(Kind::new("a dump of a database (SQL)", DUMP));
    }
    (first.starts_with("#!") && first.contains('/')).then(|| Kind::new("a script", WRONG_FILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(kind: Option<Kind>) -> String {
        kind.map(|k| k.what).unwrap_or_default()
    }

    #[test]
    fn binary_kinds_are_known_by_their_first_bytes() {
        let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
        let ole = [
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(),
            "Workbook"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
        ]
        .concat();
        let cases: [(&[u8], &str); 18] = [
            (b"%PDF-1.7\n%\xE2\xE3", "PDF"),
            (b"\x89PNG\r\n\x1A\n\0\0", "PNG"),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", "JPEG"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
            (b"RIFF\x10\0\0\0WAVEfmt ", "WAV"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
            (b"\0\0\0\x18ftypisom\0\0\0\0", "MP4"),
            (b"SQLite format 3\0\x10", "SQLite"),
            (b"\0\x01\0\0Standard Jet DB\0", "Access"),
            (b"PAR1\x15\x04\x15\0", "Parquet"),
            (b"Obj\x01\x04\x16", "Avro"),
            (b"Rar!\x1A\x07\x01\0", "RAR"),
            (b"BZh91AY&SY\x01\x02\x03", "bzip2"),
            (b"MZ\x90\0\x03\0", "program"),
            (b"ID3\x04\0\0", "MP3"),
            (&[0; 64], "zeros"),
            (&tar, "tar"),
            (&ole, "before 2007"),
        ];
        for (bytes, want) in cases {
            assert!(
                what(of_bytes(bytes)).contains(want),
                "{want}: {:?}",
                of_bytes(bytes)
            );
        }
    }

    #[test]
    fn texts_that_begin_like_a_signature_are_none() {
        let bearing = "BM,Title,ISRC\nORC,x,y\n";
        let cases = [
            "",
            "a",
            bearing,
            "ID3,ISRC,Title\n1,2,3\n",
            "MZ;Titel;ISRC\n",
            "PAR1,ISRC\n",
            "BZh,x\n",
            "1234WEBP5678,x\n",
            "Obj,x\n",
        ];
        for text in cases {
            assert_eq!(of_bytes(text.as_bytes()), None, "{text}");
            assert_eq!(of_text(text.as_bytes()), None, "{text}");
        }
        let wide: Vec<u8> = "ORC\tISRC\tTitle\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(of_bytes(&wide), None);
    }

    #[test]
    fn a_flat_sales_report_is_named_with_profile_period_and_currency() {
        let report = "HEAD\tdsrf/30\tUGCProfile\t1.1\t1\t2026-01-21T15:09:26Z\t1\t1\t2025-10-01\t2025-12-31\tP\tVideo\n\
            #SY02.01\tSummaryRecordId\tCurrency\nSY02.01\t1\tUGC\tP\tAdvertisementSupported\tOnDemandStream\tIS\tx\t12\t3\tEUR\t4.20\nFOOT\t5\n";
        let kind = of_dsr(report.as_bytes()).unwrap();
        assert_eq!(
            kind.what,
            "a DDEX DSR flat file (profile UGC 1.1), usage 2025-10-01 to 2025-12-31, EUR"
        );
        let newer = format!(
            "#HEAD\tMessageVersion\n{}",
            report
                .replace("dsrf/30", "dsrf/1.1.2/1.6/1.0")
                .replace("UGCProfile", "BasicAudioProfileSRB")
        );
        assert!(what(of_dsr(newer.as_bytes())).contains("profile BasicAudioSRB 1.1"));
        assert_eq!(of_dsr(b"HEAD\tTitle\tISRC\tNet\nx\ty\tz\t1\n"), None);
    }

    #[test]
    fn xml_is_named_by_its_root_and_version() {
        let cases = [
            (
                "<?xml version=\"1.0\"?>\n<ern:NewReleaseMessage xmlns:ern=\"http://ddex.net/xml/ern/43\">",
                "XML release message (ERN 4.3): catalog data",
            ),
            (
                "<ernm:NewReleaseMessage xmlns:ernm=\"http://ddex.net/xml/ern/382\" x=\"1\"/>",
                "ERN 3.8.2",
            ),
            (
                "<?xml version=\"1.0\"?><!-- a > b --><m:M xmlns:m='http://ddex.net/xml/mead/11'/>",
                "MEAD 1.1",
            ),
            (
                "<dsr:SalesReportToRecordCompanyMessage xmlns:dsr=\"http://ddex.net/xml/2010/dsr-main/41\">",
                "DSR 4.1",
            ),
            (
                "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "Excel 2003 XML",
            ),
            (
                "<soap:Envelope xmlns:soap=\"http://x\"></soap:Envelope>",
                "SOAP",
            ),
            (
                "<royalties><row/></royalties>",
                "an XML document <royalties>",
            ),
            (
                "<!DOCTYPE html><html><form><input type=\"password\"></form>",
                "asks to sign in",
            ),
            ("<html><table><tr><td>ISRC", "HTML page with a table"),
            ("<html><body>Not found", "an HTML page"),
        ];
        for (text, want) in cases {
            assert!(
                what(of_text(text.as_bytes())).contains(want),
                "{want}: {:?}",
                of_text(text.as_bytes())
            );
        }
        for text in [
            "<Unknown>,ISRC,Title\n<Unknown>,x,y\n",
            "<3,Title\n",
            "< a > b\n",
        ] {
            assert_eq!(of_text(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn other_texts_are_named() {
        let cases = [
            ("{\"rows\": []}", "a JSON file"),
            ("[\n {\"a\": 1}\n]", "a JSON file"),
            ("{\"a\":1}\n{\"a\":2}\n", "JSON lines"),
            (
                "HDRPB000000199ELLIS  01.1020260101\nGRHNWR0000102.10\n",
                "CWR file",
            ),
            ("BEGIN:VCARD\nVERSION:4.0\n", "contacts"),
            (
                "Return-Path: <a@b>\nFrom: A\nTo: B\nSubject: Statement\n\nHello",
                "a mail",
            ),
            ("-- MySQL dump 10.13\n", "SQL"),
            ("#!/bin/sh\n", "a script"),
        ];
        for (text, want) in cases {
            assert!(
                what(of_text(text.as_bytes())).contains(want),
                "{want}: {:?}",
                of_text(text.as_bytes())
            );
        }
        for text in [
            "[Statement],x\n",
            "{curly},b\n",
            "Date: 2026-01,x\nTo: Label\n\nISRC,Net\n",
            "HDR,GRH\n",
        ] {
            assert_eq!(of_text(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn documents_that_are_archives_are_named_by_their_members() {
        let kind = |names: &[&str]| {
            what(of_archive(
                &names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>(),
            ))
        };
        assert!(
            kind(&["[Content_Types].xml", "xl/workbook.xml"]).contains("Excel workbook (.xlsx)")
        );
        assert!(kind(&["[Content_Types].xml", "word/document.xml"]).contains("Word"));
        assert!(kind(&["mimetype", "content.xml"]).contains("OpenDocument"));
        assert!(kind(&["Index/Document.iwa"]).contains("Numbers"));
        assert_eq!(kind(&["statement.csv", "cover.jpg"]), "");
    }
}
