//! Attack stories: findings of one app that form one path.

use serde_json::Value;

use crate::support::{APPS, Sandbox, project_with};

const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

/// A connected app with an endless refresh token, which every user may authorize.
fn app(secret_optional: bool) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp {NAMESPACE}>
    <contactEmail>it@acme.example</contactEmail>
    <label>Field</label>
    <oauthConfig>
        <callbackUrl>https://field.acme.example/callback</callbackUrl>
        <isAdminApproved>false</isAdminApproved>
        <isConsumerSecretOptional>{secret_optional}</isConsumerSecretOptional>
        <isPkceRequired>false</isPkceRequired>
        <isRefreshTokenRotationEnabled>false</isRefreshTokenRotationEnabled>
        <isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>
        <scopes>Full</scopes>
        <scopes>RefreshToken</scopes>
    </oauthConfig>
    <oauthPolicy>
        <ipRelaxation>BYPASS</ipRelaxation>
        <refreshTokenPolicy>infinite</refreshTokenPolicy>
    </oauthPolicy>
</ConnectedApp>
"#
    )
}

fn project(app: &str) -> Sandbox {
    let sandbox = project_with(&[]);
    sandbox.write(format!("{APPS}/Field.connectedApp-meta.xml"), app);
    sandbox
}

fn stories(sandbox: &Sandbox, arguments: &[&str]) -> Vec<Value> {
    let all = ["check", "--format=json"];
    let check = sandbox.with_every_rule(all.iter().chain(arguments));
    check.run().json()["stories"].as_array().unwrap().clone()
}

/// The rules of each step.
fn rules(story: &Value) -> Vec<Vec<&str>> {
    let steps = story["steps"].as_array().unwrap().iter();
    steps
        .map(|step| {
            step["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["rule"].as_str().unwrap())
                .collect()
        })
        .collect()
}

#[test]
fn public_client_with_lasting_tokens_is_one_story() {
    let sandbox = project(&app(true));
    let found = stories(&sandbox, &[]);
    let [story] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(story["id"], "stolen-code");
    assert_eq!(story["severity"], "critical");
    assert_eq!(story["component"]["type"], "ConnectedApp");
    assert_eq!(story["component"]["name"], "Field");
    assert_eq!(
        rules(story),
        [
            ["pkce-required"],
            ["refresh-token-rotation"],
            ["refresh-token-expiry"],
            ["ip-relaxation"],
            ["self-authorized-users"],
            ["scope-full"],
        ]
    );
}

#[test]
fn each_format_for_people_shows_it() {
    let sandbox = project(&app(true));
    for format in ["pretty", "markdown", "html"] {
        let format = format!("--format={format}");
        let check = sandbox.with_every_rule(["check", "-q", &format]);
        let text = check.env("COLUMNS", "1000").run().expect(1).stdout;
        assert!(text.contains("Attack stories"), "{text}");
        let title = "An intercepted authorization code opens a session";
        assert_eq!(text.matches(title).count(), 1, "{text}");
        let step = "IP restrictions do not stop the attacker";
        assert_eq!(text.matches(step).count(), 1, "{text}");
    }
}

/// Its code and its tokens need the secret.
#[test]
fn confidential_client_has_no_story_of_a_public_one() {
    assert_eq!(stories(&project(&app(false)), &[]), [Value::Null; 0]);
}

#[test]
fn only_reported_findings_are_evidence() {
    let sandbox = project(&app(true));
    let without_pkce = stories(&sandbox, &["--ignore=pkce-required"]);
    assert_eq!(without_pkce[0]["id"], "stolen-token");
    let accepted = "[[exception]]\nrule = \"refresh-token-rotation\"\n\
         component = \"ConnectedApp:Field\"\nreason = \"The client is replaced in June\"\n";
    sandbox.write("forcelint.toml", accepted);
    let found = stories(&sandbox, &[]);
    assert_eq!(found[0]["id"], "stolen-code");
    let rotation = vec!["refresh-token-rotation"];
    assert!(!rules(&found[0]).contains(&rotation), "{found:?}");
    assert_eq!(
        stories(&sandbox, &["--ignore=pkce-required"]),
        [Value::Null; 0]
    );
}

/// Its settings and its policies are two files, and the story has findings in both.
#[test]
fn external_client_app_has_one_story() {
    let sandbox = project_with(&[]);
    let file = |name: &str, root: &str, elements: &str| {
        sandbox.write(
            format!("force-app/main/default/{name}-meta.xml"),
            format!("<{root} {NAMESPACE}>\n{elements}\n</{root}>\n"),
        );
    };
    file(
        "externalClientApps/Field.eca",
        "ExternalClientApplication",
        "<contactEmail>it@acme.example</contactEmail>\n<distributionState>Local</distributionState>\n<label>Field</label>",
    );
    file(
        "extlClntAppGlobalOauthSets/Field_glbloauth.ecaGlblOauth",
        "ExtlClntAppGlobalOauthSettings",
        "<callbackUrl>https://field.acme.example/callback</callbackUrl>\n\
         <externalClientApplication>Field</externalClientApplication>\n\
         <isConsumerSecretOptional>true</isConsumerSecretOptional>\n<isPkceRequired>false</isPkceRequired>\n\
         <isRefreshTokenRotationEnabled>false</isRefreshTokenRotationEnabled>\n<label>Field</label>",
    );
    file(
        "extlClntAppOauthSettings/Field_oauth.ecaOauth",
        "ExtlClntAppOauthSettings",
        "<commaSeparatedOauthScopes>Full, RefreshToken</commaSeparatedOauthScopes>\n\
         <externalClientApplication>Field</externalClientApplication>\n<label>Field</label>",
    );
    let found = stories(&sandbox, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["component"]["type"], "ExternalClientApplication");
    assert_eq!(found[0]["component"]["name"], "Field");
    let steps = [
        ["pkce-required"],
        ["refresh-token-rotation"],
        ["scope-full"],
    ];
    assert_eq!(rules(&found[0]), steps);
}

#[test]
fn apps_with_the_same_story_are_shown_as_one() {
    let sandbox = project(&app(true));
    sandbox.write(format!("{APPS}/Sales.connectedApp-meta.xml"), app(true));
    let check = sandbox.with_every_rule(["check", "-q", "--format=markdown"]);
    let text = check.run().expect(1).stdout;
    assert!(
        text.contains("** `ConnectedApp:Field` and 1 more\n"),
        "{text}"
    );
    assert_eq!(stories(&sandbox, &[]).len(), 2);
}
