//! SFDX projects to check, generated once in `target/speed` of the repository.
//!
//! The trees have files of about the same types, in about the same proportions, as real projects: mostly
//! fields, classes and layouts, which no rule reads, and some of each type that rules read. Names and
//! numbers vary, because copies of a few files would be easier for the branch predictor than real files.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::program::repository;

pub struct Tree {
    /// The name on the command line.
    pub name: &'static str,
    /// The number of files.
    pub files: usize,
}

/// The trees in the order of the table.
pub const TREES: [Tree; 7] = [
    Tree {
        name: "one",
        files: 1,
    },
    Tree {
        name: "2000",
        files: 2_000,
    },
    Tree {
        name: "20000",
        files: 20_000,
    },
    Tree {
        name: "200000",
        files: 200_000,
    },
    Tree {
        name: "clean",
        files: 20_000,
    },
    Tree {
        name: "violating",
        files: 20_000,
    },
    Tree {
        name: "profiles",
        files: 20,
    },
];

/// The tree with this name.
pub fn named(name: &str) -> Option<&'static Tree> {
    TREES.iter().find(|it| it.name == name)
}

/// To be changed with the generated files, so that old trees are not used.
const VERSION: u32 = 2;

const PROJECT: &str = r#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#;
/// Ignore files like those that the Salesforce CLI writes for a new project. forcelint checks each file
/// that a rule reads against them.
const IGNORE_FILES: [(&str, &str); 2] = [
    (
        ".forceignore",
        "# Not deployed\npackage.xml\n**/jsconfig.json\n**/.eslintrc.json\n**/__tests__/**\n",
    ),
    (
        ".gitignore",
        "# Tools\n.sf/\n.sfdx/\n.vscode/\n.localdevserver/\ndeploy-options.json\n**/lwc/jsconfig.json\n\
         coverage/\nlogs\n*.log\nnpm-debug.log*\nnode_modules/\n.eslintcache\n\
         # Systems\n.DS_Store\nThumbs.db\n[Dd]esktop.ini\n$RECYCLE.BIN/\n.env\n",
    ),
];
const XMLNS: &str = "http://soap.sforce.com/2006/04/metadata";

/// The folder of the tree. Generates the tree if it does not exist.
pub fn ensure(tree: &Tree) -> PathBuf {
    let all = repository().join(format!("target/speed/trees-{VERSION}"));
    let root = all.join(tree.name);
    if !root.is_dir() {
        let unfinished = all.join(format!("{}.unfinished", tree.name));
        let _ = fs::remove_dir_all(&unfinished);
        let writer = Writer(unfinished.join("force-app/main/default"));
        fs::create_dir_all(&writer.0).expect("the folder can be created");
        fs::write(unfinished.join("sfdx-project.json"), PROJECT).expect("the file can be written");
        for (name, text) in IGNORE_FILES {
            fs::write(unfinished.join(name), text).expect("the file can be written");
        }
        match tree.name {
            "one" => writer.app(1, false),
            "profiles" => (0..tree.files).for_each(|it| writer.profile(it, 2_000_000)),
            "clean" => writer.project(tree.files, |_| false),
            "violating" => writer.project(tree.files, |_| true),
            // One app in ten does not require PKCE.
            _ => writer.project(tree.files, |number| number % 10 == 0),
        }
        fs::rename(&unfinished, &root).expect("the folder can be renamed");
    }
    root
}

/// The connected app of the tree `one`, which has no findings.
pub fn one_file(root: &Path) -> PathBuf {
    root.join("force-app/main/default/connectedApps/App1.connectedApp-meta.xml")
}

struct Writer(PathBuf);

impl Writer {
    fn put(&self, folder: &str, file: &str, text: &str) {
        let folder = self.0.join(folder);
        fs::create_dir_all(&folder).expect("the folder can be created");
        fs::write(folder.join(file), text).expect("the file can be written");
    }

