import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { initTemplate } from "../../plan/init-template.ts";
import { print, tell } from "../print.ts";
import { UsageError } from "../usage-error.ts";

/** Writes a commented plan to begin with; never over a file that is there. */
export async function init(args: readonly string[]): Promise<number> {
  const [path = "canary.yaml"] = args;
  const text = initTemplate();
  if (path === "-") {
    print(text);
    return 0;
  }
  try {
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code === "EEXIST")
      throw new UsageError(`${path} is there already`, "canary init ANOTHER.yaml");
    if (code === "ENOENT")
      throw new UsageError(
        `there is no folder ${dirname(path)}`,
        `make it first: mkdir -p ${dirname(path)}`,
      );
    throw new UsageError(`${path} cannot be written: ${String(error)}`);
  }
  tell(
    [
      `wrote ${path}`,
      `  check it:    canary lint ${path}`,
      `  look at it:  canary plan ${path}`,
      `  rehearse it: canary rehearse ${path}`,
    ].join("\n"),
  );
  return 0;
}
