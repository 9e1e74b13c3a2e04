//! Shapes of secrets, filled with random characters that are the same in every run.

/// Random characters. The same seed gives the same ones.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn of(&mut self, characters: &str, length: usize) -> String {
        let characters = characters.as_bytes();
        let one =
            |random: &mut Self| characters[(random.next() % characters.len() as u64) as usize];
        (0..length).map(|_| char::from(one(self))).collect()
    }

    /// Letters of both cases and digits, beginning with one of each, so that no one looks like a word.
    fn alphanumeric(&mut self, length: usize) -> String {
        let start = [LOWER, DIGITS, UPPER].map(|kind| self.of(kind, 1)).concat();
        start + &self.of(ALPHANUMERIC, length - 3)
    }
}

const DIGITS: &str = "0123456789";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const HEX: &str = "0123456789abcdef";
const UPPER_HEX: &str = "0123456789ABCDEF";
const ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UPPER_ALPHANUMERIC: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const LOWER_ALPHANUMERIC: &str = "abcdefghijklmnopqrstuvwxyz0123456789";

/// A way to write a secret. `{}` is the secret part.
pub struct Shape {
    pub name: &'static str,
    pattern: &'static str,
    kind: Kind,
    length: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Alphanumeric,
    Hex,
    UpperHex,
    Base64,
    Upper,
    Lower,
    /// Two parts with a colon, in base64.
    BasicAuth,
}

impl Shape {
    /// A text with a secret in it, and the secret.
    pub fn plant(&self, random: &mut Random) -> (String, String) {
        let secret = match self.kind {
            Kind::Alphanumeric => random.alphanumeric(self.length),
            Kind::Hex => random.of(HEX, self.length),
            Kind::UpperHex => random.of(UPPER_HEX, self.length),
            Kind::Base64 => random.of(BASE64, self.length),
            Kind::Upper => random.of(UPPER_ALPHANUMERIC, self.length),
            Kind::Lower => random.of(LOWER_ALPHANUMERIC, self.length),
            Kind::BasicAuth => base64(&format!("integration:{}", random.alphanumeric(self.length))),
        };
        (self.pattern.replace("{}", &secret), secret)
    }

    /// Whether the shape can be a part of a file name on every system.
    pub fn fits_file_name(&self) -> bool {
        let sample = self.plant(&mut Random::new(0)).0;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '!' | '=');
        sample.len() < 120 && sample.chars().all(fits)
    }

    /// Whether a comment of XML can contain the shape.
    pub fn fits_comment(&self) -> bool {
        !self.pattern.contains("--")
    }
}

