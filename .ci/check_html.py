"""Tests HTML reports in headless Chromium.

usage: check_html.py FORCELINT PROJECT... [--pictures FOLDER]

For each project, it writes and opens the report. The page sends no requests, and the console is empty,
also of violations of the Content-Security-Policy. Text of scanned files creates no elements. Text has
the contrast that WCAG requires in light and dark mode. A narrow screen does not scroll sideways. The
filters work from the keyboard, links have targets, and all findings are visible without scripts. A
project with names and values that contain markup is tested, too. Needs Debian's `chromium`, which it
controls over a pipe. Folded findings are visible in a printout, each form field has a label, headings skip no level,
and the sections that an audit needs are there. The report on many repositories is made from the same projects.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote


class Browser:
    """Chromium, controlled with the DevTools protocol over two extra file descriptors."""

    def __init__(self, profile: str):
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()

        def take_pipes():
            # Duplicated first, because the pipes may have these numbers themselves.
            one, other = os.dup(to_read), os.dup(from_write)
            os.dup2(one, 3)
            os.dup2(other, 4)

        command = ["chromium", "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}",
                   "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage",
                   "--disable-background-networking", "--disable-component-update"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        self.process = subprocess.Popen(command, preexec_fn=take_pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.buffer = b""
        self.number = 0
        self.events = []

    def message(self):
        while b"\0" not in self.buffer:
            part = os.read(self.back, 1 << 20)
            if not part:
                sys.exit("the browser exited")
            self.buffer += part
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def send(self, method: str, session: str | None = None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            response = self.message()
            if response.get("id") == self.number:
                if "error" in response:
                    sys.exit(f"{method}: {response['error']}")
                return response["result"]
            self.events.append(response)

    def close(self):
        self.send("Browser.close")
        self.process.wait(timeout=20)


class Page:
    """A tab with a report."""

    def __init__(self, browser: Browser, file: Path, width=1280, scheme="light", scripts=True, media=""):
        self.browser, self.file = browser, file
        target = browser.send("Target.createTarget", url="about:blank")["targetId"]
        self.target = target
        self.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.send("Emulation.setEmulatedMedia", media=media,
                  features=[{"name": "prefers-color-scheme", "value": scheme},
                            {"name": "prefers-reduced-motion", "value": "reduce"}])
        if not scripts:
            self.send("Emulation.setScriptExecutionDisabled", value=True)
        browser.events.clear()
        self.send("Page.navigate", url=file.resolve().as_uri())
        self.wait("Page.loadEventFired")

    def send(self, method: str, **parameters):
        return self.browser.send(method, self.session, **parameters)

    def wait(self, method: str):
        while not any(event.get("method") == method for event in self.browser.events):
            self.browser.events.append(self.browser.message())

    def run(self, expression: str):
        # Wait until pending events are handled.
        response = self.send("Runtime.evaluate", expression=f"new Promise(done => setTimeout(done, 30)).then(() => {expression})",
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in response:
            sys.exit(f"{expression}: {response['exceptionDetails']}")
        return response["result"].get("value")

    def press(self, key: str, text: str | None = None):
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "/": 191}
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes.get(key, 0), **extra)

    def problems(self):
        """Requests other than the page itself, and messages in the console."""
        problems = []
        for event in self.browser.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                if url.split("#")[0] != self.file.resolve().as_uri():
                    problems.append(f"requests {url}")
            elif method in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                problems.append(json.dumps(parameters))
        return problems

    def picture(self, to: Path):
        """Screenshots of the page, in pieces of a convenient size."""
        self.run("document.querySelectorAll('.component').forEach((it) => { it.style.contentVisibility = 'visible'; })")
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        for piece in range(min(8, int(size["height"]) // 1500 + 1)):
            top = piece * 1500
            clip = {"x": 0, "y": top, "width": size["width"], "height": min(1500, size["height"] - top), "scale": 1}
            data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
            to.with_name(f"{to.name}-{piece + 1}.png").write_bytes(base64.b64decode(data))

    def print(self, to: Path):
        to.write_bytes(base64.b64decode(self.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]))

    def close(self):
        self.browser.send("Target.closeTarget", targetId=self.target)


# The contrast of each text with its background. WCAG 2.2, 1.4.3.
CONTRAST = """(() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return {c: n.slice(0, 3), a: n[3] ?? 1}; };
  const light = (c) => c.map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; })
    .reduce((sum, v, at) => sum + v * [.2126, .7152, .0722][at], 0);
  const behind = (element) => {
    for (let it = element; it; it = it.parentElement) {
      const color = parse(getComputedStyle(it).backgroundColor);
      if (color.a === 1) return color.c;
      if (color.a > 0) throw new Error('translucent background: ' + it.outerHTML.slice(0, 100));
    }
    return [255, 255, 255];
  };
  const bad = new Set();
  for (const details of document.querySelectorAll('details')) details.open = true;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let count = 0;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('script, style, [hidden]')) continue;
    count += 1;
    const one = light(parse(getComputedStyle(element).color).c), other = light(behind(element));
    const ratio = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
    if (ratio < 4.5) bad.add(ratio.toFixed(2) + ' ' + element.tagName + '.' + element.className + ' in .' + element.parentElement.className);
  }
  return {count, bad: [...bad]};
})()"""

# Elements and attributes that the report does not write itself, and broken links.
UNEXPECTED = """(() => {
  const known = new Set('A ARTICLE BDI BODY BUTTON CODE DD DETAILS DIV DL DT EM FIELDSET FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 HEAD HEADER HTML INPUT LABEL LEGEND LI MAIN MARK META NAV OL OPTION OUTPUT P PRE RECT SCRIPT SECTION SELECT SPAN STRONG STYLE SUMMARY SVG TABLE TBODY TD TFOOT TH THEAD TITLE TR UL WBR'.split(' '));
  const all = [...document.querySelectorAll('*')];
  const ids = all.map((it) => it.id).filter(Boolean);
  return [
    ...all.filter((it) => !known.has(it.tagName.toUpperCase())).map((it) => 'element ' + it.tagName),
    ...all.flatMap((it) => it.getAttributeNames().filter((name) => name.startsWith('on') || name === 'style')).map((name) => 'attribute ' + name),
    ...ids.filter((id, at) => ids.indexOf(id) !== at).map((id) => 'two ids ' + id),
    ...[...document.querySelectorAll('a[href^="#"]')].filter((it) => !document.getElementById(it.hash.slice(1))).map((it) => 'broken link: ' + it.hash),
    ...[...document.querySelectorAll('th:not([scope])')].map((it) => 'no scope: ' + it.outerHTML.slice(0, 80)),
    ...[...document.querySelectorAll('a[href]')].filter((it) => !/^(https:|#)/.test(it.getAttribute('href'))).map((it) => 'link ' + it.outerHTML.slice(0, 80)),
    ...(document.scripts.length === 1 ? [] : ['scripts: ' + document.scripts.length]),
    ...(document.documentElement.lang === 'en' ? [] : ['no language']),
    ...(/[\\u202a-\\u202e\\u2066-\\u2069\\u0080-\\u009f\\u001b]/.test(document.documentElement.textContent) ? ['control characters'] : []),
  ];
})()"""

# Elements that are wider than the screen and have no scroll bar.
WIDE = """document.documentElement.scrollWidth <= WIDTH ? [] : [...document.querySelectorAll('body *')]
  .filter((it) => it.checkVisibility() && !it.closest('.scroll *, pre *') && it.getBoundingClientRect().right > WIDTH)
  .map((it) => it.tagName + '.' + it.className)"""

# Parts that an audit needs, and what a screen reader needs.
COMPLETE = """(() => {
  const sections = ['controls', 'apps', 'others', 'findings', 'accepted', 'baseline', 'not-checked', 'rules', 'scope', 'settings'];
  const levels = [...document.querySelectorAll('h1, h2, h3, h4, h5')].map((it) => Number(it.tagName[1]));
  return [
    ...sections.filter((id) => !document.getElementById(id)).map((id) => 'no section ' + id),
    ...(document.querySelector('.facts') ? [] : ['no facts below the heading']),
    ...levels.flatMap((level, at) => level > (levels[at - 1] ?? 0) + 1 ? ['level ' + level + ' after ' + levels[at - 1]] : []),
    ...[...document.querySelectorAll('input, select')].filter((it) => !it.labels.length).map((it) => 'no label: ' + it.name),
    ...[...document.querySelectorAll('nav, form, [role=region]')].filter((it) => !it.getAttribute('aria-label')).map((it) => 'no label: ' + it.tagName + '.' + it.className),
    ...[...document.querySelectorAll('pre, .scroll')].filter((it) => it.tabIndex < 0).map((it) => 'scrolls only with a mouse: ' + it.className),
  ];
})()"""

# Parts that a printout would leave out. The script that opens parts before it prints does not run here.
FOLDED = """[...document.querySelectorAll('details > *:not(summary)')].filter((it) => !it.closest('.optional, .rule[data-severity=""]'))
  .filter((it) => !it.checkVisibility() || !it.getBoundingClientRect().height)
  .map((it) => it.tagName + '.' + it.className + ' ' + it.id).slice(0, 5)"""

# What a printout has only if the reader opens it.
OPTIONAL = """[...document.querySelectorAll('.optional > *:not(summary)')].filter((it) => it.checkVisibility())
  .map((it) => it.tagName + '.' + it.className + ' ' + it.id).slice(0, 5)"""

VISIBLE = "[...document.querySelectorAll('details.finding')].filter((it) => it.checkVisibility()).length"


def expect(condition, *what):
    if not condition:
        sys.exit("html: " + " ".join(str(part) for part in what))


def check_page(browser: Browser, file: Path, name: str, findings: int, pictures: Path | None):
    for scheme in ("light", "dark"):
        page = Page(browser, file, scheme=scheme)
        contrast = page.run(CONTRAST)
        expect(contrast["count"] > 20 and not contrast["bad"], name, scheme, contrast)
        unexpected = page.run(UNEXPECTED)
        expect(not unexpected, name, unexpected)
        missing = page.run(COMPLETE)
        expect(not missing, name, missing)
        problems = page.problems()
        expect(not problems, name, problems)
        page.close()
        for state in ("closed", "open") if pictures else ():
            page = Page(browser, file, scheme=scheme)
            if state == "open":
                page.run("document.querySelectorAll('details.finding, details.rule').forEach((it) => { it.open = true; })")
            page.picture(pictures / f"{name}-{scheme}-{state}")
            page.close()

    for width in (320, 400):
        page = Page(browser, file, width=width)
        for state in ("closed", "open"):
            wide = page.run(WIDE.replace("WIDTH", str(width)))
            expect(not wide, name, state, "scrolls sideways at", width, wide)
            if pictures and width == 400:
                page.picture(pictures / f"{name}-narrow-{state}")
            page.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
        page.close()

    page = Page(browser, file, scripts=False)
    # Without scripts, expressions cannot be evaluated, but the document can be queried.
    root = page.send("DOM.getDocument", depth=0)["root"]["nodeId"]
    found = page.send("DOM.querySelectorAll", nodeId=root, selector="details.finding > summary")["nodeIds"]
    expect(len(found) == findings, name, "without scripts:", len(found), "findings of", findings)
    if findings:
        form = page.send("DOM.querySelector", nodeId=root, selector="#filter[hidden]")["nodeId"]
        expect(form, name, "the filter is visible without scripts")
    problems = [it for it in page.problems() if "Blocked script execution" not in it]
    expect(not problems, name, problems)
    page.close()

    page = Page(browser, file, media="print")
    if findings:
        expect(page.run("document.querySelector('#filter').checkVisibility()") is False, name, "prints the filter")
        # A printout is complete, whatever the filter shows on the screen.
        page.run("(() => { const s = document.querySelector('[name=text]'); s.value = 'zzz no such thing'; "
                 "s.dispatchEvent(new Event('input', {bubbles: true})); })()")
        expect(page.run(VISIBLE) == findings, name, "prints only what the filter shows")
    folded = page.run(FOLDED)
    expect(not folded, name, "does not print", folded)
    printed = page.run(OPTIONAL)
    expect(not printed, name, "prints although it is folded and has no findings", printed)
    page.close()
    if pictures:
        page = Page(browser, file, scheme="dark")
        page.print(pictures / f"{name}.pdf")
        page.close()
    if findings:
        check_keyboard(Page(browser, file), name, findings)


def check_keyboard(page: Page, name: str, findings: int):
    expect(page.run(VISIBLE) == findings, name, "not all findings are shown")
    page.press("Tab")
    expect(page.run("document.activeElement.className") == "skip", name, "there is no link to skip the table")
    page.press("/", "/")
    expect(page.run("document.activeElement.name") == "text", name, "`/` does not focus the search")
    page.send("Input.insertText", text="zzz no such thing")
    expect(page.run(VISIBLE) == 0, name, "the search finds text that does not exist")
    page.press("Escape")
    expect(page.run(VISIBLE) == findings, name, "Escape does not reset")
    severity = page.run("document.querySelector('[name=severity]').value")
    page.run("document.querySelector('[name=severity]').focus()")
    page.press(" ", " ")
    without = page.run(f"document.querySelectorAll('details.finding:not(.{severity})').length")
    expect(page.run(VISIBLE) == without, name, "the severities do not filter")
    # A link to a filtered finding shows and opens it.
    page.run(f"location.hash = document.querySelector('details.finding.{severity} .body').id")
    expect(page.run("document.querySelector(location.hash).checkVisibility()"), name, "a link does not show its target")
    expect(page.run(VISIBLE) == findings, name, "a link does not reset the filter")
    rule = page.run("document.querySelector('[name=rule]').options[1].value")
    page.run("document.querySelector('[name=rule]').focus()")
    page.send("Input.insertText", text="")
    page.press("ArrowDown")
    page.run(f"(() => {{ const s = document.querySelector('[name=rule]'); s.value = '{rule}'; "
             "s.dispatchEvent(new Event('input', {bubbles: true})); })()")
    of_rule = page.run(f"document.querySelectorAll('details.finding[data-rule=\"{rule}\"]').length")
    expect(page.run(VISIBLE) == of_rule, name, "the rules do not filter")
    count = page.run("document.querySelector('#shown').value")
    expect(count == f"{of_rule} of {findings} shown", name, count)
    expect(not page.problems(), name, page.problems())
    page.close()


HOSTILE = """<script>alert(1)</script>
<img src=x onerror=alert(1)>
"><svg onload=alert(1)>
--><style>body{display:none}</style>
</title></style></script><h1>x
javascript:alert(1)
&lt;b&gt; &#x3c;i&#x3e; {{7*7}} ${7*7}
\u202eexe.\u2066txt \u200f \u05d0\u05d1\u05d2
\x9b2J \x07 ##[error]x
x\r\n::error::y""".split("\n")


def write_hostile(project: Path):
    """Writes apps with these texts as names and values."""
    folder = project / "force-app"
    folder.mkdir(parents=True)
    settings = {"name": " ".join(HOSTILE), "packageDirectories": [{"path": "force-app"}]}
    (project / "sfdx-project.json").write_text(json.dumps(settings))
    for number, text in enumerate(HOSTILE):
        name = quote(text, safe="") if number % 2 else text.replace("/", "%2F")
        value = text.replace("&", "&amp;").replace("<", "&lt;").replace("\x07", "")
        secret = "HIDE" + "ME" * 20
        (folder / f"{name}.connectedApp").write_text(
            f"""<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <!-- {text.replace("--", "- -")} -->
    <label>{value}</label>
    <oauthConfig>
        <callbackUrl>{value}</callbackUrl><consumerSecret>{secret}</consumerSecret>
        <isPkceRequired>{value}</isPkceRequired><scopes>{value}</scopes>
    </oauthConfig>
    <oauthPolicy><refreshTokenPolicy>{value}</refreshTokenPolicy></oauthPolicy>
</ConnectedApp>
""".replace("\x07", "" if number % 3 else "\x07"), newline="")


# The same for the report on many repositories, which has no script.
MERGED = UNEXPECTED.replace("document.scripts.length === 1", "document.scripts.length === 0")
MERGED_COMPLETE = COMPLETE.replace("""'controls', 'apps', 'others', 'findings', 'accepted', 'baseline', 'not-checked', 'rules', 'scope', 'settings'""",
                                   "'repositories', 'controls', 'apps', 'exceptions'").replace("'.facts'", "'.tiles'")


def check_merged(browser: Browser, file: Path, repositories: int, pictures: Path | None):
    """The report on many repositories."""
    for scheme in ("light", "dark"):
        for width in (1280, 400, 320):
            page = Page(browser, file, scheme=scheme, width=width)
            contrast = page.run(CONTRAST)
            expect(contrast["count"] > 20 and not contrast["bad"], "merged", scheme, contrast)
            for check in (MERGED, MERGED_COMPLETE, WIDE.replace("WIDTH", str(width))):
                expect(not (problems := page.run(check)), "merged", width, problems)
            expect(not page.problems(), "merged", page.problems())
            if pictures:
                page.picture(pictures / f"merged-{scheme}-{width}")
            page.close()
    page = Page(browser, file, media="print")
    rows = "[...document.querySelectorAll('tr.repository')].filter((it) => it.checkVisibility()).length"
    expect(page.run(rows) == repositories, "merged: prints", page.run(rows), "of", repositories, "repositories")
    expect(not page.run(FOLDED), "merged: does not print", page.run(FOLDED))
    if pictures:
        page.print(pictures / "merged.pdf")
    page.close()


def main():
    arguments = sys.argv[1:]
    pictures = None
    if "--pictures" in arguments:
        at = arguments.index("--pictures")
        pictures = Path(arguments[at + 1])
        pictures.mkdir(parents=True, exist_ok=True)
        del arguments[at:at + 2]
    forcelint, *projects = arguments
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        browser = Browser(f"{work}/profile")
        hostile = Path(work, "hostile")
        write_hostile(hostile)
        for project in [*map(Path, projects), hostile]:
            html, as_json = Path(work, "report.html"), Path(work, "report.json")
            run = [forcelint, "check", "--quiet", "--min-severity", "info", str(project)]
            subprocess.run([*run, f"--format=html={html}", f"--format=json={as_json}"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            expect("HIDEME" not in html.read_text(), project, "shows a secret")
            findings = len(json.loads(as_json.read_text())["findings"])
            check_page(browser, html, project.name, findings, pictures)
            print(f"{project}: {findings} findings, {html.stat().st_size // 1024} KiB, passed")
            number = len(list(Path(work).glob("*.jsonl")))
            subprocess.run([*run, f"--format=jsonl={work}/{number}.jsonl", f"--repository=acme/{number}"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        reports = sorted(Path(work).glob("*.jsonl"))
        # Names with markup, and a report that ends early.
        text = reports[0].read_text()
        reports[0].write_text(text.replace('"repository":"', '"repository":"<b>x</b> ' + "long_name" * 9))
        reports[1].write_text(reports[1].read_text().rsplit("\n", 2)[0] + "\n")
        merged = Path(work, "merged.html")
        done = subprocess.run([forcelint, "report", "merge", *reports, f"--format=html={merged}"], capture_output=True)
        expect(done.returncode == 2 and b"truncated" in done.stderr, done)
        expect("HIDEME" not in merged.read_text(), "merged: shows a secret")
        check_merged(browser, merged, len(reports), pictures)
        print(f"merged: {len(reports)} repositories, {merged.stat().st_size // 1024} KiB, passed")
        browser.close()


main()
