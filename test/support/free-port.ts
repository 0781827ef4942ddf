import { createServer } from "node:net";

/** Below what systems hand out by themselves, and below where the control planes of tests stand. */
const FIRST = 11_000;
const COUNT = 9000;
/** Processes that run side by side begin in different places. */
let next = (process.pid * 61) % COUNT;

/**
 * A port of loopback that nobody listens on, for a server that cannot choose one itself. None is given twice by one process
 * before all others were, and no outgoing connection or server that listens on port 0 takes it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried += 1) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${COUNT} ports from ${FIRST} on is free`);
}

/** Whether nobody listens on a port of loopback. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
