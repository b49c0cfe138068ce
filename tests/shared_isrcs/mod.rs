//! Rules that settle ISRCs which several tracks share: they do what their preview says, go before the cascade, and clearing undoes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledgerline::desk::duplicates::{
    DuplicateDetail, ListFilter, RuleClause, SortBy, State, clear_decisions, currencies_of,
    duplicate_detail, duplicates_of, leave_decisions, listed, rule_decisions,
};
use ledgerline::desk::track_money::track_money;
use ledgerline::desk::{Desk, LineId, LineSum};
use ledgerline::ident::{Currency, Isrc};
use ledgerline::matching::Status;
use ledgerline::review::Decision;
use ledgerline::session::engine::{ChangeCommand, Event, JobCommand};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::desk::Opened;

fn opened() -> (tempfile::TempDir, Opened) {
    let folder = tempfile::tempdir().unwrap();
    let opened = Opened::new(&folder.path().join("workspace"));
    opened.import_sample();
    (folder, opened)
}

fn decide(opened: &Opened, decisions: Vec<Decision>) {
    opened.engine.send(ChangeCommand::Decide(decisions));
    opened.wait(|e| matches!(e, Event::Decided { .. }));
}

fn shared(opened: &Opened) -> Vec<Isrc> {
    let session = opened.engine.contents().unwrap();
    session
        .shared_isrcs(&|| false)
        .unwrap()
        .unwrap()
        .into_iter()
        .map(|(isrc, _)| isrc)
        .collect()
}

fn detail(opened: &Opened, isrc: Isrc) -> DuplicateDetail {
    duplicate_detail(&opened.engine.contents().unwrap(), &opened.desk(), isrc).unwrap()
}

fn state(opened: &Opened, isrc: Isrc) -> State {
    duplicates_of(&opened.desk(), &[(isrc, 2)], &|| false)
        .unwrap()
        .unwrap()[0]
        .state
}

/// What became of every line: its status and tracks.
fn outcomes(desk: &Desk) -> Vec<(Status, Vec<String>)> {
    let of = |line: LineId| {
        (
            desk.status(line),
            desk.track_ids(line)
                .into_iter()
                .map(str::to_owned)
                .collect(),
        )
    };
    (0..desk.lines().len() as LineId).map(of).collect()
}

type Moved = BTreeMap<(Currency, Status, Status), LineSum>;

/// What moved between two desks, added up the slow way.
fn moved(before: &Desk, after: &Desk) -> Moved {
    let mut all = Moved::new();
    for (line, (old, new)) in outcomes(before)
        .into_iter()
        .zip(outcomes(after))
        .enumerate()
    {
        let changes_track = new.0 == Status::Matched && old.1 != new.1;
        if old.0 != new.0 || changes_track {
            let key = (before.lines().currency(line as LineId), old.0, new.0);
            all.entry(key)
                .or_default()
                .add(before.lines().sum(line as LineId))
                .unwrap();
        }
    }
    all
}

/// The clause that holds for a line: the narrowest that fits.
fn holding<'a>(desk: &Desk, line: LineId, clauses: &'a [RuleClause]) -> Option<&'a RuleClause> {
    let fits = |c: &&RuleClause| {
        c.dsp.as_deref().is_none_or(|d| d == desk.lines().dsp(line))
            && c.upc.is_none_or(|u| desk.upc(line) == Some(u))
    };
    clauses
        .iter()
        .filter(fits)
        .min_by_key(|c| (c.upc.is_none(), c.dsp.is_none()))
}

/// Clauses from numbers: any mix of DSPs, release codes and tracks of an ISRC.
fn clauses(detail: &DuplicateDetail, choices: &[(usize, usize, usize)]) -> Vec<RuleClause> {
    let mut all: Vec<RuleClause> = Vec::new();
    for (dsp, upc, track) in choices {
        let clause = RuleClause {
            dsp: detail.dsps.get(dsp % (detail.dsps.len() + 1)).cloned(),
            upc: detail.upcs.get(upc % (detail.upcs.len() + 1)).copied(),
            track: detail
                .tracks
                .get(track % (detail.tracks.len() + 1))
                .map(|t| t.id.clone()),
        };
        if all
            .iter()
            .all(|c| (&c.dsp, c.upc) != (&clause.dsp, clause.upc))
        {
            all.push(clause);
        }
    }
    all
}

