//! Renders findings in several threads. One thread writes them in order.

use rayon::prelude::*;
use serde::ser::{Error as _, SerializeSeq as _};
use serde::{Serialize, Serializer};

use crate::text::json_part;

/// How many results exist at a time, because all of them are a large part of the memory of a run.
const AT_A_TIME: usize = 256;

/// Calls `render` for each item and `write` with the results in order. Inside a thread pool, all of its threads
/// render.
///
/// # Errors
/// The first error of `write`.
pub(super) fn in_order<I: Sync, T: Send, E>(
    items: &[I],
    render: impl Fn(&I) -> T + Sync,
    mut write: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    if rayon::current_thread_index().is_none() {
        return items.iter().map(render).try_for_each(write);
    }
    for part in items.chunks(AT_A_TIME) {
        let rendered: Vec<T> = part.par_iter().map(&render).collect();
        rendered.into_iter().try_for_each(&mut write)?;
    }
    Ok(())
}

/// Serializes a list as JSON.
///
/// # Errors
/// As the serializer has them.
pub(super) fn serialize_list<I: Sync, T: Serialize, S: Serializer>(
    items: &[I],
    render: impl Fn(&I) -> T + Sync,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(items.len()))?;
    in_order(
        items,
        |item| json_part(&render(item)),
        |text| list.serialize_element(&text.map_err(S::Error::custom)?),
    )?;
    list.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_written_in_order_until_the_first_error() {
        let items: Vec<usize> = (0..3 * AT_A_TIME + 1).collect();
        let last = 2 * AT_A_TIME + 1;
        let write_until = || {
            let mut written = Vec::new();
            let result = in_order(
                &items,
                |item| item * 2,
                |double| match double / 2 > last {
                    true => Err(double),
                    false => {
                        written.push(double / 2);
                        Ok(())
                    }
                },
            );
            (result, written)
        };
        let expected = (Err(2 * last + 2), items[..=last].to_vec());
        assert_eq!(write_until(), expected);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
        assert_eq!(pool.unwrap().install(write_until), expected);
    }
}
