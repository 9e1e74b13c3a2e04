/**
 * Which documents the server is told of: metadata in source and in metadata format, configs and rules.
 *
 * Out: patterns for the client. The server decides by itself what it judges; a document that is missing here is never
 * shown to it, so a test holds the names against those of the hook for pre-commit, which come from the rules.
 */

import type { DocumentFilter } from "vscode";

/** What files in metadata format end in; in source `-meta.xml` follows. */
const SUFFIXES = [
  "authprovider", "blacklistedConsumer", "connectedApp", "corsWhitelistOrigin", "cspTrustedSite", "eca", "ecaCanvas",
  "ecaGlblOauth", "ecaGlobalOauth", "ecaMobile", "ecaMobilePlcy", "ecaNotifications", "ecaOauth", "ecaOauthPlcy",
  "ecaOauthSecurity", "ecaPlcy", "ecaPolicy", "ecaPush", "ecaPushPlcy", "ecaSamlPlcy", "ecaSecurity",
  "externalCredential", "field", "homePageComponent", "iframeWhiteListUrlSettings", "messageChannel", "namedCredential",
  "network", "oauthcustomscope", "oauthtokenexchangehandler", "object", "permissionset", "profile",
  "profilePasswordPolicy", "profileSessionSetting", "redirectWhitelistUrl", "remoteSite", "samlssoconfig", "settings",
  "site", "tab", "userPermission", "webLink", "weblink",
];

const PATTERNS = ["**/*-meta.xml", `**/*.{${SUFFIXES.join(",")}}`, "**/*.toml"];

/** The documents of which the server is told. Those without a file have no project. */
export const DOCUMENTS: (DocumentFilter & { pattern: string })[] = PATTERNS.map((pattern) => ({
  scheme: "file",
  pattern,
}));

/** Files whose presence says that a workspace has something to lint. */
export const SIGNS = "**/{sfdx-project.json,forcelint.toml}";

/** Where nobody keeps a project of their own. */
export const NOT_SOURCE = "**/node_modules/**";
