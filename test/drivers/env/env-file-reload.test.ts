import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { envFile } from "../../../src/drivers/env/env-file.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

describe("the reload of an env file", () => {
  let folder: TemporaryFolder;
  let file: string;
  let told: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "app.env");
    told = join(folder.path, "told");
    await writeFile(file, "MODE=old\n");
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const context = driverContext();
  const tell = (exit = 0): readonly string[] => [
    "node",
    "-e",
    `const fs = require("fs"); fs.appendFileSync(process.argv[2], fs.readFileSync(process.argv[1])); process.exit(${exit})`,
    file,
    told,
  ];
  const requestOf = (reload: unknown) => ({
    input: envFile.input.parse({ file, set: { MODE: "new", MORE: "1" }, reload }),
    share: null,
    connectionName: null,
  });

  it("comes after the edit, once for all keys, and after the undo too", async () => {
    const changes = must(await envFile.changes(requestOf(tell()), context));
    const baseline = must(
      await envFile.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    must(await envFile.write(changes, context));
    must(await envFile.write(JSON.parse(JSON.stringify(baseline)) as Change[], context));
    expect(await readFile(told, "utf8")).toBe("MODE=new\nMORE=1\nMODE=old\n");
  });

  it("leaves the outcome open when it fails: the file is written", async () => {
    const changes = must(await envFile.changes(requestOf(tell(3)), context));
    expect(await envFile.write(changes, context)).toMatchObject({
      kind: "unknown",
      why: expect.stringMatching(/^the file is written, but node .* ended with 3/s),
    });
    expect(await readFile(file, "utf8")).toContain("MODE=new");
  });

  it("is looked for before the rollout", async () => {
    expect(await envFile.permissions(requestOf(["no-such-program"]), context)).toEqual([
      "no-such-program was not found on the PATH",
    ]);
    expect(await envFile.permissions(requestOf(tell()), context)).toEqual([]);
  });
});