    /// Writes a file with the root element `root` around `content`.
    fn metadata(&self, folder: &str, file: &str, root: &str, content: &str) {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{XMLNS}\">\n{content}</{root}>\n"
        );
        self.put(folder, file, &text);
    }

    /// Writes a project in which the apps with these numbers do not require PKCE. Per thousand files, there are 20 connected apps, 10 files of External Client Apps,
    /// 10 permission sets and 5 named credentials, and one profile per two thousand files.
    fn project(&self, files: usize, violates: fn(usize) -> bool) {
        let oauth = "    <isPkceRequired>true</isPkceRequired>\n";
        self.metadata(
            "settings",
            "OauthOidc.settings-meta.xml",
            "OauthOidcSettings",
            oauth,
        );
        let sessions = "    <sessionSettings>\n        <enforceIpRangesEveryRequest>true</enforceIpRangesEveryRequest>\n        <forceRelogin>true</forceRelogin>\n        <sessionTimeout>TwoHours</sessionTimeout>\n    </sessionSettings>\n";
        self.metadata(
            "settings",
            "Security.settings-meta.xml",
            "SecuritySettings",
            sessions,
        );
        for number in 2..files {
            match number % 1_000 {
                0..20 => self.app(number, violates(number)),
                20..25 => self.external_client_app(number),
                // All External Client Apps are alike: they violate if the first app does.
                25..30 => self.external_client_app_settings(number - 5, violates(1)),
                30..40 => self.permission_set(number),
                40..45 => self.named_credential(number),
                45 if number % 2_000 < 1_000 => self.profile(number, 60_000),
                46..66 => self.object(number),
                66..150 => self.class(number),
                150..250 => self.flow(number),
                _ => self.field(number),
            }
        }
    }

    /// Writes a connected app of about 1.6 KB, a typical size.
    fn app(&self, number: usize, violates: bool) {
        let description = "Lets a partner read orders. ".repeat(18);
        let content = format!(
            "    <contactEmail>dev{number}@example.com</contactEmail>\n    <description>{description}</description>\n    <label>App {number}</label>\n    <oauthConfig>\n        <callbackUrl>https://partner{number}.acme.test/oauth/callback</callbackUrl>\n        <isAdminApproved>true</isAdminApproved>\n        <isClientCredentialEnabled>false</isClientCredentialEnabled>\n        <isCodeCredentialEnabled>false</isCodeCredentialEnabled>\n        <isConsumerSecretOptional>false</isConsumerSecretOptional>\n        <isIntrospectAllTokens>false</isIntrospectAllTokens>\n        <isNamedUserJwtEnabled>false</isNamedUserJwtEnabled>\n        <isPkceRequired>{}</isPkceRequired>\n        <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>\n        <isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>\n        <isSecretRequiredForTokenExchange>true</isSecretRequiredForTokenExchange>\n        <scopes>Api</scopes>\n        <scopes>RefreshToken</scopes>\n    </oauthConfig>\n    <oauthPolicy>\n        <ipRelaxation>ENFORCE</ipRelaxation>\n        <refreshTokenPolicy>specific_inactivity:30:DAYS</refreshTokenPolicy>\n    </oauthPolicy>\n    <profileName>Profile{number}</profileName>\n    <sessionPolicy>\n        <sessionLevel>HIGH_ASSURANCE</sessionLevel>\n    </sessionPolicy>\n",
            !violates
        );
        let file = format!("App{number}.connectedApp-meta.xml");
        self.metadata("connectedApps", &file, "ConnectedApp", &content);
    }

    fn external_client_app(&self, number: usize) {
        let content = format!(
            "    <contactEmail>dev{number}@example.com</contactEmail>\n    <description>Orders of partner {number}.</description>\n    <distributionState>Local</distributionState>\n    <isProtected>false</isProtected>\n    <label>Client {number}</label>\n"
        );
        let file = format!("Client{number}.eca-meta.xml");
        self.metadata(
            "externalClientApps",
            &file,
            "ExternalClientApplication",
            &content,
        );
    }

    fn external_client_app_settings(&self, number: usize, violates: bool) {
        let content = format!(
            "    <callbackUrl>https://partner{number}.acme.test/callback</callbackUrl>\n    <externalClientApplication>Client{number}</externalClientApplication>\n    <isConsumerSecretOptional>false</isConsumerSecretOptional>\n    <isPkceRequired>{}</isPkceRequired>\n    <isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>\n    <label>Client{number} global</label>\n",
            !violates
        );
        let file = format!("Client{number}_glbloauth.ecaGlblOauth-meta.xml");
        let root = "ExtlClntAppGlobalOauthSettings";
        self.metadata("extlClntAppGlobalOauthSets", &file, root, &content);
    }

    fn named_credential(&self, number: usize) {
        let content = format!(
            "    <allowMergeFieldsInBody>false</allowMergeFieldsInBody>\n    <allowMergeFieldsInHeader>false</allowMergeFieldsInHeader>\n    <endpoint>https://erp{number}.acme.test</endpoint>\n    <generateAuthorizationHeader>true</generateAuthorizationHeader>\n    <label>ERP {number}</label>\n    <principalType>NamedUser</principalType>\n    <protocol>Oauth</protocol>\n"
        );
        let file = format!("Erp{number}.namedCredential-meta.xml");
        self.metadata("namedCredentials", &file, "NamedCredential", &content);
    }

    fn permission_set(&self, number: usize) {
        let mut content = permissions(number, 6_000);
        let _ = write!(
            content,
            "    <hasActivationRequired>false</hasActivationRequired>\n    <label>Team {number}</label>\n    <userPermissions>\n        <enabled>true</enabled>\n        <name>ViewRoles</name>\n    </userPermissions>\n"
        );
        let file = format!("Team{number}.permissionset-meta.xml");
        self.metadata("permissionsets", &file, "PermissionSet", &content);
    }

    /// Writes a profile of about `size` bytes.
    fn profile(&self, number: usize, size: usize) {
        let mut content = permissions(number, size);
        for name in [
            "ActivitiesAccess",
            "AllowViewKnowledge",
            "ChatterInternalUser",
            "EditTask",
            "ViewRoles",
        ] {
            let _ = write!(
                content,
                "    <userPermissions>\n        <enabled>true</enabled>\n        <name>{name}</name>\n    </userPermissions>\n"
            );
        }
        content.push_str("    <loginIpRanges>\n        <endAddress>192.0.2.20</endAddress>\n        <startAddress>192.0.2.10</startAddress>\n    </loginIpRanges>\n    <userLicense>Salesforce</userLicense>\n");
        let file = format!("Profile{number}.profile-meta.xml");
        self.metadata("profiles", &file, "Profile", &content);
    }

    fn object(&self, number: usize) {
        let content = format!(
            "    <deploymentStatus>Deployed</deploymentStatus>\n    <enableActivities>true</enableActivities>\n    <externalSharingModel>Private</externalSharingModel>\n    <label>Object {number}</label>\n    <nameField>\n        <label>Name</label>\n        <type>Text</type>\n    </nameField>\n    <pluralLabel>Objects {number}</pluralLabel>\n    <sharingModel>Private</sharingModel>\n"
        );
        let folder = format!("objects/Object{number}__c");
        let file = format!("Object{number}__c.object-meta.xml");
        self.metadata(&folder, &file, "CustomObject", &content);
    }

    fn class(&self, number: usize) {
        if number.is_multiple_of(2) {
            let text = format!(
                "public with sharing class Service{number} {{\n    // {}\n}}\n",
                "x".repeat(900)
            );
            return self.put("classes", &format!("Service{number}.cls"), &text);
        }
        let content = "    <apiVersion>66.0</apiVersion>\n    <status>Active</status>\n";
        let file = format!("Service{}.cls-meta.xml", number - 1);
        self.metadata("classes", &file, "ApexClass", content);
    }

    fn flow(&self, number: usize) {
        let content = format!(
            "    <apiVersion>66.0</apiVersion>\n    <label>Flow {number}</label>\n    <processType>AutoLaunchedFlow</processType>\n    <status>Active</status>\n"
        );
        let file = format!("Flow{number}.flow-meta.xml");
        self.metadata("flows", &file, "Flow", &content);
    }

    /// Writes a field. Each folder has thirteen, like a real project of 100,000 files.
    fn field(&self, number: usize) {
        let content = format!(
            "    <fullName>Field{number}__c</fullName>\n    <label>Field {number}</label>\n    <length>80</length>\n    <type>Text</type>\n"
        );
        let folder = format!("objects/Object{}__c/fields", number / 13);
        let file = format!("Field{number}__c.field-meta.xml");
        self.metadata(&folder, &file, "CustomField", &content);
    }
}

