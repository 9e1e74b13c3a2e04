//! What a changed project, ignore or config file brings into scope is new under `--since` and `--staged`.

use std::fs;

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT, named};
use crate::support::app;

const NONE: [&str; 0] = [];
const PROJECT: &str = "sfdx-project.json";

/// A project with apps in `force-app`, `more` and `beside`, which is not a package directory.
fn project() -> Repository {
    let repository = Repository::new();
    repository.write("more/More.connectedApp", app(CONFIDENTIAL));
    repository.write("beside/Beside.connectedApp", app(CONFIDENTIAL));
    repository.commit();
    repository
}

/// The findings with `--since=HEAD`, which are the same with `--staged` after staging all.
#[track_caller]
fn new_findings(repository: &Repository) -> Vec<String> {
    let since = repository.found(&["--since=HEAD"]);
    repository.git(["add", "--all"]);
    assert_eq!(repository.found(&["--since=HEAD"]), since);
    assert_eq!(repository.staged(), since);
    since
}

/// The new findings of a change from `before` to `after` in a file, and those of its reverse.
#[track_caller]
fn both_ways(
    repository: &Repository,
    file: &str,
    before: Option<&str>,
    after: Option<&str>,
) -> [Vec<String>; 2] {
    let set = |text: Option<&str>| match text {
        Some(text) => repository.write(file, text),
        None => drop(fs::remove_file(repository.path(file))),
    };
    let commit = || {
        repository.git(["add", "--all"]);
        repository.git(["commit", "--quiet", "--allow-empty", "--message=change"]);
    };
    set(before);
    commit();
    set(after);
    let there = new_findings(repository);
    commit();
    assert_eq!(new_findings(repository), NONE);
    set(before);
    let back = new_findings(repository);
    commit();
    [there, back]
}

fn project_file(folders: &[&str], more: &str) -> String {
    let folders = folders.iter().map(|it| format!("{{ \"path\": \"{it}\" }}"));
    let folders = folders.collect::<Vec<_>>().join(", ");
    format!("{{ \"packageDirectories\": [{folders}]{more} }}")
}

#[test]
fn package_directories() {
    let repository = project();
    let two = project_file(&["force-app", "more"], "");
    let three = project_file(&["force-app", "more", "beside"], "");
    let found = both_ways(&repository, PROJECT, Some(&two), Some(&three));
    assert_eq!(found, [vec!["Beside high"], vec![]]);
    repository.write(PROJECT, &three);
    let outcome = repository.outcome(&["--since=HEAD"]);
    let sentence = "compared: sfdx-project.json changed: 1 more metadata file counts as changed\n";
    assert!(outcome.stderr.contains(sentence), "{outcome:?}");
    assert!(
        !outcome.stderr.contains("check the whole project"),
        "{outcome:?}"
    );
    // Keys that affect no finding.
    let harmless = project_file(
        &["force-app", "more"],
        ", \"name\": \"x\", \"packageAliases\": {}",
    );
    let found = both_ways(&repository, PROJECT, Some(&two), Some(&harmless));
    assert_eq!(found, [NONE, NONE]);
}

#[test]
fn other_settings_of_a_project() {
    let repository = project();
    let plain = project_file(&["force-app", "more"], "");
    let all = vec!["More high", "Old high", "Other critical"];
    for more in [
        ", \"namespace\": \"acme\"",
        ", \"sourceApiVersion\": \"62.0\"",
        ", \"replacements\": []",
        ", \"sourceBehaviorOptions\": [\"decomposePermissionSetBeta2\"]",
    ] {
        let changed = project_file(&["force-app", "more"], more);
        let found = both_ways(&repository, PROJECT, Some(&plain), Some(&changed));
        assert_eq!(found, [all.clone(), all.clone()], "{more}");
    }
    // Only files of that project, which is inside the other one.
    let inner = project_file(&["src"], "");
    repository.write("inner/src/In.connectedApp", app(CONFIDENTIAL));
    repository.write("inner/sfdx-project.json", &inner);
    repository.commit();
    repository.write(
        "inner/sfdx-project.json",
        project_file(&["src"], ", \"namespace\": \"a\""),
    );
    assert_eq!(repository.found(&["--since=HEAD", "."]), ["In high"]);
}

