"""Fails for errors and warnings of the SARIF Multitool, because its exit status does not report them.

It ignores the two rules for Azure DevOps about the ids of the build, which forcelint does not know.
"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    log = json.load(file)

OF_BUILD = {"GHAzDO1019", "GHAzDO1020"}

count = 0
for run in log["runs"]:
    notifications = []
    for invocation in run.get("invocations", []):
        notifications += invocation.get("toolExecutionNotifications", [])
        notifications += invocation.get("toolConfigurationNotifications", [])
    for result in run.get("results", []) + notifications:
        if result.get("ruleId") in OF_BUILD:
            continue
        if result.get("level", "warning") in ("error", "warning"):
            count += 1
            print(result.get("ruleId"), result["message"], result.get("locations"))
print(f"{sys.argv[1].rsplit('/', 1)[-1]}: {count} errors and warnings")
sys.exit(1 if count else 0)
