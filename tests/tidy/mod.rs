//! Rules about the sources that no compiler checks: who may use whom, what may stand where, and that the documents name what there is.
//!
//! Every rule is a function from text to faults. Beside the test that the repository has none stands a planted fault that the function
//! must find: a rule that cannot fail proves nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ledgerline::statement::layout::{Layout, Layouts};

use crate::support::{file, root, run_well, sample_dir, summary};

/// A module of the library, from the bottom to the top: it may use what it names, and that stands above it in this table.
struct Layer {
    name: &'static str,
    may_use: &'static [&'static str],
    /// Why it needs these and no others.
    reason: &'static str,
}

const LAYERS: [Layer; 23] = [
    Layer {
        name: "fonts",
        may_use: &[],
        reason: "files of letters, for the window and for paper",
    },
    Layer {
        name: "guide",
        may_use: &[],
        reason: "texts, for the window and the command line",
    },
    Layer {
        name: "ident",
        may_use: &[],
        reason: "codes, currencies and periods are texts and numbers, nothing else",
    },
    Layer {
        name: "money",
        may_use: &["ident"],
        reason: "amounts carry currency signs, and rounding asks the currency for its minor digits",
    },
    Layer {
        name: "job",
        may_use: &[],
        reason: "counters and a flag; every layer that works long takes one",
    },
    Layer {
        name: "workspace",
        may_use: &[],
        reason: "bytes under keys, files and a lock: it must not know what they mean",
    },
    Layer {
        name: "statement",
        may_use: &["ident", "job", "money"],
        reason: "reading a report knows neither a catalog nor a workspace, so anything that makes cubes can stand in for it",
    },
    Layer {
        name: "terms",
        may_use: &["ident", "money", "statement"],
        reason: "files of contracts, rates and balances are read by the reader of statements; it moves no money",
    },
    Layer {
        name: "catalog",
        may_use: &["ident", "job", "statement", "workspace"],
        reason: "catalog files are read by the reader of statements and kept in the workspace",
    },
    Layer {
        name: "review",
        may_use: &["catalog", "ident", "statement", "workspace"],
        reason: "decisions about items of statements, as pure data; it does not know how they are kept",
    },
    Layer {
        name: "journal",
        may_use: &["catalog", "review", "workspace"],
        reason: "the one place that knows the kinds of entries: the workspace below keeps their bytes, the session records them",
    },
    Layer {
        name: "matching",
        may_use: &["catalog", "ident", "review", "statement", "workspace"],
        reason: "items, catalog and decisions into outcomes; it sees no money",
    },
    Layer {
        name: "settlement",
        may_use: &["ident", "money", "terms"],
        reason: "cells and contracts into postings and payables: it knows no file and no storage",
    },
    Layer {
        name: "account",
        may_use: &["ident", "money", "settlement", "terms"],
        reason: "says what a settlement gave a payee; it computes no share",
    },
    Layer {
        name: "payout",
        may_use: &["ident", "matching", "money", "settlement", "statement"],
        reason: "outcomes and cells into what payees of the catalog get, without any storage",
    },
    Layer {
        name: "export",
        may_use: &[
            "account",
            "fonts",
            "ident",
            "job",
            "matching",
            "money",
            "payout",
            "review",
            "settlement",
            "statement",
            "terms",
        ],
        reason: "writes results that others computed, and only to files",
    },
    Layer {
        name: "contents",
        may_use: &[
            "catalog",
            "ident",
            "job",
            "journal",
            "money",
            "review",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "what a workspace contains, read as what it means: it changes nothing",
    },
    Layer {
        name: "results",
        may_use: &[
            "account",
            "catalog",
            "contents",
            "export",
            "ident",
            "money",
            "settlement",
            "statement",
            "terms",
        ],
        reason: "which files a settlement is written into; it computes no share",
    },
    Layer {
        name: "period",
        may_use: &[
            "catalog",
            "contents",
            "export",
            "ident",
            "journal",
            "matching",
            "money",
            "payout",
            "results",
            "review",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "settles what is open and what is closed; a period becomes closed in the session alone",
    },
    Layer {
        name: "desk",
        may_use: &[
            "catalog",
            "contents",
            "export",
            "ident",
            "job",
            "journal",
            "matching",
            "money",
            "payout",
            "period",
            "results",
            "review",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "snapshots for the screens and what is asked of them: it changes nothing",
    },
    Layer {
        name: "session",
        may_use: &[
            "account",
            "catalog",
            "contents",
            "desk",
            "export",
            "ident",
            "job",
            "journal",
            "matching",
            "money",
            "payout",
            "period",
            "results",
            "review",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "the one place that changes a workspace: it may use everything but a face",
    },
    Layer {
        name: "cli",
        may_use: &[
            "account",
            "catalog",
            "contents",
            "desk",
            "guide",
            "ident",
            "job",
            "journal",
            "matching",
            "money",
            "payout",
            "period",
            "results",
            "review",
            "session",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "a face: arguments in, text out; it writes no results itself, so it does not use export",
    },
    Layer {
        name: "ui",
        may_use: &[
            "account",
            "catalog",
            "contents",
            "desk",
            "fonts",
            "guide",
            "ident",
            "job",
            "journal",
            "matching",
            "money",
            "payout",
            "period",
            "results",
            "review",
            "session",
            "settlement",
            "statement",
            "terms",
            "workspace",
        ],
        reason: "a face: draws what the desk has and sends commands; it writes no results itself, so it does not use export",
    },
];

/// Crates that may only be named below these paths, and why. The window's crates may stand in `src/ui` and nowhere else.
const CRATES: [(&str, &[&str], &str); 20] = [
    (
        "egui",
        &["src/ui/"],
        "the library must build and run without a window",
    ),
    (
        "eframe",
        &["src/ui/"],
        "the library must build and run without a window",
    ),
    (
        "rfd",
        &["src/ui/"],
        "the library must build and run without a window",
    ),
    (
        "egui_plot",
        &["src/ui/"],
        "the library must build and run without a window",
    ),
    (
        "unicode_bidi",
        &["src/ui/", "src/export/paper/"],
        "only the window and paper lay out text",
    ),
    (
        "harfrust",
        &["src/export/paper/"],
        "only paper lays out text; egui does it for the window",
    ),
    (
        "skrifa",
        &["src/export/paper/"],
        "only paper lays out text; egui does it for the window",
    ),
    (
        "pdf_writer",
        &["src/export/paper/"],
        "PDF files have one writer, which gets texts and no amounts",
    ),
    (
        "subsetter",
        &["src/export/paper/"],
        "PDF files have one writer, which gets texts and no amounts",
    ),
    ("clap", &["src/cli/"], "only a face knows arguments"),
    (
        "anyhow",
        &["src/cli/"],
        "the library has typed errors; only a face flattens them",
    ),
    ("indicatif", &["src/cli/"], "only a face draws progress"),
    (
        "ctrlc",
        &["src/cli/"],
        "only a face catches signals; jobs look at their flag",
    ),
    (
        "rocksdb",
        &["src/workspace/", "src/catalog/merge.rs"],
        "storage has one door; the import of a catalog writes table files for it",
    ),
    (
        "polars",
        &["src/statement/cube.rs"],
        "the cube's files have one writer and one reader",
    ),
    (
        "include_dir",
        &["src/statement/layout.rs", "src/session/sample.rs"],
        "layouts and the sample have one list each",
    ),
    (
        "zip",
        &["src/statement/source.rs", "src/statement/error.rs"],
        "files are opened in one place, guarded and hashed",
    ),
    (
        "flate2",
        &["src/statement/source.rs", "src/export/paper/"],
        "files are opened in one place, guarded and hashed; PDF files are packed",
    ),
    (
        "zstd",
        &[
            "src/statement/source.rs",
            "src/statement/stored.rs",
            "src/period/kept.rs",
        ],
        "files are opened in one place, guarded and hashed; the copy of a packed file and what a closed period keeps are our own",
    ),
    (
        "csv",
        &["src/export/", "src/cli/"],
        "it writes; reading is our own, because a stray quote makes it lose rows in silence",
    ),
];

/// The only places that may use binary floating point: places on the screen and on paper are such numbers. They never hold money.
const FLOAT_PLACES: [&str; 2] = ["src/ui/", "src/export/paper/write.rs"];
/// The only file that may use RocksDB's raw iterator, because it looks at the status when the iteration ends.
const RAW_ITERATOR_FILE: &str = "src/workspace/scan.rs";
/// Calls with the only places that may make them, and why.
const CALLS: [(&str, &[&str], &str); 5] = [
    (
        "journal::record(",
        &["src/session/"],
        "what is entered into the journal changes a workspace",
    ),
    (
        "workspace.record(",
        &["src/journal/"],
        "what is entered into the journal changes a workspace",
    ),
    (
        "workspace.write(",
        &["src/catalog/"],
        "it changes a workspace",
    ),
    (
        "workspace.ingest(",
        &["src/catalog/"],
        "it changes a workspace",
    ),
    (
        ".workspace()",
        &[
            "src/contents/",
            "src/results/",
            "src/period/",
            "src/desk/",
            "src/session/",
        ],
        "a face has no business with bytes under keys",
    ),
];
/// A longer file is several files.
const MAX_LINES: usize = 1000;

/// A file of the repository, by its path from the root.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn planted(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    fn fault(&self, code: &str, offset: usize, what: impl std::fmt::Display) -> String {
        format!(
            "{}:{}: {what}",
            self.path,
            1 + code[..offset].matches('\n').count()
        )
    }

    /// The module of the library that the file belongs to.
    fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside
            .split_once('/')
            .map_or_else(|| inside.trim_end_matches(".rs"), |(module, _)| module)
    }
}

fn paths_below(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            paths.extend(paths_below(&path))
        } else {
            paths.push(path)
        }
    }
    paths.sort();
    paths
}

