/**
 * Patterns of the documents that the client sends to the server: metadata in source and in metadata format, configurations
 * and rules.
 *
 * The server decides which of them it checks, but it never sees a document that is missing here. So the suffixes are generated
 * from the rules, and a test compares the patterns with that of the pre-commit hook.
 */

import type { DocumentFilter } from "vscode";
import { SUFFIXES } from "./suffixes";

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
