//! Fixes that depend on one another: misspelled names, missing fields and wrong values in one file.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use forcelint::finding::Finding;
use forcelint::fix::Level;
use forcelint::rule::{RuleSet, Selection, Severity};
use forcelint::run::{Indexes, Options, Workspace, check_text, fix_text};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::generate::Kind;
use crate::property::{file, parse};
use crate::support::Project;

static WORKSPACE: LazyLock<Workspace> = LazyLock::new(|| {
    let rules = Arc::new(RuleSet::select(&Selection::default()).unwrap());
    Workspace::new(&rules, Options::on(jiff::civil::date(2026, 11, 28)))
});

/// Fields of `oauthConfig`, with values that rules report and values that they accept.
const FIELDS: [(&str, &[&str]); 7] = [
    (
        "callbackUrl",
        &[
            "https://a.acme.test/cb",
            "http://a.acme.test/cb",
            "myapp://cb",
        ],
    ),
    ("certificate", &["Acme"]),
    ("isAdminApproved", &["true", "false", "TRUE"]),
    ("isConsumerSecretOptional", &["true", "False"]),
    ("isPkceRequired", &["true", "false", "TRUE", "0"]),
    ("isRefreshTokenRotationEnabled", &["true", "false"]),
    (
        "isSecretRequiredForRefreshToken",
        &["true", "false", "False"],
    ),
];

