//! Dimensions of configuration: forcelint.toml, the baseline, rules, ignore files, and the command line.

use super::dimension::Dimension;
use super::files::comma;
use super::fixture::{COMPLIANT, Fixture, WITHOUT_PKCE, each};

const ONE_RULE: &[&str] = &["--format=concise", "--select=pkce-required"];

/// Writes apps that do not require PKCE.
fn apps(it: &Fixture, count: usize) {
    for at in 0..count {
        it.metadata(
            &format!("force-app/connectedApps/A{at}.connectedApp-meta.xml"),
            "ConnectedApp",
            WITHOUT_PKCE,
        );
    }
}

fn exceptions(it: &Fixture, count: usize, subject: impl Fn(usize) -> String, more: &str) {
    let exceptions = each(count, |at| {
        format!(
            "[[exception]]\nrule = \"pkce-required\"\n{}\nreason = \"x\"\n{more}\n",
            subject(at)
        )
    });
    it.write("forcelint.toml", &exceptions);
}

/// A rule with this id, and checks.
fn rule(id: &str, checks: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"A rule\"\nseverity = \"low\"\nurl = \"https://acme.test\"\nhelp = \"Do it.\"\n{checks}\n[[test]]\nname = \"passes\"\nmetadata = \"ConnectedApp\"\nxml = '<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>'\n"
    )
}

fn check(pattern: &str) -> String {
    format!(
        "[[check]]\nmetadata = \"ConnectedApp\"\nrequire = {{ field = \"description\", matches = '{pattern}', absent = \"complies\" }}\nmessage = \"A message\"\n"
    )
}

