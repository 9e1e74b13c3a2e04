"""Compares forcelint's parser with expat, on files that are made here, whole and broken.

usage: check_parser.py FORCELINT [FILES [SEED]]

Both have to agree on which files are well-formed and in which line one is broken, and on the place
of every `scopes` element of those that are not. Where they may differ is said below, with the
reason; anything else fails. The same seed makes the same files.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
from xml.parsers import expat

FORCELINT = str(pathlib.Path(sys.argv[1]).resolve())
FILES = int(sys.argv[2]) if len(sys.argv) > 2 else 4000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 1

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
# Between namespace and name; no XML holds it.
SEPARATOR = "\x01"

# One finding for each `scopes` element, at the element.
RULE = """
id = "every-scope"
title = "A scope"
severity = "low"
url = "https://example.test/"
help = "leave it"

[[check]]
metadata = "ConnectedApp"
each = "oauthConfig/scopes"
require = { field = ".", is = "no scope at all", absent = "violates" }
message = "a scope"
"""

# What forcelint refuses and expat takes, with the authority.
STRICTER = [
    # The design: Salesforce's root element in Salesforce's namespace, at most 64 levels and 64
    # attributes, no merge conflict; UTF-8 alone, whatever the declaration says.
    "the root element is",
    "levels deep",
    "more than 64",
    "merge conflict",
    "the file declares the encoding",
    "is not valid UTF-8",
    "metadata must be UTF-8",
    # The design: entities of a DTD are neither expanded nor fetched, so that one is unknown.
    "undefined entity",
    "undefined reference",
    # Namespaces in XML, 7: no colon in the target of an instruction. expat looks at elements alone.
    "invalid processing instruction",
    # XML [26]: a version is `1.` and digits. expat takes dots and digits in any order.
    'does not begin with version="1.0"',
]

# Where both refuse a file and may name another line: forcelint names what began the trouble.
OTHER_LINES = [
    # expat names the end tag that does not fit, or the end of the file.
    "is never closed",
    "ends inside",
    # forcelint looks at the whole text for these before it reads it.
    "merge conflict",
    "is not allowed in XML",
    "is not valid UTF-8",
    "metadata must be UTF-8",
    # The place is the tag's beginning, from which expat goes on to what is no part of it.
    "the root element is",
    "instead of",
    # The place is the attribute, where expat names its tag.
    "invalid namespace declaration",
    "is not bound to a namespace",
    "duplicate attribute",
    "attribute without a value",
    # Of several mistakes in one value forcelint names this one first.
    "`<` is not allowed in an attribute value; write `&lt;`",
    # expat takes quotes there for the beginning of a literal, and goes on to its end.
    "text outside the root element",
]


class Generator:
    """Writes metadata as no tool would, and as XML allows it."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.break_ = numbers.choice(["\n", "\n", "\n", "\r\n", "\r"])
        self.prefix = numbers.choice(["", "", "", "m:"])

    def some(self, *choices):
        return self.numbers.choice(choices)

    def space(self):
        return self.some("", "", " ", self.break_, self.break_ + "    ", "\t")

    def aside(self):
        return self.some(
            "", "", "", "", "<!-- c -->", "<!---->", f"<!-- é{self.break_}- -->", "<?target some?>", "<?t?>"
        )

    def text(self):
        parts = [
            "Api", "Web", "RefreshToken", "é", "\U0001f600", " ", "a]]b", ">", "&amp;", "&lt;", "&#65;", "&#x1F600;",
            "&quot;", "<![CDATA[<&]]>", "<![CDATA[]]>", "<!-- in -->", self.break_, "'\"",
        ]
        return "".join(self.some(*parts) for _ in range(self.numbers.randrange(4)))

    def attributes(self):
        return self.some(
            "", "", "", "", " a='1'", ' a = "&lt;"', " xml:lang='de'", f'{self.break_}a="b{self.break_}c"', " x:a='' xmlns:x='urn:x'",
            " é='é'", " a='>'", ' a="\'"',
        )

    def element(self, name, content):
        name = self.prefix + name
        if not content and self.numbers.random() < 0.4:
            return f"<{name}{self.attributes()}{self.some('', ' ', self.break_)}/>"
        return f"<{name}{self.attributes()}{self.some('', '', ' ')}>{content}</{name}{self.some('', '', ' ', self.break_)}>"

    def scopes(self):
        fields = ["callbackUrl", "scopes", "scopes", "scopes", "consumerKey", "idTokenConfig", "é"]
        return "".join(
            self.space() + self.aside() + self.element(self.some(*fields), self.text())
            for _ in range(self.numbers.randrange(6))
        )

    def document(self):
        declaration = self.some(
            "", '<?xml version="1.0" encoding="UTF-8"?>', "<?xml version='1.0'?>",
            '<?xml version="1.0" encoding="utf-8" standalone="yes" ?>',
        )
        doctype = self.some(
            "", "", "", "", "", "", "<!DOCTYPE ConnectedApp>", '<!DOCTYPE ConnectedApp [<!ENTITY a "b"><!-- c -->]>',
            "<!DOCTYPE ConnectedApp [<!ELEMENT a (#PCDATA)><!ATTLIST a b CDATA #IMPLIED>]>",
        )
        bound = f'xmlns:m="{NAMESPACE}"' if self.prefix else f'xmlns="{NAMESPACE}"'
        root = f"{self.prefix}ConnectedApp"
        inner = self.space() + self.element("label", self.text()) + self.aside()
        inner += self.element("oauthConfig", self.scopes() + self.space()) + self.space() + self.aside()
        body = f"<{root} {bound}{self.attributes()}>{inner}{self.break_}</{root}>"
        around = self.some("", self.break_, self.aside())
        mark = self.some("", "", "", "\ufeff")
        return mark + declaration + around + doctype + around + body + around


