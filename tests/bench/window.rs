//! Measures the frames of the review's window on a made-up desk: what the window's own thread does while a person scrolls, types into the
//! filter and decides, and how long each keystroke and decision takes until its result is on the screen.
//!
//! `bench-window [LINES …]` (1,000,000 without any) prints a table. Frames are made without a display, as fast as they are asked for; a
//! frame's work is its layout and its shapes, as the counter behind F12 counts it. The searching goes on on its own thread at the same time,
//! on the same cores. Nothing is read; an empty workspace is made in the system's temporary folder.
#![allow(
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement, run by hand"
)]

mod made_up;

use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{
    Context as EguiContext, Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, RawInput,
    Rect, TouchPhase, pos2, vec2,
};
use ledgerline::desk::Desk;
use ledgerline::desk::open_period::KnownPeriod;
use ledgerline::job::Wake;
use ledgerline::review::{Action, Decision, Decisions, Target};
use ledgerline::session::engine::Engine;
use ledgerline::statement::layout::Layouts;
use ledgerline::ui::kit::dialogs::ScriptedDialogs;
use ledgerline::ui::kit::frame_time::{FrameSummary, FrameTimes};
use ledgerline::ui::kit::theme;
use ledgerline::ui::screens::review::ReviewScreen;
use ledgerline::ui::shared::{Context, Settings};

/// The window, in points.
const SIZE: [f32; 2] = [1920.0, 1080.0];
/// The pause between two frames of a screen with 60 Hz, while something is waited for.
const TICK: Duration = Duration::from_millis(16);

fn main() {
    let sizes: Vec<u64> = std::env::args()
        .skip(1)
        .map(|n| {
            n.replace([',', '_'], "")
                .parse()
                .expect("the arguments are numbers of lines")
        })
        .collect();
    for lines in if sizes.is_empty() {
        vec![1_000_000]
    } else {
        sizes
    } {
        measure(lines);
    }
}

struct Window {
    ctx: EguiContext,
    engine: Engine,
    wake: Wake,
    desk: Arc<Desk>,
    dialogs: ScriptedDialogs,
    settings: Settings,
    review: ReviewScreen,
    times: FrameTimes,
    began: Instant,
}

impl Window {
    fn open(folder: &std::path::Path, desk: Arc<Desk>) -> Self {
        let ctx = EguiContext::default();
        theme::apply(&ctx);
        let wake: Wake = Arc::new(|| {});
        let layouts = Layouts::load(&Vec::<std::path::PathBuf>::new())
            .expect("the built-in layouts are sound");
        let engine = Engine::open(
            folder.join("workspace"),
            layouts,
            "bench".into(),
            Arc::clone(&wake),
        );
        let review = ReviewScreen::new(&wake, &KnownPeriod::default());
        let dialogs = ScriptedDialogs::new([]);
        Self {
            ctx,
            engine,
            wake,
            desk,
            dialogs,
            settings: Settings::default(),
            review,
            times: FrameTimes::default(),
            began: Instant::now(),
        }
    }

    /// Draws a frame with these events.
    fn frame(&mut self, events: Vec<Event>) {
        let screen_rect = Some(Rect::from_min_size(pos2(0.0, 0.0), SIZE.into()));
        let input = RawInput {
            screen_rect,
            time: Some(self.began.elapsed().as_secs_f64()),
            focused: true,
            events,
            ..RawInput::default()
        };
        let mut go = Vec::new();
        let history = Arc::default();
        let (review, times) = (&mut self.review, &mut self.times);
        let mut context = Context {
            engine: &self.engine,
            desk: &self.desk,
            history: &history,
            dialogs: &mut self.dialogs,
            settings: &mut self.settings,
            go: &mut go,
            wake: &self.wake,
        };
        let output = self.ctx.run_ui(input, |ui| {
            times.measure(|| review.show_ui(ui, &mut context))
        });
        output.drop_without_applying_deltas();
    }

    fn key(&mut self, key: Key, modifiers: Modifiers) {
        for pressed in [true, false] {
            self.frame(vec![Event::Key {
                key,
                physical_key: None,
                pressed,
                repeat: false,
                modifiers,
            }]);
        }
    }

