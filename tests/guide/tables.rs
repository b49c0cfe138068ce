//! The tables of the guide that the code knows.

use clap::{Arg, Command};
use ledgerline::account::PayoutProfile;
use ledgerline::desk::query;
use ledgerline::export;
use ledgerline::matching::Why;
use ledgerline::period::CORRECTION_COLUMNS;
use ledgerline::results::payout_profiles;
use ledgerline::statement::layout::{Layout, Layouts};
use ledgerline::statement::quarantine::Reason;
use ledgerline::terms::BALANCE_COLUMNS;
use ledgerline::terms::language::{Clause, RecordKind};

use crate::support::root;

/// A table with a line of titles.
fn rows<const N: usize>(titles: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&titles.map(str::to_owned));
    text.push_str(&"|---".repeat(N));
    text.push_str("|\n");
    rows.into_iter()
        .for_each(|cells| text.push_str(&line(&cells)));
    text
}

fn code(text: impl std::fmt::Display) -> String {
    format!("`{text}`")
}

fn codes<T: std::fmt::Display>(texts: impl IntoIterator<Item = T>) -> String {
    let all: Vec<String> = texts.into_iter().map(code).collect();
    all.join(", ")
}

/// The rows of the table of a name.
pub fn table(name: &str) -> String {
    match name {
        "keys" => keys(),
        "filter" => rows(
            ["Field", "Example", "What it finds"],
            query::help().map(|h| {
                let example = h.example.replace('|', "\\|");
                [code(h.field.name()), code(example), h.meaning.to_owned()]
            }),
        ),
        "matching" => rows(
            ["Reason", "Status", "In a sentence"],
            Why::ALL.iter().map(|why| {
                let status = why.status().code().to_owned();
                [code(why.code()), status, why.sentence().to_owned()]
            }),
        ),
        "quarantine" => rows(
            ["Reason", "What is wrong"],
            Reason::ALL.map(|r| [code(r.code()), r.meaning().to_owned()]),
        ),
        "layouts" => layouts(),
        "catalog-columns" => catalog_columns(),
        "records" => rows(
            ["Record", "Keys"],
            RecordKind::all().map(|kind| {
                [
                    record(kind),
                    codes(kind.keys().iter().map(|k| k.key.word())),
                ]
            }),
        ),
        "profiles" => profiles(),
        "payout-profiles" => rows(
            ["Profile", "What it is"],
            shipped_profiles()
                .into_iter()
                .map(|p| [code(&p.name), p.about]),
        ),
        "settlement-columns" => settlement_columns(),
        "commands" => commands(),
        "options" => options(),
        _ => panic!("there is no table {name:?}"),
    }
}

fn record(kind: RecordKind) -> String {
    match kind {
        RecordKind::Clause(clause) => code(format!("contract.{}", Clause::word(clause))),
        other => code(other.word()),
    }
}

fn shipped_profiles() -> Vec<PayoutProfile> {
    let names = ["payables", "sepa", "paypal"].map(str::to_owned);
    payout_profiles(&names, &[]).unwrap()
}

fn currency_of(layout: &Layout) -> &'static str {
    let is_asked =
        |a: &ledgerline::statement::layout::AmountColumn| a.currency.as_deref() == Some("ask");
    let asked = layout.amount.iter().filter(|a| is_asked(a)).count();
    if layout.not_income.is_some() {
        "–"
    } else if asked == layout.amount.len() {
        "in the name of the column, or `--currency`"
    } else if asked > 0 {
        "in the file; `--currency` for some editions"
    } else {
        "in the file"
    }
}

fn layouts() -> String {
    let own: [&std::path::Path; 0] = [];
    let all = Layouts::load(&own).unwrap();
    let mut layouts: Vec<&Layout> = all.layouts.iter().collect();
    layouts.sort_by(|a, b| a.id.cmp(&b.id));
    let row = |layout: &&Layout| {
        let note = match &layout.not_income {
            Some(_) => "known and refused, because it is not income",
            None if layout.columns.isrc.is_empty() => "works or releases, no ISRC",
            None => "",
        };
        [
            code(&layout.id),
            layout.name.clone(),
            currency_of(layout).to_owned(),
            note.to_owned(),
        ]
    };
    rows(
        ["Layout", "What it is", "Its currency", "Note"],
        layouts.iter().map(row),
    )
}

/// What the columns of a catalog are about, by their name in `assets/catalog.toml`.
const FACTS: [(&str, &str); 18] = [
    ("track_id", "The label's own id of the track"),
    ("isrc", "ISRC"),
    (
        "upc",
        "UPC or EAN of each release it is on; several with `;`",
    ),
    ("title", "Title"),
    ("version", "Version, where it is not in the title"),
    ("artist", "Artist"),
    ("label", "Label"),
    (
        "duration",
        "Duration: `215`, `215.5`, `3:35`, `1:02:03` or `PT3M35S`",
    ),
    ("release_title", "Title of the release"),
    ("catalog_number", "Catalog number"),
    ("payee", "Who is paid"),
    (
        "track_number",
        "Number on the release; only used to make ids",
    ),
    ("apple", "Id at Apple; several with `;`"),
    ("spotify", "Id at Spotify; several with `;`"),
    ("youtube", "Id at YouTube; several with `;`"),
    ("deezer", "Id at Deezer; several with `;`"),
    ("soundcloud", "Id at SoundCloud; several with `;`"),
    ("tiktok", "Id at TikTok; several with `;`"),
];

