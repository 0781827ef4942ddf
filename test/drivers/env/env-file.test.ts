import { renameSync, writeFileSync } from "node:fs";
import {
  chmod,
  link,
  lstat,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { editFile } from "../../../src/drivers/edit-file.ts";
import { envFile } from "../../../src/drivers/env/env-file.ts";
import { readEnvKey, removeEnvKey, setEnvKey } from "../../../src/drivers/env/env-text.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { must } from "../../support/must.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

const TEXT = "# flags\nexport MODE='old one'  # why\nOTHER=1\n";

contractOfActionDriver("env-file", async () => {
  const folder = await temporaryFolder();
  const file = join(folder.path, "app.env");
  await writeFile(file, TEXT);
  const request = (value: string) => ({
    input: envFile.input.parse({ file, set: { MODE: value } }),
    share: null,
    connectionName: null,
  });
  return {
    driver: envFile,
    request: request("new"),
    other: request("newer"),
    foreign: { present: true, value: "theirs" },
    context: (signal) => driverContext({ signal }),
    async truth() {
      const raw = readEnvKey(await readFile(file, "utf8"), "MODE");
      return raw === null ? { present: false } : { present: true, value: raw };
    },
    async setLive(value) {
      const text = await readFile(file, "utf8");
      await writeFile(
        file,
        value.present ? setEnvKey(text, "MODE", value.value as string) : removeEnvKey(text, "MODE"),
      );
    },
    writes: () => stat(file).then(({ ino, mtimeMs }) => ino + mtimeMs),
    break: {
      refuse: () => link(file, join(folder.path, "twin.env")),
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

describe("an env file", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "app.env");
    await writeFile(file, TEXT);
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const context = driverContext({
    references: { "env:SECRET": "s3cret-new", "env:TWO": "a\nb" },
  });
  const changesOf = async (input: object, share: number | null = null) =>
    must(
      await envFile.changes(
        { input: envFile.input.parse({ file, ...input }), share, connectionName: null },
        context,
      ),
    );
  const baselineOf = async (changes: readonly Change[]) =>
    must(
      await envFile.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
  const text = (): Promise<string> => readFile(file, "utf8");
  const names = async (): Promise<readonly string[]> => (await readdir(folder.path)).toSorted();

  it("keeps mode, comments and everything else, and leaves no temporary file", async () => {
    await chmod(file, 0o640);
    const changes = await changesOf({ set: { MODE: "new", ADDED: '"a b"' } });
    const baseline = await baselineOf(changes);
    must(await envFile.write(changes, context));
    expect(await text()).toBe('# flags\nexport MODE=new\nOTHER=1\nADDED="a b"\n');
    expect((await stat(file)).mode & 0o7777).toBe(0o640);
    must(await envFile.write(baseline, context));
    expect(await text()).toBe(TEXT);
    expect(await names()).toEqual(["app.env"]);
  });

  it("holds the share under traffic", async () => {
    const changes = await changesOf({ key: "PERCENT" }, 5);
    expect(changes[0]?.value).toEqual({ present: true, value: "5" });
    must(await envFile.write(changes, context));
    expect(await text()).toBe(`${TEXT}PERCENT=5\n`);
    const both = await changesOf({ set: { RATIO: "share:${traffic}" } }, 25);
    expect(both[0]?.value).toEqual({ present: true, value: "share:25" });
  });

  it("says what is wrong with a share outside of traffic", async () => {
    const input = envFile.input.parse({ file, key: "PERCENT" });
    const answer = await envFile.changes({ input, share: null, connectionName: null }, context);
    expect(answer).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("under `traffic`"),
    });
  });

  it("edits what a symbolic link leads to, and keeps the link", async () => {
    const linked = join(folder.path, "current.env");
    await symlink("app.env", linked);
    const changes = await changesOf({ file: linked, set: { MODE: "new" } });
    must(await envFile.write(changes, context));
    expect((await lstat(linked)).isSymbolicLink()).toBe(true);
    expect(await text()).toContain("MODE=new");
    expect((await changesOf({ set: { MODE: "new" } }))[0]?.field.key).toBe(changes[0]?.field.key);
  });

  it("starts again from the file that replaced it, and gives up when that never ends", async () => {
    let times = 0;
    const replaceFirst = (rounds: number) =>
      editFile(
        file,
        (before) => {
          times += 1;
          if (times <= rounds) replaceSync(file, `${before}THEIRS_${times}=1\n`);
          return { kind: "ok", value: setEnvKey(before, "MODE", "new") };
        },
        context.signal,
      );
    must(await replaceFirst(2));
    expect(await text()).toBe("# flags\nexport MODE=new\nOTHER=1\nTHEIRS_1=1\nTHEIRS_2=1\n");
    times = 0;
    await writeFile(file, TEXT);
    expect(await replaceFirst(1000)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("all the time"),
    });
    expect(readEnvKey(await text(), "MODE")).toBe("'old one'  # why");
  });

  it("removes an added key also from a file that someone replaced meanwhile", async () => {
    const changes = await changesOf({ set: { ADDED: "1" } });
    must(await envFile.write(changes, context));
    await writeFile(`${file}.new`, "ADDED=1\nTHEIRS=2\n");
    await rename(`${file}.new`, file);
    const undo = changes.map(({ field }): Change => ({ field, value: { present: false } }));
    must(await envFile.write(undo, context));
    expect(await text()).toBe("THEIRS=2\n");
  });

  it("reads a file that is gone as absent, and does not make it again", async () => {
    const changes = await changesOf({ set: { MODE: "new" } });
    await rm(file);
    expect((await baselineOf(changes))[0]?.value).toEqual({ present: false });
    expect(await envFile.write(changes, context)).toMatchObject({
      kind: "failed",
      why: `there is no file ${file}`,
    });
    expect(await names()).toEqual([]);
  });

  it("refuses to part hard links, and says so before the rollout", async () => {
    await link(file, join(folder.path, "twin.env"));
    const input = envFile.input.parse({ file, set: { MODE: "new" } });
    const request = { input, share: null, connectionName: null };
    expect((await envFile.permissions(request, context)).join()).toContain("2 hard links");
    expect((await envFile.write(await changesOf({ set: { MODE: "new" } }), context)).kind).toBe(
      "failed",
    );
    expect(await text()).toBe(TEXT);
  });

  it.skipIf(process.getuid?.() === 0)("does not write a file that is read-only", async () => {
    await chmod(file, 0o444);
    const changes = await changesOf({ set: { MODE: "new" } });
    expect(await envFile.write(changes, context)).toMatchObject({ kind: "failed" });
    expect(await text()).toBe(TEXT);
  });

  it("refuses a file that is no text, a folder, and a value of several lines", async () => {
    const changes = await changesOf({ set: { MODE: "new" } });
    await writeFile(file, Buffer.from([0x41, 0x3d, 0xff, 0x0a]));
    expect(await envFile.write(changes, context)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("no UTF-8"),
    });
    await writeFile(file, 'MODE="one\ntwo"\n');
    expect(await envFile.write(changes, context)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("several lines"),
    });
    const input = envFile.input.parse({ file, set: { MODE: "${env:TWO}" } });
    expect(
      await envFile.changes({ input, share: null, connectionName: null }, context),
    ).toMatchObject({ kind: "failed", why: "${env:TWO} is more than one line" });
  });

  it("is not edited from another host", async () => {
    const [change] = await changesOf({ set: { MODE: "new" } });
    if (change === undefined) throw new Error("no change");
    const field = { ...change.field, ref: { ...(change.field.ref as object), host: "elsewhere" } };
    const there = { field, value: change.value };
    expect(await envFile.write([there], context)).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("lies on elsewhere"),
    });
    expect((await envFile.read([field], context)).kind).toBe("failed");
    expect(await text()).toBe(TEXT);
  });

  it.each([
    [{ set: { "A B": "1" } }, "letters, digits"],
    [{ set: { A: 1 } }, 'write \\"1\\" in quotes'],
    [{ set: { A: "1\n2" } }, "one line"],
    [{ set: {} }, "at least one key"],
    [{}, "write `set`"],
    [{ set: { A: "1" }, key: "B" }, "write `set`"],
    [{ set: { A: "1" }, reload: "systemctl reload x" }, "no shell here"],
    [{ set: { A: "1" }, reload: { systemd: "x", restart: true, orRestart: true } }, "keep one"],
  ])("refuses %j", (input: object, words: string) => {
    const parsed = envFile.input.safeParse({ file: "/x.env", ...input });
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(words);
  });
});

function replaceSync(file: string, text: string): void {
  writeFileSync(`${file}.theirs`, text);
  renameSync(`${file}.theirs`, file);
}
