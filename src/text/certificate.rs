//! X.509 certificates in text: PEM, or the Base64 of DER.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::civil::Date;
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::{AnyRef, ContextSpecific, ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader, TagNumber};
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

/// Longer texts are not read. Certificates have a few kilobytes.
const MAX_TEXT: usize = 64 * 1024;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// What forcelint reads of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// The last day on which it is valid, in UTC.
    pub(crate) expires: Date,
    /// The bits of an RSA key; `None` for other keys.
    pub(crate) rsa_bits: Option<usize>,
    /// The hash function of the signature; `None` if the algorithm is unknown or has no separate one.
    pub(crate) hash: Option<HashFunction>,
}

/// The hash function of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashFunction {
    Md2,
    Md5,
    Sha1,
    Sha2,
}

/// Why a text cannot be read as a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotCertificate {
    /// It looks like the name of a certificate.
    Name,
    Unreadable,
}

/// Reads the first certificate in a text.
///
/// # Errors
/// If the text is the name of a certificate, or something else.
pub(crate) fn read_certificate(text: &str) -> Result<Certificate, NotCertificate> {
    let text = text.trim();
    if text.len() > MAX_TEXT {
        return Err(NotCertificate::Unreadable);
    }
    let base64 = match text.find(BEGIN) {
        Some(at) => {
            let (_, content) = text.split_at(at + BEGIN.len());
            let (content, _) = content.split_once(END).ok_or(NotCertificate::Unreadable)?;
            content
        }
        None => text,
    };
    let compact: String = base64.split_ascii_whitespace().collect();
    let read = decode(&compact).and_then(|der| from_der(&der));
    read.ok_or(match is_name(text) {
        true => NotCertificate::Name,
        false => NotCertificate::Unreadable,
    })
}

/// The names of certificates in Salesforce have at most 80 letters, digits and underscores.
fn is_name(text: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    (1..=80).contains(&text.len()) && text.chars().all(is_part)
}

fn decode(base64: &str) -> Option<Vec<u8>> {
    let padding = DecodePaddingMode::Indifferent;
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(padding);
    let engine = GeneralPurpose::new(&alphabet::STANDARD, config);
    engine.decode(base64).ok()
}

fn from_der(der: &[u8]) -> Option<Certificate> {
    let certificate = X509::from_der(der).ok()?;
    let contents = certificate.tbs_certificate();
    let end = contents.validity().not_after.to_date_time();
    let date = Date::new(
        i16::try_from(end.year()).ok()?,
        i8::try_from(end.month()).ok()?,
        i8::try_from(end.day()).ok()?,
    );
    let key = contents.subject_public_key_info();
    Some(Certificate {
        expires: date.ok()?,
        rsa_bits: match key.algorithm.oid == RSA {
            true => Some(rsa_bits(key.subject_public_key.as_bytes()?)?),
            false => None,
        },
        hash: hash(certificate.signature_algorithm()),
    })
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// Object identifiers of signatures and hash functions, and the hash function.
const HASHES: &[(&str, HashFunction)] = &[
    ("1.2.840.113549.1.1.2", HashFunction::Md2),
    ("1.2.840.113549.1.1.4", HashFunction::Md5),
    ("1.2.840.113549.1.1.5", HashFunction::Sha1),
    ("1.2.840.113549.1.1.11", HashFunction::Sha2),
    ("1.2.840.113549.1.1.12", HashFunction::Sha2),
    ("1.2.840.113549.1.1.13", HashFunction::Sha2),
    ("1.2.840.113549.1.1.14", HashFunction::Sha2),
    // ECDSA.
    ("1.2.840.10045.4.1", HashFunction::Sha1),
    ("1.2.840.10045.4.3.1", HashFunction::Sha2),
    ("1.2.840.10045.4.3.2", HashFunction::Sha2),
    ("1.2.840.10045.4.3.3", HashFunction::Sha2),
    ("1.2.840.10045.4.3.4", HashFunction::Sha2),
    // DSA.
    ("1.2.840.10040.4.3", HashFunction::Sha1),
    ("2.16.840.1.101.3.4.3.2", HashFunction::Sha2),
    // Hash functions, in the parameters of RSASSA-PSS.
    ("1.3.14.3.2.26", HashFunction::Sha1),
    ("2.16.840.1.101.3.4.2.1", HashFunction::Sha2),
    ("2.16.840.1.101.3.4.2.2", HashFunction::Sha2),
    ("2.16.840.1.101.3.4.2.3", HashFunction::Sha2),
];

fn hash(algorithm: &AlgorithmIdentifierOwned) -> Option<HashFunction> {
    if algorithm.oid != RSA_PSS {
        return hash_of(algorithm.oid);
    }
    let parameters = AnyRef::from(algorithm.parameters.as_ref()?);
    let named = parameters.sequence(|reader: &mut SliceReader<'_>| {
        let hash =
            ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(reader, TagNumber(0))?;
        let _ = reader.read_slice(reader.remaining_len())?;
        Ok::<_, x509_cert::der::Error>(hash.map(|hash| hash.value.oid))
    });
    match named.ok()? {
        Some(oid) => hash_of(oid),
        // The default of RFC 4055.
        None => Some(HashFunction::Sha1),
    }
}

fn hash_of(oid: ObjectIdentifier) -> Option<HashFunction> {
    let oid = oid.to_string();
    let mut known = HASHES.iter();
    known.find_map(|(name, hash)| (*name == oid).then_some(*hash))
}

/// The bits of the modulus of an RSA key.
fn rsa_bits(key: &[u8]) -> Option<usize> {
    let key = AnyRef::from_der(key).ok()?;
    let modulus = key.sequence(|reader: &mut SliceReader<'_>| {
        let modulus = UintRef::decode(reader)?;
        UintRef::decode(reader)?;
        Ok::<_, x509_cert::der::Error>(modulus)
    });
    let bytes = modulus.ok()?.as_bytes();
    let first = bytes.first()?;
    Some(bytes.len() * 8 - first.leading_zeros() as usize)
}
