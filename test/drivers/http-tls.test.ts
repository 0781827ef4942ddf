import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer as createSecure, type ServerOptions } from "node:https";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

import { describe, expect, it } from "vitest";

import { createHttp, type HttpRequest, type HttpResult } from "../../src/drivers/http.ts";
import { listen, type Listening } from "../support/raw-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const http = createHttp({ rollout: "shop-1", epoch: 7 });

function send(url: string, parts: Partial<HttpRequest> = {}): Promise<HttpResult> {
  return http({ url, method: "GET", signal: new AbortController().signal, ...parts });
}

describe("the http port over TLS", () => {
  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

  it.skipIf(!hasOpenssl)(
    "trusts no unknown authority, but the one it is given, and signs in with a certificate",
    async () => {
      await using folder = await temporaryFolder();
      const pem = makeCertificate(folder.path);
      const people: (string | null)[] = [];
      await using server = await secureServer(
        { ...pem, ca: pem.cert, requestCert: true, rejectUnauthorized: false },
        (socket) => people.push(socket.authorized ? "known" : null),
      );
      expect(await send(server.url)).toMatchObject({
        kind: "noAnswer",
        why: expect.stringContaining("unknown authority"),
        sent: false,
      });
      expect(people).toEqual([]);
      expect(await send(server.url, { tls: { ca: pem.cert } })).toMatchObject({ status: 200 });
      const signed = { ca: pem.cert, cert: pem.cert, key: pem.key };
      expect(await send(server.url, { tls: signed })).toMatchObject({ status: 200 });
      expect(people).toEqual([null, "known"]);
      const broken = await send(server.url, { tls: { ca: pem.cert, cert: "x", key: "y" } });
      expect(broken).toMatchObject({ kind: "noAnswer" });
    },
  );
});

async function secureServer(
  options: ServerOptions,
  met: (socket: TLSSocket) => void,
): Promise<Listening> {
  const server = createSecure(options, (request, response) => {
    met(request.socket as TLSSocket);
    response.end("ok");
  });
  return await listen(server, "https", () => server.closeAllConnections());
}

function makeCertificate(folder: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const how = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const whose = ["-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1"];
  execFileSync("openssl", ["req", "-x509", ...how, ...whose, "-keyout", key, "-out", cert], {
    stdio: "ignore",
  });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}