#[test]
fn forceignore() {
    let repository = project();
    for (before, after) in [
        (Some("more\nx\n"), Some("x\n")),
        (Some("**/More.*\n"), None),
        (Some("more/*\n"), Some("more/*\n!more/More.connectedApp\n")),
    ] {
        let found = both_ways(&repository, ".forceignore", before, after);
        assert_eq!(found, [vec!["More high"], vec![]], "{before:?}");
    }
    // A nearer file replaces the one above it.
    repository.write(".forceignore", "more\n");
    repository.commit();
    let found = both_ways(&repository, "more/.forceignore", None, Some("x\n"));
    assert_eq!(found, [vec!["More high"], vec![]]);
}

/// Findings get worse because a file is no longer deployed.
#[test]
fn settings_that_are_no_longer_deployed() {
    let repository = project();
    repository.write(SETTINGS, STRICT);
    repository.commit();
    let found = || repository.found(&["--since=HEAD", "--ignore=pkce-required-org-wide"]);
    repository.write(".forceignore", "**/OauthOidc*\n");
    assert_eq!(found(), ["Old high", "Other critical"]);
    repository.commit();
    assert_eq!(found(), NONE);
    fs::remove_file(repository.path(".forceignore")).unwrap();
    assert_eq!(found(), ["Old medium", "Other high"]);
    repository.commit();
    repository.write("forcelint.toml", "exclude = ['**/OauthOidc*']\n");
    assert_eq!(found(), ["Old high", "Other critical"]);
}

/// Nor is it there any more, or it was changed.
#[test]
fn changed_settings_that_are_no_longer_deployed() {
    for text in ["", STRICT.trim_end()] {
        let repository = project();
        repository.write(SETTINGS, STRICT);
        repository.commit();
        match text {
            "" => fs::remove_file(repository.path(SETTINGS)).unwrap(),
            text => repository.write(SETTINGS, text),
        }
        repository.write(".forceignore", "**/OauthOidc*\n");
        let found = repository.found(&["--since=HEAD", "--ignore=pkce-required-org-wide"]);
        assert_eq!(found, ["Old high", "Other critical"], "{text:?}");
    }
}

/// A renamed or moved file is not new, unless its findings were not reported at its former path.
#[test]
fn files_moved_from_where_they_were_not_reported() {
    let exception =
        |subject: &str| format!("[[exception]]\nrule = 'pkce-required'\n{subject}\nreason = 'r'\n");
    let by_path = exception("path = 'force-app/Old.*'");
    let by_name = exception("component = 'ConnectedApp:Old'");
    for (file, ignored) in [
        ("forcelint.toml", "exclude = ['Old*']\n"),
        ("forcelint.toml", &by_path),
        ("forcelint.toml", &by_name),
        (".forceignore", "**/Old*\n"),
        (".forceignore", "unrelated\n"),
    ] {
        // Whether the ignoring ends with the move or not.
        for after in [ignored, ""] {
            for to in ["New", "moved/Old"] {
                let repository = project();
                repository.write(file, ignored);
                repository.write("force-app/moved/readme.txt", "");
                repository.commit();
                let old = repository.found(&[]);
                let path = |name: &str| repository.path(format!("force-app/{name}.connectedApp"));
                fs::rename(path("Old"), path(to)).unwrap();
                repository.write(file, after);
                let mut new = repository.found(&[]);
                new.retain(|finding| !old.contains(finding));
                let mut found = new_findings(&repository);
                match ignored {
                    "unrelated\n" => new.clear(),
                    // Findings of all files count as new if an exception ends.
                    _ if after != ignored => found.retain(|finding| new.contains(finding)),
                    _ => {}
                }
                assert_eq!(found, new, "{ignored:?}, {after:?}, {to}");
            }
        }
    }
}

#[test]
fn gitignore() {
    let repository = project();
    repository.write(".gitignore", "New*\nMore*\n");
    repository.app("New", PUBLIC);
    repository.git(["add", "--all"]);
    repository.git(["commit", "--quiet", "--message=ignored"]);
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
    repository.write(".gitignore", "More*\n");
    // `More` is tracked, so it was never ignored.
    assert_eq!(new_findings(&repository), ["New critical"]);
}

#[test]
fn excludes_of_the_config() {
    let repository = project();
    let config = "forcelint.toml";
    for (before, after) in [
        (Some("exclude = ['more', 'x']\n"), Some("exclude = ['x']\n")),
        (Some("exclude = ['More*']\n"), None),
    ] {
        let found = both_ways(&repository, config, before, after);
        assert_eq!(found, [vec!["More high"], vec![]], "{before:?}");
    }
    let before = Some("exclude = ['more', 'x']\n");
    let found = both_ways(
        &repository,
        config,
        before,
        Some("exclude = ['x', 'more']\n"),
    );
    assert_eq!(found, [NONE, NONE]);
}

