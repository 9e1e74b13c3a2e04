//! Dimensions of folders, files, and what files refer to.

use std::fs;

use super::dimension::Dimension;
use super::fixture::{COMPLIANT, Fixture, WITHOUT_PKCE, each};

/// Writes a connected app in a folder.
fn app_in(it: &Fixture, folder: &str, name: usize) {
    let path = format!("{folder}/A{name}.connectedApp-meta.xml");
    it.metadata(&path, "ConnectedApp", COMPLIANT);
}

/// Writes a project file with these package directories.
pub fn packages(it: &Fixture, count: usize) {
    let directories = each(count, |at| format!("{}{{\"path\":\"p{at}\"}}", comma(at)));
    it.write(
        "sfdx-project.json",
        &format!("{{\"packageDirectories\":[{directories}]}}"),
    );
}

pub fn comma(at: usize) -> &'static str {
    if at == 0 { "" } else { "," }
}

fn eca(it: &Fixture, folder: &str, file: &str, root: &str, content: &str) {
    it.metadata(
        &format!("force-app/{folder}/{file}-meta.xml"),
        root,
        content,
    );
}

fn policy(it: &Fixture, file: usize, app: usize) {
    let content = format!(
        "<externalClientApplication>A{app}</externalClientApplication><ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType><label>P</label><permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType><refreshTokenPolicyType>Infinite</refreshTokenPolicyType>"
    );
    eca(
        it,
        "extlClntAppOauthPolicies",
        &format!("P{file}.ecaOauthPlcy"),
        "ExtlClntAppOauthConfigurablePolicies",
        &content,
    );
}

fn global(it: &Fixture, file: usize, app: usize) {
    let content = format!(
        "<callbackUrl>https://a.acme.test/cb</callbackUrl><externalClientApplication>A{app}</externalClientApplication><isPkceRequired>false</isPkceRequired><label>G</label>"
    );
    eca(
        it,
        "extlClntAppGlobalOauthSets",
        &format!("G{file}.ecaGlblOauth"),
        "ExtlClntAppGlobalOauthSettings",
        &content,
    );
}

fn settings(it: &Fixture, file: usize, app: usize) {
    let content = format!(
        "<commaSeparatedOauthScopes>Full</commaSeparatedOauthScopes><externalClientApplication>A{app}</externalClientApplication><label>S</label>"
    );
    eca(
        it,
        "extlClntAppOauthSettings",
        &format!("S{file}.ecaOauth"),
        "ExtlClntAppOauthSettings",
        &content,
    );
}

fn application(it: &Fixture, app: usize) {
    let content = format!(
        "<contactEmail>a@example.com</contactEmail><distributionState>Local</distributionState><label>A{app}</label>"
    );
    eca(
        it,
        "externalClientApps",
        &format!("A{app}.eca"),
        "ExternalClientApplication",
        &content,
    );
}

