import { appendFile, chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { EvidenceResult } from "../../../src/drivers/driver.ts";
import { httpAnswer } from "../../../src/drivers/evidence/http.ts";
import { logLines } from "../../../src/drivers/evidence/log.ts";
import { metricsPage } from "../../../src/drivers/evidence/metrics.ts";
import { runOutput } from "../../../src/drivers/evidence/run.ts";
import { driverContext } from "../../support/driver-context.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";
import { temporaryFolder, type TemporaryFolder } from "../../support/temporary-folder.ts";

describe("evidence of a command", () => {
  it("is what it printed", async () => {
    expect(
      await takeOutput({ run: ["node", "-e", "console.log('a'); console.error('b')"] }),
    ).toEqual({
      kind: "taken",
      content: "a\n",
    });
  });

  it("is missing when the command fails, is not there, or is killed", async () => {
    expect(
      await takeOutput({ run: ["node", "-e", "console.error('no'); process.exit(2)"] }),
    ).toEqual({
      kind: "missing",
      why: expect.stringMatching(/^node -e .* ended with 2: no$/),
    });
    expect(await takeOutput({ run: ["no-such-program"] })).toMatchObject({ kind: "missing" });
    expect(await takeOutput({ run: ["node", "-e", "process.kill(process.pid)"] })).toMatchObject({
      kind: "missing",
      why: expect.stringContaining("killed by SIGTERM"),
    });
  });
});

describe("evidence of an http answer", () => {
  it("is its body; an error, a redirect and no answer are missing", async () => {
    const statuses = [200, 500, 302];
    await using server = await startLoopbackServer(() => {
      const status = statuses.shift();
      return status === undefined ? "cut" : { status, body: "state" };
    });
    const take = (): Promise<EvidenceResult> =>
      httpAnswer.take(
        httpAnswer.input.parse({ http: "/state" }),
        driverContext({ connection: { url: server.url } }),
      );
    expect(await take()).toEqual({ kind: "taken", content: "state" });
    expect(await take()).toMatchObject({ why: "GET /state answered 500: state" });
    expect(await take()).toMatchObject({ kind: "missing" });
    expect(await take()).toMatchObject({ why: expect.stringContaining("connection was cut") });
  });
});

describe("evidence of a page of metrics", () => {
  it("is the page that the connection scrapes, signed in as it does", async () => {
    await using server = await startLoopbackServer(({ path, headers }) =>
      headers.authorization === "Bearer t0ken" && path === "/metrics?all=1"
        ? { status: 200, body: "up 1\n" }
        : { status: 403, body: "who are you?" },
    );
    const take = (connection: Readonly<Record<string, string>>): Promise<EvidenceResult> =>
      metricsPage.take(
        metricsPage.input.parse({ metrics: "pages" }),
        driverContext({ connection }),
      );
    const url = `${server.url}/metrics?all=1`;
    expect(await take({ url, bearer: "t0ken" })).toEqual({ kind: "taken", content: "up 1\n" });
    const refused = await take({ url });
    expect(refused).toMatchObject({ why: expect.stringContaining("403: who are you?") });
    expect(await take({})).toEqual({ kind: "missing", why: "pages has no address" });
  });
});

describe("evidence of a log", () => {
  let folder: TemporaryFolder;
  let file: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, "rx.log");
    await writeFile(
      file,
      ["GET /", "X-Signature: 0aff", "X-Time: 17000", "POST /", "X-Signature: 99", ""].join("\n"),
    );
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const take = (input: object): Promise<EvidenceResult> =>
    logLines.take(logLines.input.parse({ log: file, ...input }), driverContext());

  it("is its lines: matching ones, the first or the last ones, redacted", async () => {
    expect(
      await take({ match: "^X-", head: 2, redact: { "[0-9a-f]{2,4}$": "$1 HIDDEN" } }),
    ).toEqual({
      kind: "taken",
      content: "X-Signature: $1 HIDDEN\nX-Time: 1$1 HIDDEN\n",
    });
    expect(await take({ match: "/x-sig/i", tail: 1 })).toEqual({
      kind: "taken",
      content: "X-Signature: 99\n",
    });
  });

  it("is the end of a long log, and no line that is half written", async () => {
    const filler = `${"x".repeat(1023)}\n`.repeat(9 * 1024);
    await writeFile(file, `${filler}last\nhalf`);
    expect(await take({ tail: 2 })).toEqual({
      kind: "taken",
      content: `${"x".repeat(1023)}\nlast\n`,
    });
    const all = await take({ head: 100_000 });
    expect(all.kind === "taken" ? all.content.length : 0).toBeLessThanOrEqual(8 * 1024 * 1024);
  });

  it("is missing when nothing matches or there is no such file, and taken when it is only quiet", async () => {
    expect(await take({ match: "never" })).toEqual({
      kind: "missing",
      why: `no line of ${file} matches never`,
    });
    expect(await take({ log: `${file}.none` })).toMatchObject({ kind: "missing" });
    await writeFile(file, "");
    expect(await take({})).toEqual({ kind: "taken", content: "" });
  });

  it("asks kubectl for the log of a workload", async () => {
    const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${join(folder.path, "args")}\necho '[pod/api-1/api] up'\n`;
    await writeFile(join(folder.path, "kubectl"), script);
    await chmod(join(folder.path, "kubectl"), 0o755);
    const before = process.env["PATH"] ?? "";
    process.env["PATH"] = `${folder.path}:${before}`;
    try {
      expect(await take({ log: "deployment/api", since: "15m", container: "api" })).toEqual({
        kind: "taken",
        content: "[pod/api-1/api] up\n",
      });
      const args = (await readFile(join(folder.path, "args"), "utf8")).trim().split("\n");
      expect(args).toEqual(
        expect.arrayContaining(["logs", "deployment/api", "--since=15m", "--container=api"]),
      );
      await appendFile(join(folder.path, "kubectl"), "echo 'error: no such pod' >&2; exit 1\n");
      expect(await take({ log: "deployment/api" })).toMatchObject({
        kind: "missing",
        why: expect.stringContaining("no such pod"),
      });
    } finally {
      process.env["PATH"] = before;
    }
  });
});

function takeOutput(input: object): Promise<EvidenceResult> {
  return runOutput.take(runOutput.input.parse(input), driverContext());
}
