import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { folderForTest } from "../e2e/support/run-canary.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const BIN = join(ROOT, "bin/canary.js");
const { version, engines } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly version: string;
  readonly engines: { readonly node: string };
};

/** Makes this Node say that it is an older one, to the process itself and not to its children. */
function as(node: string): string {
  const code = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${node}" } })`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(node: string, bin: string, args: readonly string[], env = {}): Ran {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", as(node), bin, ...args],
    { encoding: "utf8", env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...env } },
  );
  return { status, stdout, stderr };
}

/** The package without its dependencies and its build. */
function bare(): string {
  const folder = folderForTest();
  cpSync(join(ROOT, "bin"), join(folder, "bin"), { recursive: true });
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  return join(folder, "bin/canary.js");
}

test.for(["18.20.0", "20.0.0", "22.18.9"])(
  "Node %s runs it under the node package beside it, without a word about it",
  (node) => {
    expect(run(node, BIN, ["--version"])).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
    expect(run(node, BIN, ["frobnicate"])).toMatchObject({ status: 2, stdout: "" });
  },
);

test.for(["22.19.0", "24.0.0", "30.1.0"])("Node %s runs it as it is", (node) => {
  const ran = run(node, BIN, ["--version"], { CANARY_REEXECUTED: "1" });
  expect(ran).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

test("the lowest version is stated in package.json alone", () => {
  expect(engines.node).toMatch(/^>=\d+\.\d+$/u);
  expect(readFileSync(BIN, "utf8")).not.toContain(engines.node.slice(2));
});

test("an old Node and none beside it: what to install, and exit 2", () => {
  const ran = run("20.0.0", bare(), ["--version"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain(
    `canary needs Node ${engines.node.slice(2)} or newer, and this is 20.0.0`,
  );
  expect(ran.stderr).toContain("npm install --save-dev node@24");
  expect(ran.stderr).not.toMatch(/\n\s+at /u);
});

test("an old Node in a clone without its dependencies: what to run, and exit 2", () => {
  const bin = bare();
  mkdirSync(resolve(bin, "../../src"));
  const ran = run("20.0.0", bin, ["--version"]);
  expect(ran).toMatchObject({ status: 2, stdout: "" });
  expect(ran.stderr).toContain("canary is not built: run `npm ci`");
});

test("not built: what to run, and exit 2", () => {
  const ran = run("24.0.0", bare(), ["--version"]);
  expect(ran).toMatchObject({ status: 2, stdout: "" });
  expect(ran.stderr).toContain("canary is not built: run `npm ci`");
});

test("a build that is broken: it says so, and exits 1", () => {
  const bin = bare();
  const dist = resolve(bin, "../../dist/cli");
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "main.js"), 'throw new Error("broken build");');
  expect(run("24.0.0", bin, ["--version"])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("canary did not start: Error: broken build") as string,
  });
});

test("the packed modules are started, and what was compiled after them where there is something", () => {
  const bin = bare();
  const dist = resolve(bin, "../../dist");
  for (const name of ["bundle", "cli"]) {
    mkdirSync(join(dist, name), { recursive: true });
    writeFileSync(join(dist, name, "main.js"), `process.stdout.write("${name}");`);
  }
  const started = () => run("24.0.0", bin, []).stdout;
  expect(started()).toBe("bundle");
  const packedAt = statSync(join(dist, "bundle/main.js")).mtimeMs / 1000;
  for (const name of ["core", "src"]) {
    const stamp = join(dist, `${name}.tsbuildinfo`);
    writeFileSync(stamp, "");
    utimesSync(stamp, packedAt - 1, packedAt - 1);
    expect(started()).toBe("bundle");
    utimesSync(stamp, packedAt + 1, packedAt + 1);
    expect(started()).toBe("cli");
    rmSync(stamp);
  }
});

test.for(["SIGINT", "SIGTERM"] as const)(
  "%s to the old Node reaches the command",
  async (signal) => {
    const child = spawn(
      process.execPath,
      ["--import", as("20.0.0"), BIN, "sandbox", "--port", "0"],
      { env: { PATH: process.env["PATH"] }, stdio: ["ignore", "pipe", "ignore"] },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    const url = await new Promise<string>((done) =>
      child.stdout.setEncoding("utf8").once("data", (text: string) => done(text.trim())),
    );
    expect((await fetch(`${url}/state`)).status).toBe(200);
    const closed = new Promise((done) => child.on("close", (code) => done(code)));
    child.kill(signal);
    expect(await closed).toBe(0);
    await expect(fetch(`${url}/state`)).rejects.toThrow();
  },
);