    /// Draws frames until the lines that are wanted are shown; how long that took from the first one.
    fn until_shown(&mut self, first: Vec<Event>) -> Duration {
        let start = Instant::now();
        // What is typed in one frame is asked for in the next.
        self.frame(first);
        self.frame(Vec::new());
        while self.review.is_looking() {
            std::thread::sleep(Duration::from_millis(1));
            self.frame(Vec::new());
        }
        start.elapsed()
    }

    /// The frames since the last call, as a row of the table.
    fn show(&mut self, what: &str) {
        let FrameSummary {
            frames,
            p50,
            p99,
            max,
            ..
        } = self.times.summary();
        let millis = |micros: u32| format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10);
        println!(
            "| {what} | {frames} | {} | {} | {} |",
            millis(p50),
            millis(p99),
            millis(max)
        );
        self.times.clear();
    }
}

fn show_waits(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let millis =
        |wait: Duration| format!("{}.{} ms", wait.as_millis(), wait.as_micros() % 1000 / 100);
    println!(
        "| {what} | {} | {} | | {} |",
        waits.len(),
        millis(waits[waits.len() / 2]),
        millis(waits[waits.len() - 1])
    );
}

fn measure(lines: u64) {
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    let statements = made_up::statements(lines);
    let desk = made_up::desk(&statements);
    let mut window = Window::open(folder.path(), Arc::new(desk));
    println!(
        "\n| {} lines | frames | median | 99 of 100 | slowest |\n| --- | ---: | ---: | ---: | ---: |",
        made_up::STATEMENTS * (lines / made_up::STATEMENTS)
    );
    // Fonts are laid out for the first time.
    window.frame(Vec::new());
    window.show("the first frame");
    window.until_shown(Vec::new());
    window.show("frames while the search is prepared");
    // The facets follow.
    for _ in 0..120 {
        window.frame(Vec::new());
        std::thread::sleep(TICK);
    }
    window.times.clear();
    let middle = Event::PointerMoved(pos2(700.0, 500.0));
    window.frame(vec![middle]);
    for _ in 0..400 {
        let wheel = Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, -480.0),
            source: MouseWheelSource::Wheel,
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
        };
        window.frame(vec![wheel]);
    }
    window.show("frames while scrolling by the wheel");
    for key in [Key::End, Key::Home].repeat(40) {
        window.key(key, Modifiers::NONE);
        std::thread::sleep(TICK);
        window.frame(Vec::new());
    }
    window.show("frames while jumping to the last row and back");
    window.key(Key::F, Modifiers::COMMAND);
    window.frame(Vec::new());
    let mut waits = Vec::new();
    for letter in "moon river glass".chars() {
        waits.push(window.until_shown(vec![Event::Text(letter.to_string())]));
    }
    for _ in 0..16 {
        let delete = |pressed| Event::Key {
            key: Key::Backspace,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: Modifiers::NONE,
        };
        waits.push(window.until_shown(vec![delete(true), delete(false)]));
    }
    window.show("frames while typing into the filter");
    show_waits("a keystroke until its lines are shown", waits);
    decide(&mut window);
}

/// Decisions as the desk's thread takes them, until the review shows them.
fn decide(window: &mut Window) {
    let tracks = made_up::tracks();
    let mut decisions = Decisions::default();
    let mut waits = Vec::new();
    for n in 0..20u32 {
        let item = window
            .desk
            .lines()
            .code(n * 7919 % u32::try_from(window.desk.lines().len()).unwrap_or(u32::MAX));
        let decision = Decision {
            target: Target::Item { item, dsp: None },
            action: Action::Assign {
                track: "HQ-1".into(),
            },
            note: String::new(),
        };
        decisions.apply(&decision, u64::from(n) + 1);
        let start = Instant::now();
        window.desk = Arc::new(
            window
                .desk
                .with_decisions(decisions.clone(), &tracks, &[decision.target])
                .expect("the sums fit"),
        );
        window.until_shown(Vec::new());
        waits.push(start.elapsed());
    }
    window.show("frames while decisions are taken");
    show_waits("a decision until totals and lines are shown", waits);
}
