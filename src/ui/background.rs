//! Asks in the background, and shows the old answer until the new one is there.
//!
//! Invariants: nothing is asked twice in a row; only the latest question is answered; an answer is
//! kept with the key of its question until the next answer comes or it is forgotten.

use std::sync::Arc;

use crate::job::Latest;

/// Questions to a thread of their own. The key `K` says what an answer depends on and is compared;
/// the input `I` is what the thread needs besides (a desk, a handle to the workspace) and is not.
pub struct Background<K, I, A, E = String> {
    thread: Latest<(K, I), Result<A, E>>,
    asked: Option<K>,
    answer: Option<(K, Arc<A>)>,
}

/// An answer that has just come.
pub struct Arrived<A> {
    /// What is shown from now on.
    pub answer: Arc<A>,
    /// What was shown until now; `None` if nothing was.
    pub previous: Option<Arc<A>>,
}

impl<K, I, A, E> Background<K, I, A, E>
where
    K: Clone + PartialEq + Send + 'static,
    I: Send + 'static,
    A: Send + 'static,
    E: Send + 'static,
{
    /// Starts the thread. `work` may look at its last argument to find out that a newer question
    /// waits; what it gives back then is passed over. `wake` is called when there is an answer.
    #[must_use]
    pub fn new(
        name: &str,
        wake: &Arc<dyn Fn() + Send + Sync>,
        mut work: impl FnMut(K, I, &dyn Fn() -> bool) -> Result<A, E> + Send + 'static,
    ) -> Self {
        let wake = Arc::clone(wake);
        Self {
            thread: Latest::new(
                name,
                move || wake(),
                move |(key, input): (K, I), is_stale: &dyn Fn() -> bool| work(key, input, is_stale),
            ),
            asked: None,
            answer: None,
        }
    }

    /// Asks, unless this was asked last. Where there is no input yet, it is tried again next time.
    pub fn ask(&mut self, key: K, input: impl FnOnce() -> Option<I>) {
        if self.asked.as_ref() == Some(&key) {
            return;
        }
        if let Some(input) = input() {
            self.thread.ask((key.clone(), input));
            self.asked = Some(key);
        }
    }

    /// What has come since the last call. A failure leaves the old answer in its place.
    pub fn receive(&mut self) -> Option<Result<Arrived<A>, E>> {
        let answer = match self.thread.take()? {
            Ok(answer) => Arc::new(answer),
            Err(error) => return Some(Err(error)),
        };
        // The thread gives no answer to any question but the latest, so this is its key.
        let key = self.asked.clone().expect("an answer follows a question");
        let previous = self.answer.replace((key, Arc::clone(&answer)));
        Some(Ok(Arrived {
            answer,
            previous: previous.map(|(_, answer)| answer),
        }))
    }

    /// The last answer, which may be older than the last question.
    #[must_use]
    pub fn answer(&self) -> Option<&Arc<A>> {
        self.answer.as_ref().map(|(_, answer)| answer)
    }

    /// The last answer, if it belongs to this key.
    #[must_use]
    pub fn answer_to(&self, key: &K) -> Option<&Arc<A>> {
        let (of, answer) = self.answer.as_ref()?;
        (of == key).then_some(answer)
    }

    /// The key of the last question.
    #[must_use]
    pub fn asked(&self) -> Option<&K> {
        self.asked.as_ref()
    }

    /// The key of the question that [`Self::answer`] belongs to.
    #[must_use]
    pub fn answered(&self) -> Option<&K> {
        self.answer.as_ref().map(|(key, _)| key)
    }

    /// Shows nothing until the next answer comes. The last question is not asked again for this.
    pub fn forget_answer(&mut self) {
        self.answer = None;
    }

    /// Whether a question is being answered or waits.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.thread.is_busy()
    }
}

/// Why there is no answer.
pub enum Unanswered<E> {
    /// The work was given up, because nobody waited for it any more.
    Stale,
    /// The work failed.
    Failed(E),
}