fn base64(text: &str) -> String {
    let digits = BASE64.as_bytes();
    let mut encoded = String::new();
    for group in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..=group.len() {
            encoded.push(char::from(digits[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    encoded
}

macro_rules! shapes {
    ($($name:literal $kind:ident $length:literal $pattern:literal)*) => {
        [$(Shape { name: $name, kind: Kind::$kind, length: $length, pattern: $pattern }),*]
    };
}

pub fn shapes() -> Vec<Shape> {
    let shapes = shapes! {
        "session id of Salesforce" Alphanumeric 80 "00D5g000004abcd!{}"
        "refresh token of Salesforce" Alphanumeric 70 "5Aep861{}"
        "JWT" Alphanumeric 60 "eyJhbGciOiJSUzI1NiJ9.eyJ{}.c2ln"
        "access key id of AWS" Upper 16 "AKIA{}"
        "secret key of AWS" Base64 40 "aws_secret_access_key={}"
        "API key of Google" Alphanumeric 35 "AIza{}"
        "access token of Google" Alphanumeric 60 "ya29.{}"
        "client secret of Google" Alphanumeric 28 "GOCSPX-{}"
        "client secret of Azure" Alphanumeric 34 "abc8Q~{}"
        "connection string of Azure" Base64 86 "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={}==;EndpointSuffix=core.example"
        "signature of Azure" Base64 44 "https://acme.example/blob?sv=2024-01-01&sig={}"
        "shared access signature" Base64 44 "SharedAccessSignature={}"
        "shared access key" Base64 44 "Endpoint=sb://acme.example/;SharedAccessKeyName=root;SharedAccessKey={}"
        "token of GitHub" Alphanumeric 36 "ghp_{}"
        "app token of GitHub" Alphanumeric 36 "ghs_{}"
        "fine-grained token of GitHub" Alphanumeric 70 "github_pat_{}"
        "token of GitLab" Alphanumeric 20 "glpat-{}"
        "bot token of Slack" Alphanumeric 24 "xoxb-123456789012-{}"
        "user token of Slack" Alphanumeric 32 "xoxp-1234567890-{}"
        "live key of Stripe" Alphanumeric 24 "sk_live_{}"
        "restricted key of Stripe" Alphanumeric 24 "rk_test_{}"
        "webhook secret of Stripe" Alphanumeric 32 "whsec_{}"
        "key of SendGrid" Alphanumeric 43 "SG.abcdefghijklmnopqrstuv.{}"
        "key of Twilio" Hex 32 "SK{}"
        "token of npm" Alphanumeric 36 "npm_{}"
        "token of PyPI" Alphanumeric 70 "pypi-AgEIcHlwaS5vcmc{}"
        "key of OpenAI" Alphanumeric 48 "sk-proj-{}"
        "key of Anthropic" Alphanumeric 60 "sk-ant-api03-{}"
        "token of Hugging Face" Alphanumeric 34 "hf_{}"
        "token of DigitalOcean" Hex 64 "dop_v1_{}"
        "token of Vault" Alphanumeric 40 "hvs.{}"
        "token of Shopify" Hex 32 "shpat_{}"
        "key of Mailgun" Hex 32 "key-{}"
        "token of Docker" Alphanumeric 27 "dckr_pat_{}"
        "private key" Base64 64 "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----"
        "private key on one line" Base64 64 "-----BEGIN PRIVATE KEY----- {} -----END PRIVATE KEY-----"
        "truncated private key" Base64 64 "-----BEGIN EC PRIVATE KEY-----\n{}"
        "password in a URL" Alphanumeric 16 "https://user:{}@acme.example/x"
        "password with an at sign in a URL" Alphanumeric 16 "https://user:a@{}@acme.example/x"
        "password with a slash in a URL" Alphanumeric 16 "https://user:a/{}@acme.example/x"
        "token as user in a URL" Alphanumeric 30 "https://{}@acme.example/x"
        "token as user with a scheme as password" Alphanumeric 30 "https://{}:x-oauth-basic@acme.example/x"
        "password in the URL of a database" Alphanumeric 20 "postgres://app:{}@db.acme.example:5432/crm"
        "bearer token" Alphanumeric 30 "Authorization: Bearer {}"
        "bearer token in lower case" Alphanumeric 30 "authorization: bearer {}"
        "bearer token without header" Alphanumeric 30 "Bearer {}"
        "basic authorization" BasicAuth 14 "Authorization: Basic {}"
        "basic authorization without header" BasicAuth 14 "Basic {}"
        "another authorization" Alphanumeric 24 "Authorization: token {}"
        "header x-api-key" Alphanumeric 24 "x-api-key: {}"
        "header of Azure" Hex 32 "Ocp-Apim-Subscription-Key: {}"
        "password" Alphanumeric 12 "password={}"
        "password in words" Alphanumeric 12 "Password : {}"
        "pwd in a connection string" Alphanumeric 14 "Server=db;Uid=app;Pwd={};Encrypt=yes"
        "parameter token" Alphanumeric 16 "https://acme.example/?token={}&x=1"
        "parameter access_token" Alphanumeric 20 "https://acme.example/?x=1&access_token={}"
        "parameter in a fragment" Alphanumeric 20 "https://acme.example/#access_token={}"
        "parameter behind a semicolon" Alphanumeric 20 "https://acme.example/a;api-key={}"
        "parameter clientSecret" Alphanumeric 20 "https://acme.example/?clientSecret={}"
        "parameter client-secret" Alphanumeric 20 "client-secret={}"
        "encoded parameter" Alphanumeric 20 "https://acme.example/?next=%2Fa%3Fclient_secret%3D{}%26b%3D1"
        "encoded name of a parameter" Alphanumeric 20 "https://acme.example/?%70assword={}"
        "doubly encoded parameter" Alphanumeric 20 "https://acme.example/?u=%252Fa%253Fsig%253D{}"
        "client secret in JSON" Alphanumeric 24 "{\"client_id\":\"a\",\"client_secret\":\"{}\"}"
        "password in JSON with spaces" Alphanumeric 14 "\"password\" : \"{} and words\""
        "escaped JSON" Alphanumeric 24 "{\\\"refresh_token\\\":\\\"{}\\\"}"
        "secret in YAML" Alphanumeric 24 "clientSecret: '{}'"
        "variable of a shell" Alphanumeric 24 "export DB_PASSWORD=\"{}\""
        "hexadecimal of 32 digits" Hex 32 "{}"
        "hexadecimal of 64 digits" UpperHex 64 "{}"
        "small letters and digits" Lower 48 "{}"
        "base64" Base64 64 "{}"
        "sfdx auth URL" Alphanumeric 60 "force://PlatformCLI::5Aep861{}@acme.my.salesforce.com"
        "element in a text" Alphanumeric 16 "<consumerSecret>{}</consumerSecret>"
    };
    shapes.into()
}