fn source(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let inside: Vec<_> = path
        .strip_prefix(root())
        .expect("it lies in the repository")
        .iter()
        .map(|part| part.to_string_lossy())
        .collect();
    Source {
        path: inside.join("/"),
        text,
    }
}

fn rust_sources() -> Vec<Source> {
    let paths = paths_below(&root().join("src"))
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    // A file called tests.rs is compiled for tests only; its module says so, as the compiler would warn of unused code otherwise.
    let sources: Vec<Source> = paths
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| source(&path))
        .collect();
    assert!(sources.len() > 30, "the sources were not found");
    sources
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

// ------------------------------------------------------------------------------------------------ reading Rust

/// The source with comments, texts and characters as blanks; everything else, and every line end, in its place.
fn code_of(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = literal_end(bytes, at).unwrap_or(at);
        code[at..end]
            .iter_mut()
            .filter(|byte| **byte != b'\n')
            .for_each(|byte| *byte = b' ');
        at = end.max(at + 1);
    }
    String::from_utf8(code).expect("texts are blanked whole")
}

/// Where a comment, text or character that begins here ends.
fn literal_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = &bytes[at..];
    let past = |needle: &[u8], from: usize| {
        find(bytes, needle, from).map_or(bytes.len(), |found| found + needle.len())
    };
    if rest.starts_with(b"//") {
        return Some(find(bytes, b"\n", at).unwrap_or(bytes.len()));
    }
    if rest.starts_with(b"/*") {
        return Some(past(b"*/", at + 2));
    }
    if rest.starts_with(b"r") && !follows_word(bytes, at) {
        let hashes = rest[1..].iter().take_while(|b| **b == b'#').count();
        if rest.get(1 + hashes) == Some(&b'"') {
            let closing = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
            return Some(past(&closing, at + 2 + hashes));
        }
    }
    match rest {
        [b'"', ..] => {
            let mut end = at + 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += 1 + usize::from(bytes[end] == b'\\');
            }
            Some((end + 1).min(bytes.len()))
        }
        [b'\'', b'\\', ..] => Some(past(b"'", at + 3)),
        // A quote after one character closes it; otherwise it was the name of a lifetime.
        [b'\'', first, ..] => {
            let length = if *first < 0x80 {
                1
            } else {
                first.leading_ones() as usize
            };
            (rest.get(1 + length) == Some(&b'\'')).then_some(at + 2 + length)
        }
        _ => None,
    }
}

