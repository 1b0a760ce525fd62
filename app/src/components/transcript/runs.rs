//! Monitoring lines that follow each other, drawn as one line that unfolds (E25): who comes and goes often must not push
//! the customer's last words out of sight. The entries stay what they are; only the drawing is shorter.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::time::Timestamp;
use shared::transcript::{EndReason, Entry, EntryBody};

use crate::components::{Icon, LocalTime};
use crate::live::ConversationView;

/// Lines that are drawn as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The number of its first entry.
    first: i64,
    /// The number of its last entry, in whose place it is drawn.
    last: i64,
    /// When it began.
    from: Timestamp,
    /// When it ended.
    to: Timestamp,
    people: Vec<Visits>,
}

/// What one supervisor did in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Visits {
    name: String,
    started: usize,
    ended: usize,
}

impl Visits {
    fn text(&self) -> String {
        let name = &self.name;
        match (self.started, self.ended) {
            (_, 0) => t!(transcript.monitoring_started, name = name),
            (0, _) => t!(transcript.monitoring_left, name = name),
            (started, ended) => {
                let count = started.max(ended);
                t!(transcript.monitoring_visits, count = count, name = name)
            }
        }
    }
}

/// Whose a monitoring line is, and whether they came; `None` is another line.
fn visit(entry: &Entry) -> Option<(&str, bool)> {
    match &entry.body {
        EntryBody::MonitoringStarted { name, .. } => Some((name, true)),
        EntryBody::MonitoringEnded { name, .. } => Some((name, false)),
        _ => None,
    }
}

/// The runs of a conversation. Those who came and did not leave again have a line of their own, and no run goes past it.
fn runs_of(entries: &[Entry]) -> Vec<Run> {
    let parts = entries.chunk_by(|one, next| visit(one).is_some() == visit(next).is_some());
    let runs = parts.flat_map(|lines| {
        let staying = staying(lines);
        let between = lines.split(move |line| staying.contains(&line.seq));
        between.filter_map(run_of)
    });
    runs.collect()
}

/// The numbers of the lines of those who came and did not leave again.
fn staying(lines: &[Entry]) -> BTreeSet<i64> {
    let mut left = BTreeSet::new();
    let mut staying = BTreeSet::new();
    for line in lines.iter().rev() {
        match visit(line) {
            Some((name, false)) => {
                left.insert(name);
            }
            Some((name, true)) if !left.contains(name) => {
                staying.insert(line.seq);
            }
            _ => {}
        }
    }
    staying
}

fn run_of(lines: &[Entry]) -> Option<Run> {
    let end = lines
        .iter()
        .rposition(|line| matches!(visit(line), Some((_, false))))?;
    let lines = &lines[..=end];
    let [first, .., last] = lines else {
        return None;
    };
    let mut people: Vec<Visits> = Vec::new();
    for (name, came) in lines.iter().filter_map(visit) {
        let at = people.iter().position(|known| known.name == name);
        let at = at.unwrap_or_else(|| {
            people.push(Visits {
                name: name.to_owned(),
                started: 0,
                ended: 0,
            });
            people.len() - 1
        });
        people[at].started += usize::from(came);
        people[at].ended += usize::from(!came);
    }
    Some(Run {
        first: first.seq,
        last: last.seq,
        from: first.at,
        to: last.at,
        people,
    })
}

/// The runs of the conversation on screen. Copies are handles to the same thing.
#[derive(Clone, Copy)]
pub struct Runs {
    view: ConversationView,
    all: Memo<Vec<Run>>,
    /// Numbers of entries whose run was unfolded. A run may grow on both sides and stays unfolded.
    unfolded: RwSignal<BTreeSet<i64>>,
}

impl Runs {
    /// Those of this conversation.
    pub fn of(view: ConversationView) -> Self {
        Self {
            view,
            all: Memo::new(move |_| view.entries.with(|entries| runs_of(entries))),
            unfolded: RwSignal::new(BTreeSet::new()),
        }
    }

    /// The run that an entry is part of. Tracked.
    fn around(self, seq: i64) -> Option<Run> {
        let holds = |run: &&Run| (run.first..=run.last).contains(&seq);
        self.all.with(|all| all.iter().find(holds).cloned())
    }

    fn is_unfolded(self, run: &Run) -> bool {
        let mut of_run = run.first..=run.last;
        self.unfolded
            .with(|unfolded| of_run.any(|seq| unfolded.contains(&seq)))
    }

    fn toggle(self, run: &Run) {
        let unfolded = untrack(|| self.is_unfolded(run));
        self.unfolded.update(|seqs| {
            seqs.retain(|seq| !(run.first..=run.last).contains(seq));
            if !unfolded {
                seqs.insert(run.last);
            }
        });
    }

    /// What each line of a run says alone.
    fn lines(self, run: &Run) -> Vec<(String, Timestamp)> {
        let of_run = run.first..=run.last;
        self.view.entries.with_untracked(|entries| {
            let lines = entries.iter().filter(|entry| of_run.contains(&entry.seq));
            let text = |entry: &Entry| Some((monitoring_text(&entry.body)?, entry.at));
            lines.filter_map(text).collect()
        })
    }
}

