//! The threads of a run.

use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuilder};

/// A thread pool that is started when it is first needed: starting it takes longer than checking a
/// few files.
#[derive(Debug, Default)]
pub(super) struct Threads {
    pool: OnceLock<ThreadPool>,
}

impl Threads {
    /// The pool, with `jobs` threads or a number that fits the machine for 0.
    pub(super) fn pool(&self, jobs: usize) -> &ThreadPool {
        self.pool.get_or_init(|| {
            let jobs = match jobs {
                // Reading folders waits for the disk unless they are cached, so a few threads more
                // than cores help.
                0 => std::thread::available_parallelism()
                    .map_or(4, |cores| 2 * cores.get())
                    .clamp(4, 16),
                jobs => jobs,
            };
            ThreadPoolBuilder::new()
                .num_threads(jobs)
                .build()
                // Fails only on a system that is out of threads.
                .expect("threads can be started")
        })
    }
}