fn catalog_columns() -> String {
    let text = std::fs::read_to_string(root().join("assets/catalog.toml")).unwrap();
    let names: toml::Table = text.parse().unwrap();
    let dsp_ids = names["dsp_ids"].as_table().unwrap();
    let count = names.len() - 1 + dsp_ids.len();
    assert_eq!(count, FACTS.len(), "a kind of column has no description");
    let row = |(field, fact): (&str, &str)| {
        let names = names.get(field).unwrap_or_else(|| &dsp_ids[field]);
        let names = names
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_str().unwrap());
        [fact.to_owned(), codes(names)]
    };
    rows(["Fact", "Names of the column"], FACTS.map(row))
}

fn profiles() -> String {
    let text = std::fs::read_to_string(root().join("assets/profiles.toml")).unwrap();
    let profiles: toml::Table = text.parse().unwrap();
    let row = |profile: &toml::Value| {
        let steps = profile["steps"].as_array().unwrap();
        [
            code(profile["name"].as_str().unwrap()),
            profile["about"].as_str().unwrap().to_owned(),
            steps
                .iter()
                .map(|s| s.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(", "),
        ]
    };
    rows(
        ["Profile", "What it is for", "Steps"],
        profiles["profile"].as_array().unwrap().iter().map(row),
    )
}

fn settlement_columns() -> String {
    let files: [(&str, &[&str]); 7] = [
        ("postings.csv", &export::POSTING_COLUMNS),
        ("journal.csv", &export::JOURNAL_COLUMNS),
        ("payables.csv", &export::PAYABLE_COLUMNS),
        ("balances.csv", &BALANCE_COLUMNS),
        ("corrections.csv", &CORRECTION_COLUMNS),
        ("statements/PAYEE.csv", &export::STATEMENT_COLUMNS),
        ("statements/index.csv", &export::INDEX_COLUMNS),
    ];
    rows(
        ["File", "Columns"],
        files.map(|(file, columns)| [file.to_owned(), columns.join(", ")]),
    )
}

fn commands() -> String {
    let program = ledgerline::cli::program();
    let mut found = Vec::new();
    for command in program.get_subcommands() {
        let own: Vec<&Command> = command.get_subcommands().collect();
        if own.is_empty() {
            found.push([code(command.get_name()), about(command)]);
        }
        for sub in own {
            found.push([
                code(format!("{} {}", command.get_name(), sub.get_name())),
                about(sub),
            ]);
        }
    }
    rows(["Command", "What it does"], found)
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn options() -> String {
    let program = ledgerline::cli::program();
    let reconcile = program.find_subcommand("reconcile").unwrap();
    let shown = reconcile
        .get_arguments()
        .filter(|a| !a.is_hide_set() && a.get_id() != "help");
    rows(["Option", "Meaning"], shown.map(option))
}

fn option(arg: &Arg) -> [String; 2] {
    let values: Vec<String> = arg
        .get_value_names()
        .filter(|_| arg.get_action().takes_values())
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect();
    let choices: Vec<String> = arg
        .get_possible_values()
        .iter()
        .filter(|_| arg.get_action().takes_values())
        .map(|v| v.get_name().to_owned())
        .collect();
    let value = if choices.is_empty() {
        values.join(" ")
    } else {
        choices.join("\\|")
    };
    let name = format!("--{} {value}", arg.get_long().unwrap_or_default());
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    [code(name.trim_end()), help]
}

#[cfg(feature = "gui")]
fn keys() -> String {
    use ledgerline::ui::commands::{ALL, ON_SCREENS};
    let ctx = eframe::egui::Context::default();
    let of_window = ALL.iter().filter_map(|command| {
        let keys = ctx.format_shortcut(&command.shortcut?);
        Some([
            "everywhere".to_owned(),
            command.name.trim_end_matches('…').to_owned(),
            keys,
        ])
    });
    let on_screens = ON_SCREENS
        .iter()
        .map(|(screen, what, keys)| [(*screen).to_owned(), (*what).to_owned(), (*keys).to_owned()]);
    rows(["Where", "What", "Keys"], of_window.chain(on_screens))
}

/// Without the window there are no keys to compare with: what is written stays.
#[cfg(not(feature = "gui"))]
fn keys() -> String {
    let text = ledgerline::guide::chapter("window").unwrap().text;
    let (_, behind) = text.split_once("<!-- table: keys -->\n").unwrap();
    behind.split_once("<!-- end -->").unwrap().0.to_owned()
}
