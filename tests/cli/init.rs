//! `forcelint init`: the files it writes, the files it does not change, and the next steps it
//! prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use regex::Regex;
use walkdir::WalkDir;

use crate::support::{Outcome, Sandbox, project_with};

const CONFIG: &str = "forcelint.toml";
const BASELINE: &str = "forcelint-baseline.json";
const WORKFLOW: &str = ".github/workflows/forcelint.yml";
const ANALYZER: &str = "code-analyzer.yml";
const HOOKS: &str = ".pre-commit-config.yaml";

/// A project with two apps in a git repository.
fn project() -> Sandbox {
    let sandbox = project_with(&["A", "B"]);
    sandbox.make_repository("");
    sandbox
}

fn init(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["init"].iter().chain(arguments);
    let run = sandbox.with_every_rule(all);
    // 2026-11-22
    run.env("SOURCE_DATE_EPOCH", "1795305600").run()
}

/// The output without the numbers of findings, which change with each new rule.
fn normalized(outcome: &Outcome) -> String {
    let numbers = Regex::new(r"(?m)^found: .*\d.*$").unwrap();
    let version = concat!("v", env!("CARGO_PKG_VERSION"));
    numbers
        .replace_all(&outcome.whole(), "found: [SOME]")
        .replace(version, "[VERSION]")
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.path(path)).unwrap()
}

/// The text of each file.
fn files(root: &Path) -> BTreeMap<String, String> {
    let all = WalkDir::new(root).into_iter();
    let files = all
        .filter_entry(|it| it.file_name() != ".git")
        .map(Result::unwrap);
    files
        .filter(|it| it.file_type().is_file())
        .map(|it| {
            let path = it.path().strip_prefix(root).unwrap();
            let text = fs::read_to_string(it.path()).unwrap();
            (path.to_str().unwrap().replace('\\', "/"), text)
        })
        .collect()
}

#[test]
fn config_is_written_and_next_steps_are_printed() {
    let sandbox = project();
    let outcome = init(&sandbox, &[]).expect(0);
    assert_snapshot!(normalized(&outcome));
    let config = read(&sandbox, CONFIG).replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
    assert_snapshot!(config);
    // A second run does not change it.
    sandbox.write(CONFIG, "fail-on = \"high\" # ours\n");
    let before = files(&sandbox.root);
    let outcome = init(&sandbox, &[]).expect(0);
    assert!(
        outcome
            .stdout
            .contains("unchanged: forcelint.toml\nnothing to do\n"),
        "{outcome:?}"
    );
    assert_eq!(files(&sandbox.root), before);
}

#[test]
fn with_all_files_check_fails_only_on_new_findings() {
    let sandbox = project();
    let all = ["--baseline", "--pre-commit", "--github"];
    let outcome = init(&sandbox, &all).expect(0);
    assert_snapshot!(normalized(&outcome));
    let mut written: Vec<_> = files(&sandbox.root).into_keys().collect();
    written.retain(|path| !path.starts_with("force-app") && path != "sfdx-project.json");
    assert_eq!(written, [WORKFLOW, HOOKS, BASELINE, CONFIG]);
    // The workflow checks the whole project, because the baseline has the old findings.
    assert!(!read(&sandbox, WORKFLOW).contains("only-changed"));
    sandbox.with_every_rule(["check"]).run().expect(0);
    sandbox.write_app("force-app/C.connectedApp");
    sandbox.with_every_rule(["check"]).run().expect(1);
    fs::remove_file(sandbox.path("force-app/C.connectedApp")).unwrap();
    let before = files(&sandbox.root);
    let outcome = init(&sandbox, &all).expect(0);
    assert!(outcome.stdout.contains("\nnothing to do\n"), "{outcome:?}");
    assert_eq!(files(&sandbox.root), before);
}

/// The examples in comments are valid, too.
/// The lines of a YAML file that are not comments.
fn settings(yaml: &str) -> impl Iterator<Item = &str> {
    let lines = yaml.lines().map(str::trim);
    lines.filter(|line| !line.starts_with('#'))
}

