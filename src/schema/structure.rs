//! Structures, fields and enumerations: small values that refer to the tables.
//!
//! Finding a field compares a few names and allocates nothing, because it happens for every element of a
//! file.

use std::fmt;

use super::api_version::ApiVersion;
use super::tables::{
    ENUMERATION, ENUMERATIONS, FACT_SHIFT, FACTS, FIELDS, FIELDS_BY_NAME, NEW_VALUES, NONE,
    REMOVED, REPEATS, REQUIRED, STRUCTURE, STRUCTURES, VALUES, bytes, optional_text, part, search,
    text,
};

/// A type with fields, such as `ConnectedAppOauthConfig`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Structure(u16);

/// An element that a structure can contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    /// The content of the element.
    pub kind: Kind,
    /// The element may be repeated.
    pub repeats: bool,
    /// The WSDL requires the element.
    pub required: bool,
    /// Only old files have the element: the current WSDL does not.
    pub removed: bool,
    /// The first API version that has the element, if it is documented or follows from the date of a
    /// release.
    pub since: Option<ApiVersion>,
    /// API versions before this one do not have the element. That is proven, but not always exact.
    pub unknown_before: Option<ApiVersion>,
    /// API versions after this one do not have the element.
    pub until: Option<ApiVersion>,
    /// The value if the element is missing, if documented.
    pub default: Option<&'static str>,
}

/// The content of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// An xsd:boolean.
    Boolean,
    /// A number. The npm packages do not distinguish integers and decimals.
    Number,
    /// A date. The npm packages do not distinguish dates with and without a time of day.
    Date,
    Enumeration(Enumeration),
    /// Other elements.
    Structure(Structure),
    /// Anything: the WSDL does not specify it.
    Unknown,
}

/// The possible values of a field.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Enumeration(u16);

impl Structure {
    /// The structure with this name in the WSDL.
    #[inline]
    pub fn named(name: &str) -> Option<Self> {
        let found = search(Self::count(), |at| text(STRUCTURES[at][0]).cmp(name))?;
        Some(Self(found as u16))
    }

    pub(crate) fn at(number: u16) -> Option<Self> {
        (number != NONE).then_some(Self(number))
    }

    /// The number of structures.
    pub fn count() -> usize {
        STRUCTURES.len() - 1
    }

    /// The name in the WSDL.
    pub fn name(self) -> &'static str {
        text(STRUCTURES[usize::from(self.0)][0])
    }

    /// The field with this name.
    pub fn field(self, name: &str) -> Option<Field> {
        let by_name = &FIELDS_BY_NAME[part(&STRUCTURES, self.0, 1)];
        let name_at = |at: usize| bytes(FIELDS[usize::from(by_name[at])][0]);
        let found = search(by_name.len(), |at| name_at(at).cmp(name.as_bytes()))?;
        Some(Field::at(usize::from(by_name[found])))
    }

    /// The field with this name. Looks first at the fields starting at index `next`, and sets `next` to the
    /// index after the found field. This is fast for retrieved files, which have fields in alphabetical
    /// order like these tables.
    #[inline]
    pub fn field_from(self, name: &str, next: &mut usize) -> Option<Field> {
        const LOOKAHEAD: usize = 4;
        let by_name = &FIELDS_BY_NAME[part(&STRUCTURES, self.0, 1)];
        let name = name.as_bytes();
        let name_at = |at: usize| bytes(FIELDS[usize::from(by_name[at])][0]);
        let end = by_name.len().min(*next + LOOKAHEAD);
        let found = (*next..end)
            .find(|&at| name_at(at) == name)
            .or_else(|| search(by_name.len(), |at| name_at(at).cmp(name)))?;
        *next = found + 1;
        Some(Field::at(usize::from(by_name[found])))
    }

    /// The fields in the order of the WSDL, which is also that of retrieved files.
    pub fn fields(self) -> impl ExactSizeIterator<Item = Field> {
        part(&STRUCTURES, self.0, 1).map(Field::at)
    }
}

impl fmt::Debug for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Field {
    fn at(at: usize) -> Self {
        let [name, kind, rest] = FIELDS[at];
        let [since, default, unknown_before, until] =
            match usize::from(rest >> FACT_SHIFT).checked_sub(1) {
                None => [NONE; 4],
                Some(fact) => FACTS[fact],
            };
        Self {
            name: text(name),
            kind: Kind::of(kind),
            repeats: rest & REPEATS != 0,
            required: rest & REQUIRED != 0,
            removed: rest & REMOVED != 0,
            since: optional_version(since),
            unknown_before: optional_version(unknown_before),
            until: optional_version(until),
            default: optional_text(default),
        }
    }
}