#[test]
fn other_keys_of_the_config() {
    let repository = project();
    let all = ["More high", "Old high", "Other critical"];
    let exception = "[[exception]]\nrule = 'pkce-required'\npath = 'x'\nreason = 'r'\n";
    for (before, after) in [
        (Some("rules.pkce-required = 'off'\n"), None),
        (Some("ignore = ['network']\n"), Some("ignore = []\n")),
        (Some("min-severity = 'high'\n"), Some("")),
        (Some(exception), Some("")),
    ] {
        let [there, back] = both_ways(&repository, "forcelint.toml", before, after);
        assert_eq!(there, all, "{before:?}");
        assert_eq!(back, NONE, "{before:?}");
    }
    repository.write("forcelint.toml", "rules.pkce-required = 'critical'\n");
    let outcome = repository.outcome(&["--since=HEAD"]);
    assert_eq!(named(&outcome).len(), 3);
    let sentence =
        "compared: `rules` in forcelint.toml changed: 3 more metadata files count as changed\n";
    assert!(outcome.stderr.contains(sentence), "{outcome:?}");
    // The config that the user passed.
    repository.write("forcelint.toml", "");
    repository.write("ci.toml", "ignore = ['network']\n");
    repository.commit();
    repository.write("ci.toml", "");
    assert_eq!(repository.found(&["--since=HEAD", "--config=ci.toml"]), all);
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
}

/// What fails the run is shown, unless `min-severity` says otherwise.
#[test]
fn least_severity_by_default() {
    let all = ["More info", "Old info", "Other info"];
    for (config, option) in [
        ("fail-on = 'info'\n", "--allow-empty"),
        ("", "--fail-on=info"),
    ] {
        let repository = project();
        let config = format!("rules.pkce-required = 'info'\n{config}");
        repository.write("forcelint.toml", format!("{config}min-severity = 'low'\n"));
        repository.commit();
        let found = || repository.found(&["--since=HEAD", option]);
        repository.write("forcelint.toml", &config);
        assert_eq!(repository.found(&[option]), all, "{option}");
        assert_eq!(found(), all, "{option}");
        repository.commit();
        repository.write("forcelint.toml", format!("{config}min-severity = 'low'\n"));
        assert_eq!(found(), NONE, "{option}");
    }
}

#[test]
fn baselines() {
    let repository = project();
    repository.write("forcelint.toml", "baseline = 'forcelint-baseline.json'\n");
    let baseline = ["baseline"];
    repository.sandbox.forcelint(baseline).run().expect(0);
    repository.commit();
    let text = fs::read_to_string(repository.path("forcelint-baseline.json")).unwrap();
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
    let (first, rest) = text.split_once("ConnectedApp:More").unwrap();
    let first = first.rsplit_once('\n').unwrap().0;
    let rest = rest.split_once('\n').unwrap().1;
    repository.write("forcelint-baseline.json", format!("{first}\n{rest}"));
    assert_eq!(new_findings(&repository), ["More high"]);
    repository.commit();
    assert_eq!(new_findings(&repository), NONE);
    repository.write("forcelint-baseline.json", &text);
    assert_eq!(new_findings(&repository), NONE);
    repository.commit();
    repository.write("forcelint.toml", "");
    assert_eq!(new_findings(&repository).len(), 3);
}

/// The number of findings that a report does not list.
#[test]
fn numbers_in_baselines() {
    let repository = project();
    repository.write("forcelint.toml", "baseline = 'forcelint-baseline.json'\n");
    let element = "<oauthConfig><isPkceRequired>false</isPkceRequired></oauthConfig>\n";
    let many = format!("<ConnectedApp>\n{}</ConnectedApp>\n", element.repeat(1_001));
    repository.write("more/More.connectedApp", many);
    let baseline = ["baseline"];
    repository.sandbox.forcelint(baseline).run().expect(0);
    repository.commit();
    assert_eq!(repository.found(&["--since=HEAD"]), NONE);
    let text = fs::read_to_string(repository.path("forcelint-baseline.json")).unwrap();
    let (findings, _) = text.split_once(",\n\"more\"").unwrap();
    repository.write("forcelint-baseline.json", format!("{findings}}}\n"));
    let check = ["check", "--since=HEAD", "--format=concise"];
    let outcome = repository.sandbox.forcelint(check).run().expect(1);
    assert!(outcome.stdout.contains("and 1 more finding"), "{outcome:?}");
}

