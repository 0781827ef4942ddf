import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { sandboxRoutes } from "../../src/sandbox/handle-request.ts";
import { startSandbox } from "../../src/sandbox/start-sandbox.ts";
import { ask, eventually, sandboxForTest } from "../support/sandbox-client.ts";

async function folderForTest(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("listens on loopback, on the port it says", async () => {
  const { url, port } = await sandboxForTest();
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const { json } = await ask(url);
  expect(Object.keys(json.endpoints)).toEqual(
    sandboxRoutes.map((route) => `${route.method} ${route.path}`),
  );
});

test("a taken port is said as such", async () => {
  const { port } = await sandboxForTest();
  await expect(startSandbox({ port })).rejects.toThrow(
    `port ${port} is taken: choose another, or 0 for any`,
  );
});

test("a log folder that cannot be made is said", async () => {
  const file = join(await folderForTest(), "file");
  await writeFile(file, "");
  await expect(startSandbox({ port: 0, logDir: join(file, "logs") })).rejects.toThrow("ENOTDIR");
});

test("starts with a state of the promised shape", async () => {
  const { url } = await sandboxForTest();
  const { json } = await ask(`${url}/state`);
  expect(json).toEqual({
    traffic: { stable: 100, canary: 0 },
    flags: { "new-checkout": { enabled: false, percentage: 0 } },
    served: { stable: expect.any(Number), canary: 0 },
    writes: [],
    deploys: {
      stable: { image: "shop:1.0.0", replicas: 3 },
      canary: { image: "shop:1.0.0", replicas: 1 },
    },
  });
});

test("writes its log lines to the file, all of them by the time it is closed", async () => {
  const logDir = join(await folderForTest(), "deep", "logs");
  const sandbox = await sandboxForTest({ logDir });
  await ask(`${sandbox.url}/knobs`, "POST", { stable: { errorRate: 1, latencyMs: 5 } });
  await ask(`${sandbox.url}/app`);
  const { text } = await eventually(
    () => ask(`${sandbox.url}/logs?tail=10000`),
    (answer) => answer.text.split("\n").length > 10,
  );
  expect(text).toMatch(/^\S+Z ERROR request path=\/app version=stable status=500 latency=\d+$/m);
  await sandbox.close();
  const lines = (await readFile(join(logDir, "app.log"), "utf8")).trimEnd().split("\n");
  expect(lines.slice(0, 10)).toEqual(text.split("\n").slice(0, 10));
  for (const line of lines) {
    expect(line).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|ERROR) request path=\S+ version=(stable|canary) status=\d{3} latency=\d+$/,
    );
  }
});

test("shows the tail of the log that was asked for", async () => {
  const { url } = await sandboxForTest();
  await eventually(
    () => ask(`${url}/logs`),
    ({ text }) => text.split("\n").length > 10,
  );
  expect((await ask(`${url}/logs?tail=3`)).text.trimEnd().split("\n")).toHaveLength(3);
  for (const tail of ["0", "1.5", "all", "10001"]) {
    expect((await ask(`${url}/logs?tail=${tail}`)).status).toBe(400);
  }
});

test("closes with requests hanging and writes due, and drops those", async () => {
  const sandbox = await sandboxForTest();
  const { url } = sandbox;
  await ask(`${url}/knobs`, "POST", { hangMetrics: true, slowWritesMs: 600_000 });
  const hanging = ask(`${url}/metrics`);
  const due = ask(`${url}/router`, "PUT", { canary: 10 });
  const both = Promise.allSettled([hanging, due]);
  await ask(`${url}/state`);
  await Promise.all([sandbox.close(), sandbox.close()]);
  expect((await both).map((each) => each.status)).toEqual(["rejected", "rejected"]);
  await expect(ask(url)).rejects.toThrow("fetch failed");
});

test("survives a client that leaves in the middle of a body", async () => {
  const { url, port } = await sandboxForTest();
  const socket = connect(port, "127.0.0.1");
  socket.write("PUT /router HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  expect((await ask(`${url}/state`)).json.writes).toEqual([]);
});