impl<E> Unanswered<E> {
    /// What work came to that gives nothing back when it is given up.
    pub fn unless_given_up<A>(outcome: Result<Option<A>, E>) -> Result<A, Self> {
        match outcome {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(Self::Stale),
            Err(error) => Err(Self::Failed(error)),
        }
    }

    /// An answer without those that were given up.
    pub fn failures<A>(answer: Result<A, Self>) -> Option<Result<A, E>> {
        match answer {
            Ok(answer) => Some(Ok(answer)),
            Err(Self::Failed(error)) => Some(Err(error)),
            Err(Self::Stale) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Answers a number with its double, and fails at zero; each answer waits to be let go.
    struct Doubling {
        background: Background<u32, (), u32>,
        gate: Sender<()>,
        woken: Receiver<()>,
    }

    impl Doubling {
        fn new() -> Self {
            let (gate, wait) = channel();
            let (wake, woken) = channel();
            let wake: Arc<dyn Fn() + Send + Sync> =
                Arc::new(move || wake.send(()).unwrap_or_default());
            let work = move |n: u32, (): (), _: &dyn Fn() -> bool| {
                wait.recv().unwrap();
                if n == 0 {
                    Err("zero".to_owned())
                } else {
                    Ok(n * 2)
                }
            };
            Self {
                background: Background::new("doubling", &wake, work),
                gate,
                woken,
            }
        }

        fn let_one_go(&self) {
            self.gate.send(()).unwrap();
            self.woken.recv().unwrap();
        }

        fn shown(&self) -> Option<u32> {
            self.background.answer().map(|answer| **answer)
        }
    }

    #[test]
    fn the_old_answer_is_shown_until_the_new_one_is_there() {
        let mut doubling = Doubling::new();
        assert_eq!(doubling.shown(), None);
        doubling.background.ask(1, || Some(()));
        doubling.let_one_go();
        let first = doubling.background.receive().unwrap().unwrap();
        assert_eq!((*first.answer, first.previous), (2, None));
        doubling.background.ask(2, || Some(()));
        assert!(doubling.background.receive().is_none());
        assert_eq!(doubling.shown(), Some(2));
        assert_eq!(doubling.background.answered(), Some(&1));
        assert_eq!(doubling.background.answer_to(&2), None);
        doubling.let_one_go();
        let second = doubling.background.receive().unwrap().unwrap();
        assert_eq!((*second.answer, second.previous.as_deref()), (4, Some(&2)));
        assert_eq!(doubling.background.answer_to(&2).map(|a| **a), Some(4));
        assert!(
            doubling.background.receive().is_none(),
            "an answer comes once"
        );
    }

    #[test]
    fn nothing_is_asked_twice_in_a_row_nor_without_input() {
        let mut doubling = Doubling::new();
        doubling.background.ask(1, || None);
        assert_eq!(doubling.background.asked(), None);
        doubling.background.ask(1, || Some(()));
        doubling
            .background
            .ask(1, || panic!("it was asked already"));
        assert_eq!(doubling.background.asked(), Some(&1));
        doubling.let_one_go();
    }

    #[test]
    fn what_was_given_up_is_no_failure() {
        let seen = |outcome: Result<Option<u32>, String>| {
            Unanswered::failures(Unanswered::unless_given_up(outcome))
        };
        assert_eq!(seen(Ok(None)), None);
        assert_eq!(seen(Ok(Some(1))), Some(Ok(1)));
        assert_eq!(
            seen(Err("broken".to_owned())),
            Some(Err("broken".to_owned()))
        );
    }

    #[test]
    fn a_failure_leaves_the_old_answer() {
        let mut doubling = Doubling::new();
        doubling.background.ask(1, || Some(()));
        doubling.let_one_go();
        assert!(doubling.background.receive().is_some());
        doubling.background.ask(0, || Some(()));
        doubling.let_one_go();
        let failure = doubling.background.receive().unwrap().err();
        assert_eq!(failure.as_deref(), Some("zero"));
        assert_eq!(doubling.shown(), Some(2));
        doubling.background.forget_answer();
        assert_eq!(doubling.shown(), None);
    }
}
