import { expect, test } from "vitest";

import type { Right } from "../../../src/cli/in-cluster/recorded-rights.ts";
import { recordRights } from "../../../src/cli/in-cluster/recorded-rights.ts";
import { parseApiResources, rulesOf } from "../../../src/cli/in-cluster/role-rules.ts";

const RESOURCES = parseApiResources(`
configmaps    cm     v1                           true    ConfigMap
pods          po     v1                           true    Pod
namespaces    ns                                  false   Namespace
deployments   deploy apps/v1                      true    Deployment
ingresses     ing    extensions/v1beta1           true    Ingress
ingresses     ing    networking.k8s.io/v1         true    Ingress
canaries             flagger.app                  true    Canary
`);

function right(parts: Partial<Right>): Right {
  return { verb: "get", type: "pods", subresource: null, name: null, namespace: null, ...parts };
}

test("kinds are read from what any kubectl prints, with or without short names and versions", () => {
  expect(RESOURCES).toHaveLength(7);
  expect(RESOURCES).toContainEqual({ name: "deployments", kind: "Deployment", group: "apps" });
  expect(RESOURCES).toContainEqual({ name: "namespaces", kind: "Namespace", group: "" });
  expect(RESOURCES).toContainEqual({ name: "canaries", kind: "Canary", group: "flagger.app" });
});

test("a rule names the object where it can, and joins the verbs for it", () => {
  const rules = rulesOf(
    [
      right({ type: "deployment.apps", name: "api", verb: "patch" }),
      right({ type: "deployment.apps", name: "api", verb: "get" }),
      right({ type: "configmap", name: "new", verb: "create" }),
      right({ type: "pods", name: "api-0", subresource: "exec", verb: "create" }),
      right({ verb: "list" }),
      right({ type: "ingress", name: "shop" }),
      right({ type: "unheard.of", name: "x" }),
    ],
    RESOURCES,
  );
  expect(rules).toEqual([
    {
      apiGroups: ["apps"],
      resources: ["deployments"],
      resourceNames: ["api"],
      verbs: ["get", "patch"],
    },
    { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] },
    { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
    { apiGroups: [""], resources: ["pods"], verbs: ["list"] },
    {
      apiGroups: ["extensions", "networking.k8s.io"],
      resources: ["ingresses"],
      resourceNames: ["shop"],
      verbs: ["get"],
    },
    { apiGroups: ["of"], resources: ["unheard"], resourceNames: ["x"], verbs: ["get"] },
  ]);
});

test("questions for rights are noted and answered with yes, everything else is really asked", async () => {
  const asked: string[][] = [];
  const { exec, rights } = recordRights(() => (argv) => {
    asked.push([...argv]);
    return Promise.resolve({ exitCode: 1, stdout: "", stderr: "", why: null, started: true });
  });
  const run = exec({ rollout: "r", epoch: 1 });
  const options = { signal: AbortSignal.timeout(1000) };
  const canI = ["kubectl", "--context=c", "--request-timeout=20s", "--namespace=shop"];
  const yes = await run(
    [...canI, "auth", "can-i", "create", "pods/api-0", "--subresource=exec"],
    options,
  );
  expect(yes).toMatchObject({ exitCode: 0, stdout: "yes\n" });
  expect((await run(["kubectl", "get", "pods"], options)).exitCode).toBe(1);
  expect(asked).toEqual([["kubectl", "get", "pods"]]);
  expect(rights).toEqual([
    { verb: "create", type: "pods", subresource: "exec", name: "api-0", namespace: "shop" },
  ]);
});
