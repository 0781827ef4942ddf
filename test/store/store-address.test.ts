import { expect, test } from "vitest";

import { parseStoreAddress, printStoreAddress } from "../../src/store/store-address.ts";

const KUBERNETES = "kubernetes";

test.for([
  ["kubernetes", { kind: KUBERNETES, context: null, namespace: "canary" }],
  ["kubernetes:", { kind: KUBERNETES, context: null, namespace: "canary" }],
  ["kubernetes:///releases", { kind: KUBERNETES, context: null, namespace: "releases" }],
  ["kubernetes://prod", { kind: KUBERNETES, context: "prod", namespace: "canary" }],
  [
    "kubernetes://arn%3Aaws%3Aeks%3Aeu%3A1%3Acluster%2Fprod/ops",
    { kind: KUBERNETES, context: "arn:aws:eks:eu:1:cluster/prod", namespace: "ops" },
  ],
  ["file", { kind: "file" }],
  [
    "postgres://canary:p%40ss@db/canary?sslmode=verify-full",
    { kind: "postgres", url: "postgres://canary@db/canary?sslmode=verify-full", password: "p@ss" },
  ],
] as const)("%s is an address", ([text, address]) => {
  expect(parseStoreAddress(text)).toEqual(address);
});

test.for([
  ["redis://x", /is no store: use kubernetes:/u],
  ["file:///tmp/x", /--evidence DIR/u],
  ["kubernetes://prod/Not_A_Namespace", /is no namespace/u],
  ["kubernetes://a/b/c", /write kubernetes:\/\/CONTEXT\/NAMESPACE/u],
  ["postgres://canary:s3cret@:x:/", /is no URL/u],
  ["postgres://canary:100%@db/x", /written %25/u],
] as const)("%s is none, and what would be is said", ([text, why]) => {
  const problem = parseStoreAddress(text);
  expect(problem).toMatch(why);
  expect(problem).not.toContain("s3cret");
});

test("an address is written down without its password, and reads back the same", () => {
  const address = parseStoreAddress("postgresql://canary:s3cret@db:5433/canary");
  if (typeof address === "string") throw new Error(address);
  expect(printStoreAddress(address)).toBe("postgresql://canary@db:5433/canary");
  const cluster = parseStoreAddress("kubernetes://a%2Fb/ops");
  if (typeof cluster === "string") throw new Error(cluster);
  expect(parseStoreAddress(printStoreAddress(cluster))).toEqual(cluster);
});
