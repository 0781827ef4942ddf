import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterTest } from "./after-test.ts";
import type { KubeWorld } from "./kube-world.ts";
import { folderForTest } from "./real-server.ts";

/** The logs of Pods on one node that a real API server asks for them, as `kubectl logs` makes it. */
export interface FakeKubelet {
  /** Makes a Pod with these labels on the node, with one container called `app`. */
  readonly addPod: (name: string, labels: Readonly<Record<string, string>>) => Promise<void>;
  /** A line that a Pod wrote so many milliseconds ago. */
  readonly log: (pod: string, text: string, ago?: number) => void;
  /** How often it was asked for the log of a Pod. */
  readonly asked: () => number;
  /** While set, what it answers instead of logs; null never answers. */
  failing: { status: number; body: string } | null | undefined;
}

interface Line {
  readonly at: number;
  readonly stamp: string;
  readonly text: string;
}

/** Stands in for the kubelet of a node of its own; API server and kubectl are the real ones. */
export async function kubeletForTest(world: KubeWorld): Promise<FakeKubelet> {
  const folder = await folderForTest();
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-newkey", "rsa:2048", "-nodes", "-subj", "/CN=kubelet", "-days", "1"];
  execFileSync("openssl", ["req", "-x509", ...subject, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  const node = `logs-${randomBytes(4).toString("hex")}`;
  const logs = new Map<string, Line[]>();
  let asked = 0;
  const kubelet: FakeKubelet = {
    asked: () => asked,
    failing: undefined,
    addPod: (name, labels) => addPod(world, node, { name, labels }),
    log(pod, text, ago = 0) {
      const at = Date.now() - ago;
      const stamp = new Date(at).toISOString().replace("Z", "123456Z");
      logs.set(pod, [...(logs.get(pod) ?? []), { at, stamp, text }]);
    },
  };
  const server = createServer(
    { key: readFileSync(key), cert: readFileSync(cert) },
    (request, response) => {
      asked += 1;
      const { failing } = kubelet;
      if (failing === null) return;
      if (failing !== undefined) {
        response.writeHead(failing.status).end(failing.body);
        return;
      }
      const url = new URL(request.url ?? "", "https://kubelet");
      const [, verb, , pod = ""] = url.pathname.split("/");
      const since = Date.now() - Number(url.searchParams.get("sinceSeconds") ?? Infinity) * 1000;
      const lines = verb === "containerLogs" ? (logs.get(pod) ?? []) : [];
      const wanted = lines.filter(({ at }) => at >= since);
      response.end(wanted.map(({ stamp, text }) => `${stamp} ${text}\n`).join(""));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world.run(["delete", "node", node, "--wait=false"]);
  });
  await addNode(world, node, (server.address() as AddressInfo).port);
  return kubelet;
}

async function addNode(world: KubeWorld, name: string, port: number): Promise<void> {
  await world.run(
    ["create", "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "Node", metadata: { name } }),
  );
  await patchStatus(world, `nodes/${name}`, {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  });
}

async function addPod(
  world: KubeWorld,
  nodeName: string,
  metadata: { readonly name: string; readonly labels: object },
): Promise<void> {
  const spec = { nodeName, containers: [{ name: "app", image: "shop" }] };
  const pod = { apiVersion: "v1", kind: "Pod", metadata, spec };
  await world.run(["create", "-f", "-"], JSON.stringify(pod));
  const state = { running: { startedAt: new Date().toISOString() } };
  await patchStatus(world, `namespaces/${world.namespace}/pods/${metadata.name}`, {
    phase: "Running",
    containerStatuses: [
      { name: "app", image: "shop", imageID: "", ready: true, restartCount: 0, state },
    ],
  });
}

/** kubectl of this age cannot patch a status: the object is sent back to its own address, changed. */
async function patchStatus(world: KubeWorld, path: string, status: object): Promise<void> {
  const address = `/api/v1/${path}`;
  const object = JSON.parse(await world.run(["get", "--raw", address])) as { status: object };
  const changed = { ...object, status: { ...object.status, ...status } };
  await world.run(["replace", "--raw", `${address}/status`, "-f", "-"], JSON.stringify(changed));
}
