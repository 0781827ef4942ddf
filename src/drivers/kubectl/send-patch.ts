import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { failed } from "../answer.ts";
import type { Answer, DriverContext } from "../driver.ts";
import type { ObjectName } from "./fetch-object.ts";
import type { PatchOp } from "./json-patch.ts";
import { runKubectl } from "./run-kubectl.ts";

/** The kernel takes arguments of 128 KiB at most; a longer patch goes through a file. */
const MAX_ARGUMENT = 100_000;

/** Sends a JSON patch for one object; `flags` say what to print, and whether it is only a dry run. */
export async function sendPatch(
  { type, name, namespace }: ObjectName,
  ops: readonly PatchOp[],
  flags: readonly string[],
  context: DriverContext,
): Promise<Answer<string>> {
  const where = namespace === null ? [] : [`--namespace=${namespace}`];
  const args = [...where, "patch", type, name, "--type=json", ...flags];
  const text = JSON.stringify(ops);
  if (text.length < MAX_ARGUMENT) return await runKubectl([...args, `--patch=${text}`], context);
  // kubectl opens the file by its name, and the pipe that node gives a child cannot be opened as /dev/stdin.
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), "canary-patch-"));
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  try {
    const file = join(folder, "patch.json");
    await writeFile(file, text, { mode: 0o600 });
    return await runKubectl([...args, `--patch-file=${file}`], context);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
