import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { expect, test } from "vitest";

import { panel } from "../../../src/drivers/evidence/panel.ts";
import { driverContext } from "../../support/driver-context.ts";

/** The smallest picture there is. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

interface Rendering {
  readonly status?: number;
  readonly body: Buffer | string;
  readonly type?: string;
}

/** A contract fake of Grafana's renderer: a real server that answers what is scripted. */
async function startRenderer(rendering: Rendering) {
  const asked: { readonly url: URL; readonly authorization: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({
      url: new URL(request.url ?? "", "http://x"),
      authorization: request.headers.authorization,
    });
    response.writeHead(rendering.status ?? 200, { "content-type": rendering.type ?? "image/png" });
    response.end(rendering.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const connection = { url: `http://127.0.0.1:${port}/`, token: "glsa_canary" };
  const context = { ...driverContext({ connection }), now: () => 1_760_000_000_000 };
  const stop = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { asked, context, [Symbol.asyncDispose]: stop };
}

const input = { panel: 4, dashboard: "abc/d", last: "30m", vars: { env: "prod eu" } };

test("the panel's picture is kept byte by byte", async () => {
  await using grafana = await startRenderer({ body: PNG });
  const result = await panel.take(input, grafana.context);
  expect(result).toEqual({ kind: "taken", content: PNG });
  const [asked] = grafana.asked;
  expect(asked?.authorization).toBe("Bearer glsa_canary");
  expect(asked?.url.pathname).toBe("/render/d-solo/abc%2Fd/canary");
  expect(Object.fromEntries(asked?.url.searchParams ?? [])).toEqual({
    panelId: "4",
    from: "1759998200000",
    to: "1760000000000",
    width: "1000",
    height: "500",
    tz: "UTC",
    "var-env": "prod eu",
  });
});

test.each([
  [{ status: 401, body: "{}", type: "application/json" }, /401.*token/u],
  [{ status: 500, body: "rendering failed" }, /500/u],
  [{ status: 302, body: "" }, /302/u],
  [{ body: "<html>log in</html>", type: "text/html" }, /no picture.*renderer/u],
  [{ body: PNG.subarray(0, 40) }, /no picture/u],
  [{ body: "" }, /no picture/u],
])("%j is no picture", async (rendering, why) => {
  await using grafana = await startRenderer(rendering);
  const result = await panel.take(input, grafana.context);
  expect(result).toMatchObject({ kind: "missing", why: expect.stringMatching(why) });
  expect(JSON.stringify(result)).not.toContain("glsa_canary");
});