#[test]
fn custom_rules() {
    let repository = project();
    let rule = |value: &str| {
        format!(
            "id = 'acme-consumer'\ntitle = 'App of another team'\nseverity = 'low'\ntags = ['ours']\n\
             help = 'Set it.'\n\
             url = 'https://wiki.acme.example/apps'\n[[check]]\nmetadata = 'ConnectedApp'\n\
             require = {{ field = 'contactEmail', is = '{value}', absent = 'complies' }}\n\
             message = '`{{component}}` names another team'\n"
        )
    };
    repository.write("rules/acme-consumer.toml", rule("x"));
    repository.write("forcelint.toml", "rule-paths = ['rules']\n");
    repository.commit();
    let check = |folder: &str| {
        let arguments = [
            "check",
            "--format=json",
            "--since=HEAD",
            "--select=acme-consumer",
        ];
        repository
            .sandbox
            .forcelint(arguments)
            .in_folder(folder)
            .run()
    };
    let outcome = check("");
    if outcome.code == Some(2) {
        panic!("{}", outcome.stderr);
    }
    assert_eq!(named(&outcome), NONE);
    repository.write("rules/acme-consumer.toml", rule("y"));
    let outcome = check("");
    assert!(
        outcome.stderr.contains("custom rules changed: 3 more"),
        "{outcome:?}"
    );
    repository.commit();
    let other = rule("x").replace("acme-consumer", "acme-other");
    repository.write("rules/acme-other.toml", other);
    let outcome = check("");
    assert!(
        outcome.stderr.contains("custom rules changed: 3 more"),
        "{outcome:?}"
    );
    repository.commit();
    repository.write("rules/acme-consumer.test.toml", "");
    assert!(!check("").stderr.contains("custom rules changed"));
}

/// The run reads these files from disk, so the staged version could have another effect.
#[test]
fn partly_staged_file_affects_everything() {
    let repository = project();
    repository.write(".forceignore", "more\n");
    repository.commit();
    fs::remove_file(repository.path(".forceignore")).unwrap();
    repository.git(["add", "--all"]);
    repository.write(".forceignore", "nothing\n");
    let outcome = repository.outcome(&["--staged"]);
    assert_eq!(named(&outcome), ["More high", "Old high", "Other critical"]);
    let sentence = "compared: .forceignore is partly staged or behind a changed link: 3 more";
    assert!(outcome.stderr.contains(sentence), "{outcome:?}");
}

#[cfg(unix)]
#[test]
fn forceignore_behind_a_link() {
    let repository = project();
    repository.write("shared/ignore", "more\n");
    let link = repository.path(".forceignore");
    std::os::unix::fs::symlink("shared/ignore", &link).unwrap();
    repository.commit();
    assert_eq!(new_findings(&repository), NONE);
    repository.write("shared/ignore", "other\n");
    assert_eq!(new_findings(&repository), ["More high"]);
    repository.commit();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("shared/missing", &link).unwrap();
    assert_eq!(new_findings(&repository).len(), 3);
}

/// What each part of a project can be: the text of a file or, behind `->`, the target of a link. Without
/// text, it does not exist.
#[cfg(unix)]
fn parts() -> Vec<(&'static str, Vec<String>)> {
    let apps = || vec![String::new(), app(CONFIDENTIAL), app(PUBLIC)];
    let lines = |lines: &[&str]| lines.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let mut parts = vec![
        (
            PROJECT,
            vec![
                project_file(&["force-app"], ""),
                project_file(&["force-app", "more"], ""),
                project_file(&["beside", "force-app"], ", \"namespace\": \"acme\""),
            ],
        ),
        (
            ".forceignore",
            lines(&["", "more\n", "**/A*\n", "**/OauthOidc*\n"]),
        ),
        ("more/.forceignore", lines(&["", "", "M*\n"])),
        (".gitignore", lines(&["", "A*\n", "linked\n"])),
        (
            "forcelint.toml",
            lines(&[
                "",
                "exclude = ['more']\n",
                "exclude = ['A*', 'linked']\n",
                "rules.pkce-required = 'off'\n",
                "[[exception]]\nrule = 'pkce-required'\npath = 'A*'\nreason = 'r'\n",
            ]),
        ),
        (
            "force-app/linked",
            lines(&["", "->../x", "->../y", "->../more"]),
        ),
        (
            "force-app/F.connectedApp",
            lines(&["", "->../x/f.xml", "->../y/Y.connectedApp"]),
        ),
        ("y/again", lines(&["", "->../x", "->..", "->../beside"])),
        (
            SETTINGS,
            vec![String::new(), STRICT.to_owned(), format!("{STRICT}\n\n")],
        ),
        ("x/f.xml", apps()),
    ];
    for name in [
        "force-app/A",
        "force-app/sub/B",
        "more/M",
        "beside/S",
        "x/X",
        "y/Y",
    ] {
        let path = format!("{name}.connectedApp");
        parts.push((path.leak(), apps()));
    }
    parts
}

