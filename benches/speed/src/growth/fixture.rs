//! A project of one dimension, generated for each measurement.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const XMLNS: &str = "http://soap.sforce.com/2006/04/metadata";

/// A folder for a generated project.
pub struct Fixture(pub PathBuf);

impl Fixture {
    /// An empty folder with this path.
    pub fn create(folder: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("force-app")).expect("the folder can be created");
        let fixture = Self(folder);
        fixture.write(
            "sfdx-project.json",
            r#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#,
        );
        fixture
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        let folder = path.parent().expect("the path is below the folder");
        fs::create_dir_all(folder).expect("the folder can be created");
        fs::write(path, text).expect("the file can be written");
    }

    /// Writes a metadata file with the root element `root` around `content`.
    pub fn metadata(&self, path: &str, root: &str, content: &str) {
        self.write(path, &document(root, content));
    }

    /// Writes the connected app `A` with this content.
    pub fn app(&self, content: &str) {
        self.metadata(APP, "ConnectedApp", content);
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// The file of the connected app `A`.
pub const APP: &str = "force-app/connectedApps/A.connectedApp-meta.xml";

/// The content of a connected app without findings.
pub const COMPLIANT: &str = "<contactEmail>a@example.com</contactEmail><label>A</label><oauthConfig>\
    <callbackUrl>https://a.acme.test/callback</callbackUrl>\
    <isAdminApproved>true</isAdminApproved>\
    <isConsumerSecretOptional>false</isConsumerSecretOptional>\
    <isPkceRequired>true</isPkceRequired>\
    <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>\
    <isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>\
    <scopes>Api</scopes></oauthConfig>\
    <oauthPolicy><ipRelaxation>ENFORCE</ipRelaxation></oauthPolicy>";

/// The content of a connected app that does not require PKCE.
pub const WITHOUT_PKCE: &str = "<contactEmail>a@example.com</contactEmail><label>A</label><oauthConfig>\
    <callbackUrl>https://a.acme.test/callback</callbackUrl>\
    <isConsumerSecretOptional>false</isConsumerSecretOptional>\
    <isPkceRequired>false</isPkceRequired></oauthConfig>";

pub fn document(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{XMLNS}\">\n{content}\n</{root}>\n"
    )
}

/// The texts of the numbers below `count`, one after the other.
pub fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, number| {
        let _ = write!(all, "{}", text(number));
        all
    })
}