/// The line of a field, spelled as in the schema or with another case, once or twice.
fn field((name, values): (&'static str, &'static [&'static str])) -> impl Strategy<Value = String> {
    let capital = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    let names = vec![
        name.to_owned(),
        name.to_owned(),
        capital,
        name.to_lowercase(),
    ];
    let element = (select(names), select(values))
        .prop_map(|(name, value)| format!("<{name}>{value}</{name}>\n        "));
    prop::collection::vec(element, 1..=2).prop_map(|elements| match elements.len() {
        // Most fields are there once.
        2 if elements[0].len().is_multiple_of(3) => elements.concat(),
        _ => elements[0].clone(),
    })
}

fn app() -> impl Strategy<Value = String> {
    let fields = subsequence(FIELDS.to_vec(), 0..=FIELDS.len());
    let lines = fields.prop_flat_map(|fields| fields.into_iter().map(field).collect::<Vec<_>>());
    lines.prop_map(|lines| {
        format!(
            "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <oauthConfig>\n        \
             {}<scopes>Api</scopes>\n    </oauthConfig>\n</ConnectedApp>\n",
            lines.concat()
        )
    })
}

fn findings(text: &str) -> Vec<Finding> {
    let file = file(Kind::ConnectedApp);
    check_text(&WORKSPACE, &mut Indexes::default(), &file, text.as_bytes()).findings
}

/// The text after the fixes of a level, and what was refused.
fn fixed(text: &str, level: Level) -> (String, Vec<String>) {
    let is_included =
        |finding: &Finding| finding.fix.as_ref().is_some_and(|fix| level.includes(fix));
    let fixed = fix_text(
        &WORKSPACE,
        &mut Indexes::default(),
        &file(Kind::ConnectedApp),
        text.as_bytes(),
        is_included,
    );
    let refused = fixed.refused.iter().map(ToString::to_string).collect();
    (String::from_utf8(fixed.text).unwrap(), refused)
}

/// How many findings each rule has, without those that a fix may cause.
fn count(findings: &[Finding]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    // A fix may cause less severe findings. All fixes of these files are for findings above low. An invalid
    // value is reported only if no other rule reports the element.
    let counts_as_new = |it: &&Finding| it.severity > Severity::Low && it.rule != "invalid-value";
    for finding in findings.iter().filter(counts_as_new) {
        *counts.entry(finding.rule.as_str()).or_default() += 1;
    }
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn result_is_valid_final_and_has_nothing_new(text in app()) {
        for level in [Level::Safe, Level::All] {
            let (new, refused) = fixed(&text, level);
            parse(&new);
            let again = fixed(&new, level);
            prop_assert_eq!(&again.0, &new, "a second fix changes the text");
            prop_assert_eq!(&again.1, &refused);
            let (before, after) = (findings(&text), findings(&new));
            let (before, after) = (count(&before), count(&after));
            for (rule, count) in after {
                prop_assert!(before.get(rule).is_some_and(|it| *it >= count), "new: {rule}\n{new}");
            }
            // Every remaining fix was refused.
            let remaining = findings(&new);
            let fixable = remaining.iter().filter_map(|it| it.fix.as_ref());
            let fixable = fixable.filter(|fix| level.includes(fix)).count();
            prop_assert_eq!(fixable, refused.len(), "{:?}\n{}", refused, new);
        }
    }
}

const A: &str = "force-app/A.connectedApp-meta.xml";

/// A misspelled field with a wrong value: the rule about the right field reports that it is missing.
const MISSPELLED: &str = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <oauthConfig>
        <callbackUrl>https://portal.acme.test/callback</callbackUrl>
        <IsPkceRequired>false</IsPkceRequired>
        <scopes>Api</scopes>
    </oauthConfig>
</ConnectedApp>
";

#[test]
fn misspelled_field_is_renamed_and_then_set() {
    let expected = MISSPELLED
        .replace("IsPkceRequired", "isPkceRequired")
        .replace("false", "true");
    let select = "--select=pkce-required,unknown-field";
    let project = Project::new().with(A, MISSPELLED).git();
    let patch = project
        .check_with_every_rule(&[select, "--diff", "--fix=all"])
        .expect(1);
    project
        .check_with_every_rule(&[select, "--fix=all"])
        .expect(0)
        .stderr_contains(
            "fixed: 2 findings in 1 file\n  force-app/A.connectedApp-meta.xml: 2 findings\n",
        );
    assert_eq!(project.read(A), expected);
    project.write(A, MISSPELLED);
    project.apply("", &patch.stdout);
    assert_eq!(project.read(A), expected);
    // Without the rollout, the name is corrected and the value stays.
    project.write(A, MISSPELLED);
    project
        .check_with_every_rule(&[select, "--fix"])
        .expect(1)
        .stderr_contains("fixed: 1 finding in 1 file\n");
    let renamed = MISSPELLED.replace("IsPkceRequired", "isPkceRequired");
    assert_eq!(project.read(A), renamed);
}

/// A rule for the project, with a fix.
fn rule(id: &str, require: &str, fix: &str) -> String {
    format!(
        "id = \"{id}\"\ntitle = \"Ours\"\nseverity = \"low\"\nurl = \"https://a.example\"\nhelp = \"Change it.\"\n[[check]]\n\
         metadata = \"ConnectedApp\"\nrequire = {require}\nmessage = \"`{{component}}` is wrong\"\nfix = {fix}\n"
    )
}

#[test]
fn refused_fixes_are_reported_and_do_not_block_the_others() {
    let project = Project::new()
        .with(A, MISSPELLED)
        .with("forcelint.toml", "rule-paths = [\"rules\"]\n")
        .with(
            "rules/unsatisfied.toml",
            rule(
                "unsatisfied",
                "{ field = \"contactEmail\", is = \"a\", absent = \"violates\" }",
                "{ set = \"contactEmail\", to = \"b\" }",
            ),
        )
        .with(
            "rules/causes.toml",
            rule(
                "causes",
                "{ field = \"label\", is = \"new\", absent = \"violates\" }",
                "{ set = \"label\", to = \"new\" }",
            ),
        )
        .with(
            "rules/caused.toml",
            rule(
                "caused",
                "{ field = \"label\", except = \"new\", absent = \"complies\" }",
                "{ remove = \"label\" }",
            ),
        );
    let select = "--select=pkce-required,unknown-field,unsatisfied,causes,caused";
    let expected = MISSPELLED
        .replace("IsPkceRequired", "isPkceRequired")
        .replace("false", "true");
    for arguments in [&[select, "--fix=all"][..], &[select, "--diff", "--fix=all"]] {
        project.write(A, MISSPELLED);
        let outcome = project
            .check_with_every_rule(arguments)
            .expect(2)
            .stderr_contains(
                "error: force-app/A.connectedApp-meta.xml was not fixed: the fix of `causes` causes a \
                 finding of the rule `caused`\n",
            )
            .stderr_contains(
                "error: force-app/A.connectedApp-meta.xml was not fixed: the fix does not satisfy the rule \
                 `unsatisfied`\n",
            );
        let is_patch = arguments.contains(&"--diff");
        assert_eq!(
            outcome.stdout.contains("+        <isPkceRequired>true"),
            is_patch
        );
        assert_eq!(
            project.read(A),
            if is_patch { MISSPELLED } else { &expected }
        );
    }
}

#[test]
fn fix_that_breaks_an_unchanged_file_is_refused() {
    // With `--since`, a file that is not changed has no finding about its form.
    let text = MISSPELLED.replace(
        "<oauthConfig>",
        "<contactEmail>a</contactEmail><oauthConfig>",
    );
    let project = Project::new()
        .with(A, &text)
        .with("forcelint.toml", "rule-paths = [\"rules\"]\n")
        .with(
            "rules/breaks.toml",
            rule(
                "breaks",
                "{ field = \"contactEmail\", except = \"a\" }",
                "{ replace = \"a\", with = \"<b>\" }",
            ),
        );
    project
        .check_with_every_rule(&["--select=breaks", "--fix"])
        .expect(2)
        .stderr_contains("the fix of `breaks` makes the file malformed");
    assert_eq!(project.read(A), text);
}
