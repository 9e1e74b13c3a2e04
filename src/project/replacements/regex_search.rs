//! Finds the matches of a regular expression, with a limit on the work.
//!
//! JavaScript's lookarounds, backreferences and rules for empty iterations need backtracking, which can
//! take forever for some expressions. So the number of steps is limited.

use super::regex_program::{Program, Step};
use super::regex_syntax::{Class, is_word};

/// A match takes too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooSlow;

/// The steps for one text: some for every unit of it, and a few more.
const STEPS_PER_UNIT: u64 = 64;
const MIN_STEPS: u64 = 100_000;
/// The most positions to return to.
const MAX_FRAMES: usize = 100_000;
const MAX_CHANGES: usize = 400_000;
const MAX_DEPTH: usize = 60;

/// No position.
const NONE: usize = usize::MAX;

/// The start and the end of each group in code units. The first is the whole match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    positions: Vec<usize>,
}

impl Match {
    pub(super) fn group(&self, number: usize) -> Option<(usize, usize)> {
        let at = |slot: usize| self.positions.get(slot).copied().filter(|&it| it != NONE);
        Some((at(2 * number)?, at(2 * number + 1)?))
    }
}

/// Finds all matches, as `String.prototype.replace` does for an expression with the flag `g`.
///
/// # Errors
/// If it takes too long.
pub(super) fn find_all(program: &Program, text: &[u16]) -> Result<Vec<Match>, TooSlow> {
    let mut search = Search {
        program,
        text,
        steps_left: MIN_STEPS + STEPS_PER_UNIT * text.len() as u64,
        positions: vec![NONE; 2 * (program.groups + 1)],
        counters: vec![(0, 0); program.counters],
        frames: Vec::new(),
        changes: Vec::new(),
    };
    let mut all = Vec::new();
    let mut from = 0;
    while from <= text.len() {
        let Some(found) = search.find(from)? else {
            break;
        };
        let end = found.positions[1];
        from = end + usize::from(end == found.positions[0]);
        all.push(found);
    }
    Ok(all)
}

/// Whether the expression matches somewhere in the text.
///
/// # Errors
/// If it takes too long.
pub(super) fn is_match(program: &Program, text: &str) -> Result<bool, TooSlow> {
    let text: Vec<u16> = text.encode_utf16().collect();
    find_all(program, &text).map(|all| !all.is_empty())
}

/// A position to return to.
enum Frame {
    Branch {
        step: usize,
        at: usize,
        changes: usize,
    },
    /// A run of one unit. It can also have another length.
    Run {
        step: usize,
        start: usize,
        length: usize,
        changes: usize,
    },
}

/// What to undo when a search returns to an earlier position.
enum Change {
    Position(usize, usize),
    Counter(usize, (u32, usize)),
}

struct Search<'p> {
    program: &'p Program,
    text: &'p [u16],
    steps_left: u64,
    positions: Vec<usize>,
    /// For each loop, the iterations and the start of the last one.
    counters: Vec<(u32, usize)>,
    frames: Vec<Frame>,
    changes: Vec<Change>,
}

