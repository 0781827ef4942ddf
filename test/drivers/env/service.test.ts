import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { envFile } from "../../../src/drivers/env/env-file.ts";
import { service } from "../../../src/drivers/env/service.ts";
import { contractOfActionDriver } from "../../support/contract-action-driver.ts";
import { contractOfCallDriver } from "../../support/contract-call-driver.ts";
import { driverContext } from "../../support/driver-context.ts";
import { fakeSystemctl, type FakeSystemctl } from "../../support/fake-systemctl.ts";
import { must } from "../../support/must.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

const requestOf = (input: object) => ({
  input: service.input.parse(input),
  share: null,
  connectionName: null,
});

contractOfActionDriver(
  "service of systemd",
  async () => {
    const systemd = await fakeSystemctl();
    return {
      driver: service,
      request: requestOf({ name: "shop", state: "started" }),
      other: requestOf({ name: "shop", state: "stopped" }),
      foreign: { present: true, value: false },
      context: (signal) => driverContext({ signal }),
      truth: async () => ({ present: true, value: (await systemd.state()) === "active" }),
      setLive: (value) =>
        systemd.setState(value.present && value.value === true ? "active" : "inactive"),
      writes: async () => (await systemd.told()).length,
      break: {
        hang: () => systemd.setMood("hangs"),
        fail: () => systemd.setMood("fails"),
        ignoreWrites: () => systemd.setMood("ignores"),
      },
      [Symbol.asyncDispose]: () => systemd[Symbol.asyncDispose](),
    };
  },
  { absence: false },
);

contractOfCallDriver("service restarted", async () => {
  const systemd = await fakeSystemctl();
  return {
    driver: service,
    request: requestOf({ name: "shop", state: "restarted" }),
    context: (signal) => driverContext({ signal }),
    calls: async () => (await systemd.told()).length,
    break: {
      fail: () => systemd.setMood("fails"),
      vanish: () => systemd.setState("not-found"),
    },
    [Symbol.asyncDispose]: () => systemd[Symbol.asyncDispose](),
  };
});

describe("a service of systemd", () => {
  let systemd: FakeSystemctl;
  beforeEach(async () => {
    systemd = await fakeSystemctl();
  });
  afterEach(() => systemd[Symbol.asyncDispose]());

  it("is restarted once, by a call whose undo the plan states", async () => {
    const request = requestOf({ name: "shop", state: "restarted", user: true });
    expect(service.style(request.input)).toBe("call");
    must(await service.call(request, driverContext()));
    expect(await systemd.told()).toEqual(["--user --no-ask-password restart shop"]);
  });

  it("is failed when systemd does not allow it, and unknown when the job fails", async () => {
    const changes = must(
      await service.changes(requestOf({ name: "shop", state: "stopped" }), driverContext()),
    );
    await systemd.setMood("denies");
    expect((await service.write(changes, driverContext())).kind).toBe("failed");
    await systemd.setMood("fails");
    expect((await service.write(changes, driverContext())).kind).toBe("unknown");
    expect(await systemd.state()).toBe("active");
  });

  it("says before the rollout that there is no such unit, and reads it as absent", async () => {
    await systemd.setState("not-found");
    const request = requestOf({ name: "shop", state: "started" });
    expect(await service.permissions(request, driverContext())).toEqual([
      "there is no systemd unit shop",
    ]);
    const changes = must(await service.changes(request, driverContext()));
    const fields = changes.map(({ field }) => field);
    expect(must(await service.read(fields, driverContext()))[0]?.value).toEqual({ present: false });
  });

  it("is settled when it runs, not while it comes up", async () => {
    const changes = must(
      await service.changes(requestOf({ name: "shop", state: "started" }), driverContext()),
    );
    await systemd.setState("activating");
    must(await service.settle(changes, driverContext()));
    expect(await systemd.state()).toBe("active");
    await systemd.setState("failed");
    const cut = AbortSignal.abort();
    expect((await service.settle(changes, driverContext({ signal: cut }))).kind).not.toBe("ok");
  });

  it("reloads after an edit, and a reload that leaves it dead did not take effect", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "app.env");
    await writeFile(file, "A=1\n");
    const reload = { systemd: "shop", orRestart: true };
    const request = {
      input: envFile.input.parse({ file, set: { A: "2" }, reload }),
      share: null,
      connectionName: null,
    };
    expect(await envFile.permissions(request, driverContext())).toEqual([]);
    const changes = must(await envFile.changes(request, driverContext()));
    must(
      await envFile.write(JSON.parse(JSON.stringify(changes)) as typeof changes, driverContext()),
    );
    expect(await systemd.told()).toEqual(["--no-ask-password reload-or-restart shop"]);
    must(await envFile.settle(changes, driverContext()));
    await systemd.setState("failed");
    expect(await envFile.settle(changes, driverContext())).toMatchObject({
      kind: "failed",
      why: expect.stringContaining("does not run after its reload"),
    });
    await systemd.setState("not-found");
    expect(await envFile.permissions(request, driverContext())).toEqual([
      "there is no systemd unit shop",
    ]);
  });
});

describe("a service with commands of its own", () => {
  let folder: TemporaryFolder;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(async () => {
    const pid = await readFile(join(folder.path, "pid"), "utf8").catch(() => "");
    if (pid !== "") kill(Number(pid));
    await folder[Symbol.asyncDispose]();
  });

  const node = (body: string): readonly string[] => [
    "node",
    "-e",
    `const fs = require("fs"), [file] = process.argv.slice(1);
     const pid = () => Number(fs.readFileSync(file, "utf8"));
     ${body}`,
    join(folder.path, "pid"),
  ];
  const commands = () => ({
    running: node("try { process.kill(pid(), 0) } catch { process.exit(3) }"),
    start: node(
      `const child = require("child_process").spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
       child.unref(); fs.writeFileSync(file, String(child.pid));`,
    ),
    stop: node("process.kill(pid(), 'SIGKILL')"),
  });

  it("is started, seen, and stopped again: real processes", async () => {
    const request = requestOf({ name: "sleeper", state: "started", commands: commands() });
    expect(await service.permissions(request, driverContext())).toEqual([]);
    const changes = must(await service.changes(request, driverContext()));
    const fields = changes.map(({ field }) => field);
    const before = must(await service.read(fields, driverContext()));
    expect(before[0]?.value).toEqual({ present: true, value: false });
    must(await service.write(changes, driverContext()));
    must(await service.settle(changes, driverContext()));
    expect(isAlive(Number(await readFile(join(folder.path, "pid"), "utf8")))).toBe(true);
    must(await service.write(before, driverContext()));
    must(await service.settle(before, driverContext()));
    expect(must(await service.read(fields, driverContext()))[0]?.value).toEqual(before[0]?.value);
  });

  it("cannot be restarted without a command for it", () => {
    const parsed = service.input.safeParse({ name: "x", state: "restarted", commands: commands() });
    expect(JSON.stringify(parsed.error?.issues)).toContain("commands.restart");
  });
});

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone, as it should be.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
