//! Both ways of searching against the rule, applied to every track one by one.

use std::collections::HashSet;
use std::path::PathBuf;

use proptest::prelude::*;

use super::fit::{Query, Rank, TrackWords};
use super::{
    CatalogChange, EditedTrack, Found, browse, build_word_index, codes, scan, search, words,
};
use crate::catalog::{CatalogState, Track, import, put_track};
use crate::ident::{Isrc, Upc};
use crate::job::Job;
use crate::workspace::{Entry, Workspace};

const TITLES: [&str; 12] = [
    "Café",
    "cafe noir",
    "Love",
    "Lovely",
    "Don't Go",
    "Go",
    "東京",
    "Intro",
    "Intro Love",
    "a b c",
    "Ünder",
    "Loveless",
];
const ARTISTS: [&str; 7] = ["Björk", "Love", "The Beatles", "Go", "", "Zoë Intro", "A"];

struct Label {
    workspace: Workspace,
    _folder: tempfile::TempDir,
}

impl Label {
    fn new(rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::open(&folder.path().join("w"), |_| Vec::new()).unwrap();
        let mut text = String::from(
            "track_id,isrc,upc,title,version,artist,label,release_title,catalog_number,payee,youtube_asset_id\n",
        );
        for n in 0..rows {
            let (title, artist) = (TITLES[n * 7 % TITLES.len()], ARTISTS[n * 5 % ARTISTS.len()]);
            let version = if n % 3 == 0 { "Live" } else { "" };
            let label = if n % 11 == 0 { "Love Records" } else { "Indie" };
            text.push_str(&format!("T{n:04},USX1230{n:05},08536557{n:04},{title},{version},{artist},{label},R{},C-{n},P{},A{n:04}x\n", n % 9, n % 4));
        }
        let file = folder.path().join("catalog.csv");
        std::fs::write(&file, text).unwrap();
        import(&workspace, &[file], &Job::new(1)).unwrap();
        record(
            &workspace,
            "catalog_imported",
            &serde_json::Value::Null,
            &serde_json::Value::Null,
        );
        Self {
            workspace,
            _folder: folder,
        }
    }

    fn edit(&self, track: &Track) {
        let before = put_track(&self.workspace, track).unwrap();
        record(
            &self.workspace,
            "track_edited",
            &serde_json::to_value(before).unwrap(),
            &serde_json::to_value(track).unwrap(),
        );
    }

    fn by_rule(&self, query: &Query, known: &HashSet<&str>) -> Vec<(Rank, Track)> {
        let all = browse(&self.workspace, "", usize::MAX)
            .unwrap()
            .into_iter()
            .filter(|t| !known.contains(t.id.as_str()));
        let mut ranked: Vec<(Rank, Track)> = all
            .filter_map(|t| query.rank(&TrackWords::of(&t)).map(|rank| (rank, t)))
            .collect();
        ranked.sort_by(|(a, x), (b, y)| (a, &x.id).cmp(&(b, &y.id)));
        ranked
    }

    fn check(&self, text: &str, limit: usize, known: &HashSet<&str>) {
        let query = Query::new(text);
        if query.words.is_empty() {
            return;
        }
        let want = self.by_rule(&query, known);
        let whole = want.iter().filter(|(rank, _)| rank.is_whole()).count();
        let ids: Vec<&str> = want
            .iter()
            .take(limit)
            .map(|(_, t)| t.id.as_str())
            .collect();
        let same = |found: Found, way: &str| {
            assert_eq!(
                found
                    .tracks
                    .iter()
                    .map(|t| t.id.as_str())
                    .collect::<Vec<_>>(),
                ids,
                "{way} of {text:?}"
            );
            assert_eq!(
                (found.fitting, found.total),
                (whole.min(limit), whole as u64),
                "{way} of {text:?}"
            );
            assert!(found.is_complete);
        };
        same(
            scan::search(&self.workspace, &query, limit, known, &|| false).unwrap(),
            "the scan",
        );
        same(
            words::search(&self.workspace, change_of, &query, limit, known, &|| false)
                .unwrap()
                .expect("the side file is there"),
            "the side file",
        );
    }
}

fn record(
    workspace: &Workspace,
    kind: &str,
    before: &serde_json::Value,
    after: &serde_json::Value,
) {
    let digest = CatalogState::read(workspace).unwrap().digest_hex();
    workspace
        .record(
            "test",
            kind,
            serde_json::json!({ "digest": digest, "before": before, "after": after }),
        )
        .unwrap();
}

/// Reads what `record` writes.
fn change_of(entry: &Entry) -> Option<CatalogChange> {
    let id = entry.data["after"]["id"].as_str();
    Some(CatalogChange {
        digest: entry.data["digest"].as_str()?.to_owned(),
        edited: id.map(|id| EditedTrack {
            id: id.to_owned(),
            is_new: entry.data["before"].is_null(),
        }),
    })
}

