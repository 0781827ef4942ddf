import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { DriverContext } from "../../../src/drivers/driver.ts";
import { createExec, type ExecPort } from "../../../src/drivers/exec.ts";
import { scale } from "../../../src/drivers/kubectl/scale.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { driverContext } from "../../support/driver-context.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const request = {
  input: scale.input.parse({ workload: "deployment/api", replicas: 4 }),
  share: null,
  connectionName: "c",
};

describe("a kubectl that is broken", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "canary-fake-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is missing: it says what to install, and that nothing happened", async () => {
    const answer = await scale.changes(request, withPath(folder));
    expect(answer).toMatchObject({ kind: "failed" });
    expect(JSON.stringify(answer)).toContain(
      "install it (https://kubernetes.io/docs/tasks/tools/)",
    );
    expect(JSON.stringify(await scale.permissions(request, withPath(folder)))).toContain(
      "install it",
    );
  });

  it("hangs: it is killed at the signal, with its children", async () => {
    const file = join(folder, "kubectl");
    const pids = join(folder, "pids");
    await writeFile(
      file,
      `#!/bin/sh\nsleep 300 &\necho "$$ $!" > ${pids}.new\nmv ${pids}.new ${pids}\nwait\n`,
    );
    await chmod(file, 0o755);
    const cut = new AbortController();
    const reading = scale.read([fieldOf()], withPath(`${folder}:/usr/bin:/bin`, cut.signal));
    const running = await appears(pids);
    cut.abort();
    expect(await reading).toMatchObject({ kind: "unknown" });
    for (const pid of running.trim().split(" ").map(Number)) await gone(pid);
  });

  it("prints no JSON", async () => {
    await writeFile(join(folder, "kubectl"), "#!/bin/sh\necho hello\n");
    await chmod(join(folder, "kubectl"), 0o755);
    const answer = await scale.read([fieldOf()], withPath(`${folder}:/usr/bin:/bin`));
    expect(answer).toMatchObject({ kind: "unknown", why: "kubectl printed no JSON: hello\n" });
  });
});

describeCluster("an API server that breaks in mid-write", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api")]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const replicas = async (): Promise<string> =>
    await world.run(["get", "deployment/api", "--output=jsonpath={.spec.replicas}"]);

  /** A context whose exec does something just before kubectl patches. */
  const before = (act: () => Promise<void> | void, signal?: AbortSignal): DriverContext => {
    const context = world.context(signal === undefined ? {} : { signal });
    const exec: ExecPort = async (argv, options) => {
      if (argv.includes("patch")) await act();
      return await context.exec(argv, options);
    };
    return { ...context, exec };
  };

  it("says unknown when the connection is cut", async () => {
    const context = before(() => world.gate.cut());
    const changes = must(await scale.changes(request, context));
    expect(await scale.write(changes, context)).toMatchObject({ kind: "unknown" });
    expect(await replicas()).toBe("2");
  });

  it("says unknown when no answer comes, and stops at the signal", async () => {
    const cut = new AbortController();
    const context = before(() => {
      world.gate.state = "deaf";
      setTimeout(() => cut.abort(), 300);
    }, cut.signal);
    const changes = must(await scale.changes(request, context));
    expect(await scale.write(changes, context)).toMatchObject({ kind: "unknown" });
  });

  it("says unknown of a write that landed although its kubectl was killed", async () => {
    const context = world.context();
    const exec: ExecPort = async (argv, options) => {
      const result = await context.exec(argv, options);
      if (!argv.includes("patch")) return result;
      return { ...result, exitCode: null, why: "killed by SIGKILL", stdout: "" };
    };
    const changes = must(await scale.changes(request, context));
    expect(await scale.write(changes, { ...context, exec })).toMatchObject({ kind: "unknown" });
    expect(await replicas()).toBe("4");
  });

  it("waits through a short outage while the change is taken up", async () => {
    const context = world.context();
    const changes = must(await scale.changes(request, context));
    must(await scale.write(changes, context));
    let looks = 0;
    const exec: ExecPort = async (argv, options) => {
      looks += 1;
      return looks === 1
        ? {
            exitCode: 1,
            stdout: "",
            stderr: "Unable to connect to the server: EOF",
            why: null,
            started: true,
          }
        : await context.exec(argv, options);
    };
    expect(await scale.settle(changes, { ...context, exec })).toEqual({ kind: "ok", value: null });
    expect(looks).toBeGreaterThan(1);
  });
});

function fieldOf(): Change["field"] {
  const ref = {
    type: "Deployment.v1.apps",
    name: "api",
    namespace: "x",
    uid: "u",
    path: ["spec"],
    had: 1,
  };
  return {
    key: "k",
    target: "t",
    driver: "scale",
    connection: "c",
    ref: { ...ref, index: null, before: null, manifest: null },
    label: "l",
  };
}

async function appears(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => null);
    if (text !== null) return text;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends when no process has this id; the test's own time limit says when that takes too long. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    const state = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    if (/\) Z /.test(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A context whose programs are looked up in `path`. */
function withPath(path: string, signal?: AbortSignal): DriverContext {
  const real = createExec({ rollout: "r", epoch: 1 });
  const exec: ExecPort = (argv, options) => real(argv, { ...options, env: { PATH: path } });
  return { ...driverContext(signal === undefined ? {} : { signal }), exec };
}