TOKENS = [
    "<", ">", "&", "/", "'", '"', "=", "]]>", "--", "-->", "<!--", "<![CDATA[", "<?", "?>", "<?xml version='1.0'?>",
    "</", "/>", "&a;", "&amp", "&#0;", "&#x110000;", "&#xD800;", "<a>", "</a>", "<a/>", "<a:b/>", " xmlns:a=''", " a='1' a='2'",
    " xmlns:xml='urn:x'", "\x00", "\x0b", "\ufffe", "\ufeff", "<!DOCTYPE a>", "<!ENTITY a 'b'>", "\n<<<<<<< HEAD\n", "\n", "\r",
    " ", "é", "xml", ":", "<é/>", "encoding='UTF-16'", "<b c=\"d\">", "scopes", "<scopes>", "</scopes>",
]


def mutated(data, numbers):
    for _ in range(numbers.choice([1, 1, 1, 2, 3])):
        at = numbers.randrange(len(data) + 1)
        end = min(len(data), at + numbers.choice([1, 1, 2, 5, 20]))
        kind = numbers.randrange(6)
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:at] + data[at:end] * 2 + data[end:]
        elif kind in (2, 3):
            data = data[:at] + numbers.choice(TOKENS).encode() + data[at:]
        elif kind == 4:
            data = data[:at] + bytes([numbers.randrange(256)]) + data[end:]
        else:
            data = data[:at]
    return data