fn typed() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        (0..TITLES.len()).prop_map(|n| TITLES[n].to_owned()),
        (0..ARTISTS.len()).prop_map(|n| ARTISTS[n].to_owned()),
        Just("live".to_owned()),
        Just("love rec".to_owned()),
        Just("p1".to_owned()),
        Just("c-12".to_owned()),
        Just("xyzzy".to_owned()),
        "[a-z]{1,3}",
    ];
    prop::collection::vec(word, 1..4).prop_map(|words| words.join(" "))
}

#[test]
fn both_ways_find_what_the_rule_says() {
    let label = Label::new(700);
    assert!(build_word_index(&label.workspace, &Job::new(1)).unwrap());
    let known: HashSet<&str> = ["T0000", "T0065", "T0699"].into();
    proptest!(ProptestConfig::with_cases(300), |(text in typed(), limit in 1usize..60)| {
        label.check(&text, limit, &HashSet::new());
        label.check(&text, limit, &known);
    });
}

#[test]
fn edits_are_found_without_a_new_side_file() {
    let label = Label::new(300);
    assert!(build_word_index(&label.workspace, &Job::new(1)).unwrap());
    let changed = Track {
        title: "Quite new".into(),
        ..browse(&label.workspace, "T0100", 1).unwrap().remove(0)
    };
    label.edit(&changed);
    label.edit(&Track {
        id: "T0065b".into(),
        title: "Love".into(),
        artist: "Added".into(),
        ..Track::default()
    });
    label.edit(&Track {
        id: "A".into(),
        title: "Love new".into(),
        ..Track::default()
    });
    label.edit(&Track {
        version: "Live".into(),
        ..changed
    });
    for text in [
        "new",
        "quite new",
        "love",
        "added love",
        "intro",
        "cafe",
        "live",
    ] {
        for limit in [1, 7, 400] {
            label.check(text, limit, &HashSet::new());
            label.check(text, limit, &["T0066", "T0100", "A"].into());
        }
    }
}

#[test]
fn a_damaged_side_file_is_not_believed() {
    let label = Label::new(300);
    let job = Job::new(1);
    assert!(build_word_index(&label.workspace, &job).unwrap());
    let file = |label: &Label| -> PathBuf {
        std::fs::read_dir(label.workspace.path().join("cache"))
            .unwrap()
            .next()
            .expect("there is one")
            .unwrap()
            .path()
    };
    let whole = std::fs::read(file(&label)).unwrap();
    let query = Query::new("love");
    let look = || {
        words::search(
            &label.workspace,
            change_of,
            &query,
            50,
            &HashSet::new(),
            &|| false,
        )
        .unwrap()
    };
    let want: Vec<String> = look().unwrap().tracks.into_iter().map(|t| t.id).collect();
    let path = file(&label);
    for at in (0..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x15;
        std::fs::write(&path, &damaged).unwrap();
        // Postings of other words may be hit; whatever is answered from the file is true of the
        // tracks.
        if let Some(found) = look() {
            assert!(
                found
                    .tracks
                    .iter()
                    .all(|t| query.rank(&TrackWords::of(t)).is_some())
            );
        }
    }
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(look().is_none());
    assert!(!path.exists(), "it is removed");
    build_word_index(&label.workspace, &job).unwrap();
    assert_eq!(
        look()
            .unwrap()
            .tracks
            .into_iter()
            .map(|t| t.id)
            .collect::<Vec<_>>(),
        want
    );
}

#[test]
fn codes_are_found_by_their_beginning() {
    let label = Label::new(120);
    let ids = |text: &str| codes::of_query(&label.workspace, &Query::new(text), 500).unwrap();
    assert_eq!(ids("T0017"), ["T0017"]);
    assert_eq!(ids("T001").len(), 10);
    assert_eq!(ids("us-x12-30-00017"), ["T0017"]);
    assert_eq!(ids("USX12 30 0001").len(), 10);
    assert_eq!(ids("A0017x"), ["T0017"]);
    assert_eq!(ids("A001").len(), 10);
    let track = browse(&label.workspace, "T0017", 1).unwrap().remove(0);
    assert_eq!(track.isrc, Isrc::parse("USX123000017").ok());
    assert_eq!(
        ids(&track.upcs.first().map(Upc::to_string).unwrap()),
        ["T0017"]
    );
    let result = search(&label.workspace, change_of, "T0017", 5, &|| false).unwrap();
    assert_eq!(
        (
            result.tracks[0].id.as_str(),
            result.fitting,
            result.total_seen
        ),
        ("T0017", 1, 1)
    );
    let all = search(&label.workspace, change_of, "", 7, &|| false).unwrap();
    assert_eq!((all.tracks.len(), all.total_seen), (7, 120));
}
