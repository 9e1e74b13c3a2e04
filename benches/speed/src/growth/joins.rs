//! Dimensions of components that refer to each other.

use super::dimension::Dimension;
use super::files::packages;
use super::fixture::{Fixture, each};

const GUEST: &str = "<userLicense>Guest User License</userLicense>";
const FLOW: &str = "<label>F</label><processType>Flow</processType><runInMode>SystemModeWithoutSharing</runInMode><status>Active</status>";

fn profile(it: &Fixture, name: usize, content: &str) {
    let path = format!("force-app/profiles/P{name}.profile-meta.xml");
    it.metadata(&path, "Profile", &format!("{content}{GUEST}"));
}

fn reads(object: usize) -> String {
    format!(
        "<objectPermissions><allowRead>true</allowRead><object>O{object}__c</object></objectPermissions>\n"
    )
}

fn runs(flow: usize) -> String {
    format!("<flowAccesses><enabled>true</enabled><flow>F{flow}</flow></flowAccesses>\n")
}

fn flow(it: &Fixture, name: usize) {
    let path = format!("force-app/flows/F{name}.flow-meta.xml");
    it.metadata(&path, "Flow", FLOW);
}

fn sharing_rules(it: &Fixture, object: usize, count: usize) {
    let rules = each(count, |at| {
        format!(
            "<sharingGuestRules><fullName>R{at}</fullName><accessLevel>Read</accessLevel><criteriaItems/><sharedTo><guestUser>G</guestUser></sharedTo></sharingGuestRules>\n"
        )
    });
    let path = format!("force-app/sharingRules/O{object}__c.sharingRules-meta.xml");
    it.metadata(&path, "SharingRules", &rules);
}

fn named_credential(it: &Fixture, folder: &str, name: usize, credential: usize) {
    let path = format!("{folder}/namedCredentials/N{name}.namedCredential-meta.xml");
    let content = format!(
        "<label>N</label><namedCredentialParameters><externalCredential>C{credential}</externalCredential></namedCredentialParameters>"
    );
    it.metadata(&path, "NamedCredential", &content);
}

fn grants(credential: usize) -> String {
    format!(
        "<externalCredentialPrincipalAccesses><enabled>true</enabled><externalCredentialPrincipal>C{credential}-P</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n"
    )
}

fn permission_set(it: &Fixture, folder: &str, name: usize, content: &str) {
    let path = format!("{folder}/permissionsets/S{name}.permissionset-meta.xml");
    it.metadata(
        &path,
        "PermissionSet",
        &format!("<label>S</label>{content}"),
    );
}

/// A permission that one half of the permission sets needs of the other to be dangerous.
fn permission(at: usize) -> String {
    let name = ["ManageUsers", "ViewAllData"][at % 2];
    format!("<userPermissions><enabled>true</enabled><name>{name}</name></userPermissions>")
}

fn group(it: &Fixture, name: usize, permission_sets: &str) {
    let path = format!("force-app/permissionsetgroups/G{name}.permissionsetgroup-meta.xml");
    it.metadata(
        &path,
        "PermissionSetGroup",
        &format!("<label>G</label>{permission_sets}"),
    );
}

fn origins(it: &Fixture, count: usize) {
    it.metadata(
        "force-app/settings/Security.settings-meta.xml",
        "SecuritySettings",
        "<sessionSettings><enableOauthCorsPolicy>true</enableOauthCorsPolicy></sessionSettings>",
    );
    for at in 0..count {
        it.metadata(
            &format!("force-app/corsWhitelistOrigins/C{at}.corsWhitelistOrigin-meta.xml"),
            "CorsWhitelistOrigin",
            &format!("<urlPattern>https://h{at}.acme.test</urlPattern>"),
        );
    }
}

pub const DIMENSIONS: &[Dimension] = &[
    Dimension::new("guest objects with sharing rules", 500, |it, n| {
        profile(it, 0, &each(n, reads));
        (0..n).for_each(|at| sharing_rules(it, at, 1));
    }),
    Dimension::new(
        "guest profiles and sharing rules of one object",
        500,
        |it, n| {
            (0..n).for_each(|at| profile(it, at, &reads(0)));
            sharing_rules(it, 0, n);
        },
    ),
    Dimension::new("flows that a guest profile may run", 1_000, |it, n| {
        profile(it, 0, &each(n, runs));
        (0..n).for_each(|at| flow(it, at));
    }),
    Dimension::new("guest profiles that may run a flow", 1_000, |it, n| {
        (0..n).for_each(|at| profile(it, at, &runs(0)));
        flow(it, 0);
    }),
    Dimension::new("guest profiles and flows", 500, |it, n| {
        (0..n).for_each(|at| profile(it, at, &runs(at)));
        (0..n).for_each(|at| flow(it, at));
    }),
    Dimension::new(
        "named credentials and their permission sets",
        500,
        |it, n| {
            for at in 0..n {
                named_credential(it, "force-app", at, at);
                permission_set(it, "force-app", at, &grants(at));
            }
        },
    ),
    Dimension::new(
        "named credentials and permission sets of one",
        500,
        |it, n| {
            for at in 0..n {
                named_credential(it, "force-app", at, 0);
                permission_set(it, "force-app", at, &grants(0));
            }
        },
    ),
    Dimension::new("credentials of one permission set", 1_000, |it, n| {
        (0..n).for_each(|at| named_credential(it, "force-app", at, at));
        permission_set(it, "force-app", 0, &each(n, grants));
    }),
    Dimension::new("package directories with one credential", 250, |it, n| {
        packages(it, n);
        for at in 0..n {
            let folder = format!("p{at}");
            named_credential(it, &folder, at, 0);
            permission_set(it, &folder, at, &grants(0));
        }
    })
    .with(&["--format=concise", "."]),
    Dimension::new("permission sets of a group", 1_000, |it, n| {
        (0..n).for_each(|at| permission_set(it, "force-app", at, &permission(at)));
        let names = each(n, |at| format!("<permissionSets>S{at}</permissionSets>\n"));
        group(it, 0, &names);
    }),
    Dimension::new("groups of two permission sets", 1_000, |it, n| {
        (0..2).for_each(|at| permission_set(it, "force-app", at, &permission(at)));
        let names = each(2, |at| format!("<permissionSets>S{at}</permissionSets>\n"));
        (0..n).for_each(|at| group(it, at, &names));
    }),
    Dimension::new("callbacks of an app and allowed origins", 1_000, |it, n| {
        origins(it, n);
        let callbacks = each(n, |at| format!("https://h{at}.acme.test/callback\n"));
        it.app(&format!(
            "<label>A</label><oauthConfig><callbackUrl>{callbacks}</callbackUrl></oauthConfig>"
        ));
    }),
    Dimension::new("transaction security policies", 1_000, |it, n| {
        it.metadata(
            "force-app/settings/Event.settings-meta.xml",
            "EventSettings",
            "<enableTransactionSecurityPolicies>true</enableTransactionSecurityPolicies>",
        );
        for at in 0..n {
            it.metadata(
                &format!(
                    "force-app/transactionSecurityPolicies/T{at}.transactionSecurityPolicy-meta.xml"
                ),
                "TransactionSecurityPolicy",
                "<active>true</active><eventName>ReportEvent</eventName>",
            );
        }
    }),
];
