//! Deciding, as Review and Duplicates do it: what is prepared shows what it would move, and waits for
//! a yes.
//!
//! Invariant: nothing is taken before it was shown what it moves.

mod keys;
mod pad;

use std::sync::Arc;

use crate::desk::open_period::KnownPeriod;
use crate::desk::{Desk, Preview};
use crate::job::Wake;
use crate::money::AmountOverflow;
use crate::review::Decision;
use crate::ui::background::Background;
use crate::ui::screens::effect::DecisionEffect;
use crate::ui::shared::Context;
pub(super) use keys::{PadKey, pad_keys};
pub(super) use pad::{PadAnswer, PadStyle};

/// Decisions that wait for a yes.
#[derive(Debug, Clone)]
pub(super) struct PreparedDecisions {
    /// What they would do, for people.
    pub title: String,
    /// The track that they assign to, if it is one.
    pub track: Option<String>,
    pub decisions: Vec<Decision>,
}

struct PreviewInput {
    desk: Arc<Desk>,
    decisions: Vec<Decision>,
}

/// What is prepared, what it would move and do to the payables, and the note that goes with it.
pub(super) struct DecisionPad {
    style: PadStyle,
    prepared: Option<PreparedDecisions>,
    /// Counts what was prepared, so that no preview is taken for that of other decisions.
    number: u64,
    previews: Background<u64, PreviewInput, Preview, AmountOverflow>,
    effect: DecisionEffect,
    note: String,
}

impl DecisionPad {
    /// Starts the threads that compute previews and effects.
    pub fn new(style: PadStyle, wake: &Wake, known: &KnownPeriod) -> Self {
        Self {
            style,
            prepared: None,
            number: 0,
            previews: Background::new("previews", wake, |_, input: PreviewInput, _| {
                input.desk.preview(&input.decisions)
            }),
            effect: DecisionEffect::new(wake, known),
            note: String::new(),
        }
    }

    /// What waits for a yes.
    pub fn prepared(&self) -> Option<&PreparedDecisions> {
        self.prepared.as_ref()
    }

    /// Prepares decisions in place of what was prepared before, and asks what they would move.
    pub fn prepare(&mut self, desk: &Arc<Desk>, prepared: PreparedDecisions) {
        self.number += 1;
        self.previews.ask(self.number, || {
            Some(PreviewInput {
                desk: Arc::clone(desk),
                decisions: prepared.decisions.clone(),
            })
        });
        self.prepared = Some(prepared);
    }

    /// Takes what other threads have answered; `what` says what was being done, if that failed.
    pub fn receive(&mut self, context: &mut Context<'_>, what: &str) {
        let answer = self.previews.receive();
        // Nobody is bothered about what is not prepared any more.
        if self.prepared.is_some() {
            context.received(what, answer);
        }
    }

    /// Asks what payees would get, if somebody wants to see it.
    pub fn ask_effect(&mut self, context: &Context<'_>) {
        let prepared = self
            .prepared
            .as_ref()
            .map(|p| (self.number, p.decisions.as_slice()));
        self.effect.ask(context, prepared);
    }

    /// The decisions with the note, once it is known what they move; nothing is prepared then.
    pub fn take(&mut self) -> Option<Vec<Decision>> {
        if !self.can_take() {
            return None;
        }
        let mut decisions = self.prepared.take()?.decisions;
        let note = std::mem::take(&mut self.note);
        if !note.is_empty() {
            for decision in &mut decisions {
                decision.note.clone_from(&note);
            }
        }
        Some(decisions)
    }

    /// Prepares nothing, and keeps the note.
    pub fn withdraw(&mut self) {
        self.prepared = None;
    }

    /// Prepares nothing, and forgets the note.
    pub fn discard(&mut self) {
        self.prepared = None;
        self.note.clear();
    }

    fn preview(&self) -> Option<&Preview> {
        self.previews
            .answer_to(&self.number)
            .map(|preview| &**preview)
    }

    fn can_take(&self) -> bool {
        self.preview()
            .is_some_and(|preview| preview.lines > 0 || self.style.takes_without_moves)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ident::Isrc;
    use crate::review::{Action, Target};

    fn pad(style: PadStyle) -> DecisionPad {
        let wake: Wake = Arc::new(|| {});
        DecisionPad::new(style, &wake, &KnownPeriod::default())
    }

    /// A decision that moves nothing: no statement reports anything.
    fn ignore() -> PreparedDecisions {
        let target = Target::Isrc {
            isrc: Isrc::parse("QZES71982312").expect("this is an ISRC"),
            dsp: None,
            upc: None,
        };
        PreparedDecisions {
            title: "Ignore".to_owned(),
            track: None,
            decisions: vec![Decision {
                target,
                action: Action::Ignore,
                note: String::new(),
            }],
        }
    }

    fn prepare_and_preview(pad: &mut DecisionPad) {
        pad.prepare(&Arc::default(), ignore());
        while pad.preview().is_none() {
            let answer = pad.previews.receive();
            assert!(answer.is_none_or(|answer| answer.is_ok()));
            std::thread::yield_now();
        }
    }

    #[test]
    fn nothing_is_taken_before_it_is_known_what_it_moves() {
        let mut pad = pad(PadStyle::RULES);
        assert!(pad.take().is_none(), "nothing is prepared");
        pad.prepare(&Arc::default(), ignore());
        assert!(pad.take().is_none(), "no preview was received");
        assert!(pad.prepared().is_some(), "it still waits");
    }

    #[test]
    fn a_rule_is_taken_with_its_note_though_it_moves_nothing_now() {
        let mut pad = pad(PadStyle::RULES);
        prepare_and_preview(&mut pad);
        pad.note = "as agreed".to_owned();
        let decisions = pad.take().expect("its preview is there");
        assert_eq!(decisions[0].note, "as agreed");
        assert!(pad.prepared().is_none() && pad.note.is_empty());
    }

    #[test]
    fn a_decision_about_lines_that_changes_nothing_is_not_taken() {
        let mut pad = pad(PadStyle::LINES);
        prepare_and_preview(&mut pad);
        assert!(pad.take().is_none());
    }

    #[test]
    fn a_preview_of_other_decisions_counts_for_nothing() {
        let mut pad = pad(PadStyle::RULES);
        prepare_and_preview(&mut pad);
        pad.prepare(&Arc::default(), ignore());
        assert!(
            pad.take().is_none(),
            "the preview is that of the decisions before"
        );
    }

    #[test]
    fn discarding_forgets_the_note_and_withdrawing_keeps_it() {
        let mut pad = pad(PadStyle::LINES);
        pad.prepare(&Arc::default(), ignore());
        pad.note = "why".to_owned();
        pad.withdraw();
        assert!(pad.prepared().is_none());
        assert_eq!(pad.note, "why");
        pad.discard();
        assert!(pad.note.is_empty());
    }
}
