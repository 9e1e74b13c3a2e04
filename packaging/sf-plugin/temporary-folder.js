// A folder that only this user can read.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Creates a folder with the mode 700. It is removed when this process exits, if `remove` was not called before.
 *
 * @returns {{ path: string, remove: () => void }}
 */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), "sf-forcelint-"));
  const removeFolder = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", removeFolder);
  return {
    path,
    remove() {
      removeFolder();
      process.off("exit", removeFolder);
    },
  };
}
