//! Files with places where secrets can be.
//!
//! A place is written as `[place: name; encoding]` in a template.

/// How a text is written in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// With references for the special characters of XML.
    Xml,
    /// As it is.
    Raw,
    /// Each character as a reference.
    References,
    /// Each character percent-encoded.
    Percent,
    /// In a comment of XML.
    Comment,
    /// In a string of JSON or TOML.
    Json,
}

impl Encoding {
    fn named(name: &str) -> Self {
        match name {
            "xml" => Self::Xml,
            "raw" => Self::Raw,
            "references" => Self::References,
            "percent" => Self::Percent,
            "comment" => Self::Comment,
            "json" => Self::Json,
            other => panic!("{other}"),
        }
    }

    pub fn write(self, text: &str) -> String {
        match self {
            Self::Raw | Self::Comment => text.to_owned(),
            Self::Xml => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                text.replace('>', "&gt;").replace('"', "&quot;")
            }
            Self::References => text
                .chars()
                .map(|c| format!("&#x{:x};", u32::from(c)))
                .collect(),
            Self::Percent => text.bytes().map(|byte| format!("%{byte:02X}")).collect(),
            Self::Json => {
                let quoted = serde_json::to_string(text).unwrap();
                quoted[1..quoted.len() - 1].to_owned()
            }
        }
    }
}

/// Fills the places of a template. `fill` gets the name and the encoding of each.
pub fn fill(template: &str, mut fill: impl FnMut(&str, Encoding) -> String) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("[place: ") {
        let (place, after) = after.split_once(']').unwrap();
        let (name, encoding) = place.split_once("; ").unwrap();
        text.push_str(before);
        text.push_str(&fill(name, Encoding::named(encoding)));
        rest = after;
    }
    text + rest
}

