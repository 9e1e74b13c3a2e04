//! The texts of the files that `forcelint rules new` writes: an example rule that passes its tests, with
//! comments for its author.

const RULE: &str = r#"# A rule of forcelint. It is an example: replace its texts and its check with yours.
# Its tests are in ID.test.toml. Run them with `forcelint rules test`.
# All keys: DOCS

# The name in reports, in `--select` and in exceptions. The files have the same name.
id = "ID"
# The problem, in at most eight words.
title = "Connected app without the team's address"
# critical, high, medium, low or info
severity = "low"
# More names for `--select` and `--ignore`.
tags = ["ours"]
# What to do, in a sentence or two. Reports and editors show it first.
help = "Set `contactEmail` to the address of the team that owns the app."
# A page about the rule, to which reports link. You can leave it out.
# url = "https://wiki.example.com/ID"

[[check]]
# The metadata type of the files to check. `forcelint rules list --metadata TYPE` lists the rules about it.
metadata = "ConnectedApp"
# Where this condition is false, there is a finding. The field is a path of element names.
require = { field = "contactEmail", matches = '@example\.com$' }
# What was found, without a period at the end. Braces insert the component's name or a field's text.
message = "`{component}` names `{contactEmail}` as its contact"
# A fix, if there is a single correct value. With it, the first test needs `fixed`: the fixed file.
# fix = { set = "contactEmail", to = "crm@example.com" }
"#;

const TESTS: &str = r#"# Tests of ID.toml: files, and the findings that the rule must report in them.
# Run them with `forcelint rules test`. The documentation of the rule shows the first ones as examples.

[[test]]
name = "a person's address"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>jo@mail.example</contactEmail>
    <label>Example</label>
</ConnectedApp>
'''
# One entry per finding, in the order of the file.
expect = [{ line = 2, severity = "low" }]

[[test]]
name = "the team's address"
metadata = "ConnectedApp"
xml = '''
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <contactEmail>crm@example.com</contactEmail>
    <label>Example</label>
</ConnectedApp>
'''
# Without `expect`, the rule must report nothing.
"#;

/// The reference of the rule language.
const DOCS: &str = concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/writing-rules.md"
);

/// The text of a new rule file.
pub(super) fn rule_text(id: &str) -> String {
    RULE.replace("ID", id).replace("DOCS", DOCS)
}

/// The text of the file with its tests.
pub(super) fn tests_text(id: &str) -> String {
    TESTS.replace("ID", id)
}