/// `docs/ci.md` names the settings that the workflow lacks if there is a baseline.
#[test]
fn workflow_differs_from_the_documented_one_by_the_documented_settings() {
    let example = include_str!("../../docs/examples/github-pull-request.yml");
    let sandbox = project();
    init(&sandbox, &["--github"]).expect(0);
    assert_eq!(read(&sandbox, WORKFLOW), example);
    init(&sandbox, &["--github", "--baseline", "--force"]).expect(0);
    let workflow = read(&sandbox, WORKFLOW);
    let mut written = settings(&workflow).peekable();
    let lacking: Vec<&str> = settings(example)
        .filter(|line| written.next_if_eq(line).is_none())
        .collect();
    assert_eq!(written.next(), None);
    // The list of the action's settings would be empty.
    assert_eq!(lacking, ["fetch-depth: 2", "with:", "only-changed: true"]);
    let page = include_str!("../../docs/ci.md");
    let sentence = "`forcelint init --github --baseline` writes the same workflow without `fetch-depth: 2` and\n\
                    `only-changed: true`";
    assert!(page.contains(sentence));
}

#[test]
fn config_is_valid_with_and_without_its_examples() {
    let sandbox = project();
    init(&sandbox, &["--baseline"]).expect(0);
    let schema = sandbox
        .forcelint(["config", "schema"])
        .run()
        .expect(0)
        .json();
    let text = read(&sandbox, CONFIG);
    let example = Regex::new(r#"(?m)^# (\[|[a-z-]+ *= )"#).unwrap();
    let examples = example.replace_all(&text, "$1").into_owned();
    assert_ne!(examples, text);
    // TOML has dates, JSON Schema only has strings.
    let date = Regex::new(r"\d{4}-\d\d-\d\d").unwrap();
    for text in [text, examples] {
        sandbox.write(CONFIG, &text);
        sandbox.with_every_rule(["check"]).run().expect(0);
        let table: toml::Table = toml::from_str(&date.replace_all(&text, "\"$0\"")).unwrap();
        let json = serde_json::to_value(table).unwrap();
        let problem = jsonschema::validate(&schema, &json);
        assert!(problem.is_ok(), "{text}\n{problem:?}");
    }
}

#[test]
fn existing_files_are_kept_and_lines_to_add_are_printed() {
    let sandbox = project();
    sandbox.write(HOOKS, "repos:\n  # ours\n  - repo: local\n    hooks: []\n");
    sandbox.write(CONFIG, "fail-on = \"high\"\n");
    sandbox.write(".gitlab-ci.yml", "test:\n  script: npm test\n");
    let before = files(&sandbox.root);
    let all = ["--baseline", "--pre-commit", "--gitlab"];
    let outcome = init(&sandbox, &all).expect(0);
    assert_snapshot!(normalized(&outcome));
    let mut after = files(&sandbox.root);
    assert!(after.remove(BASELINE).is_some());
    assert_eq!(after, before);
    // The printed lines have the promised effect.
    let baseline = "baseline = \"forcelint-baseline.json\"\n";
    sandbox.write(CONFIG, format!("{baseline}{}", read(&sandbox, CONFIG)));
    let (_, hook) = outcome.stdout.split_once("below `repos:`:\n\n").unwrap();
    let hook: String = hook
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{}\n", &line[4..]))
        .collect();
    sandbox.write(HOOKS, format!("{}{hook}", read(&sandbox, HOOKS)));
    assert!(read(&sandbox, HOOKS).contains("\n  - repo: https://"));
    let outcome = init(&sandbox, &["--baseline", "--pre-commit"]).expect(0);
    assert!(outcome.stdout.contains("\nnothing to do\n"), "{outcome:?}");
    sandbox.with_every_rule(["check"]).run().expect(0);
    // `--force` does not replace a file that may have other entries.
    let before = read(&sandbox, ".gitlab-ci.yml");
    init(&sandbox, &["--gitlab", "--force"]).expect(0);
    assert_eq!(read(&sandbox, ".gitlab-ci.yml"), before);
}

#[test]
fn force_replaces_files_of_forcelint() {
    let sandbox = project();
    sandbox.write(CONFIG, "not TOML");
    init(&sandbox, &[]).expect(2);
    init(&sandbox, &["--github"]).expect(2);
    assert!(!sandbox.path(WORKFLOW).exists());
    let outcome = init(&sandbox, &["--force", "--github"]).expect(0);
    assert!(
        outcome.stdout.contains("written: forcelint.toml\n"),
        "{outcome:?}"
    );
    assert!(read(&sandbox, WORKFLOW).contains("only-changed: true"));
    init(&sandbox, &["--force", "--baseline", "--github"]).expect(0);
    assert!(!read(&sandbox, WORKFLOW).contains("only-changed"));
    sandbox.with_every_rule(["check"]).run().expect(0);
    // An existing baseline is kept. `--force` records it again.
    sandbox.write_app("force-app/C.connectedApp");
    init(&sandbox, &["--baseline"]).expect(0);
    sandbox.with_every_rule(["check"]).run().expect(1);
    init(&sandbox, &["--baseline", "--force"]).expect(0);
    sandbox.with_every_rule(["check"]).run().expect(0);
}

/// `sf project generate` sets up husky. A second hook manager would conflict with it.
#[test]
fn project_with_husky_gets_no_other_hook() {
    let sandbox = project();
    sandbox.write(".husky/pre-commit", "npm run precommit\n");
    let outcome = init(&sandbox, &[]).expect(0);
    let line = "with husky, add this line to .husky/pre-commit:\n    forcelint check --staged\n";
    assert!(outcome.stdout.contains(line), "{outcome:?}");
    assert!(
        outcome.stdout.contains("    forcelint init --github\n"),
        "{outcome:?}"
    );
    sandbox.write(".husky/pre-commit", "forcelint check --staged\n");
    let outcome = init(&sandbox, &[]).expect(0);
    assert!(!outcome.stdout.contains("husky"), "{outcome:?}");
}

#[test]
fn existing_workflow_with_another_name_is_kept() {
    let sandbox = project();
    sandbox.write(".github/workflows/checks.yaml", "# forcelint check\n");
    let outcome = init(&sandbox, &["--github"]).expect(0);
    let unchanged = "unchanged: .github/workflows/checks.yaml\n";
    assert!(outcome.stdout.contains(unchanged), "{outcome:?}");
    assert!(!sandbox.path(WORKFLOW).exists());
}

/// A repository with two projects with one app each.
fn repository_of_projects() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_repository("");
    for name in ["one", "two"] {
        let project =
            r#"{ "packageDirectories": [{ "path": "src" }], "sourceApiVersion": "66.0" }"#;
        sandbox.write(format!("{name}/sfdx-project.json"), project);
        sandbox.write_app(format!("{name}/src/App.connectedApp"));
    }
    sandbox
}