pub const DIMENSIONS: &[Dimension] = &[
    Dimension::new("files in one folder", 2_000, |it, n| {
        (0..n).for_each(|at| app_in(it, "force-app/connectedApps", at));
    }),
    Dimension::new("folders", 2_000, |it, n| {
        (0..n).for_each(|at| app_in(it, &format!("force-app/f{at}/connectedApps"), at));
    }),
    Dimension::new("depth of folders", 50, |it, n| {
        let folder = format!("force-app/{}", "d/".repeat(n));
        (0..2_000).for_each(|at| app_in(it, &folder, at));
    }),
    Dimension::new("files of other kinds", 20_000, |it, n| {
        app_in(it, "force-app/connectedApps", 0);
        (0..n).for_each(|at| it.write(&format!("force-app/classes/A{at}.cls"), ""));
    }),
    Dimension::new("package directories", 500, |it, n| {
        packages(it, n);
        (0..n).for_each(|at| app_in(it, &format!("p{at}/connectedApps"), at));
    }),
    Dimension::new("package directories with org settings", 250, |it, n| {
        packages(it, n);
        for at in 0..n {
            it.metadata(
                &format!("p{at}/connectedApps/A.connectedApp-meta.xml"),
                "ConnectedApp",
                WITHOUT_PKCE,
            );
            it.metadata(
                &format!("p{at}/settings/OauthOidc.settings-meta.xml"),
                "OauthOidcSettings",
                "<isPkceRequired>true</isPkceRequired>",
            );
        }
    }),
    Dimension::new("projects", 500, |it, n| {
        for at in 0..n {
            it.write(
                &format!("p{at}/sfdx-project.json"),
                r#"{"packageDirectories":[{"path":"force-app"}]}"#,
            );
            it.metadata(
                &format!("p{at}/force-app/connectedApps/A.connectedApp-meta.xml"),
                "ConnectedApp",
                WITHOUT_PKCE,
            );
        }
    })
    .with(&["--format=concise", "."]),
    Dimension::new("org settings in one package directory", 500, |it, n| {
        for at in 0..n {
            it.metadata(
                &format!("force-app/f{at}/settings/OauthOidc.settings-meta.xml"),
                "OauthOidcSettings",
                "<isPkceRequired>true</isPkceRequired>",
            );
            it.metadata(
                &format!("force-app/f{at}/connectedApps/A{at}.connectedApp-meta.xml"),
                "ConnectedApp",
                WITHOUT_PKCE,
            );
        }
    }),
    Dimension::new("External Client Apps", 500, |it, n| {
        for at in 0..n {
            application(it, at);
            settings(it, at, at);
            global(it, at, at);
            policy(it, at, at);
        }
    }),
    Dimension::new("policies of one app", 1_000, |it, n| {
        application(it, 0);
        global(it, 0, 0);
        settings(it, 0, 0);
        (0..n).for_each(|at| policy(it, at, 0));
    }),
    Dimension::new("settings of one app", 500, |it, n| {
        application(it, 0);
        (0..n).for_each(|at| global(it, at, 0));
        (0..n).for_each(|at| settings(it, at, 0));
    }),
    Dimension::new("settings and policies of one app", 500, |it, n| {
        application(it, 0);
        (0..n).for_each(|at| global(it, at, 0));
        (0..n).for_each(|at| settings(it, at, 0));
        (0..n).for_each(|at| policy(it, at, 0));
    }),
    Dimension::new("profiles and permission sets", 1_000, |it, n| {
        for at in 0..n {
            it.metadata(&format!("force-app/profiles/A{at}.profile-meta.xml"), "Profile", "<userLicense>Guest User License</userLicense><userPermissions><enabled>true</enabled><name>ModifyAllData</name></userPermissions>");
            it.metadata(&format!("force-app/sites/A{at}.site-meta.xml"), "CustomSite", "<active>true</active><masterLabel>A</masterLabel><siteType>ChatterNetwork</siteType>");
            it.metadata(
                &format!("force-app/networks/A{at}.network-meta.xml"),
                "Network",
                "<selfRegistration>true</selfRegistration><status>Live</status>",
            );
        }
    }),
    Dimension::new("files in metadata format", 1_000, |it, n| {
        for at in 0..n {
            it.write(
                &format!("src/m{at}/package.xml"),
                "<Package><version>60.0</version></Package>",
            );
            it.metadata(
                &format!("src/m{at}/connectedApps/A.connectedApp"),
                "ConnectedApp",
                WITHOUT_PKCE,
            );
        }
    })
    .with(&["--format=concise", "src"]),
    Dimension::new("malformed files", 1_000, |it, n| {
        (0..n).for_each(|at| {
            it.write(
                &format!("force-app/connectedApps/A{at}.connectedApp-meta.xml"),
                "<a>",
            )
        });
    }),
    Dimension::new("misnamed files", 1_000, |it, n| {
        for at in 0..n {
            it.metadata(
                &format!("force-app/x/A{at}.ecaGlobalOauth-meta.xml"),
                "ExtlClntAppGlobalOauthSettings",
                "<label>A</label>",
            );
        }
    }),
    #[cfg(unix)]
    Dimension::new("links to one file", 2_000, |it, n| {
        it.metadata(
            "force-app/x/A.connectedApp-meta.xml",
            "ConnectedApp",
            WITHOUT_PKCE,
        );
        fs::create_dir(it.path().join("force-app/connectedApps"))
            .expect("the folder can be created");
        for at in 0..n {
            let link = it.path().join(format!(
                "force-app/connectedApps/L{at}.connectedApp-meta.xml"
            ));
            std::os::unix::fs::symlink("../x/A.connectedApp-meta.xml", link)
                .expect("the link can be created");
        }
    }),
    #[cfg(unix)]
    Dimension::new("links to one folder", 500, |it, n| {
        (0..10).for_each(|at| app_in(it, "shared", at));
        for at in 0..n {
            let link = it.path().join(format!("force-app/l{at}"));
            std::os::unix::fs::symlink("../shared", link).expect("the link can be created");
        }
    }),
    Dimension::new("files that cannot be checked", 1_000, |it, n| {
        for at in 0..n {
            it.metadata(&format!("force-app/connectedApps/A{at}.connectedApp-meta.xml"), "ConnectedApp", "<label>A</label><oauthConfig><isPkceRequired>${PKCE}</isPkceRequired></oauthConfig>");
        }
    }),
    Dimension::new("files without reported findings", 2_000, |it, n| {
        for at in 0..n {
            let pkce = WITHOUT_PKCE.replace(">false</isPkceR", ">true</isPkceR");
            it.metadata(
                &format!(
                    "force-app/f{}/connectedApps/A{at}.connectedApp-meta.xml",
                    at / 500
                ),
                "ConnectedApp",
                &pkce,
            );
        }
    })
    .with(&["--format=concise", "--ignore=self-authorized-users"])
    .within(40.0),
];