fn find(bytes: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(needle.len())
        .position(|window| window == needle)
        .map(|found| from + found)
}

/// Whether a letter, digit or `_` stands before this place; `b` and `c` before a raw text are part of it.
fn follows_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|i| bytes[i]);
    before.is_some_and(|b| {
        is_word(b) && !(matches!(b, b'b' | b'c') && (at < 2 || !is_word(bytes[at - 2])))
    })
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The code with what is compiled only for tests as blanks.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut code = code.to_owned();
    while let Some(start) = code.find(MARK) {
        let mut depth = 0usize;
        let mut end = code.len();
        for (offset, byte) in code.bytes().enumerate().skip(start + MARK.len()) {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && matches!(byte, b'}' | b';') {
                end = offset + 1;
                break;
            }
        }
        let blank: String = code[start..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(start..end, &blank);
    }
    code
}

/// Words of the code with their places.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    code.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .filter_map(move |word| {
            let place = start;
            start += word.len()
                + code[place + word.len()..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8);
            (!word.is_empty()).then_some((place, word))
        })
}

/// First names of a path or of each path of a group: `a` of `a::b`, `a` and `c` of `{a::b, c}`.
fn first_names(path: &str) -> Vec<&str> {
    let Some(group) = path.strip_prefix('{') else {
        return words(path).take(1).map(|(_, word)| word).collect();
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0usize, 0);
    for (offset, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => {
                names.extend(words(&group[start..offset]).next().map(|(_, word)| word));
                start = offset + 1;
                if byte == b'}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

#[test]
fn comments_texts_and_tests_are_not_code() {
    let text = "let a = \"unwrap() \\\" f64\"; // f64 'x\nlet b = r#\"f64 \"quoted\" \"#; /* f64\n f64 */ let c: &'a str = 'f'; let d = ['\\'', 'é', '\"'];\nlet e = 'x';";
    let code = code_of(text);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.matches('\n').count(), text.matches('\n').count());
    let found: Vec<&str> = words(&code).map(|(_, word)| word).collect();
    assert_eq!(
        found,
        [
            "let", "a", "let", "b", "let", "c", "a", "str", "let", "d", "let", "e"
        ]
    );
    let kept = without_tests(
        "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\n#[cfg(test)]\nuse x;\nfn c() {}\n",
    );
    assert_eq!(
        kept.split_whitespace().collect::<Vec<_>>(),
        ["fn", "a()", "{}", "fn", "c()", "{}"]
    );
    assert_eq!(first_names("{a::{b, c}, d, self::e};"), ["a", "d", "self"]);
    assert_eq!(first_names("ident::Isrc;"), ["ident"]);
}

// ------------------------------------------------------------------------------------------------ layers

fn layer_faults(source: &Source) -> Vec<String> {
    let code = code_of(&source.text);
    let own = source.module();
    let allowed = LAYERS
        .iter()
        .find(|layer| layer.name == own)
        .map_or(&[][..], |layer| layer.may_use);
    let mut faults = Vec::new();
    for (offset, word) in words(&code) {
        let Some(path) = code[offset + word.len()..]
            .strip_prefix("::")
            .filter(|_| matches!(word, "crate" | "super"))
        else {
            continue;
        };
        for name in first_names(path) {
            let is_layer = LAYERS.iter().any(|layer| layer.name == name);
            // `super::name` leaves the module only when it names a layer; `crate::name` always does.
            let leaves = name != own && (is_layer || (word == "crate" && name != "super"));
            if leaves && !allowed.contains(&name) {
                let reason = LAYERS
                    .iter()
                    .find(|layer| layer.name == own)
                    .map_or("it has no row in the table of layers", |layer| layer.reason);
                faults.push(source.fault(
                    &code,
                    offset,
                    format!("{own} may not use {name}: {reason}"),
                ));
            }
        }
    }
    faults
}

fn table_faults(layers: &[Layer], modules: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        for used in layer.may_use {
            if !layers[..place].iter().any(|below| below.name == *used) {
                faults.push(format!(
                    "{} may use {used}, which does not stand before it",
                    layer.name
                ));
            }
        }
        if !modules.contains(layer.name) {
            faults.push(format!("{} has a row and no module", layer.name));
        }
    }
    let without_row = modules
        .iter()
        .filter(|module| !layers.iter().any(|layer| layer.name == module.as_str()));
    faults.extend(without_row.map(|module| format!("{module} has no row in the table of layers")));
    faults
}

fn call_faults(source: &Source) -> Vec<String> {
    let code = code_of(&source.text);
    let elsewhere = CALLS
        .iter()
        .filter(|(_, places, _)| !places.iter().any(|place| source.path.starts_with(place)));
    elsewhere
        .flat_map(|(call, places, reason)| {
            let code = &code;
            code.match_indices(call).map(move |(offset, _)| {
                let what = format!("{call}…) stands only in {places:?}: {reason}");
                source.fault(code, offset, what)
            })
        })
        .collect()
}

#[test]
fn a_workspace_is_changed_by_few_and_hidden_from_faces() {
    let sources = rust_sources();
    let of_library = sources.iter().filter(|s| s.path.starts_with("src/"));
    assert_none(&of_library.flat_map(call_faults).collect::<Vec<_>>());
}

#[test]
fn a_change_of_a_workspace_elsewhere_is_found() {
    let planted = "fn f() { journal::record(workspace, who, event)?; }";
    assert_eq!(
        call_faults(&Source::planted("src/desk/mod.rs", planted)).len(),
        1
    );
    assert_none(&call_faults(&Source::planted(
        "src/session/mod.rs",
        planted,
    )));
    let planted = "fn f() { contents.workspace().path(); }";
    assert_eq!(
        call_faults(&Source::planted("src/ui/app.rs", planted)).len(),
        1
    );
}

/// Words that names of types do not use, because a reader must guess what they mean, and what to say instead.
const DISCOURAGED: [(&str, &str); 12] = [
    ("Extras", "what is extra: ExtraFiles"),
    ("Footing", "what it does: TotalFinder"),
    ("Going", "what goes where"),
    ("Ground", "what it stands on"),
    ("Handler", "what it handles, as a verb"),
    ("Manager", "what it does"),
    ("Press", "what it writes: PageWriter"),
    ("Sheaf", "what is in it"),
    ("Shelf", "what is in it: KnownReleases"),
    ("Strand", "cells that are settled together"),
    ("Util", "what it does"),
    ("Wanted", "what is wanted: WantedRows"),
];

/// Names of types that a file gives, outside of functions and tests.
fn type_names(source: &Source) -> Vec<(usize, String)> {
    let code = without_tests(&code_of(&source.text));
    let lines = code.lines().zip(1..);
    let named = |(line, number): (&str, usize)| {
        let line = line.strip_prefix("pub").map_or(line, |rest| {
            rest.split_once(") ")
                .filter(|_| rest.starts_with('('))
                .map_or(rest, |(_, rest)| rest)
        });
        let mut words = line
            .trim_start()
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        let is_type = matches!(words.next()?, "struct" | "enum" | "trait" | "type");
        Some((number, words.next()?.to_owned())).filter(|_| is_type && !line.starts_with("    "))
    };
    lines.filter_map(named).collect()
}

fn name_faults(sources: &[Source]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut faults = Vec::new();
    for source in sources {
        for (line, name) in type_names(source) {
            let place = format!("{}:{line}", source.path);
            if let Some((_, instead)) = DISCOURAGED.iter().find(|(word, _)| name == *word) {
                faults.push(format!("{place}: {name} must be guessed; say {instead}"));
            }
            places.entry(name).or_default().push(place);
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    faults.extend(
        twice.map(|(name, places)| format!("{name} is the name of {}", places.join(" and "))),
    );
    faults
}

#[test]
fn each_type_has_a_name_of_its_own_that_says_what_it_is() {
    let sources = rust_sources();
    assert!(sources.iter().map(|s| type_names(s).len()).sum::<usize>() > 500);
    assert_none(&name_faults(&sources));
}

#[test]
fn a_name_that_is_given_twice_or_must_be_guessed_is_found() {
    let planted = [
        Source::planted("src/a.rs", "pub(crate) struct Cube;\nstruct Shelf;\n"),
        Source::planted(
            "src/b.rs",
            "pub enum Cube {}\nimpl Iterator for X {\n    type Item = u8;\n}\n",
        ),
    ];
    let faults = name_faults(&planted);
    assert_eq!(faults.len(), 2, "{faults:?}");
}

#[test]
fn modules_use_only_the_layers_they_may_use() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(layer_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_use_of_a_layer_that_is_not_allowed_is_found() {
    for text in [
        "use crate::session::Session;",
        "use crate::{ident::Isrc, session::{Session, Run}};",
        "fn f() { let _ = crate::session::Session::open; }",
        "use super::super::session::Session;",
        "use crate::nowhere::Thing;",
    ] {
        assert_eq!(
            layer_faults(&Source::planted("src/statement/plan.rs", text)).len(),
            1,
            "{text}"
        );
    }
    let good = "// crate::session\nuse crate::ident::Isrc;\nuse crate::statement::item::Field;\nuse super::layout::Layout;\npub(crate) fn f() {}";
    assert_none(&layer_faults(&Source::planted(
        "src/statement/plan.rs",
        good,
    )));
    assert_eq!(
        layer_faults(&Source::planted(
            "src/newcomer/mod.rs",
            "use crate::ident::Isrc;"
        ))
        .len(),
        1
    );
}

#[test]
fn the_table_of_layers_has_no_cycle_and_no_gap() {
    let modules = rust_sources()
        .iter()
        .map(|s| s.module().to_owned())
        .filter(|m| m != "lib" && m != "main")
        .collect();
    assert_none(&table_faults(&LAYERS, &modules));
}

#[test]
fn a_cycle_and_a_gap_in_the_table_are_found() {
    let layers = [
        Layer {
            name: "a",
            may_use: &["b"],
            reason: "",
        },
        Layer {
            name: "b",
            may_use: &["a"],
            reason: "",
        },
    ];
    let modules = ["a", "b"].map(str::to_owned).into();
    assert_eq!(table_faults(&layers, &modules).len(), 1);
    let modules = ["a", "c"].map(str::to_owned).into();
    assert_eq!(table_faults(&layers[1..], &modules).len(), 4);
}

fn crate_faults(source: &Source) -> Vec<String> {
    let code = code_of(&source.text);
    let mut faults = Vec::new();
    for (offset, word) in words(&code) {
        let Some((name, places, reason)) = CRATES.iter().find(|(name, ..)| *name == word) else {
            continue;
        };
        let begins_path =
            code[offset + word.len()..].starts_with("::") && !code[..offset].ends_with("::");
        let is_window = places.contains(&"src/ui/");
        if (begins_path || is_window) && !places.iter().any(|place| source.path.starts_with(place))
        {
            faults.push(source.fault(
                &code,
                offset,
                format!("{name} belongs to {}: {reason}", places.join(" and ")),
            ));
        }
    }
    faults
}

#[test]
fn crates_stay_where_they_belong() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(crate_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_crate_in_a_wrong_place_is_found() {
    for (path, text) in [
        ("src/session/mod.rs", "use egui::Context;"),
        ("src/session/mod.rs", "use {eframe as frame, std::fs};"),
        ("src/cli/mod.rs", "let f = rfd::FileDialog::new();"),
        ("src/session/run.rs", "use rocksdb::DB;"),
        ("src/payout/mod.rs", "fn f() -> anyhow::Result<()>"),
    ] {
        assert_eq!(
            crate_faults(&Source::planted(path, text)).len(),
            1,
            "{text}"
        );
    }
    assert_none(&crate_faults(&Source::planted(
        "src/ui/mod.rs",
        "use egui::Context;",
    )));
    assert_none(&crate_faults(&Source::planted(
        "src/catalog/mod.rs",
        "// egui\nlet csv = 1; mod x { use super::csv; }",
    )));
}

// ------------------------------------------------------------------------------------------------ words

fn float_faults(source: &Source) -> Vec<String> {
    if FLOAT_PLACES
        .iter()
        .any(|place| source.path.starts_with(place))
    {
        return Vec::new();
    }
    let code = code_of(&source.text);
    let bytes = code.as_bytes();
    let is_literal = |offset: usize, word: &str| {
        let starts =
            word.as_bytes()[0].is_ascii_digit() && (offset == 0 || bytes[offset - 1] != b'.');
        let end = offset + word.len();
        starts
            && bytes.get(end) == Some(&b'.')
            && bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
    };
    let faults = words(&code).filter(|(offset, word)| {
        word.contains("f32") || word.contains("f64") || is_literal(*offset, word)
    });
    faults
        .map(|(offset, word)| {
            source.fault(&code, offset, format!("{word} is binary floating point"))
        })
        .collect()
}

#[test]
fn there_is_no_floating_point() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(float_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn floating_point_is_found() {
    for text in [
        "let a: f64 = b;",
        "a as f32",
        "elapsed.as_secs_f64()",
        "let share = 0.5;",
    ] {
        assert_eq!(
            float_faults(&Source::planted("src/money/round.rs", text)).len(),
            1,
            "{text}"
        );
    }
    assert_none(&float_faults(&Source::planted(
        "src/ui/kit/table/mod.rs",
        "let x: f32 = 0.5;",
    )));
    assert_eq!(
        float_faults(&Source::planted(
            "src/export/paper/layout.rs",
            "let x: f32 = y;"
        ))
        .len(),
        1
    );
    assert_none(&float_faults(&Source::planted(
        "src/money/round.rs",
        "/// Never f64: \"0.5\"\nfor i in 0..2 { pair.0.1 += 1; }",
    )));
}

fn raw_iterator_faults(source: &Source) -> Vec<String> {
    let code = code_of(&source.text);
    let raw = words(&code)
        .filter(|(_, word)| word.starts_with("raw_iterator") && source.path != RAW_ITERATOR_FILE);
    raw.map(|(offset, word)| {
        source.fault(
            &code,
            offset,
            format!("{word} ends in silence at a damaged block; use workspace::Scan"),
        )
    })
    .collect()
}

#[test]
fn only_the_scan_iterates_over_the_database() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(raw_iterator_faults)
            .collect::<Vec<_>>(),
    );
    assert!(
        rust_sources()
            .iter()
            .any(|s| s.path == RAW_ITERATOR_FILE && s.text.contains("raw_iterator")),
        "{RAW_ITERATOR_FILE} has moved"
    );
}

#[test]
fn a_raw_iterator_elsewhere_is_found() {
    assert_eq!(
        raw_iterator_faults(&Source::planted(
            "src/catalog/lookup.rs",
            "let all = db.raw_iterator_cf(family);"
        ))
        .len(),
        1
    );
}

fn unwrap_faults(source: &Source) -> Vec<String> {
    let code = without_tests(&code_of(&source.text));
    let bare = words(&code).filter(|(offset, word)| {
        *word == "unwrap" && code[offset + word.len()..].starts_with("()")
    });
    bare.map(|(offset, _)| {
        source.fault(
            &code,
            offset,
            "say with expect why it holds, or pass the error on",
        )
    })
    .collect()
}

#[test]
fn nothing_is_unwrapped_without_a_reason() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(unwrap_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn an_unwrap_outside_of_tests_is_found() {
    let text = "fn f() { a.unwrap() }\n#[cfg(test)]\nmod tests { fn g() { b.unwrap() } }\nfn h() { c.unwrap_or(1); }";
    assert_eq!(
        unwrap_faults(&Source::planted("src/a.rs", text)),
        ["src/a.rs:1: say with expect why it holds, or pass the error on"]
    );
}

fn length_faults(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines > MAX_LINES {
        vec![format!(
            "{} has {lines} lines, more than {MAX_LINES}",
            source.path
        )]
    } else {
        Vec::new()
    }
}

#[test]
fn no_source_is_too_long() {
    assert_none(
        &rust_sources()
            .iter()
            .flat_map(length_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_source_that_is_too_long_is_found() {
    assert_eq!(
        length_faults(&Source::planted("src/a.rs", &"x\n".repeat(MAX_LINES + 1))).len(),
        1
    );
    assert_none(&length_faults(&Source::planted(
        "src/a.rs",
        &"x\n".repeat(MAX_LINES),
    )));
}

/// Folders of somebody's machine. They are written in two halves, so that this list does not find itself.
const MACHINE_FOLDERS: [&str; 7] = [
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/tm", "p/"),
    concat!("/mn", "t/"),
    concat!("/wo", "rk/"),
    "C:\\",
];

fn machine_path_faults(source: &Source) -> Vec<String> {
    let mut faults = Vec::new();
    for folder in MACHINE_FOLDERS {
        for (offset, _) in source.text.match_indices(folder) {
            let inside_longer_path = source.text[..offset]
                .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '.' | '}' | '_'));
            if !inside_longer_path {
                faults.push(source.fault(
                    &source.text,
                    offset,
                    format!("{folder} is a folder of one machine"),
                ));
            }
        }
    }
    faults
}

fn is_text(path: &Path) -> bool {
    path.extension()
        .is_none_or(|e| e != "ttf" && e != "otf" && e != "png")
}

#[test]
fn no_file_names_a_folder_of_one_machine() {
    let mut sources = rust_sources();
    for folder in ["assets", "packaging"] {
        sources.extend(
            paths_below(&root().join(folder))
                .iter()
                .filter(|path| is_text(path))
                .map(|path| source(path)),
        );
    }
    for name in [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "Cargo.toml",
        "clippy.toml",
    ] {
        sources.push(source(&root().join(name)));
    }
    assert_none(
        &sources
            .iter()
            .flat_map(machine_path_faults)
            .collect::<Vec<_>>(),
    );
}

#[test]
fn a_folder_of_one_machine_is_found() {
    let text = format!(
        "let path = \"{}ada/month\";\nlet url = \"https://example.org{}\";",
        MACHINE_FOLDERS[0], MACHINE_FOLDERS[0]
    );
    assert_eq!(
        machine_path_faults(&Source::planted("src/a.rs", &text)).len(),
        1
    );
}

// ------------------------------------------------------------------------------------------------ layouts and documents

/// Layout files with their ids, the shared footers left out.
fn layout_files() -> Vec<(String, Source)> {
    let paths = paths_below(&root().join("assets/formats"));
    let stem = |path: &Path| {
        path.file_stem()
            .expect("a layout file has a name")
            .to_string_lossy()
            .into_owned()
    };
    paths
        .iter()
        .map(|path| (stem(path), source(path)))
        .filter(|(id, _)| id != "common")
        .collect()
}

fn layout_fault(id: &str, source: &Source) -> Option<String> {
    match Layout::from_toml(&source.text, Path::new(&source.path)) {
        Ok(layout) if layout.id == id => None,
        Ok(layout) => Some(format!("{} has the id {}", source.path, layout.id)),
        Err(error) => Some(error.to_string()),
    }
}

#[test]
fn every_layout_file_can_be_read_and_is_named_by_its_id() {
    assert_none(
        &layout_files()
            .iter()
            .filter_map(|(id, source)| layout_fault(id, source))
            .collect::<Vec<_>>(),
    );
    let own: [&Path; 0] = [];
    let all = Layouts::load(&own).expect("the built-in layouts are sound");
    assert_eq!(
        all.layouts.len() + 1,
        layout_files().len(),
        "a layout file is not built in"
    );
    assert!(!all.common_footers.is_empty());
}

#[test]
fn a_layout_file_that_is_none_is_found() {
    let good = "id = \"a\"\nname = \"A\"\nsender = \"A\"\n[[amount]]\ncolumn = \"Net\"\ncurrency = \"EUR\"\n";
    let fault =
        |id: &str, text: &str| layout_fault(id, &Source::planted("assets/formats/a.toml", text));
    assert_eq!(fault("a", good), None);
    let bad = [
        ("b", good.to_owned()),
        ("a", good.replace("EUR", "QQQ")),
        ("a", format!("colour = 1\n{good}")),
        ("a", "id = \"a\"".to_owned()),
    ];
    for (id, text) in bad {
        assert!(fault(id, &text).is_some(), "{text}");
    }
}

/// How long a document may be: lines, and letters of a line that is no row of a table.
const DOCUMENTS: [(&str, usize, usize); 2] =
    [("README.md", 90, 130), ("ARCHITECTURE.md", 300, 100)];

fn document_faults(source: &Source, lines: usize, letters: usize) -> Vec<String> {
    let long = source.text.lines().zip(1..).filter(|(line, _)| {
        let is_free = line.starts_with('|') || line.contains("](");
        !is_free && line.chars().count() > letters
    });
    let mut faults: Vec<String> = long
        .map(|(_, number)| format!("{}:{number}: more than {letters} letters", source.path))
        .collect();
    let count = source.text.lines().count();
    if count > lines {
        faults.push(format!(
            "{} has {count} lines; {lines} are the most",
            source.path
        ));
    }
    faults
}

#[test]
fn what_is_read_first_is_short() {
    let faults = DOCUMENTS.iter().flat_map(|(name, lines, letters)| {
        document_faults(&source(&root().join(name)), *lines, *letters)
    });
    assert_none(&faults.collect::<Vec<_>>());
}

#[test]
fn a_document_that_is_too_long_is_found() {
    let planted = Source::planted(
        "README.md",
        "short\nlonger than ten\n| a row of a table |\n",
    );
    assert_eq!(document_faults(&planted, 2, 10).len(), 2);
    assert_none(&document_faults(&planted, 3, 20));
}

/// The fenced block of a document that holds this text.
fn block<'a>(document: &'a str, holding: &str) -> &'a str {
    let blocks = document
        .split("\n```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n').map(|(_, content)| content));
    blocks
        .into_iter()
        .find(|content| content.contains(holding))
        .unwrap_or_else(|| panic!("no block of the document holds {holding:?}"))
}

#[test]
fn the_layout_that_the_guide_writes_reads_the_statement_beside_it() {
    let (readme, folder) = (
        source(&root().join("assets/guide/layouts.md")).text,
        tempfile::tempdir().expect("there is a temporary folder"),
    );
    let layout = file(
        folder.path(),
        "lanternfish.toml",
        block(&readme, "id = \"lanternfish\""),
    );
    let statement = file(
        folder.path(),
        "lanternfish-2026-09.csv",
        block(&readme, "Lanternfish SKU;Shop"),
    );
    let catalog = sample_dir().join("catalog.csv").display().to_string();
    let out = folder.path().join("results").display().to_string();
    run_well(&[
        "reconcile",
        "--catalog",
        &catalog,
        "--statement",
        &statement,
        "--layout",
        &layout,
        "--out",
        &out,
        "--accept-quarantine",
    ]);
    let read = &summary(Path::new(&out))["statements"][0];
    assert_eq!(
        (
            read["layout"].as_str(),
            read["rows"].as_u64(),
            read["balanced"].as_bool()
        ),
        (Some("lanternfish"), Some(3), Some(true))
    );
    let agrees: Vec<_> = read["control_totals"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|total| total["agrees"].as_bool())
        .collect();
    assert_eq!(agrees, [Some(true), Some(true)]);
}
