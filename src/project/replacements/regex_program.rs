//! Compiles a regular expression to steps.

use super::regex_syntax::{Class, Node, Parsed, Unsupported, parse};

/// One step of a program. Steps that read a unit read the one before the position in a lookbehind.
#[derive(Debug)]
pub(super) enum Step {
    Unit {
        class: Class,
        back: bool,
    },
    Start,
    End,
    Boundary {
        negated: bool,
    },
    Save(usize),
    BackReference {
        group: usize,
        back: bool,
    },
    /// The program from the next step to `Accept` must match, or must not. Then `next` follows.
    Look {
        negated: bool,
        next: usize,
    },
    /// Tries one, then the other.
    Split {
        first: usize,
        second: usize,
    },
    Jump(usize),
    /// Repeats one unit.
    Run {
        class: Class,
        min: u32,
        max: u32,
        greedy: bool,
        back: bool,
    },
    /// Starts a loop.
    Enter(usize),
    /// Continues with the body of the loop at the next step, or with `exit`.
    Test {
        counter: usize,
        min: u32,
        max: u32,
        greedy: bool,
        exit: usize,
    },
    /// Ends an iteration.
    Repeat {
        counter: usize,
        min: u32,
        test: usize,
    },
    /// Resets the groups of a range.
    Reset(usize, usize),
    Accept,
}

/// A compiled regular expression.
#[derive(Debug)]
pub(super) struct Program {
    pub steps: Vec<Step>,
    pub groups: usize,
    pub names: Vec<(String, usize)>,
    pub counters: usize,
}

impl Program {
    /// Compiles a regular expression of JavaScript with the flag `g`.
    ///
    /// # Errors
    /// If JavaScript rejects it, or if it is not supported.
    pub(super) fn new(pattern: &str) -> Result<Self, Unsupported> {
        let Parsed {
            node,
            groups,
            names,
        } = parse(pattern)?;
        let mut program = Self {
            steps: Vec::new(),
            groups,
            names,
            counters: 0,
        };
        program.add(&node, false);
        program.steps.push(Step::Accept);
        Ok(program)
    }

    fn add(&mut self, node: &Node, back: bool) {
        match node {
            Node::Class(class) => self.steps.push(Step::Unit {
                class: class.clone(),
                back,
            }),
            Node::Start => self.steps.push(Step::Start),
            Node::End => self.steps.push(Step::End),
            Node::Boundary { negated } => self.steps.push(Step::Boundary { negated: *negated }),
            Node::BackReference(group) => self.steps.push(Step::BackReference {
                group: *group,
                back,
            }),
            Node::Capture(group, node) => {
                // A lookbehind reaches the end of a group first.
                self.steps.push(Step::Save(2 * group + usize::from(back)));
                self.add(node, back);
                self.steps.push(Step::Save(2 * group + usize::from(!back)));
            }
            Node::Look {
                node,
                behind,
                negated,
            } => {
                let at = self.steps.len();
                self.steps.push(Step::Accept);
                self.add(node, *behind);
                self.steps.push(Step::Accept);
                self.steps[at] = Step::Look {
                    negated: *negated,
                    next: self.steps.len(),
                };
            }
            Node::Alternatives(all) => self.add_alternatives(all, back),
            Node::Sequence(all) if back => all.iter().rev().for_each(|it| self.add(it, back)),
            Node::Sequence(all) => all.iter().for_each(|it| self.add(it, back)),
            Node::Repeat { .. } => self.add_repeat(node, back),
        }
    }

    fn add_alternatives(&mut self, all: &[Node], back: bool) {
        let mut jumps = Vec::new();
        for (at, alternative) in all.iter().enumerate() {
            if at + 1 == all.len() {
                self.add(alternative, back);
                break;
            }
            let split = self.steps.len();
            self.steps.push(Step::Accept);
            self.add(alternative, back);
            jumps.push(self.steps.len());
            self.steps.push(Step::Accept);
            self.steps[split] = Step::Split {
                first: split + 1,
                second: self.steps.len(),
            };
        }
        let end = self.steps.len();
        for jump in jumps {
            self.steps[jump] = Step::Jump(end);
        }
    }

    fn add_repeat(&mut self, node: &Node, back: bool) {
        let Node::Repeat {
            node,
            min,
            max,
            greedy,
            captures: (first, last),
        } = node
        else {
            return;
        };
        let (min, max, greedy) = (*min, *max, *greedy);
        if let Node::Class(class) = &**node {
            self.steps.push(Step::Run {
                class: class.clone(),
                min,
                max,
                greedy,
                back,
            });
            return;
        }
        let counter = self.counters;
        self.counters += 1;
        self.steps.push(Step::Enter(counter));
        let test = self.steps.len();
        self.steps.push(Step::Accept);
        if first <= last {
            self.steps.push(Step::Reset(*first, *last));
        }
        self.add(node, back);
        self.steps.push(Step::Repeat { counter, min, test });
        self.steps[test] = Step::Test {
            counter,
            min,
            max,
            greedy,
            exit: self.steps.len(),
        };
    }
}
