//! How long the window's own work for each of the last frames took, in whole microseconds, from the beginning of its `ui` to the end.
//!
//! Laying out and painting are the window's work; tessellation, the graphics card and waiting for the screen are not, and are not counted.

use std::time::Instant;

use eframe::egui::{Align2, Area, Context, Frame, Id, Margin, Order, RichText, Stroke, vec2};

use super::theme;

/// Frames that are remembered.
const FRAMES: usize = 600;
/// What a frame may take at 60 frames a second, in microseconds.
pub const BUDGET_MICROS: u32 = 16_666;

/// The last frames.
#[derive(Debug, Clone, Default)]
pub struct FrameTimes {
    micros: Vec<u32>,
    next: usize,
    is_shown: bool,
}

/// What the last frames took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FrameSummary {
    /// How many frames were counted.
    pub frames: usize,
    /// Half of the frames took no longer.
    pub p50: u32,
    /// 95 of 100 frames took no longer.
    pub p95: u32,
    /// 99 of 100 frames took no longer.
    pub p99: u32,
    /// No frame took longer.
    pub max: u32,
}

impl FrameTimes {
    /// Counts what a closure takes.
    pub fn measure<R>(&mut self, work: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = work();
        self.end(start);
        result
    }

    /// Counts the time since the frame began.
    pub fn end(&mut self, start: Instant) {
        self.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }

    fn push(&mut self, micros: u32) {
        if self.micros.len() < FRAMES {
            self.micros.push(micros);
        } else {
            self.micros[self.next] = micros;
        }
        self.next = (self.next + 1) % FRAMES;
    }

    /// Forgets all frames, as before a measurement.
    pub fn clear(&mut self) {
        self.micros.clear();
        self.next = 0;
    }

    /// What the last frames took.
    #[must_use]
    pub fn summary(&self) -> FrameSummary {
        let mut sorted = self.micros.clone();
        sorted.sort_unstable();
        // The nearest rank: the smallest value that so many of a hundred frames do not exceed.
        let rank = |percent: usize| {
            sorted
                .get((sorted.len() * percent).div_ceil(100).saturating_sub(1))
                .copied()
                .unwrap_or(0)
        };
        FrameSummary {
            frames: sorted.len(),
            p50: rank(50),
            p95: rank(95),
            p99: rank(99),
            max: rank(100),
        }
    }

    /// Shows or hides the overlay.
    pub fn toggle(&mut self) {
        self.is_shown = !self.is_shown;
    }

    /// Shows the overlay in a corner if it was asked for. It does not ask for frames itself, so an idle window stays idle.
    pub fn overlay(&self, ctx: &Context) {
        if !self.is_shown {
            return;
        }
        let summary = self.summary();
        let area = Area::new(Id::unique("frame times"))
            .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -34.0))
            .order(Order::Foreground);
        area.interactable(false)
            .accessible_name("Frame times")
            .show(ctx, |ui| {
                let tokens = theme::tokens(ui);
                let frame = Frame::NONE
                    .fill(tokens.raised)
                    .stroke(Stroke::new(1.0, tokens.edge))
                    .corner_radius(4.0);
                frame.inner_margin(Margin::symmetric(8, 5)).show(ui, |ui| {
                    let color = if summary.p95 > BUDGET_MICROS {
                        tokens.warn
                    } else {
                        tokens.text
                    };
                    ui.label(
                        RichText::new(summary.line())
                            .font(theme::code_font().clone())
                            .color(color),
                    );
                });
            });
    }
}

impl FrameSummary {
    /// In one line, in milliseconds with two digits after the point.
    #[must_use]
    pub fn line(&self) -> String {
        let millis = |micros: u32| format!("{}.{:02}", micros / 1000, micros % 1000 / 10);
        let p50 = millis(self.p50);
        let p95 = millis(self.p95);
        let p99 = millis(self.p99);
        let max = millis(self.max);
        format!(
            "{} frames, ms: p50 {p50}  p95 {p95}  p99 {p99}  max {max}",
            self.frames
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_values_that_were_measured() {
        let mut times = FrameTimes::default();
        (1..=100).rev().for_each(|micros| times.push(micros * 10));
        assert_eq!(
            times.summary(),
            FrameSummary {
                frames: 100,
                p50: 500,
                p95: 950,
                p99: 990,
                max: 1000
            }
        );
        assert_eq!(FrameTimes::default().summary(), FrameSummary::default());
    }

    #[test]
    fn only_the_last_frames_count() {
        let mut times = FrameTimes::default();
        times.push(1_000_000);
        (0..FRAMES).for_each(|_| times.push(7));
        assert_eq!(
            times.summary(),
            FrameSummary {
                frames: FRAMES,
                p50: 7,
                p95: 7,
                p99: 7,
                max: 7
            }
        );
        times.clear();
        assert_eq!(times.summary().frames, 0);
    }

    #[test]
    fn times_are_said_in_milliseconds() {
        let summary = FrameSummary {
            frames: 3,
            p50: 412,
            p95: 5_600,
            p99: 16_007,
            max: 100_000,
        };
        assert_eq!(
            summary.line(),
            "3 frames, ms: p50 0.41  p95 5.60  p99 16.00  max 100.00"
        );
    }

    #[test]
    fn what_is_measured_comes_back() {
        let mut times = FrameTimes::default();
        assert_eq!(times.measure(|| 5), 5);
        assert_eq!(times.summary().frames, 1);
    }
}
