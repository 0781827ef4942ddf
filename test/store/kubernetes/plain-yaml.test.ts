import { expect, test } from "vitest";
import { parse } from "yaml";

import { readPlainYaml } from "../../../src/store/kubernetes/plain-yaml.ts";

const BLOCKS = `# written by hand
apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: LS0tLS1CRUdJTiB+/=
    server: https://kube.example:6443

  name: arn:aws:eks:eu-west-1:123456789012:cluster/shop
-   name: 'second one'
    cluster:
      insecure-skip-tls-verify: true
      server: "https://[::1]:6443"
contexts:
  - context: {cluster: c, user: u, namespace: shop}
    name: admin@shop
current-context: ""
kind: Config
preferences: {}
users: []
empty:
`.replace("+/", "/");

const FLOWS = `clusters: [{name: test, cluster: {server: "https://127.0.0.1:6443", certificate-authority: "/a/b c.crt"}}]
users: [{name: admin, user: {token: "abc"}}, {name: bob, user: {token: 'x'}}]
list:
- a
- [b, c]
`;

test.each([BLOCKS, FLOWS, "a:\n  b:\n    c: d\ne: f\n", "a: b\r\nc: d\r\n"])(
  "reads as every reader of YAML does: %j",
  (text) => {
    expect(readPlainYaml(text)).toEqual(parse(text));
    expect(readPlainYaml(text)).toBeDefined();
  },
);

test.each([
  "",
  "a",
  "- a: b\n c: d\n",
  "a: 1",
  "a: 1e5",
  "a: yes",
  "a: null",
  "a: ~",
  "a: &x b",
  "a: *x",
  "a: !!str b",
  "a: |\n  b",
  "a: >-\n  b",
  "a: b c",
  "a: b # c",
  "a: b\n  c",
  'a: "b\\n"',
  'a: "b',
  "a: 'b''c'",
  "a: b: c",
  "a: {b:c}",
  "a: {b: c",
  "a: [b c]",
  "a: b\na: c",
  "a:\n\tb: c",
  "a:\n    b: c\n  d: e",
  "---\na: b",
  "a: b\n---\nc: d",
  "<<: {a: b}",
  "? a\n: b",
  "-\n  a: b",
  "a: {b: c} d",
])("leaves to another reader: %j", (text) => {
  expect(readPlainYaml(text)).toBeUndefined();
});
