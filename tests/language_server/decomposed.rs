//! Pieces of a decomposed component in the editor.

use std::fs;

use crate::client::{Client, Project};

fn permission(name: &str) -> String {
    format!(
        "<UserPermission>\n    <enabled>true</enabled>\n    <name>{name}</name>\n</UserPermission>\n"
    )
}

#[test]
fn pieces_see_one_another() {
    let project = Project::empty();
    let write = |path: &str, text: &str| {
        let path = format!("force-app/permissionsets/PO/{path}");
        project.write(&path, text);
        project.path(&path)
    };
    project.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }] }"#,
    );
    let main = write(
        "PO.permissionset-meta.xml",
        "<PermissionSet>\n    <label>PO</label>\n</PermissionSet>\n",
    );
    let view = write(
        "userPermissions/View.userPermission-meta.xml",
        &permission("ViewAllData"),
    );
    let api = write(
        "userPermissions/Api.userPermission-meta.xml",
        &permission("ApiEnabled"),
    );
    let mut client = Client::start(&project.root);
    let found = |client: &mut Client, path| {
        let published = client.diagnostics(path);
        let codes = published
            .iter()
            .map(|it| it["code"].as_str().unwrap().to_owned());
        codes.collect::<Vec<_>>()
    };
    client.open(&main);
    client.open(&view);
    client.open(&api);
    assert_eq!(found(&mut client, &main), [""; 0]);
    assert_eq!(found(&mut client, &view), ["view-all-data"]);
    assert_eq!(found(&mut client, &api), [""; 0]);
    // The text of the main file exists only in the editor.
    client.write(
        &main,
        "<PermissionSet>\n    <label>PO</label>\n    <license>Guest User License</license>\n</PermissionSet>\n",
    );
    assert_eq!(found(&mut client, &api), ["guest-api-access"]);
    client.close(&main);
    assert_eq!(found(&mut client, &api), [""; 0]);
    // A piece that exists only in the editor: the rule skips a component with Modify All Data.
    let modify =
        project.path("force-app/permissionsets/PO/userPermissions/M.userPermission-meta.xml");
    client.open_as(&modify, &permission("ModifyAllData"));
    assert_eq!(found(&mut client, &modify), ["modify-all-data"]);
    assert_eq!(found(&mut client, &view), [""; 0]);
    client.close(&modify);
    assert_eq!(found(&mut client, &view), ["view-all-data"]);
    // Another program creates and deletes it.
    fs::write(&modify, permission("ModifyAllData")).unwrap();
    client.report_changed_files(&[(&modify, 1)]);
    assert_eq!(found(&mut client, &view), [""; 0]);
    fs::remove_file(&modify).unwrap();
    client.report_changed_files(&[(&modify, 3)]);
    assert_eq!(found(&mut client, &view), ["view-all-data"]);
    // A malformed piece makes the others unknown, which hints show.
    client.write(&api, "<UserPermission>");
    assert_eq!(found(&mut client, &api), ["malformed-metadata"]);
    let unknown = found(&mut client, &view);
    assert!(unknown.contains(&"view-all-data".to_owned()), "{unknown:?}");
    assert!(unknown.contains(&"author-apex".to_owned()), "{unknown:?}");
}

#[test]
fn hover_and_completion_in_a_piece() {
    let project = Project::empty();
    let path = "force-app/permissionsets/PO/userPermissions/V.userPermission-meta.xml";
    project.write(
        path,
        "<UserPermission>\n    <enabled>true</enabled>\n    <\n</UserPermission>\n",
    );
    let path = project.path(path);
    let mut client = Client::start(&project.root);
    client.open(&path);
    let hover = client.at("textDocument/hover", &path, 1, 6).to_string();
    assert!(hover.contains("PermissionSetUserPermission"), "{hover}");
    assert!(hover.contains("guest-api-access"), "{hover}");
    let completion = client
        .at("textDocument/completion", &path, 2, 5)
        .to_string();
    assert!(completion.contains("\"name\""), "{completion}");
}