#[test]
fn a_rule_assigns_what_it_previews_and_clearing_restores() {
    let (_folder, opened) = opened();
    let isrcs = shared(&opened);
    let untouched = outcomes(&opened.desk());
    let totals = opened.desk().totals().clone();
    let cases = (
        any::<prop::sample::Index>(),
        prop::collection::vec((0usize..9, 0usize..9, 0usize..9), 1..5),
    );
    let mut runner = TestRunner::new(Config::with_cases(40));
    let run = runner.run(&cases, |(place, choices)| {
        let isrc = isrcs[place.index(isrcs.len())];
        let clauses = clauses(&detail(&opened, isrc), &choices);
        let before = opened.desk();
        let Ok(decisions) = rule_decisions(&before, isrc, &clauses, "") else {
            return Ok(());
        };
        let preview = before.preview(&decisions).unwrap();
        decide(&opened, decisions);
        let after = opened.desk();
        let previewed: Moved = preview
            .moves
            .iter()
            .map(|m| ((m.currency, m.from, m.to), m.sum))
            .collect();
        prop_assert_eq!(previewed, moved(&before, &after));
        for line in after.lines().of_isrc(isrc) {
            match holding(&after, line, &clauses).and_then(|c| c.track.as_deref()) {
                Some(track) => prop_assert_eq!(after.track_ids(line), [track]),
                None => prop_assert_eq!(after.why(line), after.lines().base_why(line)),
            }
        }
        let cleared = clear_decisions(&after, isrc, "");
        prop_assert!(!cleared.is_empty());
        decide(&opened, cleared);
        prop_assert!(
            outcomes(&opened.desk()) == untouched,
            "clearing gives back what was there"
        );
        let after = opened.desk();
        prop_assert_eq!(after.totals(), &totals);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn a_rule_goes_before_a_cascade_that_told_the_tracks_apart() {
    let (_folder, opened) = opened();
    let is_told_apart = |isrc: &Isrc| state(&opened, *isrc) == State::ToldApart;
    let isrc = shared(&opened)
        .into_iter()
        .find(is_told_apart)
        .expect("the sample has one");
    let desk = opened.desk();
    let line = desk.lines().of_isrc(isrc).next().unwrap();
    let found = desk.track_ids(line)[0].to_owned();
    let detail = detail(&opened, isrc);
    let other = detail
        .tracks
        .iter()
        .find(|t| t.id != found)
        .expect("several tracks share it")
        .id
        .clone();
    let rule = [RuleClause {
        track: Some(other.clone()),
        ..RuleClause::default()
    }];
    decide(
        &opened,
        rule_decisions(&desk, isrc, &rule, "the cascade is wrong").unwrap(),
    );
    assert!(
        opened
            .desk()
            .lines()
            .of_isrc(isrc)
            .all(|line| opened.desk().track_ids(line) == [other.as_str()])
    );
    assert_eq!(state(&opened, isrc), State::Settled);
    assert_eq!(self::detail(&opened, isrc).rule, rule);
}

#[test]
fn what_is_left_on_purpose_is_no_longer_open() {
    let (_folder, opened) = opened();
    let isrc = shared(&opened)
        .into_iter()
        .find(|i| state(&opened, *i) == State::Open)
        .expect("the sample has one");
    let before = outcomes(&opened.desk());
    decide(
        &opened,
        leave_decisions(&opened.desk(), isrc, "both are ours"),
    );
    assert_eq!(state(&opened, isrc), State::Left);
    assert!(outcomes(&opened.desk()) == before);
    decide(&opened, clear_decisions(&opened.desk(), isrc, ""));
    assert_eq!(state(&opened, isrc), State::Open);
}

#[test]
fn correcting_the_code_of_a_track_tells_them_apart() {
    let (_folder, opened) = opened();
    let isrc = shared(&opened)
        .into_iter()
        .find(|i| state(&opened, *i) == State::Open && detail(&opened, *i).tracks.len() == 2)
        .unwrap();
    let mut track = detail(&opened, isrc).tracks.remove(0);
    track.isrc = Isrc::parse("QZ9999900001").ok();
    opened
        .engine
        .send(JobCommand::EditTrack(Box::new(track.clone())));
    opened.wait(|e| matches!(e, Event::TrackEdited(_)));
    assert!(!shared(&opened).contains(&isrc));
    assert!(
        opened
            .desk()
            .lines()
            .of_isrc(isrc)
            .all(|line| opened.desk().status(line) == Status::Matched)
    );
    let session = opened.engine.contents().unwrap();
    assert_eq!(session.track(&track.id).unwrap(), Some(track));
}

#[test]
fn the_list_has_every_shared_isrc_with_its_money() {
    let (_folder, opened) = opened();
    let (session, desk) = (opened.engine.contents().unwrap(), opened.desk());
    let mut slow = Vec::new();
    session
        .shared_tracks(|s| slow.push((s.isrc, s.tracks.len() as u32)))
        .unwrap();
    let counted = session.shared_isrcs(&|| false).unwrap().unwrap();
    assert_eq!(counted, slow);
    let all = duplicates_of(&desk, &counted, &|| false).unwrap().unwrap();
    for each in &all {
        let mut sums: BTreeMap<Currency, LineSum> = BTreeMap::new();
        for line in
            (0..desk.lines().len() as LineId).filter(|line| desk.isrc(*line) == Some(each.isrc))
        {
            sums.entry(desk.lines().currency(line))
                .or_default()
                .add(desk.lines().sum(line))
                .unwrap();
        }
        assert_eq!(each.sums, sums.into_iter().collect::<Vec<_>>());
        assert_eq!(each.state == State::NotReported, each.line.is_none());
    }
    let currency = currencies_of(&all)[0];
    let most: Vec<u128> = listed(
        &desk,
        &all,
        &ListFilter::default(),
        SortBy::Money(currency),
        false,
    )
    .into_iter()
    .map(|place| all[place as usize].sum(currency).amount.magnitude().units())
    .collect();
    assert!(most.is_sorted_by(|a, b| a >= b) && most.len() == all.len());
    let one = ListFilter {
        state: None,
        text: all[3].isrc.to_string().to_lowercase(),
    };
    assert_eq!(listed(&desk, &all, &one, SortBy::Isrc, false), [3]);
    assert!(duplicates_of(&desk, &counted, &|| true).unwrap().is_none());
}

#[test]
fn the_money_of_a_track_is_that_of_its_lines() {
    let (_folder, opened) = opened();
    let desk: Arc<Desk> = opened.desk();
    let matched = (0..desk.lines().len() as LineId)
        .find(|line| desk.status(*line) == Status::Matched)
        .unwrap();
    let id = desk.track_ids(matched)[0].to_owned();
    let money = track_money(&desk, &id, &|| false).unwrap().unwrap();
    let mut slow: BTreeMap<Currency, LineSum> = BTreeMap::new();
    for line in (0..desk.lines().len() as LineId)
        .filter(|l| desk.status(*l) == Status::Matched && desk.track_ids(*l) == [id.as_str()])
    {
        slow.entry(desk.lines().currency(line))
            .or_default()
            .add(desk.lines().sum(line))
            .unwrap();
    }
    for by in [
        money
            .periods
            .iter()
            .map(|(_, c, s)| (*c, *s))
            .collect::<Vec<_>>(),
        money.dsps.iter().map(|(_, c, s)| (*c, *s)).collect(),
    ] {
        let mut sums: BTreeMap<Currency, LineSum> = BTreeMap::new();
        by.iter()
            .for_each(|(currency, sum)| sums.entry(*currency).or_default().add(sum).unwrap());
        assert_eq!(sums, slow);
    }
}
