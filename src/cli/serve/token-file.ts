import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { parseTokens, type Token } from "../../serve/token.ts";
import { stateDir } from "../../store/state-dir.ts";
import { UsageError } from "../usage-error.ts";

/** The file that `--tokens` names, or the usual one. */
export function tokenFile(option: string | undefined): string {
  return option ?? join(stateDir(), "serve", "tokens.json");
}

/** Who may write it may give himself every role. */
const WRITABLE_BY_OTHERS = 0o022;

/** The tokens of a file; none where there is no such file. Throws where it can not be read or is not safe. */
export async function readTokenFile(path: string): Promise<readonly Token[]> {
  try {
    const { mode } = await stat(path);
    if ((mode & WRITABLE_BY_OTHERS) !== 0)
      throw new UsageError(`others may write ${path}`, `chmod 600 ${path}`);
    return parseTokens(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