#[test]
fn repository_with_several_projects_has_one_config() {
    let sandbox = repository_of_projects();
    let outcome = init(&sandbox, &["--baseline", "--github"]).expect(0);
    assert!(
        outcome.stdout.starts_with("projects: 2 (one, two)\n"),
        "{outcome:?}"
    );
    assert!(!read(&sandbox, WORKFLOW).contains("working-directory:"));
    sandbox.with_every_rule(["check"]).run().expect(0);
    sandbox
        .with_every_rule(["check"])
        .in_folder("two")
        .run()
        .expect(0);
    // It applies to each project.
    let outcome = init(&sandbox, &["one"]).expect(0);
    assert!(
        outcome.stdout.contains("unchanged: forcelint.toml\n"),
        "{outcome:?}"
    );
    assert!(!sandbox.path("one").join(CONFIG).exists());
}

#[test]
fn project_in_a_subfolder_of_its_repository() {
    let sandbox = repository_of_projects();
    let outcome = init(&sandbox, &["two", "--baseline", "--github", "--pre-commit"]).expect(0);
    assert_snapshot!(normalized(&outcome));
    assert!(sandbox.path("two").join(BASELINE).exists());
    assert!(read(&sandbox, WORKFLOW).ends_with("\n          working-directory: \"two\"\n"));
    assert!(sandbox.path(HOOKS).exists());
    sandbox.with_every_rule(["check", "two"]).run().expect(0);
    sandbox.with_every_rule(["check", "one"]).run().expect(1);
}

