//! Visualforce pages in the editor: the `.page` file is a part of the component.

use crate::client::{Client, Project};

const META: &str = "<ApexPage xmlns=\"http://soap.sforce.com/2006/04/metadata\">
    <apiVersion>62.0</apiVersion>
    <confirmationTokenRequired>false</confirmationTokenRequired>
    <label>Orders</label>
</ApexPage>
";

#[test]
fn an_edited_page_changes_the_findings_of_its_metadata() {
    let project = Project::empty();
    let write = |path: &str, text: &str| {
        project.write(path, text);
        project.path(path)
    };
    write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    write("forcelint.toml", "min-severity = \"info\"\n");
    let meta = write("force-app/pages/Orders.page-meta.xml", META);
    let page = write("force-app/pages/Orders.page", "<apex:page>\n</apex:page>\n");
    let mut client = Client::start(&project.root);
    let found = |client: &mut Client, path| {
        let published = client.diagnostics(path);
        let codes = published.iter().map(|it| it["code"].clone());
        codes.collect::<Vec<_>>()
    };
    client.open(&meta);
    client.open(&page);
    assert_eq!(found(&mut client, &meta), [""; 0]);
    assert_eq!(found(&mut client, &page), [""; 0]);
    client.write(&page, "<apex:page action=\"{!archive}\">\n</apex:page>\n");
    assert_eq!(found(&mut client, &meta), ["page-csrf-token"]);
    assert_eq!(found(&mut client, &page), [""; 0]);
    // The page is not XML of the metadata, so the schema has nothing to say about it.
    let hover = client.at("textDocument/hover", &page, 0, 3);
    assert!(hover.is_null(), "{hover}");
    let completion = client
        .at("textDocument/completion", &page, 0, 1)
        .to_string();
    assert!(!completion.contains("confirmationToken"), "{completion}");
    client.close(&page);
    assert_eq!(found(&mut client, &meta), [""; 0]);
}
