//! The test of a certificate in the text of a field.

use jiff::ToSpan as _;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Certificate, HashFunction, NotCertificate, read_certificate};

/// What a certificate has to satisfy, all of it: the first certificate in the text, as PEM or as the Base64 of
/// DER.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("examples" = [{"strong_hash": true}]))]
pub struct CertificateTest {
    /// It expires more than this many days after today.
    pub expires_after: Option<u16>,
    /// An RSA key has at least this many bits. Other keys satisfy this.
    pub rsa_bits_at_least: Option<u16>,
    /// `true`: its signature does not use MD2, MD5 or SHA-1.
    #[serde(default)]
    pub strong_hash: bool,
}

impl CertificateTest {
    /// Whether the test is about nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.expires_after.is_none() && self.rsa_bits_at_least.is_none() && !self.strong_hash
    }

    /// Whether the certificate in the text satisfies the test.
    ///
    /// # Errors
    /// If the text is not a certificate.
    pub(super) fn satisfied_by(&self, text: &str, today: Date) -> Result<bool, NotCertificate> {
        Ok(self.breach(text, today)?.is_none())
    }

    /// What is wrong with the certificate in the text, as a clause about it.
    ///
    /// # Errors
    /// If the text is not a certificate.
    pub(crate) fn breach(&self, text: &str, today: Date) -> Result<Option<String>, NotCertificate> {
        let certificate = read_certificate(text)?;
        Ok(self.breach_of(&certificate, today))
    }

    fn breach_of(&self, certificate: &Certificate, today: Date) -> Option<String> {
        if let Some(days) = self.expires_after {
            let expires = certificate.expires;
            if expires <= today.saturating_add(i64::from(days).days()) {
                let verb = if expires < today {
                    "expired"
                } else {
                    "expires"
                };
                return Some(format!("{verb} on {expires}"));
            }
        }
        let least = self.rsa_bits_at_least.map(usize::from);
        if let (Some(least), Some(bits)) = (least, certificate.rsa_bits)
            && bits < least
        {
            return Some(format!("has an RSA key of {bits} bits"));
        }
        let weak = match certificate.hash {
            Some(HashFunction::Md2) => "MD2",
            Some(HashFunction::Md5) => "MD5",
            Some(HashFunction::Sha1) => "SHA-1",
            Some(HashFunction::Sha2) | None => return None,
        };
        self.strong_hash
            .then(|| format!("is signed with the hash function {weak}"))
    }
}