/// About `size` bytes of permissions for classes, fields and objects.
fn permissions(seed: usize, size: usize) -> String {
    let mut text = String::new();
    let mut number = 0;
    while text.len() < size / 5 {
        let _ = write!(
            text,
            "    <classAccesses>\n        <apexClass>Service{}</apexClass>\n        <enabled>{}</enabled>\n    </classAccesses>\n",
            number * 7 + seed,
            !(number + seed).is_multiple_of(3)
        );
        number += 1;
    }
    while text.len() < size * 4 / 5 {
        let _ = write!(
            text,
            "    <fieldPermissions>\n        <editable>{}</editable>\n        <field>Object{}__c.Field{number}__c</field>\n        <readable>true</readable>\n    </fieldPermissions>\n",
            !(number + seed).is_multiple_of(5),
            number / 40
        );
        number += 1;
    }
    while text.len() < size {
        let _ = write!(
            text,
            "    <objectPermissions>\n        <allowCreate>true</allowCreate>\n        <allowDelete>false</allowDelete>\n        <allowEdit>true</allowEdit>\n        <allowRead>true</allowRead>\n        <modifyAllRecords>false</modifyAllRecords>\n        <object>Object{number}__c</object>\n        <viewAllRecords>false</viewAllRecords>\n    </objectPermissions>\n"
        );
        number += 1;
    }
    text
}