fn optional_version(number: u16) -> Option<ApiVersion> {
    (number != NONE).then_some(ApiVersion::new(number))
}

impl Kind {
    fn of(number: u16) -> Self {
        match number {
            1 => Self::Text,
            2 => Self::Boolean,
            3 => Self::Number,
            4 => Self::Date,
            _ if number & STRUCTURE != 0 => Self::Structure(Structure(number & !STRUCTURE)),
            _ if number & ENUMERATION != 0 => Self::Enumeration(Enumeration(number & !ENUMERATION)),
            _ => Self::Unknown,
        }
    }
}

impl Enumeration {
    /// The enumeration with this name in the WSDL. If only the documentation lists the values of a field,
    /// the name is `Structure.field`.
    pub fn named(name: &str) -> Option<Self> {
        let found = search(Self::count(), |at| text(ENUMERATIONS[at][0]).cmp(name))?;
        Some(Self(found as u16))
    }

    /// The number of enumerations.
    pub fn count() -> usize {
        ENUMERATIONS.len() - 1
    }

    pub fn name(self) -> &'static str {
        text(ENUMERATIONS[usize::from(self.0)][0])
    }

    /// The values in the order of the WSDL.
    pub fn values(self) -> impl ExactSizeIterator<Item = &'static str> {
        part(&ENUMERATIONS, self.0, 1).map(|at| text(VALUES[at]))
    }

    /// API versions before this one do not have the value.
    pub fn unknown_before(self, value: &str) -> Option<ApiVersion> {
        let at = part(&ENUMERATIONS, self.0, 1).find(|&at| text(VALUES[at]) == value)?;
        let found = NEW_VALUES.binary_search_by_key(&at, |[at, _]| usize::from(*at));
        found.ok().map(|new| ApiVersion::new(NEW_VALUES[new][1]))
    }

    /// Whether a field can have this value.
    pub fn contains(self, value: &str) -> bool {
        self.values().any(|it| it == value)
    }
}