/// A monitoring line: alone, as the line of its run, or part of a run that is drawn elsewhere.
#[component]
pub fn MonitoringLine(
    runs: Runs,
    entry: Entry,
    class: String,
    kind: &'static str,
) -> impl IntoView {
    let (seq, at) = (entry.seq, entry.at);
    let run = Memo::new(move |_| runs.around(seq));
    let elsewhere = move || run.with(|run| run.as_ref().is_some_and(|run| run.last != seq));
    let text = StoredValue::new(monitoring_text(&entry.body).unwrap_or_default());
    view! {
        <article class=class data-author="system" data-entry=kind hidden=elsewhere>
            {move || match run.get().filter(|run| run.last == seq) {
                Some(run) => view! { <RunLine runs run /> }.into_any(),
                None => view! {
                    <p class="entry__line">{text.get_value()} " " <LocalTime at=at /></p>
                }.into_any(),
            }}
        </article>
    }
}

/// The one line of a run, and its lines while it is unfolded.
#[component]
fn RunLine(runs: Runs, run: Run) -> impl IntoView {
    let people: Vec<String> = run.people.iter().map(Visits::text).collect();
    let (from, to) = (run.from, run.to);
    let run = StoredValue::new(run);
    let is_unfolded = Memo::new(move |_| run.with_value(|run| runs.is_unfolded(run)));
    view! {
        <button
            type="button"
            class="entry__run"
            aria-expanded=move || is_unfolded.get().to_string()
            on:click=move |_| run.with_value(|run| runs.toggle(run))
        >
            {people.join(", ")} " " <LocalTime at=to from=from />
            <Icon name="chevron-down" />
        </button>
        {move || is_unfolded.get().then(|| {
            let lines = run.with_value(|run| runs.lines(run)).into_iter();
            let line = |(text, at)| view! { <p class="entry__line">{text} " " <LocalTime at=at /></p> }.into_any();
            view! { <div class="entry__run-lines">{lines.map(line).collect_view()}</div> }.into_any()
        })}
    }
}

/// What a monitoring line says; `None` is another entry.
pub(crate) fn monitoring_text(body: &EntryBody) -> Option<String> {
    match body {
        EntryBody::MonitoringStarted { name, .. } => {
            Some(t!(transcript.monitoring_started, name = name))
        }
        EntryBody::MonitoringEnded { name, reason, .. } => Some(ended_text(name, *reason)),
        _ => None,
    }
}

/// That a monitoring ended, and why. Leaving by oneself needs no reason.
fn ended_text(name: &str, reason: EndReason) -> String {
    match reason {
        EndReason::Left => t!(transcript.monitoring_left, name = name),
        EndReason::ConnectionLost => t!(transcript.monitoring_connection_lost, name = name),
        EndReason::SignedOut => t!(transcript.monitoring_signed_out, name = name),
        EndReason::AuthorityLost => t!(transcript.monitoring_authority_lost, name = name),
        EndReason::WorkitemClosed => t!(transcript.monitoring_workitem_closed, name = name),
    }
}

#[cfg(test)]
mod tests {
    use shared::ids::{EntryId, UserId};
    use shared::transcript::Author;

    use super::*;

    /// `+Sam` begins to monitor, `-Sam` stops, anything else is said.
    fn entries(lines: &[&str]) -> Vec<Entry> {
        let supervisor = || UserId::parse("sam").expect("a test id");
        let body = |line: &str| match line.split_at(1) {
            ("+", name) => EntryBody::MonitoringStarted {
                supervisor: supervisor(),
                name: name.to_owned(),
            },
            ("-", name) => EntryBody::MonitoringEnded {
                supervisor: supervisor(),
                name: name.to_owned(),
                reason: EndReason::Left,
            },
            _ => EntryBody::Message {
                author: Author::Customer,
                name: "Dana".to_owned(),
                text: line.to_owned(),
                files: Vec::new(),
                delivery: None,
            },
        };
        let numbered = (1_i64..).zip(lines);
        let entry = |(seq, line): (i64, &&str)| Entry {
            id: EntryId::parse(format!("e{seq}")).expect("a test id"),
            seq,
            at: Timestamp(seq),
            body: body(line),
        };
        numbered.map(entry).collect()
    }

    fn drawn(lines: &[&str]) -> Vec<(i64, i64, String)> {
        let runs = runs_of(&entries(lines));
        let text = |run: &Run| {
            run.people
                .iter()
                .map(Visits::text)
                .collect::<Vec<_>>()
                .join(", ")
        };
        runs.iter()
            .map(|run| (run.first, run.last, text(run)))
            .collect()
    }

    #[test]
    fn e25_visits_that_follow_each_other_are_one_line() {
        let lines = [
            "Hello", "+Sam", "-Sam", "+Sam", "-Sam", "+Sam", "Hi", "-Sam",
        ];
        let both = "Sam started and stopped monitoring 2 times".to_owned();
        assert_eq!(drawn(&lines), [(2, 5, both)]);
    }

    #[test]
    fn e25_who_is_still_there_keeps_a_line() {
        assert_eq!(drawn(&["+Sam", "+Sue"]), []);
        assert_eq!(drawn(&["+Sam", "+Sue", "-Sam"]), []);
        let visits = ["+Sam", "-Sam", "+Sue", "+Sid", "-Sid"];
        let of = |name: &str| [name, " started and stopped monitoring"].concat();
        assert_eq!(drawn(&visits), [(1, 2, of("Sam")), (4, 5, of("Sid"))]);
    }
}
