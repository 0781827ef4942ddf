import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { onTestFinished } from "vitest";

/**
 * Stands before a real Prometheus whose now is that of somebody else's clock: a question that names no time, as a live
 * run's first does, is asked as of `now()` in unix milliseconds. Gives its URL, and how many questions named none.
 */
export async function pinnedPrometheus(
  url: string,
  now: () => number,
): Promise<{ readonly url: string; readonly timeless: () => number }> {
  let timeless = 0;
  const answer = async (asked: IncomingMessage): Promise<Response> => {
    const form = new URLSearchParams(await text(asked));
    if (asked.url?.endsWith("/query") === true && !form.has("time")) {
      timeless += 1;
      form.set("time", String(now() / 1000));
    }
    return await fetch(`${url}${asked.url ?? ""}`, { method: "POST", body: form });
  };
  const server = createServer((asked, given) => {
    answer(asked).then(
      async (answered) => {
        given.writeHead(answered.status, { "content-type": "application/json" });
        given.end(await answered.text());
      },
      () => given.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, timeless: () => timeless };
}
