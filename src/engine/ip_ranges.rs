//! Ranges of IP addresses that together contain all of IPv4.

use super::failure::Failure;
use super::subject::{Found, Subject};
use crate::rule::{Condition, FieldPath, IpRanges};
use crate::xml::NodeId;

/// Addresses that no client on the internet has, as sorted first and last addresses: 0.0.0.0/8,
/// 10.0.0.0/8, 127.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 224.0.0.0/3.
const NOT_PUBLIC: [(u32, u32); 6] = [
    (0x0000_0000, 0x00FF_FFFF),
    (0x0A00_0000, 0x0AFF_FFFF),
    (0x7F00_0000, 0x7FFF_FFFF),
    (0xAC10_0000, 0xAC1F_FFFF),
    (0xC0A8_0000, 0xC0A8_FFFF),
    (0xE000_0000, 0xFFFF_FFFF),
];

/// The number of public addresses that may be missing: some people start at 1.1.1.1, or leave out the
/// first and last address of each range.
const MAX_MISSING: u64 = 1 << 17;

/// How many other ranges a finding names. Code scanning keeps a hundred locations.
const MAX_NAMED: usize = 20;

/// The element of a range, and its first and last address.
pub(super) type IpRange = (NodeId, u32, u32);

/// The ranges of a file.
pub(super) struct FoundRanges<'r> {
    pub ranges: Vec<IpRange>,
    /// A field whose value `replacements` fill in at deploy.
    pub replaced: Option<&'r str>,
}

/// The IPv4 ranges in the elements of `ranges`, in order. Others are omitted.
pub(super) fn find_ranges<'r>(
    ranges: &'r IpRanges,
    subject: Subject<'_>,
    node: NodeId,
) -> FoundRanges<'r> {
    let mut found = FoundRanges {
        ranges: Vec::new(),
        replaced: None,
    };
    let elements = match subject.find(&ranges.each, node) {
        Found::Elements(elements) => elements,
        Found::Missing(_) => return found,
        Found::Unknown => {
            found.replaced = Some(ranges.each.last());
            return found;
        }
    };
    for element in elements {
        let mut address = |path: &'r FieldPath| match subject.find(path, element) {
            Found::Elements(values) => {
                let value = *values.first()?;
                if subject.replaced.hides_content(subject.document, value) {
                    found.replaced.get_or_insert(path.last());
                    return None;
                }
                parse(subject.document.value(value).text())
            }
            Found::Missing(_) => None,
            Found::Unknown => {
                found.replaced.get_or_insert(path.last());
                None
            }
        };
        let (start, end) = (address(&ranges.start), address(&ranges.end));
        if let (Some(start), Some(end)) = (start, end)
            && start <= end
        {
            found.ranges.push((element, start, end));
        }
    }
    found
}

/// The failure of ranges that may not contain almost all IPv4 addresses, and do: at the first range, with
/// the others. `None` if they do not, or if the requirement is another one.
pub(super) fn ip_range_failure(
    require: &Condition,
    subject: Subject<'_>,
    node: NodeId,
) -> Option<Failure> {
    let Condition::Not(condition) = require.inner() else {
        return None;
    };
    let Condition::AllIpv4(ranges) = condition.inner() else {
        return None;
    };
    let parts = cover_ipv4(find_ranges(ranges, subject, node).ranges)?;
    let (&first, others) = parts.split_first()?;
    let label = |number: usize| format!("part {number} of {}", parts.len());
    let first_label = if others.is_empty() {
        String::new()
    } else {
        label(1)
    };
    let failure = Failure::of_element(subject.document, first, first_label);
    let named = others.iter().take(MAX_NAMED).zip(2..);
    Some(named.fold(failure, |failure, (&part, number)| {
        failure.together_with(subject.document.start_tag(part), &label(number))
    }))
}

/// An IPv4 address. Unlike the standard library, it accepts zeros at the start of a number.
fn parse(text: &str) -> Option<u32> {
    let mut address = 0;
    let mut count = 0;
    for number in text.trim().split('.') {
        if !(1..=3).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        address = address << 8 | u32::from(number.parse::<u8>().ok()?);
        count += 1;
        if count > 4 {
            return None;
        }
    }
    (count == 4).then_some(address)
}

/// The fewest ranges that together contain almost all public IPv4 addresses, in the order of the file.
/// `None` if all ranges together do not.
pub(super) fn cover_ipv4(mut ranges: Vec<IpRange>) -> Option<Vec<NodeId>> {
    ranges.sort_unstable_by_key(|&(element, start, _)| (start, element));
    let mut missing = 0;
    let mut parts = Vec::new();
    // All addresses before this one were checked.
    let mut next: u64 = 0;
    let mut rest = ranges.as_slice();
    while next <= u64::from(u32::MAX) {
        // The range that contains the next address and reaches farthest.
        let count = rest.partition_point(|&(_, start, _)| u64::from(start) <= next);
        let (starting, later) = rest.split_at(count);
        rest = later;
        let farthest = starting.iter().rev().max_by_key(|&&(_, _, end)| end);
        match farthest.filter(|&&(_, _, end)| u64::from(end) >= next) {
            Some(&(element, _, end)) => {
                parts.push(element);
                next = u64::from(end) + 1;
            }
            None => {
                let after = later
                    .first()
                    .map_or(1 << 32, |&(_, start, _)| u64::from(start));
                missing += public_addresses(next, after);
                if missing > MAX_MISSING {
                    return None;
                }
                next = after;
            }
        }
    }
    parts.sort_unstable();
    Some(parts)
}

/// The number of public addresses from `first` to the one before `after`.
fn public_addresses(first: u64, after: u64) -> u64 {
    let others = NOT_PUBLIC.iter().map(|&(low, high)| {
        let (low, high) = (u64::from(low).max(first), (u64::from(high) + 1).min(after));
        high.saturating_sub(low)
    });
    after - first - others.sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(parse("001.2.03.255"), Some(0x0102_03FF));
        for invalid in [
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            "::",
            "+1.2.3.4",
            "",
        ] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn public_addresses_are_counted() {
        assert_eq!(public_addresses(0, 1 << 24), 0);
        assert_eq!(public_addresses(0x0900_0000, 0x0B00_0000), 1 << 24);
        assert_eq!(public_addresses(0x7EFF_FFFF, 0x7F00_0001), 1);
    }
}