impl Search<'_> {
    fn find(&mut self, from: usize) -> Result<Option<Match>, TooSlow> {
        let first = match self.program.steps.first() {
            Some(Step::Unit { class, back: false }) => class.single(),
            _ => None,
        };
        for start in from..=self.text.len() {
            if first.is_some() && self.text.get(start).copied() != first {
                continue;
            }
            self.positions.fill(NONE);
            self.frames.clear();
            self.changes.clear();
            if let Some(end) = self.run(0, start, 0)? {
                self.positions[0] = start;
                self.positions[1] = end;
                let positions = self.positions.clone();
                return Ok(Some(Match { positions }));
            }
        }
        Ok(None)
    }

    fn spend(&mut self, steps: usize) -> Result<(), TooSlow> {
        self.steps_left = self.steps_left.checked_sub(steps as u64).ok_or(TooSlow)?;
        match self.frames.len() < MAX_FRAMES && self.changes.len() < MAX_CHANGES {
            true => Ok(()),
            false => Err(TooSlow),
        }
    }

    /// Runs the program from a step to `Accept`, and returns the position there.
    fn run(&mut self, step: usize, at: usize, depth: usize) -> Result<Option<usize>, TooSlow> {
        if depth > MAX_DEPTH {
            return Err(TooSlow);
        }
        let base = self.frames.len();
        let (mut step, mut at) = (step, at);
        loop {
            self.spend(1)?;
            let program = self.program;
            if matches!(program.steps[step], Step::Accept) {
                self.frames.truncate(base);
                return Ok(Some(at));
            }
            let next = match self.advance(step, at, depth)? {
                Some(next) => Some(next),
                None => self.back_up(base)?,
            };
            match next {
                Some(next) => (step, at) = next,
                None => return Ok(None),
            }
        }
    }

    /// Executes one step. `None` if it fails.
    fn advance(
        &mut self,
        step: usize,
        at: usize,
        depth: usize,
    ) -> Result<Option<(usize, usize)>, TooSlow> {
        let program = self.program;
        let next = step + 1;
        Ok(match &program.steps[step] {
            Step::Unit { class, back } => self.unit(class, at, *back).map(|at| (next, at)),
            Step::Start => (at == 0).then_some((next, at)),
            Step::End => (at == self.text.len()).then_some((next, at)),
            Step::Boundary { negated } => {
                let is_word_at = |at: Option<usize>| {
                    at.and_then(|at| self.text.get(at))
                        .is_some_and(|&unit| is_word(unit))
                };
                let boundary = is_word_at(at.checked_sub(1)) != is_word_at(Some(at));
                (boundary != *negated).then_some((next, at))
            }
            Step::Save(slot) => {
                self.set_position(*slot, at);
                Some((next, at))
            }
            Step::BackReference { group, back } => {
                self.back_reference(*group, at, *back)?.map(|at| (next, at))
            }
            Step::Look {
                negated,
                next: after,
            } => {
                let changes = self.changes.len();
                let found = self.run(next, at, depth + 1)?.is_some();
                if *negated || !found {
                    self.undo(changes);
                }
                (found != *negated).then_some((*after, at))
            }
            Step::Split { first, second } => {
                self.branch(*second, at);
                Some((*first, at))
            }
            Step::Jump(to) => Some((*to, at)),
            Step::Run { .. } => self.start_run(step, at)?,
            Step::Enter(counter) => {
                self.set_counter(*counter, (0, at));
                Some((next, at))
            }
            Step::Test { .. } => Some(self.test(step, at)),
            Step::Repeat { counter, min, test } => {
                let (count, start) = self.counters[*counter];
                // An optional iteration that matches nothing fails.
                if count >= *min && start == at {
                    None
                } else {
                    self.set_counter(*counter, (count.saturating_add(1), at));
                    Some((*test, at))
                }
            }
            Step::Reset(first, last) => {
                for slot in 2 * first..2 * (last + 1) {
                    self.set_position(slot, NONE);
                }
                Some((next, at))
            }
            Step::Accept => None,
        })
    }

    /// The position after one unit of the class.
    fn unit(&self, class: &Class, at: usize, back: bool) -> Option<usize> {
        let (read, next) = match back {
            true => (at.checked_sub(1)?, at - 1),
            false => (at, at + 1),
        };
        class.contains(*self.text.get(read)?).then_some(next)
    }

    fn back_reference(
        &mut self,
        group: usize,
        at: usize,
        back: bool,
    ) -> Result<Option<usize>, TooSlow> {
        let (start, end) = (self.positions[2 * group], self.positions[2 * group + 1]);
        if start == NONE || end == NONE {
            return Ok(Some(at));
        }
        let length = end - start;
        self.spend(length)?;
        let there = match back {
            true => at.checked_sub(length).map(|before| (before, before)),
            false => Some((at, at + length)),
        };
        Ok(there.and_then(|(from, next)| {
            let same = self.text.get(from..from + length)? == &self.text[start..end];
            same.then_some(next)
        }))
    }

    /// Chooses between another iteration and the end of the loop.
    fn test(&mut self, step: usize, at: usize) -> (usize, usize) {
        let program = self.program;
        let Step::Test {
            counter,
            min,
            max,
            greedy,
            exit,
        } = &program.steps[step]
        else {
            return (step, at);
        };
        let (count, _) = self.counters[*counter];
        let body = step + 1;
        if count >= *max {
            return (*exit, at);
        }
        if count >= *min && !greedy {
            self.branch(body, at);
            return (*exit, at);
        }
        if count >= *min {
            self.branch(*exit, at);
        }
        (body, at)
    }

    /// Starts a run of one unit, with the longest or the shortest length.
    fn start_run(&mut self, step: usize, at: usize) -> Result<Option<(usize, usize)>, TooSlow> {
        let program = self.program;
        let Step::Run {
            class,
            min,
            max,
            greedy,
            back,
        } = &program.steps[step]
        else {
            return Ok(None);
        };
        let most = if *greedy { *max } else { *min } as usize;
        let (mut end, mut length) = (at, 0);
        while length < most
            && let Some(next) = self.unit(class, end, *back)
        {
            end = next;
            length += 1;
        }
        self.spend(length)?;
        if length < *min as usize {
            return Ok(None);
        }
        let can_change = match greedy {
            true => length > *min as usize,
            false => length < *max as usize,
        };
        if can_change {
            self.frames.push(Frame::Run {
                step,
                start: at,
                length,
                changes: self.changes.len(),
            });
        }
        Ok(Some((step + 1, end)))
    }

    /// Returns to the last position with another possibility.
    fn back_up(&mut self, base: usize) -> Result<Option<(usize, usize)>, TooSlow> {
        while self.frames.len() > base {
            self.spend(1)?;
            match self.frames.pop() {
                None => break,
                Some(Frame::Branch { step, at, changes }) => {
                    self.undo(changes);
                    return Ok(Some((step, at)));
                }
                Some(Frame::Run {
                    step,
                    start,
                    length,
                    changes,
                }) => {
                    self.undo(changes);
                    if let Some(next) = self.change_run(step, start, length) {
                        return Ok(Some(next));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Makes a greedy run shorter by one unit, and another one longer.
    fn change_run(&mut self, step: usize, start: usize, length: usize) -> Option<(usize, usize)> {
        let program = self.program;
        let Step::Run {
            class,
            min,
            max,
            greedy,
            back,
        } = &program.steps[step]
        else {
            return None;
        };
        let position = |length: usize| match back {
            true => start - length,
            false => start + length,
        };
        let (length, at) = match greedy {
            true => (length - 1, position(length - 1)),
            false => (length + 1, self.unit(class, position(length), *back)?),
        };
        let can_change = match greedy {
            true => length > *min as usize,
            false => length < *max as usize,
        };
        if can_change {
            self.frames.push(Frame::Run {
                step,
                start,
                length,
                changes: self.changes.len(),
            });
        }
        Some((step + 1, at))
    }

    fn branch(&mut self, step: usize, at: usize) {
        self.frames.push(Frame::Branch {
            step,
            at,
            changes: self.changes.len(),
        });
    }

    fn set_position(&mut self, slot: usize, to: usize) {
        let before = std::mem::replace(&mut self.positions[slot], to);
        self.changes.push(Change::Position(slot, before));
    }

    fn set_counter(&mut self, counter: usize, to: (u32, usize)) {
        let before = std::mem::replace(&mut self.counters[counter], to);
        self.changes.push(Change::Counter(counter, before));
    }

    fn undo(&mut self, changes: usize) {
        while self.changes.len() > changes {
            match self.changes.pop() {
                Some(Change::Position(slot, before)) => self.positions[slot] = before,
                Some(Change::Counter(counter, before)) => self.counters[counter] = before,
                None => break,
            }
        }
    }
}
