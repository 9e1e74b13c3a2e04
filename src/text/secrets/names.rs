//! Names of secrets: of elements, parameters, headers and keys.

/// Elements of any metadata type whose text is a credential.
const ELEMENTS: [&str; 17] = [
    "consumerkey",
    "consumersecret",
    "clientsecret",
    "eckey",
    "password",
    "oauthtoken",
    "oauthrefreshtoken",
    "refreshtoken",
    "accesstoken",
    "awsaccesskey",
    "awsaccesssecret",
    "serviceaccount",
    "signingkey",
    "privatekey",
    "recaptchasecretkey",
    "apikey",
    "secretkey",
];

/// The letters in each of them.
const ELEMENT_LETTERS: [u32; ELEMENTS.len()] = {
    let mut all = [0; ELEMENTS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = letters(ELEMENTS[at]);
        at += 1;
    }
    all
};

/// Fields of Salesforce's metadata whose names are similar to those of secrets. A test compares the list
/// with the schema.
const PLAIN_ELEMENTS: [&str; 3] = [
    "createorderserviceaccount",
    "expressionsetmessagetoken",
    "getintelligentaccountsettingstoken",
];

/// A name that ends with one of these is that of a secret: `dbPassword`, `X-API-Key`.
const ENDINGS: [&str; 19] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "secret",
    "secretkey",
    "apikey",
    "accesskey",
    "accountkey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sharedkey",
    "authkey",
    "subscriptionkey",
    "functionskey",
    "token",
    "sessionid",
];

/// Names and last words of names of parameters. They are too short or too common for elements.
const PARAMETER_WORDS: [&str; 15] = [
    "pwd",
    "pass",
    "pw",
    "psw",
    "sig",
    "signature",
    "sid",
    "sas",
    "auth",
    "authorization",
    "jwt",
    "assertion",
    "hmac",
    "credential",
    "credentials",
];

/// Longer names are cut, because only their ends matter.
const MAX_NAME: usize = 64;

/// Whether the text of an element of this name is a credential. The name may be misspelled, in the wrong
/// case, or have a prefix.
pub(crate) fn is_secret_element(name: &str) -> bool {
    let name = Folded::new(name);
    let name = name.as_str();
    if PLAIN_ELEMENTS.contains(&name) {
        return false;
    }
    if ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return true;
    }
    let letters = letters(name);
    ELEMENTS
        .iter()
        .zip(ELEMENT_LETTERS)
        .any(|(known, known_letters)| is_near(name, letters, known, known_letters))
}

/// Whether the value of a parameter, a header or a key of this name is a credential.
pub(super) fn is_secret_parameter(name: &str) -> bool {
    // Most names are short words.
    if !name
        .bytes()
        .any(|byte| matches!(byte | 0x20, b's' | b'k' | b't' | b'w' | b'h'))
    {
        return false;
    }
    let folded = Folded::new(name);
    let folded = folded.as_str();
    ENDINGS.iter().any(|ending| folded.ends_with(ending))
        || ELEMENTS.contains(&folded)
        || PARAMETER_WORDS.contains(&folded)
        || PARAMETER_WORDS.contains(&&*last_word(name).to_ascii_lowercase())
}

/// The last word of a name, such as `Pwd` of `dbPwd` and `auth` of `x-auth`.
fn last_word(name: &str) -> &str {
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let bytes = name.as_bytes();
    let is_start = |&at: &usize| {
        let before = bytes[at - 1];
        !before.is_ascii_alphanumeric()
            || before.is_ascii_lowercase() && bytes[at].is_ascii_uppercase()
    };
    let start = (1..bytes.len()).rev().find(is_start);
    // Both sides of a start are ASCII, except that a character with several bytes may be before it.
    name.get(start.unwrap_or(0)..).unwrap_or(name)
}

/// The letters and digits of a name in lower case, without its prefix, the suffix of a custom field, and
/// a number at its end.
struct Folded {
    text: [u8; MAX_NAME],
    length: usize,
}

impl Folded {
    fn new(name: &str) -> Self {
        let name = name.rsplit(':').next().unwrap_or(name);
        let name = ["__c", "__C", "__mdt"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name);
        let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let name = &name.as_bytes()[name.len().saturating_sub(MAX_NAME)..];
        let mut folded = Self {
            text: [0; MAX_NAME],
            length: 0,
        };
        for byte in name.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
            folded.text[folded.length] = byte.to_ascii_lowercase();
            folded.length += 1;
        }
        folded
    }

    fn as_str(&self) -> &str {
        // Only ASCII characters were added.
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

/// Whether a folded name is a known one or a slip of it.
fn is_near(name: &str, name_letters: u32, known: &str, known_letters: u32) -> bool {
    let allowed = match known.len() {
        ..6 => 0,
        6..8 => 1,
        _ => 2,
    };
    if name.len().abs_diff(known.len()) > allowed {
        return false;
    }
    // A slip changes at most two of the letters that occur. This excludes almost every other name.
    let changed = (name_letters ^ known_letters).count_ones() as usize;
    changed <= 2 * allowed && strsim::damerau_levenshtein(name, known) <= allowed
}

/// The set of the letters in a name.
const fn letters(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let mut set = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at].is_ascii_lowercase() {
            set |= 1 << (bytes[at] - b'a');
        }
        at += 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_names_are_those_of_secrets() {
        for name in [
            "consumerSecret",
            "consumerSecrt",
            "consumerSecert",
            "ConsumerSecret",
            "consumersecret",
            "sf:consumerSecret",
            "consumer_secret",
            "consumerSecrets",
            "comsumerSecrt",
            "Pasword",
            "passwrod",
            "clientSecrte",
            "dbPassword",
            "API_Key__c",
            "privteKey",
            "password2",
        ] {
            assert!(is_secret_element(name), "{name}");
        }
        for name in [
            "x-api-key",
            "dbPwd",
            "client-secret",
            "X_Auth",
            "sig",
            "spring.db.password",
        ] {
            assert!(is_secret_parameter(name), "{name}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for name in [
            "consumerName",
            "isConsumerSecretOptional",
            "passwordPolicies",
            "label",
            "callbackUrl",
            "certificate",
            "namedCredential",
            "refreshTokenPolicy",
            "key",
            "keyId",
            "developerName",
        ] {
            assert!(!is_secret_element(name), "{name}");
        }
        for name in [
            "bypass", "compass", "type", "design", "id", "state", "author", "häsh",
        ] {
            assert!(!is_secret_parameter(name), "{name}");
        }
    }
}