/// The suffixes and templates of metadata files.
pub const FILES: [(&str, &str); 16] = [
    (
        "connectedApp-meta.xml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- [place: comment before the root; comment] -->
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>[place: email; xml]</contactEmail>
    <label>[place: label; xml]</label>
    <!-- forcelint-ignore pkce-required: [place: reason of a comment; comment] -->
    <oauthConfig>
        <callbackUrl>http://h.acme.example/?next=[place: callback URL; xml]
http://h.acme.example/[place: path of a callback URL; percent]
[place: callback; references]</callbackUrl>
        <consumerSecert>[place: misspelled element; xml]</consumerSecert>
        <ConsumerSecret>[place: element in the wrong case; xml]</ConsumerSecret>
        <clientSecret>[place: element of another type; xml]</clientSecret>
        <isConsumerSecretOptional>[place: boolean; xml]</isConsumerSecretOptional>
        <isPkceRequired>true</isPkceRequired><!-- [place: comment in a line; comment] -->
        <scopes>[place: enumeration value; xml]</scopes>
        <oauthConfigg a="[place: attribute; xml]">[place: unknown element; xml]</oauthConfigg>
    </oauthConfig>
    <oauthPolicy><refreshTokenPolicy>[place: policy; xml]</refreshTokenPolicy></oauthPolicy>
    <startUrl>http://h.acme.example/[place: start URL; xml]</startUrl>
</ConnectedApp>
<!-- [place: comment after the root; comment] -->
"#,
    ),
    (
        "namedCredential-meta.xml",
        r#"<NamedCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <allowMergeFieldsInHeader>[place: flag of a credential; xml]</allowMergeFieldsInHeader>
    <endpoint>http://h.acme.example/[place: endpoint; xml]</endpoint>
    <label>A</label>
    <namedCredentialParameters>
        <parameterName>X-API-Key</parameterName>
        <parameterType>HttpHeader</parameterType>
        <parameterValue>[place: header value; xml]</parameterValue>
    </namedCredentialParameters>
    <namedCredentialParameters>
        <parameterName>Url</parameterName>
        <parameterType>Url</parameterType>
        <parameterValue>http://h.acme.example/[place: URL of a parameter; xml]</parameterValue>
    </namedCredentialParameters>
    <password>[place: password element; xml]</password>
    <oauthToken><![CDATA[[place: CDATA in a secret element; raw]]]></oauthToken>
    <protocol>[place: protocol; references]</protocol>
</NamedCredential>
"#,
    ),
    (
        "authproviders-meta.xml",
        r#"<x:AuthProvider xmlns:x="http://soap.sforce.com/2006/04/metadata">
    <x:authorizeUrl>http://h.acme.example/[place: URL of a provider; xml]</x:authorizeUrl>
    <x:consumerSecret>[place: secret element with a prefix; xml]</x:consumerSecret>
    <x:consumerSecret>[place: duplicate element; xml]</x:consumerSecret>
    <x:providerType>[place: provider type; xml]</x:providerType>
    <x:tokenUrl>http://[place: CDATA; xml]<![CDATA[/[place: text in CDATA; raw]]]></x:tokenUrl>
</x:AuthProvider>
"#,
    ),
    (
        "remoteSite-meta.xml",
        r#"<RemoteSiteSetting xmlns="http://soap.sforce.com/2006/04/metadata">
    <description>[place: description; xml]</description>
    <disableProtocolSecurity>true</disableProtocolSecurity>
    <isActive>[place: active; xml]</isActive>
    <url>http://h.acme.example/[place: remote site; references]</url>
</RemoteSiteSetting>
"#,
    ),
    (
        "cspTrustedSite-meta.xml",
        r#"<CspTrustedSite xmlns="http://soap.sforce.com/2006/04/metadata">
    <context>[place: context; xml]</context>
    <endpointUrl>http://*.acme.example/[place: trusted site; xml]</endpointUrl>
    <isActive>true</isActive>
</CspTrustedSite>
"#,
    ),
    (
        "profile-meta.xml",
        r#"<Profile xmlns="http://soap.sforce.com/2006/04/metadata">
    <custom>[place: custom; xml]</custom>
    <loginIpRanges><startAddress>[place: address; xml]</startAddress></loginIpRanges>
    <userPermissions><enabled>true</enabled><name>[place: permission; xml]</name></userPermissions>
</Profile>
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <oauthConfig>
        <consumerSecret>[place: secret element that is not closed; xml]
        <label>[place: label in a malformed file; xml]</label>
    </oauthConfig>
</ConnectedApp>
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <oauthConfig>
        <consumerSecret [place: tag that is not closed; raw]</consumerSecret>
    </oauthConfig>
</ConnectedApp>
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
</ConnectedApp>
[place: text after the root; raw]
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"[place: text before the root; raw]
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"/>
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
<<<<<<< HEAD
    <label>[place: merge conflict; xml]</label>
=======
    <label>[place: other side of a merge conflict; raw]</label>
>>>>>>> branch
</ConnectedApp>
"#,
    ),
    (
        "connectedApp-meta.xml",
        r#"<Wrong xmlns="http://soap.sforce.com/2006/04/metadata">
    <password>[place: element below a wrong root; xml]</password>
</Wrong>
"#,
    ),
    (
        "connectedApp-meta.xml",
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <label>&[place: unknown entity; raw];</label>\n    <label>a</b>\n",
    ),
    (
        "connectedApp-meta.xml",
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <!-- -- [place: malformed comment; comment] -->\n</ConnectedApp>\n",
    ),
    (
        "externalCredential-meta.xml",
        r#"<ExternalCredential xmlns="http://soap.sforce.com/2006/04/metadata">
    <authenticationProtocol>[place: protocol of a credential; xml]</authenticationProtocol>
    <externalCredentialParameters>
        <parameterName>Authorization</parameterName>
        <parameterType>AuthHeader</parameterType>
        <parameterValue>[place: authorization header; xml]</parameterValue>
    </externalCredentialParameters>
    <externalCredentialParameters>
        <parameterName>X-Key</parameterName>
        <parameterType>AuthHeader</parameterType>
        <parameterValue>[place: header with another name; references]</parameterValue>
    </externalCredentialParameters>
</ExternalCredential>
"#,
    ),
    (
        "externalAuthIdentityProvider-meta.xml",
        r#"<ExternalAuthIdentityProvider xmlns="http://soap.sforce.com/2006/04/metadata">
    <externalAuthIdentityProviderParameters>
        <parameterName>client_secret</parameterName>
        <parameterType>TokenRequestBodyParameter</parameterType>
        <parameterValue>[place: secret of an identity provider; xml]</parameterValue>
    </externalAuthIdentityProviderParameters>
</ExternalAuthIdentityProvider>
"#,
    ),
];
