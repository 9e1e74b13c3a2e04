"""Tests reports for CI systems with their parsers: JUnit with the schema of Jenkins's xUnit plugin, and
Markdown with GitHub's cmark-gfm. The parsed Markdown must only have elements that forcelint writes itself.

Usage: check_formats.py FORCELINT SCHEMA PROJECT...
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import cmarkgfm
from cmarkgfm.cmark import Options
from lxml import etree, html

TAGS = {
    *("h2", "h3", "p", "pre", "table", "thead", "tbody", "tr", "th", "td", "ul", "ol", "li", "strong", "em", "code"),
    *("a", "details", "summary", "span"),
}
HOSTILE = [
    "a|b", "`x", "@octocat", "#1", "www.evil.example", "a@evil.example", "https%3A%2F%2Fevil.example",
    "<script>x", "<img src=x onerror=x>", "![x](https%3A%2F%2Fevil.example)", "**b** _i_ ~~s~~", "$a$",
    "&lt;b&gt;", "[x]: y", "[^1]", "]]>", "\\", "``a``", " x ", "%EF%BF%BF%EF%BF%BE%00", "x" * 200,
]
APP = """<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <oauthConfig>
        <callbackUrl>{}</callbackUrl>
        <isPkceRequired>{}</isPkceRequired>
    </oauthConfig>
</ConnectedApp>
"""


def report(forcelint, format, project):
    command = [forcelint, "check", "--quiet", "--min-severity=info", f"--format={format}", project]
    run = subprocess.run(command, capture_output=True, check=False, env={"PATH": os.environ["PATH"]})
    assert run.returncode in (0, 1, 2), run
    return run.stdout


def check_markdown(text, project):
    assert len(text.encode()) <= 65_536, f"{project}: {len(text)} characters"
    page = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    tree = html.fromstring(f"<div>{page}</div>")
    for node in tree.iterdescendants():
        assert node.tag in TAGS, f"{project}: <{node.tag}> in {etree.tostring(node)[:300]}"
        allowed = {"a": {"href"}, "th": {"align"}, "td": {"align"}, "pre": {"lang"}}.get(node.tag, set())
        assert set(node.attrib) <= allowed, f"{project}: {etree.tostring(node)[:300]}"
    for link in tree.iter("a"):
        target = link.get("href")
        is_location = "#L" in target and ":" not in target and not target.startswith("//")
        is_rule = link.text_content() == "more" and target.startswith("https://")
        assert is_location or is_rule, f"{project}: a link to {target}"
    for row in tree.iter("tr"):
        assert len(row) in (4, 5), f"{project}: {etree.tostring(row)[:300]}"
    # GitHub recognizes mentions and addresses outside code.
    for text in tree.xpath("//text()[not(ancestor::code)]"):
        for mark in ("@octocat", "a@evil", "https://evil", "www.evil"):
            assert mark not in text, f"{project}: {text[:200]}"
    return len(list(tree.iter("tr")))


def main(forcelint, schema, projects):
    schema = etree.XMLSchema(etree.parse(schema))
    work = pathlib.Path(tempfile.mkdtemp())
    try:
        hostile = work / "hostile"
        hostile.mkdir()
        for at, name in enumerate(HOSTILE):
            (hostile / f"{name}.connectedApp").write_text(APP.format("https://a.example/", "false"))
            value = name.replace("%2F", "/").replace("%3A", ":").replace("&", "&amp;").replace("<", "&lt;")
            value = value.replace("%00", "")
            (hostile / f"Value_{at}.connectedApp").write_text(APP.format(value, value))
        for project in [*projects, str(hostile), str(work / "gone")]:
            junit = etree.fromstring(report(forcelint, "junit", project))
            schema.assertValid(junit)
            rows = check_markdown(report(forcelint, "markdown", project).decode(), project)
            print(f"{project}: {junit.get('tests')} tests, {rows} rows")
        # An invalid report must fail, or the test proves nothing.
        junit.set("seconds", "1")
        assert not schema.validate(junit)
    finally:
        shutil.rmtree(work)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
