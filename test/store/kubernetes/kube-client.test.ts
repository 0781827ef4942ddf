import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { join } from "node:path";

import { beforeAll, describe, expect, onTestFinished, test } from "vitest";

import { createKubeClient, type KubeClient } from "../../../src/store/kubernetes/kube-client.ts";
import { folderForTest } from "../../e2e/support/run-canary.ts";
import { clusterForTest, describeCluster, type TestCluster } from "../../support/cluster.ts";
import { listen } from "../../support/raw-server.ts";

function clientOf(kubeconfig: string, patience = 5000): KubeClient {
  const client = createKubeClient([`--kubeconfig=${kubeconfig}`], patience);
  onTestFinished(() => client.close());
  return client;
}

/** Puts a program in the place of kubectl, that tells what it was asked and serves nothing; gives what it was asked. */
function instead(): () => string {
  const folder = folderForTest();
  const said = join(folder, "asked");
  writeFileSync(said, "");
  const program = join(folder, "kubectl");
  writeFileSync(program, `#!/bin/sh\necho "$@" >>${said}\necho no proxy here >&2\nexit 1\n`);
  chmodSync(program, 0o755);
  const path = process.env["PATH"];
  process.env["PATH"] = `${folder}:${path}`;
  onTestFinished(() => void (process.env["PATH"] = path));
  return () => readFileSync(said, "utf8");
}

describeCluster("a client of a real API server", () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await clusterForTest();
  }, 60_000);

  function changed(change: (text: string) => string): string {
    const path = join(folderForTest(), "config");
    writeFileSync(path, change(readFileSync(cluster.kubeconfig, "utf8")));
    return path;
  }

  test("asks it without a kubectl", async () => {
    const asked = instead();
    const client = clientOf(cluster.kubeconfig);
    client.reach();
    const answers = await Promise.all(
      ["default", "kube-system"].map((name) => client.ask("GET", `/api/v1/namespaces/${name}`)),
    );
    expect(answers).toMatchObject([{ status: 200 }, { status: 200 }]);
    expect(await client.ask("GET", "/api/v1/namespaces/gone")).toMatchObject({ status: 404 });
    expect(asked()).toBe("");
  });

  test("owns the fields it writes as kubectl does", async () => {
    instead();
    const path = "/api/v1/namespaces/default/configmaps";
    const body = { metadata: { name: `owned-${process.pid}` }, data: { a: "b" } };
    const { body: made } = await clientOf(cluster.kubeconfig).ask("POST", path, { body });
    expect(made).toMatchObject({ metadata: { managedFields: [{ manager: "kubectl" }] } });
  });

  test("a certificate of another authority is refused, in the words of kubectl", async () => {
    const other = certificate().path;
    const path = changed((text) =>
      text.replace(/(certificate-authority: )"[^"]+"/u, `$1"${other}"`),
    );
    const answer = await clientOf(path).ask("GET", "/version");
    expect(answer).toMatchObject({ status: 500, text: expect.stringMatching(/x509|certificate/u) });
  });

  test("whoever is not known is told so by kubectl", async () => {
    const path = changed((text) => text.replace(/token: "\w+"/u, 'token: "expired"'));
    const client = clientOf(path);
    expect(await client.ask("GET", "/api/v1/namespaces")).toMatchObject({ status: 401 });
    const asked = instead();
    expect(await client.ask("GET", "/api/v1/namespaces")).toMatchObject({ status: 401 });
    // It was through a proxy already.
    expect(asked()).toBe("");
  });
});

/** Of a server on loopback, that says who it is. */
function certificate(): Readonly<Record<"path" | "keyPath" | "cert" | "key", string>> {
  const folder = folderForTest();
  const [path, keyPath] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const names = ["-subj", "/CN=kube", "-addext", "subjectAltName=IP:127.0.0.1,DNS:kube.example"];
  const made = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
    "-days",
    "2",
    ...names,
  ];
  execFileSync("openssl", [...made, "-keyout", keyPath, "-out", path], { stdio: "ignore" });
  return { path, keyPath, cert: readFileSync(path, "utf8"), key: readFileSync(keyPath, "utf8") };
}

