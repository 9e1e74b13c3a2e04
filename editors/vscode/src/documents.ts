/**
 * Patterns of the documents that the client sends to the server: metadata in source and in metadata format, configurations
 * and rules.
 *
 * The server decides which of them it checks, but it never sees a document that is missing here. So a test compares the names
 * with those of the pre-commit hook, which are generated from the rules.
 */

import type { DocumentFilter } from "vscode";

/** Suffixes of files in metadata format. In source format, `-meta.xml` follows. */
const SUFFIXES = [
  "authprovider", "blacklistedConsumer", "connectedApp", "corsWhitelistOrigin", "cspTrustedSite", "eca", "ecaCanvas",
  "ecaGlblOauth", "ecaGlobalOauth", "ecaMobile", "ecaMobilePlcy", "ecaNotifications", "ecaOauth", "ecaOauthPlcy",
  "ecaOauthSecurity", "ecaPlcy", "ecaPolicy", "ecaPush", "ecaPushPlcy", "ecaSamlPlcy", "ecaSecurity",
  "externalCredential", "field", "homePageComponent", "iframeWhiteListUrlSettings", "messageChannel", "namedCredential",
  "network", "oauthcustomscope", "oauthtokenexchangehandler", "object", "permissionset", "profile",
  "profilePasswordPolicy", "profileSessionSetting", "redirectWhitelistUrl", "remoteSite", "samlssoconfig", "settings",
  "site", "tab", "webLink", "weblink",
];

const PATTERNS = ["**/*-meta.xml", `**/*.{${SUFFIXES.join(",")}}`, "**/*.toml"];

/** The documents that the client sends. Only documents with a file belong to a project. */
export const DOCUMENTS: (DocumentFilter & { pattern: string })[] = PATTERNS.map((pattern) => ({
  scheme: "file",
  pattern,
}));

/** If one of these files exists, the workspace has files to check. */
export const SIGNS = "**/{sfdx-project.json,forcelint.toml}";

/** A folder that never contains the user's own project. */
export const NOT_SOURCE = "**/node_modules/**";