#[test]
fn baseline_of_a_project_is_not_added_to_the_config_of_the_repository() {
    let sandbox = repository_of_projects();
    init(&sandbox, &[]).expect(0);
    let outcome = init(&sandbox, &["one", "--baseline"]).expect(2);
    let error = "error: one/forcelint-baseline.json was not written: the config in";
    assert!(outcome.stderr.contains(error), "{outcome:?}");
    assert!(!sandbox.path("one").join(BASELINE).exists());
}

#[test]
fn folder_without_a_project() {
    let sandbox = Sandbox::with(&["no-project"]);
    // Metadata without a project file.
    let outcome = init(&sandbox, &["no-project"]).expect(0);
    let message = "project: no sfdx-project.json at or above no-project";
    assert!(outcome.stdout.starts_with(message), "{outcome:?}");
    assert!(sandbox.path("no-project").join(CONFIG).exists());
    // An empty folder.
    fs::create_dir(sandbox.path("empty")).unwrap();
    assert_snapshot!(normalized(&init(&sandbox, &["empty"]).expect(2)));
    assert_eq!(files(&sandbox.path("empty")).len(), 0);
    let here = sandbox.forcelint(["init"]).in_folder("empty").run();
    let here = here.expect(2).stderr;
    assert!(
        here.contains("`.` is not in a Salesforce project"),
        "{here}"
    );
    init(&sandbox, &["empty", "--force"]).expect(0);
    assert_eq!(files(&sandbox.path("empty")).len(), 1);
    for (path, reason) in [
        ("nowhere", "does not exist"),
        ("empty/forcelint.toml", "is not a folder"),
    ] {
        let outcome = init(&sandbox, &[path]).expect(2);
        assert!(outcome.stderr.contains(reason), "{outcome:?}");
    }
    sandbox.write("broken/sfdx-project.json", "{");
    let outcome = init(&sandbox, &["broken"]).expect(2);
    assert!(
        outcome
            .stderr
            .contains("broken/sfdx-project.json is not valid at 1:"),
        "{outcome:?}"
    );
    assert_eq!(files(&sandbox.path("broken")).len(), 1);
}

#[test]
fn workflow_and_hooks_need_a_repository() {
    let sandbox = project_with(&["A"]);
    let outcome = init(&sandbox, &["--github", "--pre-commit", "--gitlab"]).expect(2);
    assert!(
        outcome.stdout.contains("written: forcelint.toml\n"),
        "{outcome:?}"
    );
    let errors = outcome
        .stderr
        .matches("this folder is not in one; run `git init` first");
    assert_eq!(errors.count(), 3, "{outcome:?}");
    assert!(!sandbox.path(".github").exists() && !sandbox.path(HOOKS).exists());
    // Without a repository, git is not needed, and the next steps do not mention it.
    assert!(!outcome.stdout.contains("git add"), "{outcome:?}");
    let sandbox = project();
    init(&sandbox, &["--github"]).expect(0);
    let run = sandbox.with_every_rule(["init", "--pre-commit"]);
    run.env("PATH", "").run().expect(0);
}

#[test]
fn malformed_files_are_listed_as_remaining() {
    let sandbox = project();
    sandbox.write("force-app/Broken.connectedApp", "<ConnectedApp>");
    let outcome = init(&sandbox, &["--baseline"]).expect(0);
    let named = "suppress them): force-app/Broken.connectedApp\n- Until then, the check fails:";
    assert!(outcome.stdout.contains(named), "{outcome:?}");
    sandbox.with_every_rule(["check"]).run().expect(1);
    fs::remove_file(sandbox.path("force-app/Broken.connectedApp")).unwrap();
    sandbox.with_every_rule(["check"]).run().expect(0);
}

