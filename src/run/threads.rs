//! The threads of a run.

use std::error::Error as _;
use std::io;
use std::sync::OnceLock;

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};

/// A thread pool that is started when it is needed for the first time. Starting it takes longer than
/// checking a few files.
#[derive(Debug, Default)]
pub(super) struct Threads {
    pool: OnceLock<Pool>,
}

impl Threads {
    /// The pool, with `jobs` threads. 0 chooses a number that fits the machine.
    pub(super) fn pool(&self, jobs: usize) -> &Pool {
        self.pool.get_or_init(|| {
            let jobs = match jobs {
                // Threads wait for the disk when folders are not cached, so there are more threads
                // than cores.
                0 => std::thread::available_parallelism()
                    .map_or(4, |cores| 2 * cores.get())
                    .clamp(4, 16),
                jobs => jobs,
            };
            match ThreadPoolBuilder::new().num_threads(jobs).build() {
                Ok(threads) => Pool::Threads(threads),
                Err(error) if has_no_threads(&error) => Pool::CurrentThread,
                // This fails only if the system has no threads left.
                Err(error) => panic!("threads cannot be started: {error}"),
            }
        })
    }
}

/// Whether the platform has no threads, such as a worker of a browser.
fn has_no_threads(error: &ThreadPoolBuildError) -> bool {
    let cause = error.source();
    let cause = cause.and_then(|it| it.downcast_ref::<io::Error>());
    cause.is_some_and(|it| it.kind() == io::ErrorKind::Unsupported)
}

/// What the tasks of a run are executed on.
#[derive(Debug)]
pub(super) enum Pool {
    Threads(ThreadPool),
    /// On a platform without threads, rayon executes all tasks on the current one.
    CurrentThread,
}

impl Pool {
    /// Calls `tasks` in the pool.
    pub(super) fn install<T: Send>(&self, tasks: impl FnOnce() -> T + Send) -> T {
        match self {
            Self::Threads(threads) => threads.install(tasks),
            Self::CurrentThread => tasks(),
        }
    }
}