impl fmt::Debug for Enumeration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The shortest path from `start` to a field with this name, such as `oauthConfig/isPkceRequired`. This is
/// slow, and meant for suggestions in messages.
pub(crate) fn path_to(start: Structure, name: &str) -> Option<String> {
    let mut seen = vec![start];
    let mut level = vec![(start, String::new())];
    while !level.is_empty() {
        let mut below = Vec::new();
        for (structure, path) in level {
            if structure.field(name).is_some() {
                return Some(path + name);
            }
            for field in structure.fields() {
                if let Kind::Structure(inner) = field.kind
                    && !seen.contains(&inner)
                {
                    seen.push(inner);
                    below.push((inner, format!("{path}{}/", field.name)));
                }
            }
        }
        level = below;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::is_secret_element;

    fn structure(name: &str) -> Structure {
        Structure::named(name).unwrap()
    }

    #[test]
    fn fields_in_the_order_of_the_wsdl() {
        let names: Vec<&str> = structure("ConnectedAppOauthConfig")
            .fields()
            .map(|field| field.name)
            .collect();
        let expected = [
            "assetTokenConfig",
            "callbackUrl",
            "certificate",
            "consumerKey",
            "consumerSecret",
            "idTokenConfig",
            "isAdminApproved",
            "isClientCredentialEnabled",
            "isCodeCredentialEnabled",
            "isCodeCredentialPostOnly",
            "isConsumerSecretOptional",
            "isDPopEnabled",
            "isDeviceFlowEnabled",
            "isEnforceRefreshTokenTTL",
            "isIntrospectAllTokens",
            "isIpBindingEnabled",
            "isNamedUserJwtEnabled",
            "isPKImTLSEnabled",
            "isPkceRequired",
            "isRefreshTokenRotationEnabled",
            "isSecretRequiredForRefreshToken",
            "isSecretRequiredForTokenExchange",
            "isTokenExchangeEnabled",
            "oauthClientCredentialUser",
            "scopes",
            "singleLogoutUrl",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn field_properties() {
        let config = structure("ConnectedAppOauthConfig");
        let flag = config.field("isPkceRequired").unwrap();
        assert_eq!(flag.kind, Kind::Boolean);
        assert_eq!(flag.since, ApiVersion::parse("59.0"));
        assert_eq!(flag.default, Some("false"));
        assert!(!flag.repeats && !flag.required && !flag.removed);
        assert!(config.field("callbackUrl").unwrap().required);
        assert!(config.field("scopes").unwrap().repeats);
        assert_eq!(config.field("isPkceRequire"), None);
        assert_eq!(config.field("ispkcerequired"), None);
        let app = structure("ExtlClntAppGlobalOauthSettings");
        assert_eq!(app.field("isPkceRequired").unwrap().default, Some("true"));
    }

    #[test]
    fn inherited_fields_come_first() {
        let names: Vec<&str> = structure("Certificate")
            .fields()
            .map(|field| field.name)
            .collect();
        assert_eq!(names[..3], ["fullName", "content", "caSigned"]);
        let expiration = structure("Certificate").field("expirationDate").unwrap();
        assert_eq!(expiration.kind, Kind::Date);
    }

    #[test]
    fn enumeration_values() {
        let config = structure("ConnectedAppOauthConfig");
        let Kind::Enumeration(scopes) = config.field("scopes").unwrap().kind else {
            panic!("scopes are an enumeration");
        };
        assert_eq!(scopes.name(), "ConnectedAppOauthAccessScope");
        let values: Vec<&str> = scopes.values().collect();
        let expected = "Basic Api Web Full Chatter CustomApplications RefreshToken OpenID Profile \
            Email Address Phone OfflineAccess CustomPermissions Wave Eclair Pardot Lightning Content \
            CDPIngest CDPProfile CDPQuery Chatbot CDPSegment CDPIdentityResolution \
            CDPCalculatedInsight ForgotPassword UserRegistration SFAP Interaction CDP EinsteinGPT \
            PwdlessLogin MCP SCRT DataCloudUserClaims A2A CmdbDiscovery SemanticLayer";
        assert_eq!(values, expected.split_whitespace().collect::<Vec<_>>());
        assert!(scopes.contains("Full") && !scopes.contains("ChatterApi"));
    }

    #[test]
    fn documented_values_form_an_enumeration() {
        let policy = structure("ConnectedAppOauthPolicy");
        let field = policy.field("ipRelaxation").unwrap();
        let Kind::Enumeration(values) = field.kind else {
            panic!("the values of ipRelaxation are documented");
        };
        assert!(values.contains("BYPASS_2FACTOR") && !values.contains("ENFORCE_ACTIVATED_USERS"));
        assert_eq!(field.default, Some("ENFORCE"));
        assert_eq!(policy.field("refreshTokenPolicy").unwrap().kind, Kind::Text);
    }

    #[test]
    fn removed_fields() {
        let https = structure("SessionSettings").field("requireHttps").unwrap();
        assert!(https.removed && https.kind == Kind::Boolean);
        assert!(
            structure("ConnectedApp")
                .field("pluginExecutionUser")
                .unwrap()
                .removed
        );
    }

    #[test]
    fn every_field_is_found_by_its_name() {
        for name in (0..Structure::count()).map(|at| Structure(at as u16).name()) {
            let structure = structure(name);
            for field in structure.fields() {
                assert_eq!(structure.field(field.name), Some(field), "{name}");
                match field.kind {
                    Kind::Structure(inner) => {
                        assert_eq!(Structure::named(inner.name()), Some(inner))
                    }
                    Kind::Enumeration(inner) => assert!(inner.values().len() > 0, "{name}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn paths_to_nested_fields() {
        let app = structure("ConnectedApp");
        let path = |name| path_to(app, name);
        assert_eq!(
            path("isPkceRequired").as_deref(),
            Some("oauthConfig/isPkceRequired")
        );
        assert_eq!(path("label").as_deref(), Some("label"));
        assert_eq!(path("pkce"), None);
        assert_eq!(path_to(structure("Flow"), "nothing of this name"), None);
    }

    /// A field whose name only looks like that of a secret would be masked for no reason.
    #[test]
    fn secret_fields() {
        let structures = (0..Structure::count()).filter_map(|at| Structure::at(at as u16));
        let fields = structures.flat_map(|structure| structure.fields().collect::<Vec<_>>());
        let mut names: Vec<&str> = fields
            .filter(|field| {
                !matches!(
                    field.kind,
                    Kind::Boolean | Kind::Number | Kind::Structure(_)
                )
            })
            .map(|field| field.name)
            .filter(|name| is_secret_element(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        let expected = [
            "awsAccessKey",
            "awsAccessSecret",
            "awsAccountKey",
            "consumerKey",
            "consumerSecret",
            "ecKey",
            "googleMapsAPIKey",
            "oauthRefreshToken",
            "oauthToken",
            "password",
            "recaptchaSecretKey",
            "s3AccessKey",
            "s3SecretKey",
            "serviceAccount",
            "signingKey",
        ];
        assert_eq!(names, expected);
    }
}
