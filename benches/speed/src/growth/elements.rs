//! Dimensions of one file.

use super::dimension::Dimension;
use super::fixture::{APP, WITHOUT_PKCE, document, each};

/// Findings in one file need no source lines in this format.
const CONCISE: &[&str] = &["--format=concise"];
/// Source lines of each finding.
const PRETTY: &[&str] = &["--format=pretty"];

pub const DIMENSIONS: &[Dimension] = &[
    Dimension::new("items in one element", 4_000, |it, n| {
        let items = each(n, |at| format!("http://h{at}.acme.test/cb\n"));
        it.app(&format!(
            "<oauthConfig><callbackUrl>{items}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("items in one element, with references", 4_000, |it, n| {
        let items = each(n, |at| format!("http://h{at}.acme.test/?a&amp;b\n"));
        it.app(&format!(
            "<oauthConfig><callbackUrl>{items}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("repeated elements with findings", 10_000, |it, n| {
        it.app(&"<oauthConfig/>".repeat(n));
    })
    .within(100.0),
    Dimension::new("the same, with source lines", 10_000, |it, n| {
        it.app(&"<oauthConfig/>".repeat(n));
    })
    .with(PRETTY)
    .within(100.0),
    Dimension::new("repeated scopes", 10_000, |it, n| {
        let scopes = "<scopes>Full</scopes>".repeat(n);
        it.app(&format!(
            "<label>A</label><oauthConfig>{scopes}</oauthConfig>"
        ));
    })
    .within(100.0),
    Dimension::new("permissions of a profile", 10_000, |it, n| {
        let permissions = each(n, |at| {
            format!(
                "<userPermissions><enabled>true</enabled><name>P{at}</name></userPermissions>\n"
            )
        });
        it.metadata(
            "force-app/profiles/A.profile-meta.xml",
            "Profile",
            &permissions,
        );
    }),
    Dimension::new("IP ranges of a profile", 4_000, |it, n| {
        let ranges = each(n, |at| {
            let (high, low) = (at / 250 % 250, at % 250);
            format!(
                "<loginIpRanges><endAddress>10.{high}.{low}.255</endAddress><startAddress>1.{high}.{low}.0</startAddress></loginIpRanges>\n"
            )
        });
        it.metadata("force-app/profiles/A.profile-meta.xml", "Profile", &ranges);
    }),
    Dimension::new("unknown elements", 5_000, |it, n| {
        it.app(&each(n, |at| format!("<zz{at}qqq>1</zz{at}qqq>\n")));
    })
    .within(100.0),
    Dimension::new("unknown nested elements", 5_000, |it, n| {
        let unknown = each(n, |at| format!("<zz{at}qqq>1</zz{at}qqq>\n"));
        it.app(&format!("<oauthConfig>{unknown}</oauthConfig>"));
    }),
    Dimension::new("equal unknown elements", 5_000, |it, n| {
        it.app(&"<unknownElement>1</unknownElement>\n".repeat(n));
    }),
    Dimension::new("misspelled elements", 5_000, |it, n| {
        let misspelled = "<isPkceRequird>true</isPkceRequird>".repeat(n);
        it.app(&format!("<oauthConfig>{misspelled}</oauthConfig>"));
    }),
    Dimension::new("invalid values", 5_000, |it, n| {
        let invalid = each(n, |at| format!("<scopes>Nothing{at}</scopes>\n"));
        it.app(&format!("<oauthConfig>{invalid}</oauthConfig>"));
    }),
    Dimension::new("duplicates of a single element", 10_000, |it, n| {
        it.app(&"<label>A</label>\n".repeat(n));
    }),
    Dimension::new("alternating duplicates", 10_000, |it, n| {
        it.app(&"<label>A</label><contactEmail>a</contactEmail>\n".repeat(n));
    }),
    Dimension::new("duplicates in one parent", 10_000, |it, n| {
        let repeated = "<isPkceRequired>true</isPkceRequired>\n".repeat(n);
        it.app(&format!("<oauthConfig>{repeated}</oauthConfig>"));
    }),
    Dimension::new("elements of another namespace", 10_000, |it, n| {
        it.app(&"<x:a xmlns:x=\"urn:x\">1</x:a>\n".repeat(n));
    }),
    Dimension::new("attributes", 10_000, |it, n| {
        it.app(&"<label a=\"1\" b=\"2\" c=\"&amp;3\"/>\n".repeat(n));
    }),
    Dimension::new("length of an attribute", 1_000_000, |it, n| {
        it.app(&format!("<label a=\"{}\"/>", "&amp;".repeat(n)));
    }),
    Dimension::new("nested elements", 250_000, |it, n| {
        // 60 levels; more than 64 are malformed.
        let nested = "<a>".repeat(60) + &"</a>".repeat(60);
        it.app(&nested.repeat(n / 60));
    })
    .with(&["--format=concise", "--select=pkce-required"]),
    Dimension::new("nesting that is too deep", 500_000, |it, n| {
        it.app(&"<a>".repeat(n));
    }),
    Dimension::new("references in one value", 20_000, |it, n| {
        let value = "&amp;a".repeat(n);
        it.app(&format!(
            "<oauthConfig><callbackUrl>{value}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("CDATA sections in one value", 20_000, |it, n| {
        let value = "<![CDATA[a]]>".repeat(n);
        it.app(&format!(
            "<oauthConfig><callbackUrl>{value}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("comments in one value", 20_000, |it, n| {
        let value = "a<!-- b -->".repeat(n);
        it.app(&format!(
            "<oauthConfig><callbackUrl>{value}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("comments", 100_000, |it, n| {
        it.app(&format!(
            "{}{WITHOUT_PKCE}",
            "<!-- forcelint -->\n".repeat(n)
        ));
    }),
    Dimension::new("comments that suppress", 5_000, |it, n| {
        let app = "<!-- forcelint-ignore pkce-required: known --><oauthConfig/>\n";
        it.app(&app.repeat(n));
    })
    .with(&["--format=concise", "--show-suppressed"]),
    Dimension::new("comments without effect", 5_000, |it, n| {
        let comments = each(n, |at| {
            format!("<!-- forcelint-ignore rule-{at}: known -->\n")
        });
        it.app(&format!("{comments}{WITHOUT_PKCE}"));
    }),
    Dimension::new("rules in one comment", 20_000, |it, n| {
        let rules = "pkce-required,".repeat(n);
        it.app(&format!(
            "<!-- forcelint-ignore {rules}: known -->{WITHOUT_PKCE}"
        ));
    }),
    Dimension::new("comments after one another", 20_000, |it, n| {
        let comments = "<!-- forcelint-ignore pkce-required: known --> ".repeat(n);
        it.app(&format!("{comments}{WITHOUT_PKCE}"));
    }),
    Dimension::new("markers of merge conflicts", 200_000, |it, n| {
        it.write(
            APP,
            &document("ConnectedApp", &"<<<<<<< a\n=======\n".repeat(n)),
        );
    }),
    Dimension::new("processing instructions", 100_000, |it, n| {
        it.app(&"<?a b?>".repeat(n));
    }),
    Dimension::new("entities of a DOCTYPE", 100_000, |it, n| {
        let entities = each(n, |at| format!("<!ENTITY e{at} 'x'>\n"));
        let app = format!(
            "<!DOCTYPE ConnectedApp [\n{entities}]>\n<ConnectedApp>{WITHOUT_PKCE}</ConnectedApp>"
        );
        it.write(APP, &app);
    }),
    Dimension::new("length of a value", 500_000, |it, n| {
        let value = "a".repeat(n);
        it.app(&format!(
            "<label>{value}</label><oauthConfig><callbackUrl>{value}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("length of a line with findings", 2_500, |it, n| {
        it.app(&"<oauthConfig><isPkceRequired>false</isPkceRequired></oauthConfig>".repeat(n));
    })
    .with(PRETTY),
    Dimension::new("length of a line that is not ASCII", 2_500, |it, n| {
        it.app(
            &"<oauthConfig><isPkceRequired>false</isPkceRequired><x>äöü😀</x></oauthConfig>"
                .repeat(n),
        );
    })
    .with(PRETTY),
    Dimension::new("blank lines", 1_000_000, |it, n| {
        it.app(&format!(
            "{}{WITHOUT_PKCE}{}",
            "\n".repeat(n),
            " \r\n".repeat(n)
        ));
    })
    .with(PRETTY),
    Dimension::new("secrets", 2_000, |it, n| {
        let secrets = each(n, |at| {
            format!("<consumerSecret>S{at}abcdefghijk</consumerSecret>\n")
        });
        it.app(&format!("<oauthConfig>{secrets}</oauthConfig>"));
    })
    .with(PRETTY),
    Dimension::new("secrets on one line", 2_000, |it, n| {
        let secrets = each(n, |at| {
            format!("<consumerSecret>S{at}abcdefghijk</consumerSecret>")
        });
        it.app(&format!("<oauthConfig>{secrets}</oauthConfig>"));
    })
    .with(PRETTY),
    Dimension::new("tags of secrets without an end", 20_000, |it, n| {
        it.write(APP, &"<consumerSecret ".repeat(n));
    })
    .with(PRETTY),
    Dimension::new("a file of `<`", 1_000_000, |it, n| {
        it.write(APP, &"<".repeat(n))
    })
    .with(PRETTY),
    Dimension::new("a file of `&`", 1_000_000, |it, n| {
        it.write(APP, &"&".repeat(n))
    })
    .with(PRETTY),
    Dimension::new("a file of `<!--`", 1_000_000, |it, n| {
        it.write(APP, &"<!--".repeat(n))
    })
    .with(PRETTY),
    Dimension::new("a file of `://a:`", 200_000, |it, n| {
        it.write(APP, &"://a:".repeat(n))
    })
    .with(PRETTY),
    Dimension::new("a file of private keys", 20_000, |it, n| {
        it.write(APP, &"-----BEGIN PRIVATE KEY-----".repeat(n));
    })
    .with(PRETTY),
    Dimension::new("certificates", 2_000, |it, n| {
        let keys = "<certificate>-----BEGIN CERTIFICATE-----MIIB</certificate>\n".repeat(n);
        it.app(&format!("<oauthConfig>{keys}</oauthConfig>"));
    })
    .with(CONCISE),
    Dimension::new("scopes of a custom permission", 5_000, |it, n| {
        let origins = each(n, |at| {
            format!(
                "<objectPermissions><allowRead>true</allowRead><object>O{at}__c</object><viewAllRecords>true</viewAllRecords><modifyAllRecords>true</modifyAllRecords></objectPermissions>\n"
            )
        });
        it.metadata(
            "force-app/permissionsets/A.permissionset-meta.xml",
            "PermissionSet",
            &format!("<label>A</label><license>Guest</license>{origins}"),
        );
    }),
];
