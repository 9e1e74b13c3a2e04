//! The threads of a run.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A thread pool that is started when it is needed for the first time. Starting it takes longer than
/// checking a few files.
#[derive(Debug, Default)]
pub(super) struct Threads {
    pool: OnceLock<ThreadPool>,
}

impl Threads {
    /// The pool, with `jobs` threads. 0 chooses a number that fits the machine.
    pub(super) fn pool(&self, jobs: usize) -> &ThreadPool {
        self.pool.get_or_init(|| {
            let jobs = match jobs {
                // Threads wait for the disk when folders are not cached, so there are more threads
                // than cores.
                0 => std::thread::available_parallelism()
                    .map_or(4, |cores| 2 * cores.get())
                    .clamp(4, 16),
                jobs => jobs,
            };
            ThreadPoolBuilder::new()
                .num_threads(jobs)
                .build()
                // This fails only if the system has no threads left.
                .expect("threads can be started")
        })
    }
}
