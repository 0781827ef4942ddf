import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, onTestFinished, test } from "vitest";

import { watchIdle } from "../../src/sandbox/idle-watch.ts";
import { startDetachedSandbox } from "../../src/sandbox/run-detached.ts";
import { ask, eventually, sandboxForTest } from "../support/sandbox-client.ts";

const runDetached = fileURLToPath(new URL("../../src/sandbox/run-detached.ts", import.meta.url));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function endWithTest(pid: number): void {
  onTestFinished(() => {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  });
}

/** A runner that starts a sandbox, says where it is, and then does what `after` says. */
function runnerScript(idleMs: number, after: string): string[] {
  const code = `
    const { startDetachedSandbox } = await import(${JSON.stringify(runDetached)});
    console.log(JSON.stringify(await startDetachedSandbox({ idleMs: ${idleMs} })));
    ${after}`;
  return ["--input-type=module", "-e", code];
}

describe("a detached sandbox", () => {
  test("does not keep its runner alive, outlives it, and ends when nobody asks any more", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, runnerScript(1000, ""));
    const { url, pid } = JSON.parse(stdout) as { url: string; pid: number };
    endWithTest(pid);
    // Longer than its idle time, all the same it is there, because somebody asks.
    const until = performance.now() + 1500;
    while (performance.now() < until) {
      expect((await ask(`${url}/state`)).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await eventually(
      () => Promise.resolve(isAlive(pid)),
      (alive) => !alive,
    );
    await expect(ask(url)).rejects.toThrow("fetch failed");
  });

  test("outlives a runner that is killed, and stays while a silent one lives", async () => {
    const runner = spawn(process.execPath, runnerScript(1000, "setInterval(() => {}, 1000)"));
    const [chunk] = (await once(runner.stdout, "data")) as [Buffer];
    const { url, pid } = JSON.parse(chunk.toString()) as { url: string; pid: number };
    endWithTest(pid);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(isAlive(pid)).toBe(true);
    runner.kill("SIGKILL");
    await once(runner, "exit");
    expect((await ask(`${url}/state`)).status).toBe(200);
    await eventually(
      () => Promise.resolve(isAlive(pid)),
      (alive) => !alive,
    );
  });

  test("is in a session of its own, without the marks of the rollout and outside its folder", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    process.env["CANARY_ROLLOUT"] = "r1";
    process.env["CANARY_EPOCH"] = "2";
    onTestFinished(() => {
      delete process.env["CANARY_ROLLOUT"];
      delete process.env["CANARY_EPOCH"];
    });
    const { url, pid } = await startDetachedSandbox({ logDir: folder, seed: 3 });
    endWithTest(pid);
    await eventually(
      () => readFile(join(folder, "app.log"), "utf8").catch(() => ""),
      (text) => text.includes("version=stable"),
    );
    if (process.platform === "linux") {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8");
      expect(environment).toContain("PATH=");
      expect(environment).not.toContain("CANARY_ROLLOUT");
      expect(environment).not.toContain("CANARY_EPOCH");
      expect(await realpath(`/proc/${pid}/cwd`)).toBe(await realpath(tmpdir()));
      const stat = await readFile(`/proc/${pid}/stat`, "utf8");
      const session = stat.slice(stat.lastIndexOf(")")).split(" ")[4];
      expect(session).toBe(String(pid));
    }
    process.kill(pid, "SIGTERM");
    await eventually(
      () => Promise.resolve(isAlive(pid)),
      (alive) => !alive,
    );
    await expect(ask(url)).rejects.toThrow("fetch failed");
  });

  test("says why it did not start", async () => {
    const { port } = await sandboxForTest();
    await expect(startDetachedSandbox({ port })).rejects.toThrow(
      `the sandbox did not start: port ${port} is taken`,
    );
  });
});

describe("the idle watch", () => {
  test("calls once, not while it is held, and starts again when it is let go", async () => {
    let held = true;
    let calls = 0;
    const watch = watchIdle(
      60,
      () => held,
      () => (calls += 1),
    );
    onTestFinished(() => watch.stop());
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(calls).toBe(0);
    held = false;
    await eventually(
      () => Promise.resolve(calls),
      (count) => count > 0,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(calls).toBe(1);
  });
});