#[test]
fn check_is_reported_to_pass_exactly_if_it_does() {
    type Arrange = fn(&Sandbox);
    let cases: [(Arrange, &[&str], bool); 6] = [
        (|_| {}, &["--baseline"], true),
        (|_| {}, &[], false),
        // An accepted finding has expired.
        (
            |it| {
                let text = "baseline = \"forcelint-baseline.json\"\nselect = [\"pkce\"]\n[[exception]]\n\
                            rule = \"pkce-required\"\npath = \"**\"\nreason = \"known\"\nexpires = 2020-01-01\n";
                it.write(CONFIG, text);
                it.write(BASELINE, "{\"version\": 1, \"findings\": []}");
            },
            &[],
            false,
        ),
        // What is not checked fails the run.
        (
            |it| {
                it.write(
                    CONFIG,
                    "fail-on-unchecked = true\nselect = [\"pkce-required\"]\n",
                );
                let replaced = "{ \"packageDirectories\": [{ \"path\": \"force-app\" }], \"replacements\": \
                    [{ \"glob\": \"**\", \"stringToReplace\": \"oauthConfig\", \"replaceWithEnv\": \"X\" }] }";
                it.write("sfdx-project.json", replaced);
            },
            &[],
            false,
        ),
        // Nothing to check.
        (
            |it| {
                for name in ["A", "B"] {
                    fs::remove_file(it.path(&format!("force-app/{name}.connectedApp"))).unwrap();
                }
            },
            &["--baseline"],
            false,
        ),
        // A package directory is missing.
        (
            |it| {
                let directories = "{ \"packageDirectories\": [{ \"path\": \"force-app\" }, { \"path\": \"gone\" }] }";
                it.write("sfdx-project.json", directories);
            },
            &["--baseline"],
            false,
        ),
    ];
    for (at, (arrange, arguments, passes)) in cases.into_iter().enumerate() {
        let sandbox = project();
        arrange(&sandbox);
        let outcome = init(&sandbox, arguments);
        let is_said = outcome.stdout.contains("check passes");
        let check = sandbox.with_every_rule(["check"]).run();
        assert_eq!((at, check.code == Some(0)), (at, passes), "{check:?}");
        assert_eq!((at, is_said), (at, passes), "{outcome:?}");
    }
}

#[cfg(unix)]
#[test]
fn no_file_is_written_through_a_link_out_of_the_repository() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    sandbox.write("elsewhere/forcelint.toml", "fail-on = \"high\"\n");
    let inside = |name: &str| {
        sandbox.make_repository(name);
        sandbox.write_app(format!("{name}/force-app/A.connectedApp"));
        let project = r#"{ "packageDirectories": [{ "path": "force-app" }] }"#;
        sandbox.write(format!("{name}/sfdx-project.json"), project);
        sandbox.path(name)
    };
    let elsewhere = sandbox.path("elsewhere");
    let before = files(&elsewhere);
    // Links to folders.
    symlink(&elsewhere, inside("folders").join(".github")).unwrap();
    let outcome = init(&sandbox, &["folders", "--github"]).expect(2);
    let error =
        "workflows/forcelint.yml was not written: its path follows a link out of the repository";
    assert!(outcome.stderr.contains(error), "{outcome:?}");
    // Links to files, existing and missing.
    symlink(elsewhere.join(CONFIG), inside("file").join(CONFIG)).unwrap();
    symlink(elsewhere.join("new.toml"), inside("nowhere").join(CONFIG)).unwrap();
    symlink(
        elsewhere.join("new.yaml"),
        sandbox.path("nowhere").join(HOOKS),
    )
    .unwrap();
    init(&sandbox, &["file"]).expect(2);
    init(&sandbox, &["file", "--force"]).expect(2);
    init(&sandbox, &["nowhere"]).expect(2);
    let outcome = init(&sandbox, &["nowhere", "--force", "--pre-commit"]);
    assert!(!outcome.stdout.contains("written"), "{outcome:?}");
    assert_eq!(files(&elsewhere), before);
}

