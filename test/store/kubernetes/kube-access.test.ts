import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect, test } from "vitest";

import { kubeAccess, type KubeAccess } from "../../../src/store/kubernetes/kube-access.ts";
import { folderForTest } from "../../e2e/support/run-canary.ts";

type Fields = Readonly<Record<string, unknown>>;

const CLUSTER = {
  server: "https://kube.example:6443",
  "certificate-authority-data": inBase64("CA"),
};
const USER = { token: "t0ken" };

interface Parts {
  readonly cluster?: Fields;
  readonly user?: Fields;
  readonly context?: Fields;
  readonly top?: Fields;
}

function inBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function config({ cluster = CLUSTER, user = USER, context = {}, top = {} }: Parts = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
    contexts: [{ name: "here", context: { cluster: "c", user: "u", ...context } }],
    "current-context": "here",
    ...top,
  });
}

function written(text: string, path = join(folderForTest(), "config")): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function accessOf(text: string, flags: readonly string[] = []): Promise<KubeAccess | null> {
  return kubeAccess([`--kubeconfig=${written(text)}`, ...flags], {});
}

const WHOLE: KubeAccess = {
  host: "kube.example",
  port: 6443,
  prefix: "",
  ca: "CA",
  serverName: null,
  client: null,
  token: "t0ken",
};

test("a cluster with an authority and a token is reached as it says", async () => {
  expect(await accessOf(config())).toEqual(WHOLE);
});

test("the address may have no port, a path, or be one of IPv6", async () => {
  const at = (server: string): Promise<KubeAccess | null> =>
    accessOf(config({ cluster: { ...CLUSTER, server } }));
  expect(await at("https://kube.example")).toMatchObject({ port: 443, prefix: "" });
  expect(await at("https://rancher/k8s/clusters/c-1/")).toMatchObject({
    prefix: "/k8s/clusters/c-1",
  });
  expect(await at("https://[::1]:6443")).toMatchObject({ host: "::1", port: 6443 });
});

test("YAML as kubectl writes it is read, and keys that change nothing are passed over", async () => {
  const text = `apiVersion: v1
kind: Config
preferences: {}
current-context: here
clusters:
- cluster:
    certificate-authority-data: ${inBase64("CA")}
    server: https://kube.example:6443
    disable-compression: true
    extensions:
    - extension: {provider: minikube.sigs.k8s.io}
      name: cluster_info
  name: c
contexts:
- context:
    cluster: c
    namespace: shop
    user: u
  name: here
users:
- name: u
  user:
    client-certificate-data: ${inBase64("CERT")}
    client-key-data: ${inBase64("KEY")}
`;
  const client = { cert: "CERT", key: "KEY" };
  expect(await accessOf(text)).toEqual({ ...WHOLE, token: null, client });
});

test("files are looked for beside the kubeconfig", async () => {
  const folder = folderForTest();
  for (const name of ["ca", "cert", "key"]) writeFileSync(join(folder, `${name}.pem`), name);
  writeFileSync(join(folder, "token"), "of-file\n");
  const path = written(
    config({
      cluster: {
        server: CLUSTER.server,
        "certificate-authority": "ca.pem",
        "tls-server-name": "n",
      },
      user: {
        tokenFile: "token",
        "client-certificate": "cert.pem",
        "client-key": join(folder, "key.pem"),
      },
    }),
    join(folder, "config"),
  );
  expect(await kubeAccess([`--kubeconfig=${path}`], {})).toEqual({
    ...WHOLE,
    ca: "ca",
    serverName: "n",
    client: { cert: "cert", key: "key" },
    token: "of-file",
  });
});

test("nobody is trusted but where the kubeconfig says to trust everybody", async () => {
  const insecure = { server: CLUSTER.server, "insecure-skip-tls-verify": true };
  expect(await accessOf(config({ cluster: insecure }))).toEqual({ ...WHOLE, ca: null });
  expect(await accessOf(config({ cluster: { server: CLUSTER.server } }))).toBeNull();
});

test("the context is the named one, else the current one", async () => {
  const contexts = [
    { name: "here", context: { cluster: "c", user: "u" } },
    { name: "there", context: { cluster: "c", user: "v" } },
  ];
  const users = ["u", "v"].map((name) => ({ name, user: { token: `of-${name}` } }));
  const text = config({ top: { contexts, users } });
  expect(await accessOf(text)).toMatchObject({ token: "of-u" });
  expect(await accessOf(text, ["--context=there"])).toMatchObject({ token: "of-v" });
  expect(await accessOf(text, ["--context=nowhere"])).toBeNull();
});

