import { readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { createExec, type ExecOptions, type ExecResult } from "../../src/drivers/exec.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const exec = createExec({ rollout: "shop-1", epoch: 7 });
const toEnd: number[] = [];

afterEach(() => {
  for (const pid of toEnd.splice(0)) end(pid);
});

describe("the exec port", () => {
  it("gives back code, output and error output", async () => {
    expect(await node("console.log('out'); console.error('err'); process.exit(3)")).toEqual({
      exitCode: 3,
      stdout: "out\n",
      stderr: "err\n",
      why: null,
      started: true,
    });
  });

  it("hands over its arguments as they are, its input, its folder, and an end of file without input", async () => {
    const print = "process.stdout.write(JSON.stringify([process.argv.slice(1), process.cwd()]))";
    const args = ["$HOME", "a b", "*", "`id`", ""];
    const { stdout } = await run(["node", "-e", print, ...args], { cwd: "/" });
    expect(JSON.parse(stdout)).toEqual([args, "/"]);
    const cat = "process.stdin.pipe(process.stdout)";
    expect((await node(cat, { input: "héllo" })).stdout).toBe("héllo");
    expect((await node(cat)).stdout).toBe("");
  });

  it("marks its children with rollout and epoch, over whatever the plan says", async () => {
    const print =
      "const { CANARY_ROLLOUT: r, CANARY_EPOCH: e, OWN: o, PATH: p } = process.env; console.log(r, e, o, !!p)";
    const env = { OWN: "x", CANARY_EPOCH: "99" };
    expect((await node(print, { env })).stdout).toBe("shop-1 7 x true\n");
  });

  it("says what never ran, and that nothing happened", async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "script");
    await writeFile(file, "#!/bin/sh\n");
    const cases: readonly [readonly string[], Partial<ExecOptions>, string][] = [
      [[], {}, "the command is empty"],
      [["no-such-program"], {}, "no-such-program was not found on the PATH"],
      [[`${file}.none`], {}, `there is no file ${file}.none`],
      [[file], {}, `${file} may not be executed: set its executable bit`],
      [["node"], { cwd: `${folder.path}/none` }, `there is no folder ${folder.path}/none`],
      [["node", "-e", "a\0b"], {}, "null bytes"],
      [["node", "-e", "1"], { signal: AbortSignal.abort() }, "interrupted before it started"],
    ];
    for (const [argv, options, words] of cases) {
      const result = await run(argv, options);
      expect(result).toMatchObject({ exitCode: null, started: false });
      expect(result.why).toContain(words);
    }
    await chmod(file, 0o755);
    expect((await run([file])).exitCode).toBe(0);
  });

  it("survives a child that does not read its input", async () => {
    const result = await node("process.stdin.destroy()", { input: "x".repeat(1024 * 1024) });
    expect(result.exitCode).toBe(0);
  });

  it("keeps the beginning and the end of an endless output, and lets the child go on", async () => {
    const result = await node(
      "process.stdout.write('first\\n'); for (let i = 0; i < 200; i++) process.stdout.write('x'.repeat(1e5)); process.stdout.write('\\nlast')",
    );
    expect(result.exitCode).toBe(0);
    expect(result.stdout.length).toBeLessThan(4.1 * 1024 * 1024);
    expect(result.stdout.startsWith("first\n")).toBe(true);
    expect(result.stdout.endsWith("\nlast")).toBe(true);
    expect(result.stdout).toMatch(/\[… \d+ bytes left out …\]/);
  });

  it("tells a kill from outside, a timeout and an interruption apart", async () => {
    expect((await node("process.kill(process.pid, 'SIGKILL')")).why).toBe("killed by SIGKILL");
    expect((await node("setInterval(() => {}, 1000)", { timeout: 200 })).why).toBe(
      "no answer within 200 ms",
    );
    const cut = new AbortController();
    const running = node("setInterval(() => {}, 1000)", { signal: cut.signal });
    cut.abort();
    expect(await running).toMatchObject({ exitCode: null, why: "interrupted", started: true });
  });

  it("takes grandchildren along when it is cut", async () => {
    const { pid, cut, done } = await familyOf("sleep 600 & echo $!; wait");
    cut.abort();
    expect((await done).why).toBe("interrupted");
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("kills a grandchild that ignores SIGTERM, also after its parent is gone", async () => {
    const stubborn = `sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & wait`;
    const { pid, cut, done } = await familyOf(stubborn);
    cut.abort();
    await done;
    await expect.poll(() => isAlive(pid), { timeout: 6000 }).toBe(false);
  });

  it("does not wait for a daemon that holds its output, and leaves it its mark", async () => {
    const result = await run(["sh", "-c", "setsid sleep 600 & echo $!"]);
    const pid = Number(result.stdout);
    toEnd.push(pid);
    expect(result.exitCode).toBe(0);
    expect(isAlive(pid)).toBe(true);
    const marks = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    expect(marks).toEqual(expect.arrayContaining(["CANARY_ROLLOUT=shop-1", "CANARY_EPOCH=7"]));
  });

  it("keeps its children out of the terminal's own group", async () => {
    const result = await run([
      "sh",
      "-c",
      "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat",
    ]);
    expect(Number(result.stdout)).not.toBe(groupOf(process.pid));
  });
});

function run(argv: readonly string[], options: Partial<ExecOptions> = {}): Promise<ExecResult> {
  return exec(argv, { signal: new AbortController().signal, ...options });
}

function node(body: string, options: Partial<ExecOptions> = {}): Promise<ExecResult> {
  return run(["node", "-e", body], options);
}

/** Runs a script that prints the pid of a grandchild of its own, and waits until it is there. */
async function familyOf(script: string): Promise<{
  readonly pid: number;
  readonly cut: AbortController;
  readonly done: Promise<ExecResult>;
}> {
  const folder = await temporaryFolder();
  const file = join(folder.path, "pid");
  const cut = new AbortController();
  const done = run(["sh", "-c", `exec >${file}; ${script}`], { signal: cut.signal });
  const read = (): number => {
    try {
      return Number(readFileSync(file, "utf8"));
    } catch {
      return 0;
    }
  };
  await expect.poll(read).toBeGreaterThan(0);
  const pid = read();
  toEnd.push(pid);
  await folder[Symbol.asyncDispose]();
  return { pid, cut, done };
}

function isAlive(pid: number): boolean {
  try {
    return statOf(pid)[0] !== "Z";
  } catch {
    return false;
  }
}

function groupOf(pid: number): number {
  return Number(statOf(pid)[2]);
}

function statOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone, as it should be.
  }
}