pub const DIMENSIONS: &[Dimension] = &[
    Dimension::new("exceptions", 2_500, |it, n| {
        it.app(WITHOUT_PKCE);
        exceptions(it, n, |at| format!("component = \"ConnectedApp:X{at}\""), "");
    })
    .with(ONE_RULE),
    Dimension::new("exceptions, --show-config", 2_500, |it, n| {
        exceptions(it, n, |at| format!("component = \"ConnectedApp:X{at}\""), "");
    })
    .with(&["--show-config"]),
    Dimension::new("exceptions with a path", 1_000, |it, n| {
        it.app(WITHOUT_PKCE);
        exceptions(it, n, |at| format!("path = \"force-app/x{at}/**\""), "");
    })
    .with(ONE_RULE),
    Dimension::new("expired exceptions", 2_500, |it, n| {
        it.app(WITHOUT_PKCE);
        exceptions(it, n, |at| format!("component = \"ConnectedApp:X{at}\""), "expires = 2020-01-01");
    })
    .with(ONE_RULE),
    Dimension::new("exceptions and findings", 500, |it, n| {
        apps(it, n);
        exceptions(it, n, |at| format!("component = \"ConnectedApp:A{at}\""), "");
    })
    .with(ONE_RULE),
    Dimension::new("exceptions with misspelled components", 500, |it, n| {
        apps(it, n);
        exceptions(it, n, |at| format!("component = \"ConnectedApp:A{at}x\""), "");
    })
    .with(ONE_RULE),
    Dimension::new("exceptions with a path and findings", 500, |it, n| {
        apps(it, n);
        exceptions(it, n, |at| format!("path = \"force-app/connectedApps/A{at}.*\""), "");
    })
    .with(ONE_RULE),
    Dimension::new("expired exceptions and findings", 500, |it, n| {
        apps(it, n);
        exceptions(it, n, |at| format!("component = \"ConnectedApp:A{at}\""), "expires = 2020-01-01");
    })
    .with(ONE_RULE),
    Dimension::new("excluded paths", 1_000, |it, n| {
        it.app(COMPLIANT);
        let excluded = each(n, |at| format!("{}\"force-app/x{at}\"", comma(at)));
        it.write("forcelint.toml", &format!("exclude = [{excluded}]\n"));
    }),
    Dimension::new("excluded paths and files", 500, |it, n| {
        it.app(COMPLIANT);
        apps(it, n);
        let excluded = each(n, |at| format!("{}\"force-app/connectedApps/A{at}.*\"", comma(at)));
        it.write("forcelint.toml", &format!("exclude = [{excluded}]\n"));
    }),
    Dimension::new("entries of the baseline", 20_000, |it, n| {
        it.app(WITHOUT_PKCE);
        let entries = each(n, |at| {
            format!("{}\n{{\"component\":\"ConnectedApp:A\",\"rule\":\"pkce-required\",\"severity\":\"high\",\"fingerprint\":\"{at:032x}\"}}", comma(at))
        });
        it.write("forcelint-baseline.json", &format!("{{\"version\":1,\"findings\":[{entries}]}}"));
    })
    .with(&["--format=concise", "--baseline=forcelint-baseline.json"]),
    Dimension::new("selected rules", 20_000, |it, n| {
        it.app(COMPLIANT);
        let names = |rule: &str| each(n, |at| format!("{}\"{rule}\"", comma(at)));
        let (selected, ignored) = (names("pkce-required"), names("pkce-required-org-wide"));
        it.write("forcelint.toml", &format!("select = [{selected}]\nignore = [{ignored}]"));
    }),
    Dimension::new("rule files", 250, |it, n| {
        it.app(COMPLIANT);
        it.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
        for at in 0..n {
            it.write(&format!("rules/r{at}.toml"), &rule(&format!("own-{at}"), &check("^a")));
        }
    }),
    Dimension::new("checks of a rule", 500, |it, n| {
        it.app(COMPLIANT);
        it.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
        it.write("rules/r.toml", &rule("own", &check("^a").repeat(n)));
    }),
    Dimension::new("patterns of a rule", 1_000, |it, n| {
        it.app(COMPLIANT);
        it.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
        it.write("rules/r.toml", &rule("own", &each(n, |at| check(&format!("^a{at}|b{at}$")))));
    }),
    Dimension::new("text for the pattern of a rule", 500_000, |it, n| {
        it.app(&format!("<description>{}</description>", "a".repeat(n)));
        it.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
        it.write("rules/r.toml", &rule("own", &check("^(a+)+$")));
    })
    .with(&["--format=concise", "--select=own"]),
    Dimension::new("replacements", 2_000, |it, n| {
        it.app(WITHOUT_PKCE);
        let replacements = each(n, |at| {
            format!("{}{{\"filename\":\"force-app/connectedApps/A.connectedApp-meta.xml\",\"stringToReplace\":\"xx{at}\",\"replaceWithEnv\":\"X\"}}", comma(at))
        });
        it.write("sfdx-project.json", &format!("{{\"packageDirectories\":[{{\"path\":\"force-app\"}}],\"replacements\":[{replacements}]}}"));
    }),
    Dimension::new("replaced values", 500, |it, n| {
        it.app(&each(n, |at| format!("<oauthConfig><callbackUrl>xx{at}x</callbackUrl></oauthConfig>\n")));
        it.write("sfdx-project.json", "{\"packageDirectories\":[{\"path\":\"force-app\"}],\"replacements\":[{\"filename\":\"force-app/connectedApps/A.connectedApp-meta.xml\",\"stringToReplace\":\"xx\",\"replaceWithEnv\":\"X\"}]}");
    }),
    Dimension::new("replacements of one file", 2_500, |it, n| {
        it.app(&each(10, |at| format!("<oauthConfig><callbackUrl>xx{at}x</callbackUrl></oauthConfig>\n")));
        let replacements = each(n, |at| {
            format!("{}{{\"filename\":\"force-app/connectedApps/A.connectedApp-meta.xml\",\"stringToReplace\":\"xx{at}x\",\"replaceWithEnv\":\"X\"}}", comma(at))
        });
        it.write("sfdx-project.json", &format!("{{\"packageDirectories\":[{{\"path\":\"force-app\"}}],\"replacements\":[{replacements}]}}"));
    }),
    Dimension::new("lines of .forceignore", 2_000, |it, n| {
        it.app(COMPLIANT);
        it.write(".forceignore", &each(n, |at| format!("**/x{at}/**\n")));
    }),
    Dimension::new("lines of .gitignore", 2_000, |it, n| {
        it.app(COMPLIANT);
        it.write(".gitignore", &each(n, |at| format!("x{at}/*.log\n")));
    }),
    Dimension::new("files that .forceignore names", 500, |it, n| {
        it.app(COMPLIANT);
        apps(it, n);
        it.write(".forceignore", &each(n, |at| format!("force-app/connectedApps/A{at}.connectedApp-meta.xml\n")));
    }),
    Dimension::new("named files", 1_000, |it, n| {
        apps(it, n);
        it.write("files", &each(n, |at| format!("force-app/connectedApps/A{at}.connectedApp-meta.xml\n")));
    })
    .with(&["--format=concise", "--select=pkce-required", "@files"]),
    Dimension::new("named folders", 1_000, |it, n| {
        for at in 0..n {
            it.metadata(&format!("force-app/f{at}/connectedApps/A.connectedApp-meta.xml"), "ConnectedApp", COMPLIANT);
        }
        it.write("files", &each(n, |at| format!("force-app/f{at}\n")));
    })
    .with(&["--format=concise", "--select=pkce-required", "@files"]),
];
