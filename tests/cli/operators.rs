//! What the operators of conditions mean, by the tests of small rule files in `testdata/rules`.

use crate::support::Sandbox;

/// 1 January 2030, in the middle of the day.
const TODAY: &str = "1893499200";

#[test]
fn every_operator_does_what_the_tests_of_these_rules_say() {
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

/// The day is that of the environment.
#[test]
fn today_can_be_set() {
    let sandbox = Sandbox::with(&["rules"]);
    let test = sandbox.forcelint(["rules", "test", "rules/days.toml"]);
    // A day later.
    let outcome = test.env("SOURCE_DATE_EPOCH", "1893585600").run().expect(1);
    assert!(outcome.stdout.contains("tomorrow"), "{}", outcome.stdout);
    assert!(!outcome.stdout.contains("  no day\n"), "{}", outcome.stdout);
}
