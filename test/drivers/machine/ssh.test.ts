import { readFileSync, writeFileSync } from "node:fs";
import { chmod, link, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { envFile } from "../../../src/drivers/env/env-file.ts";
import { readEnvKey, removeEnvKey, setEnvKey } from "../../../src/drivers/env/env-text.ts";
import { service } from "../../../src/drivers/env/service.ts";
import { machineOf } from "../../../src/drivers/machine/machine.ts";
import { shellQuote } from "../../../src/drivers/machine/shell-quote.ts";
import { builtInDrivers } from "../../../src/drivers/registry.ts";
import { loadPlan } from "../../../src/plan/load-plan.ts";
import { lint } from "../../plan/support/lint.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { fakeSystemctl } from "../../support/fake-systemctl.ts";
import { must } from "../../support/must.ts";
import { hasSshd, startSsh, type SshWorld } from "../../support/ssh-world.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

const TEXT = "# flags\nexport MODE='it''s old'  # why\nOTHER=ü\n";

describe.skipIf(!hasSshd())("through a real sshd", () => {
  contractOfActionDriver("env-file over ssh", async () => {
    const ssh = await startSsh();
    const folder = await temporaryFolder();
    const file = join(folder.path, "it's an app.env");
    await writeFile(file, TEXT);
    const request = (value: string) => ({
      input: envFile.input.parse({ file, set: { MODE: value } }),
      share: null,
      connectionName: "web",
    });
    return {
      driver: envFile,
      request: request("new '$(touch x)'"),
      other: request("newer"),
      foreign: { present: true, value: "theirs" },
      context: (signal) => driverContext({ signal, connection: ssh.connection }),
      async truth() {
        const raw = readEnvKey(await readFile(file, "utf8"), "MODE");
        return raw === null ? { present: false } : { present: true, value: raw };
      },
      async setLive(value) {
        const text = await readFile(file, "utf8");
        await writeFile(
          file,
          value.present
            ? setEnvKey(text, "MODE", value.value as string)
            : removeEnvKey(text, "MODE"),
        );
      },
      writes: () => stat(file).then(({ ino, mtimeMs }) => ino + mtimeMs),
      break: {
        // A write begins with a read, so being cut while nothing answers has changed nothing.
        refuse: () => link(file, join(folder.path, "twin.env")),
      },
      async [Symbol.asyncDispose]() {
        await ssh[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  });

  contractOfActionDriver(
    "service over ssh",
    async () => {
      const systemd = await fakeSystemctl();
      const ssh = await startSsh();
      const request = (state: string) => ({
        input: service.input.parse({ name: "shop", state }),
        share: null,
        connectionName: "web",
      });
      return {
        driver: service,
        request: request("started"),
        other: request("stopped"),
        foreign: { present: true, value: false },
        context: (signal) => driverContext({ signal, connection: ssh.connection }),
        truth: async () => ({ present: true, value: (await systemd.state()) === "active" }),
        setLive: (value) =>
          systemd.setState(value.present && value.value === true ? "active" : "inactive"),
        writes: async () => (await systemd.told()).length,
        break: {
          hang: () => systemd.setMood("hangs"),
          fail: () => systemd.setMood("fails"),
          ignoreWrites: () => systemd.setMood("ignores"),
        },
        async [Symbol.asyncDispose]() {
          await ssh[Symbol.asyncDispose]();
          await systemd[Symbol.asyncDispose]();
        },
      };
    },
    { absence: false },
  );

  describe("a machine", () => {
    let ssh: SshWorld;
    let folder: TemporaryFolder;
    let file: string;
    beforeAll(async () => {
      ssh = await startSsh();
    });
    afterAll(() => ssh[Symbol.asyncDispose]());
    beforeEach(async () => {
      folder = await temporaryFolder();
      file = join(folder.path, "app.env");
      await writeFile(file, TEXT);
    });
    afterEach(() => folder[Symbol.asyncDispose]());
    const context = (references: Record<string, string> = {}) =>
      driverContext({ connection: ssh.connection, references });
    const there = () => machineOf(context());

    it("keeps mode and every byte, follows links, and leaves nothing behind", async () => {
      await chmod(file, 0o640);
      await symlink(file, join(folder.path, "link.env"));
      const pinned = must(await there().pinFile(join(folder.path, "link.env")));
      expect(pinned).toBe(file);
      expect(must(await there().readText(pinned))).toBe(TEXT);
      must(
        await there().editFile(pinned, (text) => ({
          kind: "ok",
          value: text.replace("ü", "é\r\n\t"),
        })),
      );
      expect(await readFile(file, "utf8")).toBe(TEXT.replace("ü", "é\r\n\t"));
      expect((await stat(file)).mode & 0o7777).toBe(0o640);
      expect((await readdir(folder.path)).toSorted()).toEqual(["app.env", "link.env"]);
    });

    it("does not lose what somebody else wrote meanwhile", async () => {
      let edits = 0;
      must(
        await there().editFile(file, (text) => {
          edits += 1;
          if (edits === 1) writeFileSync(file, `${text}THEIRS=1\n`);
          return { kind: "ok", value: `${text}MINE=1\n` };
        }),
      );
      expect(edits).toBe(2);
      expect(await readFile(file, "utf8")).toBe(`${TEXT}THEIRS=1\nMINE=1\n`);
    });

    it("says what is wrong there, and changes nothing", async () => {
      const none = join(folder.path, "none.env");
      expect(await there().readText(none)).toMatchObject({
        kind: "failed",
        why: expect.stringMatching(/^there is no file .*none\.env \(ssh\//),
      });
      expect(await there().pinFile(none)).toMatchObject({ kind: "failed" });
      expect(await there().editProblem(file)).toBeNull();
      await link(file, join(folder.path, "twin"));
      expect(await there().editProblem(file)).toContain("2 hard links");
      await writeFile(join(folder.path, "bytes"), Buffer.from([0xff, 0xfe]));
      expect(await there().readText(join(folder.path, "bytes"))).toMatchObject({
        why: expect.stringContaining("no UTF-8"),
      });
      expect(await there().findCommand({ argv: ["no-such-program"] })).toContain(
        "no-such-program was not found there",
      );
      expect(await there().findCommand({ argv: ["sh"] })).toBeNull();
    });

    it("makes a copy for its owner alone, once, and takes it away again", async () => {
      const copy = join(folder.path, "copy");
      must(await there().makeFile(copy, "one"));
      must(await there().makeFile(copy, "two"));
      expect(await readFile(copy, "utf8")).toBe("one");
      expect((await stat(copy)).mode & 0o777).toBe(0o600);
      must(await there().removeFile(copy));
      must(await there().removeFile(copy));
      expect(await readdir(folder.path)).toEqual(["app.env"]);
    });

    it("shows a secret in no list of processes, and restores it from its copy", async () => {
      const input = envFile.input.parse({
        file,
        set: { MODE: "${env:SECRET}" },
        reload: ["sh", "-c", 'ps -ww -eo args > "$0"', join(folder.path, "processes")],
      });
      const request = { input, share: null, connectionName: "web" };
      const own = context({ "env:SECRET": "kept-to-itself" });
      const changes = must(await envFile.changes(request, own));
      const fields = changes.map(({ field }) => field);
      const baseline = must(await envFile.read(fields, own));
      must(await envFile.write(changes, own));
      expect(await readFile(file, "utf8")).toContain("MODE=kept-to-itself\n");
      const processes = readFileSync(join(folder.path, "processes"), "utf8");
      expect(processes).toContain("processes");
      expect(processes).not.toContain("kept-to-itself");
      // On the way back the new secret may be gone.
      must(await envFile.write(baseline, context()));
      expect(await readFile(file, "utf8")).toBe(TEXT);
      must((await envFile.release?.(fields, context())) ?? { kind: "failed", why: "no release" });
      expect((await readdir(folder.path)).toSorted()).toEqual(["app.env", "processes"]);
    });

    it("passes words, folder and environment on unchanged", async () => {
      const { exec } = there().context;
      const words = ["a b", "it's", "$HOME", "`x`", "new\nline", "", "*", "ü"];
      const print =
        "process.stdout.write(JSON.stringify([process.argv.slice(1), process.cwd(), process.env.A]))";
      const result = await exec(["node", "-e", print, ...words], {
        signal: new AbortController().signal,
        cwd: folder.path,
        env: { A: "it's\n$A" },
      });
      expect(JSON.parse(result.stdout)).toEqual([words, folder.path, "it's\n$A"]);
      expect(shellQuote(["it's"])).toBe(String.raw`'it'\''s'`);
    });

    it("knows what never began from what was lost on the way", async () => {
      const signal = new AbortController().signal;
      const nobody = machineOf(driverContext({ connection: { ...ssh.connection, port: 1 } }));
      expect(await nobody.context.exec(["true"], { signal })).toMatchObject({
        exitCode: null,
        started: false,
        why: expect.stringContaining("ssh to "),
      });
      const stranger = machineOf(
        driverContext({ connection: { ...ssh.connection, knownHosts: "/dev/null" } }),
      );
      expect(await stranger.context.exec(["true"], { signal })).toMatchObject({
        started: false,
        why: expect.stringContaining("Host key verification failed"),
      });
      const lost = await there().context.exec(["sh", "-c", "kill -9 $PPID; sleep 5"], { signal });
      expect(lost).toMatchObject({ exitCode: null, started: true });
      expect(await there().context.exec(["sh", "-c", "exit 7"], { signal })).toMatchObject({
        exitCode: 7,
      });
    });

    it("is not the machine of a field that lies elsewhere", async () => {
      const input = envFile.input.parse({ file, set: { MODE: "x" } });
      const request = { input, share: null, connectionName: "web" };
      const changes = must(await envFile.changes(request, context()));
      expect(await envFile.write(changes, driverContext())).toMatchObject({
        kind: "failed",
        why: expect.stringContaining("lies on ssh/"),
      });
      await rm(file);
      expect(await envFile.permissions(request, context())).toEqual([
        expect.stringContaining("there is no file"),
      ]);
    });
  });
});

describe("a plan with another machine", () => {
  const plan = (action: string): string => `apiVersion: canary/v1
kind: Plan
name: two-machines
connections:
  web: { type: ssh, host: deploy@web-1 }
  app: { type: openmetrics, url: "http://localhost:1/metrics" }
metrics:
  errors: { bad: a_total, total: b_total, minSamples: 10, window: 1m }
traffic:
  - stated: everybody
stages:
  - name: all
    traffic: 100%
    soak: 5m
    gates: [ errors < 1% ]
    actions:
      - ${action}
rollback:
  verify: { within: 10m, gates: [ errors < 1% ] }
`;

  it("goes there where an action says so", () => {
    const connectionOf = (action: string): string | null | undefined => {
      const options = { catalog: builtInDrivers(), useExamples: true, set: {} };
      const loaded = loadPlan({ path: "plan.yaml", text: plan(action) }, options);
      expect(loaded.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      return loaded.plan?.stages[0]?.actions[0]?.connection;
    };
    expect(connectionOf('env-file: { connection: web, file: /x, set: { A: "1" } }')).toBe("web");
    expect(connectionOf('env-file: { file: /x, set: { A: "1" } }')).toBe(null);
    expect(connectionOf("service: { connection: web, name: x, state: started }")).toBe("web");
  });

  it("takes no option of ssh for a host", () => {
    const wrong = plan("service: { connection: web, name: x, state: started }").replace(
      "deploy@web-1",
      "-oProxyCommand=x",
    );
    expect(lint(wrong)[0]).toMatchObject({ severity: "error", line: 5 });
  });
});
