import { afterEach, beforeEach, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { Answer, DriverContext } from "../../../src/drivers/driver.ts";
import { annotate } from "../../../src/drivers/kubectl/annotate.ts";
import { patch } from "../../../src/drivers/kubectl/patch.ts";
import { scale } from "../../../src/drivers/kubectl/scale.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const MARK = "canary-rollout.dev/mark";
const configMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { mode: "old" },
};

describeCluster("the fence on a Kubernetes object", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [deploymentManifest("api"), configMap]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const replicas = async (): Promise<string> =>
    await world.run(["get", "deployment/api", "--output=jsonpath={.spec.replicas}"]);
  const mode = async (): Promise<string> =>
    await world.run(["get", "cm/settings", "--output=jsonpath={.data.mode}"]);
  const mark = async (name: string): Promise<string | undefined> => {
    const { metadata } = (await world.object(name)) as {
      metadata: { annotations?: Record<string, string> };
    };
    return metadata.annotations?.[MARK];
  };
  it("puts the mark of rollout and epoch on, and reads it back", async () => {
    const context = world.context({ rollout: "spark/7", epoch: 3 });
    const changes = await scaleTo(4, context);
    must(await scale.write(changes, context));
    expect(await mark("deployment/api")).toBe("spark/7/3");
    const [reading] = must(await scale.read(fieldsOf(changes), context));
    expect(reading?.mark).toEqual({ rollout: "spark/7", epoch: 3 });
  });

  it("refuses an older epoch once a newer one wrote", async () => {
    const old = world.context({ epoch: 1 });
    const changes = await scaleTo(4, old);
    const next = world.context({ epoch: 2 });
    must(await scale.write(await scaleTo(5, next), next));
    const answer = await scale.write(changes, old);
    expect(answer).toMatchObject({ kind: "refused" });
    expect(why(answer)).toContain("owned by epoch 2");
    expect(await replicas()).toBe("5");
  });

  it.each([
    ["a Deployment", "deployment/api"],
    ["an object without a generation", "cm/settings"],
  ])("refuses the write of a runner that slept through a takeover, on %s", async (_, name) => {
    const isDeployment = name.startsWith("deployment");
    const driver = isDeployment ? scale : patch;
    const old = world.context({ epoch: 1 });
    const late = isDeployment ? await scaleTo(4, old) : await modeTo("new", old);
    const taker = world.context({ epoch: 2 });
    must(await driver.fence!(fieldsOf(late), taker));
    expect(await driver.write(late, old)).toMatchObject({ kind: "refused" });
    expect(await mark(name)).toBe("r-1/2");
    // Even after the end, when the mark is off again and nothing on the object tells of it.
    must(await driver.release!(fieldsOf(late), taker));
    expect(await mark(name)).toBeUndefined();
    expect(await driver.write(late, old)).toMatchObject({ kind: "refused" });
    expect(await replicas()).toBe("2");
    expect(await mode()).toBe("old");
  });

  it("refuses a second write of a runner that slept until its mark was taken off", async () => {
    const old = world.context({ epoch: 1 });
    must(await scale.write(await scaleTo(3, old), old));
    const late = await scaleTo(4, old);
    must(await scale.release!(fieldsOf(late), world.context({ epoch: 2 })));
    const answer = await scale.write(late, old);
    expect(answer.kind).toBe("refused");
    expect(why(answer)).toContain("the mark of this rollout is gone");
    expect(await replicas()).toBe("3");
  });

  it("refuses a write of its own epoch that was on its way when the fence was raised", async () => {
    const context = world.context({ epoch: 2 });
    must(await scale.write(await scaleTo(3, context), context));
    const changes = await scaleTo(4, context);
    // The outcome of this patch is unknown to the runner, which undoes and fences while the server has yet to see it.
    const sent: string[][] = [];
    const exec: DriverContext["exec"] = (argv) => {
      if (!argv.includes("patch")) return context.exec(argv, { signal: context.signal });
      sent.push([...argv]);
      return Promise.resolve({
        exitCode: null,
        stdout: "",
        stderr: "",
        why: "killed",
        started: true,
      });
    };
    expect(await scale.write(changes, { ...context, exec })).toMatchObject({ kind: "unknown" });
    must(await scale.write(undoOf(changes, { present: true, value: 2 }), context));
    must(await scale.fence!(fieldsOf(changes), context));
    expect(await mark("deployment/api")).toBe("r-1/2.1");
    const arrived = await context.exec(sent[0]!, { signal: context.signal });
    expect(arrived.exitCode).toBe(1);
    expect(await replicas()).toBe("2");
    const [reading] = must(await scale.read(fieldsOf(changes), context));
    expect(reading?.mark).toEqual({ rollout: "r-1", epoch: 2 });
    must(await scale.write(undoOf(changes, { present: true, value: 2 }), context));
    must(await scale.fence!(fieldsOf(changes), context));
    expect(await mark("deployment/api")).toBe("r-1/2.2");
  });

  it("lets exactly the newer of two racing epochs win, however they interleave", async () => {
    for (let turn = 0; turn < 4; turn += 1) {
      const old = world.context({ epoch: 2 * turn + 1 });
      const next = world.context({ epoch: 2 * turn + 2 });
      const [forward, baseline] = [await scaleTo(4, old), await scaleTo(2, next)];
      const back = undoOf(baseline, { present: true, value: 2 });
      const [late, undone] = await Promise.all([
        scale.write(forward, old),
        scale.write(back, next),
      ]);
      expect(undone.kind).toBe("ok");
      expect(["ok", "refused"]).toContain(late.kind);
      expect(await replicas()).toBe("2");
      expect(await mark("deployment/api")).toBe(`r-1/${2 * turn + 2}`);
    }
  });

  it("lets two verbs of one epoch write the same object at the same time", async () => {
    const context = world.context();
    const input = annotate.input.parse({ resource: "deployment/api", set: { a: "1" } });
    const request = { input, share: null, connectionName: "c" };
    const noted = undoOf(must(await annotate.changes(request, context)), {
      present: true,
      value: "1",
    });
    const scaled = undoOf(await scaleTo(3, context), { present: true, value: 3 });
    const answers = await Promise.all([
      annotate.write(noted, context),
      scale.write(scaled, context),
    ]);
    expect(answers.map(({ kind }) => kind)).toEqual(["ok", "ok"]);
    expect(await replicas()).toBe("3");
    expect(
      await world.run(["get", "deployment/api", "-o", "jsonpath={.metadata.annotations.a}"]),
    ).toBe("1");
  });

  it("refuses while another rollout writes there, and leaves that one's mark", async () => {
    const ours = world.context({ rollout: "ours" });
    const changes = await scaleTo(4, ours);
    const theirs = world.context({ rollout: "theirs" });
    must(await scale.write(await scaleTo(5, theirs), theirs));
    expect(why(await scale.write(changes, ours))).toContain("rollout theirs, epoch 1");
    const back = undoOf(changes, { present: true, value: 2 });
    expect((await scale.write(back, ours)).kind).toBe("refused");
    expect((await scale.fence!(fieldsOf(changes), ours)).kind).toBe("refused");
    expect((await scale.release!(fieldsOf(changes), ours)).kind).toBe("refused");
    expect(await replicas()).toBe("5");
    expect(await mark("deployment/api")).toBe("theirs/1");
  });

  it("replaces the mark that an earlier rollout left behind", async () => {
    const earlier = world.context({ rollout: "earlier", epoch: 9 });
    must(await scale.write(await scaleTo(3, earlier), earlier));
    const ours = world.context({ rollout: "ours" });
    const changes = await scaleTo(4, ours);
    must(await scale.write(changes, ours));
    expect(await mark("deployment/api")).toBe("ours/1");
    must(await scale.write(undoOf(changes, { present: true, value: 3 }), ours));
    must(await scale.release!(fieldsOf(changes), ours));
    expect(await mark("deployment/api")).toBeUndefined();
  });

  it("writes for the first time although the status changes all the while", async () => {
    const context = world.context();
    const changes = await scaleTo(4, context);
    await world.run(["delete", "pods", "--all", "--wait=false"]);
    must(await scale.write(changes, context));
    expect(await replicas()).toBe("4");
  });

  it("does not write to an object that was deleted and made again", async () => {
    const context = world.context();
    const changes = await scaleTo(4, context);
    await world.run(["delete", "deployment/api", "--wait=true"]);
    const fields = fieldsOf(changes);
    expect(why(await scale.write(changes, context))).toContain("does not exist any more");
    await world.run(["create", "-f", "-"], JSON.stringify(deploymentManifest("api")));
    const answer = await scale.write(changes, context);
    expect(answer.kind).toBe("refused");
    expect(why(answer)).toContain("deleted and made again");
    expect(await replicas()).toBe("2");
    expect(must(await scale.read(fields, context))[0]?.value).toEqual({ present: false });
    expect(must(await scale.fence!(fields, context))).toBe(null);
    expect(must(await scale.release!(fields, context))).toBe(null);
    expect(must(await scale.write(undoOf(changes, { present: false }), context))).toBe(null);
    expect(await mark("deployment/api")).toBeUndefined();
  });

  it("finds a foreign value when it reads", async () => {
    const context = world.context();
    const changes = await scaleTo(4, context);
    must(await scale.write(changes, context));
    await world.run(["scale", "deployment/api", "--replicas=6"]);
    const [reading] = must(await scale.read(fieldsOf(changes), context));
    expect(reading?.value).toEqual({ present: true, value: 6 });
  });

  it("locks one object under one name, whoever reaches it how", async () => {
    const [asAdmin] = await scaleTo(4, world.context());
    const [asDev] = await scaleTo(4, world.context({ as: "restricted" }));
    expect(asDev?.field.target).toBe(asAdmin?.field.target);
    expect(asAdmin?.field.key).toMatch(
      /^kubectl\/[0-9a-f-]{36}\/t-.*\/Deployment\/api#spec\.replicas$/,
    );
  });
});

function why(answer: Answer<unknown>): string {
  return answer.kind === "ok" ? "ok" : answer.why;
}

async function scaleTo(replicas: number, context: DriverContext): Promise<readonly Change[]> {
  const input = scale.input.parse({ workload: "deployment/api", replicas });
  return must(await scale.changes({ input, share: null, connectionName: "c" }, context));
}

async function modeTo(mode: string, context: DriverContext): Promise<readonly Change[]> {
  const input = patch.input.parse({ resource: "configmap/settings", patch: { data: { mode } } });
  return must(await patch.changes({ input, share: null, connectionName: "c" }, context));
}

function fieldsOf(changes: readonly Change[]): readonly Change["field"][] {
  return changes.map(({ field }) => field);
}

/** What an undo from a bundle looks like. */
function undoOf(changes: readonly Change[], value: Change["value"]): readonly Change[] {
  return JSON.parse(JSON.stringify(changes.map(({ field }) => ({ field, value })))) as Change[];
}
