//! Texts that only a generator of random characters writes: keys in hexadecimal or base64.

/// Shorter texts are too easily mistaken.
pub(super) const SHORTEST: usize = 24;

/// Whether a run of letters, digits and the special characters of base64 is random.
pub(super) fn is_random(run: &str) -> bool {
    run.len() >= SHORTEST && !is_certificate(run) && (has_random_chunk(run) || is_mixed(run))
}

/// What the letters and digits of a text are like. Random ones change all the time; names consist of
/// words.
#[derive(Default)]
struct Count {
    length: usize,
    longest: usize,
    digits: usize,
    digit_runs: usize,
    /// Capitals after small letters.
    humps: usize,
    /// Runs of the same kind, where a capital and the small letters after it are one.
    runs: usize,
    has_upper: bool,
    has_lower: bool,
}

impl Count {
    fn add(&mut self, chunk: &str) {
        let mut before = 0_u8;
        for byte in chunk.bytes() {
            match byte {
                b'0'..=b'9' => {
                    self.digits += 1;
                    if !before.is_ascii_digit() {
                        self.digit_runs += 1;
                        self.runs += 1;
                    }
                }
                b'A'..=b'Z' => {
                    self.has_upper = true;
                    self.humps += usize::from(before.is_ascii_lowercase());
                    self.runs += usize::from(!before.is_ascii_uppercase());
                }
                _ => {
                    self.has_lower = true;
                    self.runs += usize::from(!before.is_ascii_alphabetic());
                }
            }
            before = byte;
        }
        self.length += chunk.len();
        self.longest = self.longest.max(chunk.len());
    }
}

fn chunks(run: &str) -> impl Iterator<Item = &str> {
    run.split(|c: char| !c.is_ascii_alphanumeric())
}

/// Letters of both cases and digits, as in base64.
fn is_mixed(run: &str) -> bool {
    let mut count = Count::default();
    for chunk in chunks(run).filter(|chunk| !is_salesforce_id(chunk)) {
        count.add(chunk);
    }
    let changes = count.digit_runs + count.humps;
    count.length >= 20
        && count.longest >= 10
        && count.digit_runs >= 1
        && count.humps >= 1
        && changes >= 6
        && 10 * count.length < 34 * count.runs
}

/// Digits and letters of one case, as in hexadecimal.
fn has_random_chunk(run: &str) -> bool {
    let mut before = "";
    let mut separator = 0;
    let mut at = 0;
    for chunk in chunks(run) {
        if chunk.len() >= 32 {
            let mut count = Count::default();
            count.add(chunk);
            let is_one_case = count.has_upper != count.has_lower;
            let belongs_to_name = separator == b'_' && is_word_of_name(before);
            let is_hex = chunk.bytes().all(|byte| byte.is_ascii_hexdigit());
            let changes = if is_hex { 3 } else { 5 };
            if is_one_case && count.digit_runs >= changes && !belongs_to_name {
                return true;
            }
        }
        before = chunk;
        at += chunk.len() + 1;
        separator = run.as_bytes().get(at - 1).copied().unwrap_or_default();
    }
    false
}

/// Whether a word makes what follows it the rest of a name, as in `Certificate_` and a checksum.
fn is_word_of_name(word: &str) -> bool {
    const KINDS: [&str; 10] = [
        "key", "secret", "token", "live", "test", "prod", "pat", "api", "access", "auth",
    ];
    let is_word = word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_word && !KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(word))
}

/// The id of a record: 15 or 18 characters, of which some in the middle are zeros.
fn is_salesforce_id(chunk: &str) -> bool {
    matches!(chunk.len(), 15 | 18) && chunk[3..].contains("000")
}

/// Whether this is the start of a certificate, which is public. Like a private key, it begins with a
/// sequence and its length, but then comes another sequence and not a version.
fn is_certificate(run: &str) -> bool {
    run.starts_with("MII") && run.as_bytes()[6..8] == *b"CC"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_texts_are_recognized() {
        for text in [
            "0f2c4be8a1d9730556be12fa9c03d4e7",
            "3D8E0A64C2B7915FF26A08D3B1C95E47",
            "k3f9zq0x8w2v7m1n5b4c6d0s9a8p7o6i",
            "q8Zt1LrX4vNc7WbY2mKd9PfH6sJg3RaU0eTi5QoC",
            "Zm9vYmFyOnNlY3JldDEyMzQ1Njc4OTBhYmNkZWY/+w==",
        ] {
            assert!(is_random(text), "{text}");
        }
    }

    #[test]
    fn names_ids_and_checksums_in_names_are_not_random() {
        for text in [
            "AccountContactRelationB2BLongNameV2Config",
            "SelfSignedCert_19Nov2025_101010",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "/services/apexrest/v1/MyEndpoint2/Account2Contact3/x",
            "/lightning/r/Account/0015g00000XyZAbAAN/view",
            "/id/00D5g000004abcdEAA/0055g00000AbCdEAAX",
            "Cert_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
            "Enterprise_Territory2_Model_Rule_Assignment__c",
            "MIIDdTCCAl2gAwIBAgIEUmZ3pzANBgkqhkiG9w0BAQsFADBr",
            "customPermissionForAdministratorsOfTheServiceCloud2024Release1",
        ] {
            assert!(!is_random(text), "{text}");
        }
    }
}
