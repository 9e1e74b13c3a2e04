"""Compares forcelint's parser with expat on generated files, valid and malformed.

usage: check_parser.py FORCELINT [FILES [SEED]]

Both must agree which files are malformed and on which line, and on the location of each `scopes` element
in the other files. The lists below have the allowed differences with their reasons. The same seed
generates the same files.
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
# Between namespace and name. XML does not allow this character.
SEPARATOR = "\x01"

# A finding at each `scopes` element.
RULE = """
id = "every-scope"
title = "A scope"
severity = "low"
url = "https://example.test/"
help = "None."

[[check]]
metadata = "ConnectedApp"
each = "oauthConfig/scopes"
require = { field = ".", is = "no scope at all", absent = "violates" }
message = "a scope"
"""

# Reasons for which forcelint rejects files that expat accepts, with the specification.
STRICTER = [
    # forcelint requires Salesforce's root element and namespace, at most 64 levels and 64 attributes, no merge
    # conflict, and UTF-8.
    "the root element is",
    "levels deep",
    "more than 64",
    "merge conflict",
    "the file declares the encoding",
    "is not valid UTF-8",
    "metadata must be UTF-8",
    # forcelint does not expand or load entities of a DTD.
    "undefined entity",
    "undefined reference",
    # Namespaces in XML, 7: the target of an instruction has no colon. expat checks only elements.
    "invalid processing instruction",
    # XML [26]: a version is `1.` and digits. expat accepts dots and digits in any order.
    'does not begin with version="1.0"',
]

# Reasons for which the lines may differ, because forcelint reports the cause of the error.
OTHER_LINES = [
    # expat reports the end of the file.
    "ends inside",
    # forcelint searches the whole text for these before it parses it.
    "merge conflict",
    "is not allowed in XML",
    "is not valid UTF-8",
    "metadata must be UTF-8",
    # forcelint reports the start of the tag, expat a later position.
    "the root element is",
    "instead of",
    # forcelint reports the attribute, expat the tag.
    "invalid namespace declaration",
    "is not bound to a namespace",
    "duplicate attribute",
    "attribute without a value",
    # If a value has several errors, forcelint reports this one first.
    "`<` is not allowed in an attribute value; write `&lt;`",
    # expat treats a quote there as the start of a literal, and continues to its end.
    "text outside the root element",
]


class Generator:
    """Generates well-formed metadata with unusual formatting."""

    def __init__(self, numbers):
        self.numbers = numbers
        self.line_end = numbers.choice(["\n", "\n", "\n", "\r\n", "\r"])
        self.prefix = numbers.choice(["", "", "", "m:"])

    def some(self, *choices):
        return self.numbers.choice(choices)

    def space(self):
        return self.some("", "", " ", self.line_end, self.line_end + "    ", "\t")

    def comment(self):
        return self.some(
            "", "", "", "", "<!-- c -->", "<!---->", f"<!-- é{self.line_end}- -->", "<?target some?>", "<?t?>"
        )

    def text(self):
        parts = [
            "Api", "Web", "RefreshToken", "é", "\U0001f600", " ", "a]]b", ">", "&amp;", "&lt;", "&#65;", "&#x1F600;",
            "&quot;", "<![CDATA[<&]]>", "<![CDATA[]]>", "<!-- in -->", self.line_end, "'\"",
        ]
        return "".join(self.some(*parts) for _ in range(self.numbers.randrange(4)))

    def attributes(self):
        return self.some(
            "", "", "", "", " a='1'", ' a = "&lt;"', " xml:lang='de'", f'{self.line_end}a="b{self.line_end}c"', " x:a='' xmlns:x='urn:x'",
            " é='é'", " a='>'", ' a="\'"',
        )

    def element(self, name, content):
        name = self.prefix + name
        if not content and self.numbers.random() < 0.4:
            return f"<{name}{self.attributes()}{self.some('', ' ', self.line_end)}/>"
        return f"<{name}{self.attributes()}{self.some('', '', ' ')}>{content}</{name}{self.some('', '', ' ', self.line_end)}>"

    def scopes(self):
        fields = ["callbackUrl", "scopes", "scopes", "scopes", "consumerKey", "idTokenConfig", "é"]
        return "".join(
            self.space() + self.comment() + self.element(self.some(*fields), self.text())
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
        declaration_of_namespace = f'xmlns:m="{NAMESPACE}"' if self.prefix else f'xmlns="{NAMESPACE}"'
        root = f"{self.prefix}ConnectedApp"
        inner = self.space() + self.element("label", self.text()) + self.comment()
        inner += self.element("oauthConfig", self.scopes() + self.space()) + self.space() + self.comment()
        body = f"<{root} {declaration_of_namespace}{self.attributes()}>{inner}{self.line_end}</{root}>"
        between = self.some("", self.line_end, self.comment())
        mark = self.some("", "", "", "\ufeff")
        return mark + declaration + between + doctype + between + body + between


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
    """The result of expat for a file: the location of the error, or of the scopes."""

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
            # Python does not support the declared encoding.
            self.broken = (self.parser.CurrentLineNumber, str(error))
        self.parser = None

    def lines(self, data):
        """The possible lines of the error: a lone CR at the end of a file ends a line for forcelint, but
        for expat only sometimes."""
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
            # For an element without an end tag, expat is already after it.
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
    wrong, broken, elements, lines = [], 0, 0, 0
    for path, data in files.items():
        expat_result, finding = Expat(data), malformed.get(path)
        reason = finding["message"] if finding else None
        if expat_result.broken and (expat_result.in_doctype or expat_result.at_name):
            # forcelint skips the declarations of a DTD. Names follow the fifth edition of XML, which allows nearly all
            # characters. expat implements the fourth.
            continue
        if finding is None and expat_result.broken:
            wrong.append((path, "only expat rejects it", expat_result.broken))
        elif finding and not expat_result.broken and not any(it in reason for it in STRICTER):
            wrong.append((path, "only forcelint rejects it", reason))
        elif finding and expat_result.broken:
            broken += 1
            line = finding["span"]["start"]["line"]
            if line in expat_result.lines(data):
                lines += 1
            elif "XML declaration" in expat_result.broken[1]:
                # A value in the declaration that continues until the next quote in the text.
                continue
            elif not any(it in reason for it in STRICTER + OTHER_LINES):
                wrong.append((path, f"malformed on line {line}: {reason}", f"expat: line {expat_result.broken}"))
        elif finding is None and expat_result.configs == 1:
            elements += len(expat_result.scopes)
            if sorted(scopes[path]) != sorted(expat_result.scopes):
                wrong.append((path, scopes[path], expat_result.scopes))
    for path, *what in wrong[:20]:
        print(path, *what, files[path], sep="\n  ")
    if wrong:
        sys.exit(f"check_parser.py: forcelint and expat differ for {len(wrong)} of {len(files)} files")
    assert broken > FILES // 5 and elements > FILES // 3 and lines > broken * 3 // 4, (broken, elements, lines)
    print(f"{len(files)} files: {broken} rejected by both, {lines} of them on the same line; "
          f"{elements} elements with the same location")


main()