interface Seen {
  readonly asked: string[];
  readonly kubeconfig: (cluster?: object, user?: object) => string;
}

/** A server that answers what comes under `/answered`, and else nothing. */
async function server(): Promise<Seen> {
  const own = certificate();
  const asked: string[] = [];
  const secure = createServer(
    { cert: own.cert, key: own.key, ca: own.cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { authorized } = request.socket as unknown as { readonly authorized: boolean };
      asked.push(
        `${request.method} ${request.url} ${request.headers.authorization ?? "-"}${authorized ? " signed" : ""}`,
      );
      if (request.url?.includes("/answered") === true) response.end('{"fine":true}');
      else if (request.url?.includes("/cut") === true) request.socket.destroy();
    },
  );
  const listening = await listen(secure, "https", () => secure.closeAllConnections());
  onTestFinished(() => listening[Symbol.asyncDispose]());
  const address = listening.url.replace(/\/$/u, "").replace("localhost", "127.0.0.1");
  return {
    asked,
    kubeconfig(cluster = {}, user = { token: "t0ken" }) {
      const path = join(folderForTest(), "config");
      const whole = { server: address, "certificate-authority": own.path, ...cluster };
      const files = {
        "client-certificate": own.path,
        "client-key": own.keyPath,
      };
      const config = {
        clusters: [{ name: "c", cluster: whole }],
        users: [{ name: "u", user: Object.keys(user).length > 0 ? user : files }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
        "current-context": "x",
      };
      writeFileSync(path, JSON.stringify(config));
      return path;
    },
  };
}

describe("a client of an API server by its own address", () => {
  test("signs in with a token or a certificate, below the path of the server", async () => {
    const proxied = instead();
    const { asked, kubeconfig } = await server();
    expect(await clientOf(kubeconfig()).ask("GET", "/answered")).toEqual({
      status: 200,
      body: { fine: true },
      text: '{"fine":true}',
    });
    await clientOf(kubeconfig({}, {})).ask("GET", "/answered");
    expect(asked).toEqual(["GET /answered Bearer t0ken", "GET /answered - signed"]);
    expect(proxied()).toBe("");
  });

  test("a name that the certificate does not have is not asked, and never told the token", async () => {
    const proxied = instead();
    const { asked, kubeconfig } = await server();
    const named = (name: string): KubeClient => clientOf(kubeconfig({ "tls-server-name": name }));
    expect(await named("kube.example").ask("GET", "/answered")).toMatchObject({ status: 200 });
    await expect(named("other.example").ask("GET", "/answered")).rejects.toThrow("no proxy here");
    expect(asked).toHaveLength(1);
    expect(proxied()).toMatch(/^--kubeconfig=\S+ proxy --unix-socket=\S+\n$/u);
  });

  test("what may have arrived is not asked again: nobody knows what it did", async () => {
    const proxied = instead();
    const { asked, kubeconfig } = await server();
    const client = clientOf(kubeconfig(), 400);
    await expect(client.ask("PATCH", "/mute", { body: {} })).rejects.toThrow("no answer within");
    expect(proxied()).toBe("");
    await expect(client.ask("GET", "/answered")).rejects.toThrow("no proxy here");
    const again = clientOf(kubeconfig());
    await again.ask("GET", "/answered");
    await expect(again.ask("PATCH", "/cut", { body: {} })).rejects.toThrow(/hang up|ECONNRESET/u);
    expect(asked.map((each) => each.split(" ")[1])).toEqual(["/mute", "/answered", "/cut"]);
  });

  test("a key that is none, and a server that is not there, are for kubectl", async () => {
    const proxied = instead();
    const { kubeconfig } = await server();
    const data = Buffer.from("x").toString("base64");
    const broken = { "client-certificate-data": data, "client-key-data": data };
    await expect(clientOf(kubeconfig({}, broken)).ask("GET", "/answered")).rejects.toThrow(
      "no proxy",
    );
    const gone = kubeconfig({ server: "https://127.0.0.1:1" });
    await expect(clientOf(gone).ask("GET", "/answered")).rejects.toThrow("no proxy here");
    expect(proxied().split("\n")).toHaveLength(3);
  });
});
