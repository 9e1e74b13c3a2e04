//! The operators of conditions, tested with the rule files of `testdata/rules`.

use crate::support::Sandbox;

/// January 1, 2030, noon.
const TODAY: &str = "1893499200";

#[test]
fn operators_pass_the_tests_of_their_rules() {
    let sandbox = Sandbox::with(&["rules"]);
    let outcome = sandbox
        .forcelint(["rules", "test", "rules"])
        .env("SOURCE_DATE_EPOCH", TODAY)
        .run()
        .expect(0);
    let files = std::fs::read_dir(sandbox.path("rules")).unwrap().count();
    let tested = outcome.stdout.matches("ok    ").count();
    assert_eq!(tested, files, "{}", outcome.stdout);
}

#[test]
fn today_comes_from_the_environment() {
    let sandbox = Sandbox::with(&["rules"]);
    let test = sandbox.forcelint(["rules", "test", "rules/days.toml"]);
    // One day later.
    let outcome = test.env("SOURCE_DATE_EPOCH", "1893585600").run().expect(1);
    assert!(outcome.stdout.contains("tomorrow"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("  no day\n"), "{}", outcome.stdout);
}
