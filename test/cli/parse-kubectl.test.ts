import { expect, test } from "vitest";

import { parseKubectl } from "../../src/cli/parse-kubectl.ts";

const GET = ["get", "Deployment.v1.apps", "api", "--ignore-not-found", "--output=json"];
const OPS = [{ op: "replace", path: "/spec/replicas", value: 1 }];
const PATCH = [
  ...["patch", "Deployment.v1.apps", "api", "--type=json", "--output=name"],
  `--patch=${JSON.stringify(OPS)}`,
];

test("the read of one object is told with its cluster, and without what only kubectl needs", () => {
  const cluster = ["--kubeconfig=/k", "--context=prod"];
  const line = ["kubectl", ...cluster, "--namespace=a", "--request-timeout=20s", "--namespace=b"];
  expect(parseKubectl([...line, ...GET])).toEqual({
    flags: cluster,
    groupVersion: "apps/v1",
    kind: "Deployment",
    name: "api",
    namespace: "b",
    patch: null,
  });
});

test("so is the patch of one, and a kind of the core", () => {
  expect(parseKubectl(["kubectl", ...PATCH])).toMatchObject({ patch: OPS, namespace: null });
  const core = ["kubectl", "get", "ConfigMap", "a", "--ignore-not-found", "--output=json"];
  expect(parseKubectl(core)).toMatchObject({ groupVersion: "v1", kind: "ConfigMap" });
});

test.for([
  ["another program", ["helm", ...GET]],
  ["another verb", ["kubectl", ...GET.map((word) => (word === "get" ? "delete" : word))]],
  ["a type in lower case", ["kubectl", "get", "deployment.v1.apps", ...GET.slice(2)]],
  ["a short type", ["kubectl", "get", "deployment", "api", "--ignore-not-found", "--output=json"]],
  ["a flag that is not known", ["kubectl", "--as=root", ...GET]],
  ["a flag too few", ["kubectl", ...GET.slice(0, -1)]],
  ["a dry run", ["kubectl", ...PATCH, "--dry-run=server"]],
  ["several objects", ["kubectl", "get", "Deployment.v1.apps", "a", "b", ...GET.slice(3)]],
  ["a list", ["kubectl", "get", "Deployment.v1.apps", ...GET.slice(3)]],
  ["a patch in a file", ["kubectl", ...PATCH.slice(0, -1), "--patch-file=/p"]],
  ["a patch that is none", ["kubectl", ...PATCH.slice(0, -1), "--patch={}"]],
] as const)("%s is kubectl's own", ([, argv]) => {
  expect(parseKubectl(argv)).toBeNull();
});