/// Writes the parts, each of which is chosen by a number.
#[cfg(unix)]
fn write_parts(repository: &Repository, choices: &[usize]) {
    for ((path, options), choice) in parts().iter().zip(choices) {
        let text = &options[choice % options.len()];
        let _ = fs::remove_file(repository.path(path));
        match text.strip_prefix("->") {
            Some(target) => std::os::unix::fs::symlink(target, repository.path(path)).unwrap(),
            None if text.is_empty() => {}
            None => repository.write(path, text),
        }
    }
}

/// The parts before and after, for a failure.
#[cfg(unix)]
fn describe(before: &[usize], after: &[usize]) -> String {
    let choices = before.iter().zip(after);
    let described = parts()
        .into_iter()
        .zip(choices)
        .map(|((path, options), (before, after))| {
            let of = |choice: &usize| {
                let text = &options[choice % options.len()];
                text.get(..100).unwrap_or(text).to_owned()
            };
            let (before, after) = (of(before), of(after));
            let is_app = path.ends_with(".connectedApp") || path.ends_with("f.xml");
            match is_app && before == after {
                true => format!("{path}: {}\n", before.len()),
                false => format!("{path}: {before:?} => {after:?}\n"),
            }
        });
    described.collect()
}

/// The findings of a run, even if it has nothing to check.
#[cfg(unix)]
fn all_findings(repository: &Repository, arguments: &[&str]) -> std::collections::BTreeSet<String> {
    let outcome = repository.outcome(
        &[
            arguments,
            &["--allow-empty", "--ignore=pkce-required-org-wide"],
        ]
        .concat(),
    );
    named(&outcome).into_iter().collect()
}

/// Whether a finding was there before, and as severe: for the component or, because it may have been renamed,
/// for one that has no findings now. Moved into the package directory of settings, its severity can only become
/// lower.
#[cfg(unix)]
fn was_as_severe(
    finding: &str,
    old: &std::collections::BTreeSet<String>,
    new: &std::collections::BTreeSet<String>,
) -> bool {
    const SEVERITIES: [&str; 5] = ["info", "low", "medium", "high", "critical"];
    let parts = |finding: &str| {
        let (name, severity) = finding.rsplit_once(' ').unwrap();
        let rank = SEVERITIES.iter().position(|it| *it == severity);
        (name.to_owned(), rank)
    };
    let (name, rank) = parts(finding);
    let is_gone = |name: &str| !new.iter().any(|it| parts(it).0 == name);
    let mut old = old.iter().map(|it| parts(it));
    old.any(|(it, old)| (it == name || is_gone(&it)) && old >= rank)
}

#[cfg(unix)]
proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: crate::repository::cases(40),
        failure_persistence: None,
        max_shrink_iters: 60,
        ..Default::default()
    })]

    /// After any changes, a finding that the whole project has now and did not have before is new, unless its
    /// component may only have been renamed.
    #[test]
    fn nothing_new_is_missing(
        before in proptest::collection::vec(0..60usize, 16),
        after in proptest::collection::vec((0..60usize, 0..3), 16),
    ) {
        let repository = Repository::empty();
        for folder in ["force-app", "beside", "more", "x", "y"] {
            repository.write(format!("{folder}/readme.txt"), "");
        }
        write_parts(&repository, &before);
        repository.commit();
        let old = all_findings(&repository, &[]);
        // A third of the parts changes.
        let after = before.iter().zip(&after);
        let after: Vec<usize> = after.map(|(old, (new, changes))| if *changes == 0 { *new } else { *old }).collect();
        write_parts(&repository, &after);
        let new = all_findings(&repository, &[]);
        let expected: Vec<String> = new.difference(&old).filter(|it| !was_as_severe(it, &old, &new)).cloned().collect();
        for option in ["--since=HEAD", "--staged"] {
            let found = all_findings(&repository, &[option]);
            for finding in &expected {
                proptest::prop_assert!(found.contains(finding), "{option}: {finding} is not in {found:?}\n{}", describe(&before, &after));
            }
            repository.git(["add", "--all"]);
        }
    }
}
