import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Change } from "../../../src/core/field.ts";
import { ingressNginx } from "../../../src/drivers/traffic/ingress-nginx.ts";
import { clusterForTest, describeCluster } from "../../support/cluster.ts";
import { startKubeWorld, type KubeWorld } from "../../support/kube-world.ts";
import { must } from "../../support/must.ts";
import { applied, captured, undone } from "../../support/there-and-back.ts";

const NGINX = "nginx.ingress.kubernetes.io";

describeCluster("traffic through ingress-nginx", () => {
  let world: KubeWorld;
  beforeEach(async () => {
    world = await startKubeWorld(await clusterForTest(), [
      ingress("api", {}),
      ingress("api-canary", { [`${NGINX}/canary`]: "true" }),
    ]);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  const weight = async (): Promise<string | undefined> => {
    const { metadata } = (await world.object("ingress/api-canary")) as {
      metadata: { annotations: Record<string, string> };
    };
    return metadata.annotations[`${NGINX}/canary-weight`];
  };

  it("sets every share from 0 to 100 and goes back to no weight at all", async () => {
    const context = world.context();
    const before = await world.spec("ingress/api-canary");
    let changes: readonly Change[] = [];
    for (const share of [0, 1, 100]) {
      changes = must(await ingressNginx.changes(request(share), context));
      must(await ingressNginx.write(changes, context));
      expect(await weight()).toBe(String(share));
    }
    const [{ field }] = changes as [Change];
    expect(field.label).toBe("ingress/api-canary canary weight");
    must(await ingressNginx.write([{ field, value: { present: false } }], context));
    must(await ingressNginx.release!([field], context));
    expect(await world.spec("ingress/api-canary")).toBe(before);
  });

  it("weighs against the total that the Ingress states", async () => {
    const total = `${NGINX}/canary-weight-total`;
    expect(await ingressNginx.changes(request(0.5), world.context())).toMatchObject({
      kind: "failed",
      why: `0.5 % of ${total} 100 is no whole weight: set ${total} of ingress/api-canary to 1000, or use whole percents`,
    });
    await world.run(["annotate", "ingress/api-canary", `${total}=1000`]);
    const [change] = must(await ingressNginx.changes(request(0.5), world.context()));
    expect(change?.value).toEqual({ present: true, value: "5" });
    await world.run(["annotate", "--overwrite", "ingress/api-canary", `${total}=many`]);
    expect(await ingressNginx.permissions(request(1), world.context())).toEqual([
      `ingress/api-canary: ${total} is "many", which is no whole number`,
    ]);
  });

  it("refuses an Ingress that is no canary: a weight on it would do nothing", async () => {
    const problems = await ingressNginx.permissions(request(5, "api"), world.context());
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`annotate the Ingress of the canary with ${NGINX}/canary="true"`);
    expect(await ingressNginx.changes(request(5, "api"), world.context())).toMatchObject({
      kind: "failed",
    });
  });

  it("tells that nginx ignores a canary without a main Ingress for its host", async () => {
    expect(await ingressNginx.permissions(request(5), world.context())).toEqual([]);
    await world.run(["delete", "ingress", "api"]);
    expect(await ingressNginx.permissions(request(5), world.context())).toEqual([
      `no other Ingress in namespace ${world.namespace} serves api.test: ingress-nginx ignores the canary ingress/api-canary without one`,
    ]);
  });

  it("tells that users whom a cookie keeps on the canary would not go back", async () => {
    await world.run(["annotate", "ingress/api", `${NGINX}/affinity=cookie`]);
    expect(await ingressNginx.permissions(request(5), world.context())).toEqual([
      `ingress/api keeps users by a cookie on the version they were drawn for, whatever the weight: a rollback would not reach those on the canary; annotate it with ${NGINX}/affinity-canary-behavior=legacy`,
    ]);
    await world.run(["annotate", "ingress/api", `${NGINX}/affinity-canary-behavior=legacy`]);
    expect(await ingressNginx.permissions(request(5), world.context())).toEqual([]);
  });

  it("sends requests with a header or a cookie to the canary, and takes that away again", async () => {
    const by = async (): Promise<Record<string, string>> => {
      const { metadata } = (await world.object("ingress/api-canary")) as {
        metadata: { annotations: Record<string, string> };
      };
      const names = Object.keys(metadata.annotations).filter((key) => key.includes("canary-by-"));
      return Object.fromEntries(
        names.map((key) => [
          key.replace(`${NGINX}/canary-by-`, ""),
          metadata.annotations[key] ?? "",
        ]),
      );
    };
    await world.run(["annotate", "ingress/api-canary", `${NGINX}/canary-by-header-value=theirs`]);
    const before = await world.spec("ingress/api-canary");
    const several = request(5, "api-canary", [
      { header: { "X-Team": ["core", "web.2"] }, share: "100%" },
      { cookie: { beta: "always" }, share: "100%" },
    ]);
    const undo = await captured(ingressNginx, several, world);
    await applied(ingressNginx, several, world);
    expect(await by()).toEqual({
      header: "X-Team",
      "header-pattern": String.raw`^(core|web\.2)$`,
      cookie: "beta",
    });
    const one = request(5, "api-canary", [{ header: { "X-Team": "core" }, share: "100%" }]);
    await applied(ingressNginx, one, world);
    expect(await by()).toEqual({ header: "X-Team", "header-value": "core", cookie: "beta" });
    await undone(ingressNginx, undo, world);
    expect(await world.spec("ingress/api-canary")).toBe(before);
  });

  it("needs a share", async () => {
    expect(await ingressNginx.changes(request(null), world.context())).toMatchObject({
      kind: "failed",
    });
    expect(ingressNginx.traffic).toBe(true);
    expect(ingressNginx.preview(request(25))[0]?.does).toBe(
      `kubectl annotate --overwrite ingress api-canary ${NGINX}/canary-weight=25`,
    );
  });
});

describe("routes of ingress-nginx", () => {
  it.for([
    [
      [{ header: { a: "b" }, share: "50%" }],
      "ingress-nginx sends all or none of the requests with header a: write share 100%, not 50%",
    ],
    [
      [{ cookie: { a: "b" }, share: "100%" }],
      'ingress-nginx looks only for the value "always" in the cookie a, not for "b"',
    ],
    [
      [{ header: { a: "b", c: "d" }, share: "100%" }],
      "ingress-nginx looks at one header or one cookie in a route, not at header a=b and header c=d",
    ],
    [
      [
        { header: { a: "b" }, share: "100%" },
        { header: { c: "d" }, share: "100%" },
      ],
      "ingress-nginx takes one route by header, and there are several",
    ],
  ] as const)("cannot be %j", ([routes, why]) => {
    const parsed = ingressNginx.input.safeParse({ ingress: "api-canary", routes });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([why]);
  });
});

function ingress(name: string, annotations: Record<string, string>): object {
  const service = { name, port: { number: 80 } };
  const path = { path: "/", pathType: "Prefix", backend: { service } };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: { name, annotations },
    spec: { rules: [{ host: "api.test", http: { paths: [path] } }] },
  };
}

function request(share: number | null, name = "api-canary", routes?: readonly object[]) {
  const input = ingressNginx.input.parse({ ingress: name, ...(routes && { routes }) });
  return { input, share, connectionName: "cluster" };
}