class Expat:
    """What expat makes of a file: where it is broken, or where its scopes stand."""

    def __init__(self, data):
        self.data, self.path, self.scopes, self.configs = data, [], [], 0
        self.seen = 0
        self.broken, self.in_doctype, self.at_name = None, False, False
        parser = self.parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            self.broken = (error.lineno, expat.errors.messages[error.code])
            at = parser.ErrorByteIndex
            self.in_doctype = b"<!DOCTYPE" in data[:at + 20] and not self.path and not self.seen
            self.at_name = data[at:at + 1] > b"\x7f"
        except (LookupError, ValueError) as error:
            # A declared encoding that Python does not know.
            self.broken = (self.parser.CurrentLineNumber, str(error))
        self.parser = None

    def lines(self, data):
        """The lines that the error may be in: a lone CR at the end of a file ends a line for
        forcelint, and for expat only sometimes."""
        line, message = self.broken
        at_end = message == "no element found" and data.endswith(b"\r")
        return (line, line + 1) if at_end else (line,)

    def start(self, name, _):
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        # Editors do not show a byte order mark, so forcelint does not count it.
        column -= line == 1 and self.data.startswith("\ufeff".encode())
        self.path.append((name, line, column, self.parser.CurrentByteIndex))
        self.seen += 1
        names = [name for name, *_ in self.path]
        self.configs += names[1:] == [f"{NAMESPACE}{SEPARATOR}oauthConfig"]

    def end(self, name):
        path = [name.removeprefix(f"{NAMESPACE}{SEPARATOR}") for name, *_ in self.path]
        _, line, column, begin = self.path.pop()
        if path == ["ConnectedApp", "oauthConfig", "scopes"]:
            # Where an element is one tag, expat is behind it by now.
            end = self.parser.CurrentByteIndex
            tag = self.data[begin + 1:end].split(b"scopes")[0] + b"scopes"
            if self.data.startswith(b"</" + tag, end):
                end = self.data.index(b">", end) + 1
            self.scopes.append((line, column, begin, end))


def main():
    numbers = random.Random(SEED)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        apps = folder / "force-app"
        apps.mkdir()
        (folder / "sfdx-project.json").write_text('{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "66.0" }')
        (folder / "forcelint.toml").write_text('rule-paths = ["rule.toml"]\n')
        (folder / "rule.toml").write_text(RULE)
        files = {}
        for at in range(FILES):
            data = Generator(numbers).document().encode()
            if at % 3:
                data = mutated(data, numbers)
            path = f"force-app/{at}.connectedApp-meta.xml"
            (folder / path).write_bytes(data)
            files[path] = data
        run = subprocess.run([FORCELINT, "check", "--select=every-scope", "--min-severity=info", "--format=json", "--quiet"],
                             cwd=folder, capture_output=True, check=False)
        assert run.returncode == 1, (run.returncode, run.stderr.decode())
        report = json.loads(run.stdout)
    assert not report["errors"] and report["summary"]["files_checked"] == FILES, report["summary"]
    compare(files, report["findings"])


def compare(files, findings):
    malformed, scopes = {}, {path: [] for path in files}
    for finding in findings:
        if finding["rule"] == "malformed-metadata":
            malformed[finding["path"]] = finding
        else:
            begin, end = finding["span"]["start"], finding["span"]["end"]
            scopes[finding["path"]].append((begin["line"], begin["column"], begin["offset"], end["offset"]))
    wrong, broken, places, lines = [], 0, 0, 0
    for path, data in files.items():
        other, ours = Expat(data), malformed.get(path)
        reason = ours["message"] if ours else None
        if other.broken and (other.in_doctype or other.at_name):
            # The design: what a DTD declares is skipped, and not checked against its grammar.
            # XML, fifth edition: a name may have nearly any character. expat reads by the fourth.
            continue
        if ours is None and other.broken:
            wrong.append((path, "only expat refuses it", other.broken))
        elif ours and not other.broken and not any(it in reason for it in STRICTER):
            wrong.append((path, "only forcelint refuses it", reason))
        elif ours and other.broken:
            broken += 1
            line = ours["span"]["start"]["line"]
            if line in other.lines(data):
                lines += 1
            elif "XML declaration" in other.broken[1]:
                # A value in it that goes on, until the next quote, into the text.
                continue
            elif not any(it in reason for it in STRICTER + OTHER_LINES):
                wrong.append((path, f"broken in line {line}: {reason}", f"expat: line {other.broken}"))
        elif ours is None and other.configs == 1:
            places += len(other.scopes)
            if sorted(scopes[path]) != sorted(other.scopes):
                wrong.append((path, scopes[path], other.scopes))
    for path, *what in wrong[:20]:
        print(path, *what, files[path], sep="\n  ")
    if wrong:
        sys.exit(f"check_parser.py: forcelint and expat differ about {len(wrong)} of {len(files)} files")
    assert broken > FILES // 5 and places > FILES // 3 and lines > broken * 3 // 4, (broken, places, lines)
    print(f"{len(files)} files: {broken} that both refuse, {lines} of them in the same line; "
          f"{places} elements at the same place")


main()