const NOT_UNDERSTOOD: Readonly<Record<string, Parts>> = {
  "a plugin": { user: { exec: { command: "aws" } } },
  "a plugin beside a token": { user: { ...USER, exec: { command: "aws" } } },
  "an auth provider": { user: { "auth-provider": { name: "gcp" } } },
  impersonation: { user: { ...USER, as: "somebody" } },
  "a password": { user: { username: "me", password: "secret" } },
  "nobody to sign in": { user: {} },
  "an empty token": { user: { token: "" } },
  "a token that no header can hold": { user: { token: "a\nb" } },
  "two tokens": { user: { token: "a", tokenFile: "b" } },
  "a certificate without its key": { user: { ...USER, "client-certificate-data": inBase64("C") } },
  "a proxy": { cluster: { ...CLUSTER, "proxy-url": "http://proxy" } },
  "no TLS": { cluster: { server: "http://kube.example" } },
  "an address that is none": { cluster: { ...CLUSTER, server: "kube.example" } },
  "a name in the address": { cluster: { ...CLUSTER, server: "https://me@kube.example" } },
  "trust in all and in one": { cluster: { ...CLUSTER, "insecure-skip-tls-verify": true } },
  "a text for a yes": { cluster: { ...CLUSTER, "insecure-skip-tls-verify": "true" } },
  "a number for a text": { cluster: { ...CLUSTER, "tls-server-name": 7 } },
  "an unknown key": { cluster: { ...CLUSTER, "tls-min-version": "1.3" } },
  "an unknown key of a context": { context: { cloud: "x" } },
  "an unknown key on top": { top: { include: "other" } },
  "a user that is missing": { context: { user: "w" } },
  "a name that stands twice": {
    top: { users: ["a", "b"].map((token) => ({ name: "u", user: { token } })) },
  },
  "lists that are none": { top: { clusters: null } },
};

test.each(Object.entries(NOT_UNDERSTOOD))("%s is for kubectl", async (_, parts) => {
  expect(await accessOf(config(parts))).toBeNull();
});

test.each(["", "a: b: c", "- 1", "current-context: here\ncurrent-context: here\n", "{"])(
  "a file that holds %j is for kubectl",
  async (text) => {
    expect(await accessOf(text)).toBeNull();
  },
);

test("flags that are not understood, several files and proxies are for kubectl", async () => {
  const path = written(config());
  expect(await kubeAccess([], { KUBECONFIG: path })).toEqual(WHOLE);
  expect(await kubeAccess([], { KUBECONFIG: `${path}:${path}` })).toBeNull();
  expect(await kubeAccess(["--as=somebody"], { KUBECONFIG: path })).toBeNull();
  for (const name of ["HTTPS_PROXY", "https_proxy"])
    expect(await kubeAccess([], { KUBECONFIG: path, [name]: "http://proxy" })).toBeNull();
});

test("without a file that is named, the one in the home folder is read", async () => {
  const home = folderForTest();
  expect(await kubeAccess([], { HOME: home })).toBeNull();
  written(config(), join(home, ".kube", "config"));
  expect(await kubeAccess([], { HOME: home })).toEqual(WHOLE);
});

test("a pipe in the place of a file is not waited for", async () => {
  const folder = folderForTest();
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  await expect(kubeAccess([`--kubeconfig=${pipe}`], {})).rejects.toThrow("is no file");
  const path = written(config({ user: { tokenFile: pipe } }), join(folder, "config"));
  await expect(kubeAccess([`--kubeconfig=${path}`], {})).rejects.toThrow("is no file");
});

test("a Pod is known by its own account, but not where a kubeconfig or a context is named", async () => {
  const account = folderForTest();
  const env = {
    HOME: folderForTest(),
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  };
  expect(await kubeAccess([], env, account)).toBeNull();
  writeFileSync(join(account, "token"), "of-pod\n");
  expect(await kubeAccess([], env, account)).toBeNull();
  writeFileSync(join(account, "ca.crt"), "CA");
  const own = { ...WHOLE, host: "10.0.0.1", port: 443, token: "of-pod" };
  expect(await kubeAccess([], env, account)).toEqual(own);
  expect(await kubeAccess(["--context=here"], env, account)).toBeNull();
  expect(await kubeAccess([], { ...env, KUBECONFIG: join(account, "gone") }, account)).toBeNull();
  expect(await kubeAccess([], { ...env, KUBERNETES_SERVICE_PORT: "x" }, account)).toBeNull();
});
