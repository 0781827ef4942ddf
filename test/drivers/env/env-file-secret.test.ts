import { createHash } from "node:crypto";
import { link, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { envFile } from "../../../src/drivers/env/env-file.ts";
import { readEnvKey, removeEnvKey, setEnvKey } from "../../../src/drivers/env/env-text.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

const TEXT = "# flags\nexport MODE='old one'  # why\nOTHER=1\n";

contractOfActionDriver("env-file with a secret", async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, "app.env");
  await writeFile(file, TEXT);
  const secrets = ["theirs-kept-too", "kept-to-itself-1", "kept-to-itself-2"];
  const request = (name: string) => ({
    input: envFile.input.parse({ file, set: { MODE: `\${env:${name}}` } }),
    share: null,
    connectionName: null,
  });
  const hash = (text: string) => ({
    present: true as const,
    value: { sha256: createHash("sha256").update(text).digest("hex") },
  });
  const written = async (): Promise<string | null> =>
    readEnvKey(await readFile(file, "utf8"), "MODE");
  return {
    driver: envFile,
    request: request("ONE"),
    other: request("TWO"),
    foreign: hash("theirs-kept-too"),
    context: (signal) =>
      driverContext({
        signal,
        references: { "env:ONE": "kept-to-itself-1", "env:TWO": "kept-to-itself-2" },
      }),
    async truth() {
      const raw = await written();
      return raw === null ? { present: false } : hash(raw);
    },
    async setLive(value) {
      const text = await readFile(file, "utf8");
      const same = JSON.stringify(value);
      const raw = secrets.find((each) => JSON.stringify(hash(each)) === same);
      await writeFile(
        file,
        raw === undefined ? removeEnvKey(text, "MODE") : setEnvKey(text, "MODE", raw),
      );
    },
    writes: () => stat(file).then(({ ino, mtimeMs }) => ino + mtimeMs),
    secret: "kept-to-itself",
    break: { refuse: () => link(file, join(folder.path, "twin.env")) },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

describe("a secret in an env file", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "app.env");
    await writeFile(file, "SECRET=s3cret-old\nMODE=1\n");
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const context = driverContext({ references: { "env:SECRET": "s3cret-new" } });
  const copyOf = (): string => `${file}.canary-test-rollout`;
  const prepare = async () => {
    const input = envFile.input.parse({
      file,
      set: { SECRET: "${env:SECRET}", FRESH: "${env:SECRET}" },
    });
    const changes = must(
      await envFile.changes({ input, share: null, connectionName: null }, context),
    );
    const baseline = must(
      await envFile.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    return { changes, baseline };
  };

  it("is never in a field, old or new, and comes back from a copy that only its owner reads", async () => {
    const { changes, baseline } = await prepare();
    expect(JSON.stringify([changes, baseline])).not.toContain("s3cret");
    must(await envFile.write(changes, context));
    expect(await readFile(file, "utf8")).toBe("SECRET=s3cret-new\nMODE=1\nFRESH=s3cret-new\n");
    const after = must(
      await envFile.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    expect(after.map(({ value }) => value)).toEqual(changes.map(({ value }) => value));
    expect((await stat(copyOf())).mode & 0o7777).toBe(0o600);
    // The process that undoes it may not have the new secret any more.
    const later = driverContext();
    must(await envFile.write(JSON.parse(JSON.stringify(baseline)) as Change[], later));
    expect(await readFile(file, "utf8")).toBe("SECRET=s3cret-old\nMODE=1\n");
    must(
      (await envFile.release?.(
        changes.map(({ field }) => field),
        later,
      )) ?? { kind: "ok", value: null },
    );
    expect(await readdir(folder.path)).toEqual(["app.env"]);
  });

  it("keeps the copy while the new one is in force, and the first copy when written twice", async () => {
    const { changes, baseline } = await prepare();
    must(await envFile.write(changes, context));
    must(await envFile.write(changes, context));
    await envFile.release?.(
      changes.map(({ field }) => field),
      context,
    );
    expect(await readFile(copyOf(), "utf8")).toContain("SECRET=s3cret-old");
    must(await envFile.write(baseline, context));
    expect(await readFile(file, "utf8")).toContain("SECRET=s3cret-old");
  });

  it("says where the old one was kept when the copy is gone, and writes nothing", async () => {
    const { changes, baseline } = await prepare();
    must(await envFile.write(changes, context));
    await rm(copyOf());
    expect(await envFile.write(baseline, context)).toMatchObject({
      kind: "failed",
      why: `the old SECRET was kept in ${copyOf()}, which cannot be read`,
    });
    expect(await readFile(file, "utf8")).toContain("FRESH=s3cret-new");
  });

  it("does not start with a reference that has no value", async () => {
    const input = envFile.input.parse({ file, set: { SECRET: "${env:NONE}" } });
    const answer = await envFile.changes({ input, share: null, connectionName: null }, context);
    expect(answer).toMatchObject({ kind: "failed", why: "env:NONE has no value" });
  });
});