/// The names of the ESLint plugin's rules that `configs.recommended` enables.
fn recommended_eslint_rules() -> BTreeSet<String> {
    let data = include_str!("../../packaging/eslint-plugin/data.json");
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let mut names = BTreeSet::from(["not-checked", "notice"].map(str::to_owned));
    for rule in data["rules"].as_array().unwrap() {
        let severities = rule["severities"].as_array().unwrap();
        let severities = severities.iter().map(|it| it.as_str().unwrap());
        names.extend(severities.map(|it| format!("{}/{it}", rule["id"].as_str().unwrap())));
    }
    names.extend(["critical", "high", "medium", "low"].map(|it| format!("other/{it}")));
    names.retain(|name| !name.ends_with("/info"));
    names
}

#[test]
fn code_analyzer_is_set_up_with_all_rules_of_the_plugin() {
    let sandbox = project();
    let outcome = init(&sandbox, &["--code-analyzer"]).expect(0);
    assert_snapshot!(normalized(&outcome));
    assert_eq!(
        read(&sandbox, "eslint.config.mjs"),
        "import forcelint from \"eslint-plugin-forcelint\";\n\nexport default [forcelint.configs.recommended];\n"
    );
    let config = read(&sandbox, ANALYZER);
    assert!(
        config.contains("\n    eslint_config_file: eslint.config.mjs\n"),
        "{config}"
    );
    let rule = Regex::new(r#"(?m)^    "forcelint/(.+)": \{ severity: (\d), "#).unwrap();
    let rules: BTreeMap<String, String> = rule
        .captures_iter(&config)
        .map(|it| (it[1].to_owned(), it[2].to_owned()))
        .collect();
    let names: BTreeSet<String> = rules.keys().cloned().collect();
    assert_eq!(names, recommended_eslint_rules());
    for (rule, severity) in [
        ("pkce-required/critical", "1"),
        ("pkce-required/high", "2"),
        ("pkce-required/medium", "3"),
        ("pkce-required/low", "4"),
        ("not-checked", "5"),
    ] {
        assert_eq!(rules[rule], severity, "{rule}");
    }
    // Only the file that the command wrote is replaced.
    let changed = format!("{config}# ours\n");
    sandbox.write(ANALYZER, &changed);
    init(&sandbox, &["--code-analyzer"]).expect(0);
    assert_eq!(read(&sandbox, ANALYZER), changed);
    init(&sandbox, &["--code-analyzer", "--force"]).expect(0);
    assert_eq!(read(&sandbox, ANALYZER), config);
}

#[test]
fn existing_files_of_code_analyzer_are_kept() {
    let sandbox = project();
    sandbox.write("code-analyzer.yaml", "engines:\n  pmd: {}\n");
    sandbox.write("eslint.config.js", "export default [];\n");
    let before = files(&sandbox.root);
    let outcome = init(&sandbox, &["--code-analyzer", "--force"]).expect(0);
    let mut after = files(&sandbox.root);
    assert!(after.remove(CONFIG).is_some());
    assert_eq!(after, before);
    for text in [
        "add to eslint.config.js, the import at the top, the configuration to the list:\n\n    import forcelint",
        "add to code-analyzer.yaml, below the same keys:\n",
        "        eslint_config_file: eslint.config.js\n",
        "        \"forcelint/pkce-required/critical\": {",
    ] {
        assert!(outcome.stdout.contains(text), "{text}\n{outcome:?}");
    }
}

/// ESLint 8 would use a file with the usual name instead of `.eslintrc.json`.
#[test]
fn configuration_of_eslint_8_is_kept_and_reported() {
    let sandbox = project();
    sandbox.write(".eslintrc.json", "{}");
    let outcome = init(&sandbox, &["--code-analyzer"]).expect(0);
    assert!(sandbox.path("eslint.config.forcelint.mjs").is_file());
    assert!(!sandbox.path("eslint.config.mjs").exists());
    assert_eq!(read(&sandbox, ".eslintrc.json"), "{}");
    let config = read(&sandbox, ANALYZER);
    let line = "\n    eslint_config_file: eslint.config.forcelint.mjs\n";
    assert!(config.contains(line), "{config}");
    let step = ".eslintrc.json is a configuration of ESLint 8, which cannot run forcelint.";
    assert!(outcome.stdout.contains(step), "{outcome:?}");
    let command = "npx @eslint/migrate-config .eslintrc.json\n";
    assert!(outcome.stdout.contains(command), "{outcome:?}");
}
