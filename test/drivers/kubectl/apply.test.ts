import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import type { DriverContext } from "../../../src/drivers/driver.ts";
import { apply } from "../../../src/drivers/kubectl/apply.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { deploymentManifest, startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";

const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { mode: "new", more: "1" },
};

describeCluster("apply", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest());
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const names = async (): Promise<string> =>
    await world.run(["get", "configmap,deployment", "--output=name"]);
  it("makes what does not exist, and its undo deletes it", async () => {
    const context = world.context();
    const change = await whole(settings, context);
    expect(must(await apply.read([change.field], context))[0]?.value).toEqual({ present: false });
    must(await apply.write([change], context));
    must(await apply.settle([change], context));
    expect(must(await apply.read([change.field], context))[0]).toMatchObject({
      value: change.value,
      mark: { rollout: "r-1", epoch: 1 },
    });
    must(await apply.write([change], context));
    await undo(change, context);
    expect(await names()).not.toContain("settings");
    await undo(change, context);
  });

  it("waits for a Deployment that it made, with the defaults of the server", async () => {
    const context = world.context();
    const change = await whole(deploymentManifest("api"), context);
    must(await apply.write([change], context));
    must(await apply.settle([change], context));
    expect(must(await apply.read([change.field], context))[0]?.value).toEqual(change.value);
    expect(
      await world.run(["get", "deployment/api", "-o", "jsonpath={.status.readyReplicas}"]),
    ).toBe("2");
    await undo(change, context);
    expect(await names()).not.toContain("api");
  });

  it("finds what it made again under the same field, also in a later stage with another manifest", async () => {
    const context = world.context();
    const first = await whole(settings, context);
    must(await apply.write([first], context));
    const second = await whole({ ...settings, data: { mode: "newer" } }, context);
    expect(second.field.key).toBe(first.field.key);
    must(await apply.write([second], context));
    expect((await world.object("cm/settings"))["data"]).toMatchObject({ mode: "newer" });
    await undo(first, context);
    expect(await names()).not.toContain("settings");
  });

  it("neither brings nor deletes what somebody else made under that name", async () => {
    const context = world.context();
    const change = await whole(settings, context);
    await world.run(["create", "configmap", "settings", "--from-literal=theirs=1"]);
    expect(await apply.write([change], context)).toMatchObject({ kind: "refused" });
    const back = { field: change.field, value: { present: false } } as const;
    expect(await apply.write([back], context)).toMatchObject({ kind: "refused" });
    expect((await world.object("cm/settings"))["data"]).toEqual({ theirs: "1" });
  });

  it("does not let an older epoch delete or change what a newer one made", async () => {
    const next = world.context({ epoch: 2 });
    const change = await whole(settings, next);
    must(await apply.write([change], next));
    const old = world.context({ epoch: 1 });
    expect(await apply.write([change], old)).toMatchObject({ kind: "refused" });
    const back = { field: change.field, value: { present: false } } as const;
    expect(await apply.write([back], old)).toMatchObject({ kind: "refused" });
    expect(await names()).toContain("settings");
  });

  it("admits that it cannot fence what does not exist", async () => {
    const context = world.context();
    const { field } = await whole(settings, context);
    expect(await apply.fence!([field], world.context({ epoch: 2 }))).toMatchObject({
      kind: "failed",
    });
  });

  it("leaves no trace on what stays when the rollout is promoted", async () => {
    const context = world.context();
    const change = await whole(settings, context);
    must(await apply.write([change], context));
    must(await apply.release!([change.field], context));
    const { metadata } = (await world.object("cm/settings")) as { metadata: object };
    expect(metadata).not.toHaveProperty("annotations");
  });

  it("sets only what the manifest says in what exists, and puts only that back", async () => {
    const before = { ...settings, data: { mode: "old", keep: "1" } };
    await world.run(["create", "-f", "-"], JSON.stringify(before));
    const spec = await world.spec("cm/settings");
    const context = world.context();
    const changes = await changesOf(
      { manifest: { ...settings, metadata: { name: "settings", labels: { v: "2" } } } },
      context,
    );
    expect(changes.map(({ field }) => field.label)).toEqual([
      "configmap/settings metadata.labels.v",
      "configmap/settings data.mode",
      "configmap/settings data.more",
    ]);
    const baseline = must(
      await apply.read(
        changes.map(({ field }) => field),
        context,
      ),
    );
    must(await apply.write(changes, context));
    expect((await world.object("cm/settings"))["data"]).toEqual({
      mode: "new",
      more: "1",
      keep: "1",
    });
    must(await apply.write(JSON.parse(JSON.stringify(baseline)) as Change[], context));
    must(
      await apply.release!(
        changes.map(({ field }) => field),
        context,
      ),
    );
    expect(await world.spec("cm/settings")).toBe(spec);
  });

  it("reads several manifests from a file, and says what is wrong in it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "canary-apply-"));
    const file = join(folder, "all.yaml");
    await writeFile(
      file,
      `# two\n${JSON.stringify(settings)}\n---\n${JSON.stringify(deploymentManifest("api"))}\n---\n`,
    );
    const changes = await changesOf({ file }, world.context());
    expect(changes.map(({ field }) => field.label)).toEqual([
      "configmap/settings",
      "deployment/api",
    ]);
    const why = async (text: string): Promise<string> => {
      await writeFile(file, text);
      const request = { input: apply.input.parse({ file }), share: null, connectionName: "c" };
      const answer = await apply.changes(request, world.context());
      return answer.kind === "ok" ? "ok" : answer.why;
    };
    expect(await why("kind: ConfigMap\n")).toContain("apiVersion");
    expect(await why("a: [")).toContain(file);
    expect(await why("# nothing\n")).toContain("holds no manifest");
    expect(await why("apiVersion: v1\nkind: Secret\nmetadata: { name: s }\n")).toContain(
      "rollback bundle",
    );
    await rm(folder, { recursive: true });
    expect(await why("").catch(() => "no file")).toBe("no file");
  });

  it("shows before the rollout what the server would refuse", async () => {
    const broken = deploymentManifest("api", { replicas: -1 });
    const request = {
      input: apply.input.parse({ manifest: broken }),
      share: null,
      connectionName: "c",
    };
    const problems = await apply.permissions(request, world.context());
    expect(problems.join()).toContain('The Deployment "api" is invalid');
    expect(await names()).not.toContain("api");
  });

  it.each([
    [{}, "either `file` or `manifest`"],
    [{ file: "a.yaml", manifest: settings }, "either `file` or `manifest`"],
    [{ manifest: { ...settings, metadata: {} } }, "metadata.name"],
    [
      { manifest: { ...settings, data: { p: "${env:PASSWORD}" } } },
      "would lie in the rollback bundle",
    ],
  ])("does not accept %j", (input, why) => {
    expect(JSON.stringify(apply.input.safeParse(input).error?.issues)).toContain(why);
  });
});

async function changesOf(input: unknown, context: DriverContext): Promise<readonly Change[]> {
  const request = { input: apply.input.parse(input), share: null, connectionName: "c" };
  return must(await apply.changes(request, context));
}

async function undo({ field }: Change, context: DriverContext): Promise<void> {
  const back = JSON.parse(JSON.stringify({ field, value: { present: false } })) as Change;
  must(await apply.write([back], context));
  must(await apply.settle([back], context));
}

async function whole(object: unknown, context: DriverContext): Promise<Change> {
  const [change, ...more] = await changesOf({ manifest: object }, context);
  expect(more).toEqual([]);
  if (change === undefined) throw new Error("nothing is changed");
  return change;
}
