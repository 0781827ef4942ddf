import { afterEach, beforeEach, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { ActionDriver, Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { rolloutStatus } from "../../../src/drivers/kubectl/rollout-status.ts";
import { setImage } from "../../../src/drivers/kubectl/set-image.ts";
import { wait } from "../../../src/drivers/kubectl/wait.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const workload = "deployment/api";

describeCluster("waiting for Kubernetes objects", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api")]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  /** A context whose wait is cut at its second look. */
  const impatient = (): DriverContext => {
    const cut = new AbortController();
    const context = world.context({ signal: cut.signal });
    let looks = 0;
    return {
      ...context,
      sleep: () => {
        looks += 1;
        if (looks < 12) return new Promise((resolve) => setTimeout(resolve, 20));
        cut.abort();
        return Promise.reject(new Error("interrupted"));
      },
    };
  };

  it("waits until new Pods are available, and says until then what is missing", async () => {
    await world.run([
      "patch",
      workload,
      "--type=merge",
      '--patch={"spec":{"template":{"spec":{"nodeSelector":{"no":"where"}}}}}',
    ]);
    const changes = await changesOf(rolloutStatus, { workload }, world.context());
    const answer = await rolloutStatus.settle(changes, impatient());
    expect(answer).toMatchObject({ kind: "unknown" });
    expect(why(answer)).toMatch(/deployment\/api: .*replicas .*Pod api-.*nodes/);
    await world.run(["rollout", "undo", workload]);
    must(await rolloutStatus.settle(changes, world.context()));
  });

  it("names why Pods do not start", async () => {
    const context = world.context();
    const changes = await changesOf(
      setImage,
      { workload, container: "api", image: "registry/x:nope" },
      context,
    );
    const status = [
      {
        state: {
          waiting: {
            reason: "ImagePullBackOff",
            message: 'Back-off pulling image "registry/x:nope"',
          },
        },
      },
    ];
    const pods = {
      items: [{ metadata: { name: "api-1" }, status: { containerStatuses: status } }],
    };
    const live = await world.object(workload);
    const exceeded = [{ type: "Progressing", reason: "ProgressDeadlineExceeded" }];
    const stuck = { ...live, status: { observedGeneration: 99, conditions: exceeded } };
    const answer = await setImage.settle(changes, {
      ...context,
      exec: async (argv) => {
        const stdout = JSON.stringify(argv.includes("pods") ? pods : stuck);
        return await Promise.resolve({ exitCode: 0, stdout, stderr: "", why: null, started: true });
      },
    });
    expect(answer).toEqual({
      kind: "failed",
      why: 'deployment/api exceeded its progress deadline; Pod api-1: ImagePullBackOff, Back-off pulling image "registry/x:nope"',
    });
  });

  it.each([
    [{ resource: workload, for: "condition=Available" }],
    [{ resource: workload, for: "condition=available=True" }],
    [{ resource: workload, for: "jsonpath={.spec.replicas}=2" }],
    [{ resource: workload, for: "jsonpath={.metadata.name}=api" }],
    [{ resource: workload, for: "create" }],
    [{ resource: "deployment/nope", for: "delete" }],
  ])("%j is so", async (input) => {
    const changes = await changesOf(wait, input, world.context());
    expect(await wait.settle(changes, world.context())).toEqual({ kind: "ok", value: null });
  });

  it.each([
    [{ resource: workload, for: "condition=Nope" }, "condition Nope is not there"],
    [{ resource: workload, for: "jsonpath={.spec.replicas}=3" }, "spec.replicas is 2"],
    [{ resource: workload, for: "delete" }, "deployment/api is still there"],
    [{ resource: "deployment/nope", for: "create" }, "there is no deployment/nope"],
  ])("%j is not so", async (input, words) => {
    const changes = await changesOf(wait, input, world.context());
    expect(why(await wait.settle(changes, impatient()))).toContain(words);
  });

  it("does not wait for a Job to complete that has failed", async () => {
    const conditions = [
      { type: "Failed", status: "True", message: "Job has reached the specified backoff limit" },
    ];
    const job = {
      kind: "Job",
      apiVersion: "batch/v1",
      metadata: { name: "m" },
      status: { conditions },
    };
    const changes = await changesOf(
      wait,
      { resource: "job/m", for: "condition=Complete" },
      world.context(),
    );
    const answer = await wait.settle(changes, {
      ...world.context(),
      exec: () =>
        Promise.resolve({
          exitCode: 0,
          stdout: JSON.stringify(job),
          stderr: "",
          why: null,
          started: true,
        }),
    });
    expect(answer).toEqual({
      kind: "failed",
      why: "job/m failed: Job has reached the specified backoff limit",
    });
  });

  it("is one field that is always the same, with nothing to write and nothing to wait for in an undo", async () => {
    const context = world.context();
    const before = await world.spec(workload);
    const changes = await changesOf(wait, { resource: "deployment/nope", for: "create" }, context);
    const [reading] = must(await wait.read([changes[0]!.field], context));
    expect(reading?.value).toEqual(changes[0]?.value);
    must(await wait.write(changes, context));
    must(await wait.settle([{ field: reading!.field, value: reading!.value }], context));
    must(await wait.fence!([reading!.field], context));
    expect(await world.spec(workload)).toBe(before);
  });

  it.each(["Available", "condition=", "jsonpath={.a}", "jsonpath=.a=1"])(
    "does not accept for: %s",
    (text) => {
      expect(wait.input.safeParse({ resource: workload, for: text }).success).toBe(false);
    },
  );
});

async function changesOf<I>(
  driver: ActionDriver<I>,
  input: unknown,
  context: DriverContext,
): Promise<readonly Change[]> {
  const request = { input: driver.input.parse(input), share: null, connectionName: "c" };
  return must(await driver.changes(request, context));
}

function why(answer: Answer<unknown>): string {
  return answer.kind === "ok" ? "ok" : answer.why;
}
