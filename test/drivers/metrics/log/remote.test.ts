import { appendFile, copyFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, onTestFinished, test } from "vitest";

import type { Sample } from "../../../../src/core/sample.ts";
import { logConfig, logDriver } from "../../../../src/drivers/metrics/log.ts";
import { logQuery } from "../../../../src/drivers/metrics/log/log-query.ts";
import { driverContext } from "../../../support/driver-context.ts";
import { freezeProcess } from "../../../support/freeze-process.ts";
import { folderForTest } from "../../../support/real-server.ts";
import { hasSshd, startSsh, type SshWorld } from "../../../support/ssh-world.ts";

const WINDOW = 60_000;
const COUNT = { count: "ERROR" };

interface Remote {
  readonly ssh: SshWorld;
  readonly path: string;
  readonly ask: (query?: object, window?: number, timeout?: number) => Promise<Sample>;
  readonly append: (...lines: string[]) => Promise<void>;
}

function line(text: string, ago = 0): string {
  return `${new Date(Date.now() - ago).toISOString()} ${text}\n`;
}

async function remoteLog(): Promise<Remote> {
  const ssh = await startSsh();
  onTestFinished(() => ssh[Symbol.asyncDispose]());
  const path = join(await folderForTest(), "it's an app.log");
  await writeFile(path, "");
  const source = logDriver.open(logConfig.parse({ ...ssh.connection, file: path, time: "^\\S+" }));
  onTestFinished(() => source.close());
  return {
    ssh,
    path,
    ask: (query = COUNT, window = WINDOW, timeout = 10_000) =>
      source.sample(
        logQuery.parse(query),
        window,
        driverContext({ signal: AbortSignal.timeout(timeout) }),
      ),
    append: (...lines) => appendFile(path, lines.join("")),
  };
}

describe.skipIf(!hasSshd())("a log on another machine, through a real sshd", () => {
  test("is counted once, back to before it was asked for", async () => {
    const { ask, append, path } = await remoteLog();
    await append(line("ERROR long ago", 90_000), line("ERROR 1", 30_000), line("fine"));
    await appendFile(path, line("a torn ERROR").slice(0, -3));
    expect(await ask()).toMatchObject({ kind: "value", value: 1, samples: 2 });
    await append("OR\n", line("ERROR 3"));
    expect(await ask()).toMatchObject({ value: 3, samples: 4 });
    expect(await ask()).toMatchObject({ value: 3, samples: 4 });
    expect(await ask(COUNT, 200_000)).toMatchObject({ value: 4 });
    const leaks = await ask({ scan: ["email"], where: "no such" });
    expect(leaks).toMatchObject({ kind: "value", value: 0, samples: 0 });
  }, 30_000);

  test("is followed when it is rotated, truncated, away and back", async () => {
    const { ask, append, path } = await remoteLog();
    await append(line("ERROR 1"), line("fine"));
    expect(await ask()).toMatchObject({ value: 1 });
    await append(line("ERROR 2"));
    await rename(path, `${path}.1`);
    await writeFile(path, line("ERROR 3"));
    expect(await ask()).toMatchObject({ value: 3 });
    await copyFile(path, `${path}.copy`);
    await truncate(path);
    await append(line("ERROR 4, longer than what stood there before"), line("ERROR 5"));
    expect(await ask()).toMatchObject({ value: 5 });
    await truncate(path);
    await append(line("E"));
    expect(await ask()).toMatchObject({ value: 5, samples: 7 });
    await rename(path, `${path}.older`);
    expect(await ask()).toMatchObject({
      kind: "error",
      why: expect.stringMatching(/there is no file .*it's an app\.log/),
    });
    await writeFile(path, line("ERROR 6"));
    // What was written last to a file that went by another name cannot be known.
    expect(await ask()).toMatchObject({ kind: "noData", why: expect.stringContaining("covered") });
  }, 30_000);

  test("that is large is read on from where the last answer ended", async () => {
    const { ask, append } = await remoteLog();
    await append(line("first"));
    expect(await ask()).toMatchObject({ value: 0, samples: 1 });
    const many = Array.from({ length: 40_000 }, (_, index) =>
      line(`ERROR ${index} ${"ü".repeat(15)}`),
    );
    await append(...many);
    expect(await ask()).toMatchObject({ value: 40_000, samples: 40_001 });
    // Only its end is fetched when it is opened, so a new question does not know the whole window.
    const other = await ask({ count: "ERROR \\d+9 " });
    expect(other).toMatchObject({ kind: "noData", why: expect.stringContaining("not covered") });
  }, 30_000);

  test("on a machine that refuses or does not answer is an error", async () => {
    const { ask, ssh, append } = await remoteLog();
    await append(line("ERROR"));
    await freezeProcess(ssh.pid);
    expect(await ask(COUNT, WINDOW, 500)).toMatchObject({ kind: "error" });
    process.kill(ssh.pid, "SIGCONT");
    await ssh.forbid();
    expect(await ask()).toMatchObject({
      kind: "error",
      why: expect.stringMatching(/ssh to .*Permission denied/),
    });
  }, 30_000);
});

test.each([
  [{ file: "x", host: "web" }, "state the `time`"],
  [{ file: "x", port: 22 }, "`port` goes with a `host`"],
  [{ workload: "deployment/x", host: "web" }, "`host` goes with a `file`"],
  [{ file: "x", time: "^x", host: "-oProxyCommand=x" }, "write a host"],
])("the connection %j is refused", (config, message) => {
  expect(JSON.stringify(logConfig.safeParse(config).error?.issues)).toContain(message);
});
