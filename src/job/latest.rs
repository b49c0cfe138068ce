//! A thread that answers questions, of which only the latest counts: filters, searches, previews.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
/// Answers questions on a thread of its own. A question that waits is replaced by the next one; its answer is never given.
pub struct Latest<Q, A> {
    shared: Arc<Exchange<Q, A>>,
}

struct Exchange<Q, A> {
    state: Mutex<ExchangeState<Q, A>>,
    turn: Condvar,
}

struct ExchangeState<Q, A> {
    question: Option<Q>,
    answer: Option<A>,
    is_working: bool,
    is_closed: bool,
}

impl<Q: Send + 'static, A: Send + 'static> Latest<Q, A> {
    /// Starts the thread. `work` may look at its second argument to find out that a newer question waits; what it gives back then is
    /// passed over. `wake` is called when there is an answer.
    pub fn new(
        name: &str,
        wake: impl Fn() + Send + 'static,
        mut work: impl FnMut(Q, &dyn Fn() -> bool) -> A + Send + 'static,
    ) -> Self {
        let state = ExchangeState {
            question: None,
            answer: None,
            is_working: false,
            is_closed: false,
        };
        let shared = Arc::new(Exchange {
            state: Mutex::new(state),
            turn: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Some(question) = own.next() {
                    let is_stale = || own.is_stale();
                    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        work(question, &is_stale)
                    }));
                    own.put(answer.ok());
                    wake();
                }
            })
            .expect("the system gives a thread");
        Self { shared }
    }

    /// Asks; a question that waits for its turn is forgotten.
    pub fn ask(&self, question: Q) {
        let mut state = self.shared.state.lock();
        state.question = Some(question);
        state.answer = None;
        drop(state);
        self.shared.turn.notify_one();
    }

    /// The answer to the latest question, once.
    pub fn take(&self) -> Option<A> {
        self.shared.state.lock().answer.take()
    }

    /// Whether a question is being answered or waits.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let state = self.shared.state.lock();
        state.is_working || state.question.is_some()
    }
}

impl<Q, A> Drop for Latest<Q, A> {
    fn drop(&mut self) {
        self.shared.state.lock().is_closed = true;
        self.shared.turn.notify_one();
    }
}

impl<Q, A> Exchange<Q, A> {
    fn next(&self) -> Option<Q> {
        let mut state = self.state.lock();
        loop {
            if state.is_closed {
                return None;
            }
            if let Some(question) = state.question.take() {
                state.is_working = true;
                return Some(question);
            }
            self.turn.wait(&mut state);
        }
    }

    fn is_stale(&self) -> bool {
        let state = self.state.lock();
        state.question.is_some() || state.is_closed
    }

    fn put(&self, answer: Option<A>) {
        let mut state = self.state.lock();
        state.is_working = false;
        if state.question.is_none() {
            state.answer = answer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn only_the_latest_question_is_answered() {
        let (wake, woken) = channel();
        let (go, gate) = channel::<()>();
        let latest = Latest::new(
            "test",
            move || wake.send(()).unwrap_or_default(),
            move |n: u32, is_stale: &dyn Fn() -> bool| {
                let _ = gate.recv();
                (n, is_stale())
            },
        );
        latest.ask(1);
        while !latest.shared.state.lock().is_working {
            std::thread::yield_now();
        }
        latest.ask(2);
        latest.ask(3);
        assert!(latest.is_busy());
        go.send(()).unwrap();
        woken.recv().unwrap();
        assert_eq!(
            latest.take(),
            None,
            "the first question was out of date when it was answered"
        );
        go.send(()).unwrap();
        woken.recv().unwrap();
        assert_eq!(latest.take(), Some((3, false)));
        assert_eq!(latest.take(), None);
    }
}
