import type { Socket } from "node:net";

import type { Random } from "../simulation/random.ts";
import { mutate } from "./mutate.ts";

/** Bodies that some service gives, so that what is changed in them is nearly right. */
const BODIES: readonly [string, ...string[]] = [
  '{"items":[{"v":0.25}],"value":1}',
  '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1700000000,"0.01"]}]}}',
  '{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["partial"]}',
  '# TYPE requests counter\nrequests_total{code="200"} 12 1700000000000\nlatency_bucket{le="+Inf"} 3\n# EOF\n',
  '{"value":0.5,"samples":100,"at":"2026-01-01T00:00:00Z","errors":{"rate":0.1}}',
  '[{"target":"shop.p95","datapoints":[[0.1,1700000000],[null,1700000060]]}]',
  '{"results":[{"statement_id":0,"series":[{"name":"x","columns":["time","value"],"values":[["2026-01-01T00:00:00Z",1]]}]}]}',
  '[{"labels":{"alertname":"Down"},"status":{"state":"active"},"startsAt":"2026-01-01T00:00:00Z"}]',
  '{"ok":true,"channel":"C1","ts":"1.2","id":7,"status":"success","dedup_key":"k","incident":{"id":"i"}}',
  '{"id":1,"key":"flag","active":true,"version":3,"filters":{"groups":[{"properties":[],"rollout_percentage":5}]}}',
  '{"enabled":true,"strategies":[{"id":"s","name":"flexibleRollout","parameters":{"rollout":"5"}}]}',
  "<html><body>sign in</body></html>",
  "",
];

const STATUS: readonly [string, ...string[]] = [
  ...(["200 OK", "200 OK", "200 OK", "201 Created", "204 No Content"] as const),
  ...(["301 Moved", "302 Found", "400 Bad Request", "401 Unauthorized", "404 Not Found"] as const),
  ...(["409 Conflict", "429 Too Many Requests", "500 Oops", "503 Later", "999 What"] as const),
];

/** What the plainest source asks for: where nothing is believed at all, nothing is believed wrongly either. */
const HEALTHY = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-length: ${BODIES[0].length}\r\nconnection: close\r\n\r\n${BODIES[0]}`,
);

/** One answer as bytes, and whether it is one that may be believed: whole, and a success. */
export interface WireAnswer {
  readonly bytes: Buffer;
  readonly isSuccess: boolean;
}

/** An answer that no server should give, or one that a broken proxy would. */
export function wireAnswer(random: Random): WireAnswer {
  if (random.chance(0.1)) return { bytes: HEALTHY, isSuccess: true };
  const status = random.chance(0.5) ? "200 OK" : random.pick(STATUS);
  const plain = Buffer.from(random.pick(BODIES));
  const body = random.chance(0.5) ? mutate(plain, random).text : plain;
  const length = random.chance(0.85) ? body.length : body.length + random.int(1, 500);
  const headers = [
    `HTTP/1.1 ${status}`,
    random.chance(0.1)
      ? random.pick(["content-type: \u0001", "content-encoding: gzip", "no colon"])
      : "content-type: application/json",
    random.pick(["x: y", "retry-after: 0", "retry-after: soon", "location: http://127.0.0.1:1/"]),
    `content-length: ${length}`,
    "connection: close",
  ];
  const whole = Buffer.concat([Buffer.from(`${headers.join("\r\n")}\r\n\r\n`), body]);
  // A 204 has no body, whatever follows its head.
  const isWhole = length === body.length || status.startsWith("204");
  const isSuccess = isWhole && status.startsWith("2");
  // Cut anywhere, the head too; or no HTTP at all.
  if (random.chance(0.1)) {
    const at = random.int(0, whole.length - 1);
    const isHead = at >= whole.length - body.length && status.startsWith("204");
    return { bytes: whole.subarray(0, at), isSuccess: isHead };
  }
  if (random.chance(0.05)) return { bytes: mutate(whole, random).text, isSuccess };
  return { bytes: whole, isSuccess };
}

/** Answers every request on a connection with the next answer, and hangs up. Gives those that it gave. */
export function answering(random: Random): {
  serve: (socket: Socket) => void;
  given: WireAnswer[];
} {
  const given: WireAnswer[] = [];
  return {
    given,
    serve(socket) {
      socket.once("data", () => {
        const answer = wireAnswer(random);
        given.push(answer);
        socket.end(answer.bytes, () => setImmediate(() => socket.destroy()));
      });
    },
  };
}
