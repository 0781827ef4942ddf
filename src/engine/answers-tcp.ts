import { connect } from "node:net";

/** How long one try to connect may take, in milliseconds. */
const PATIENCE = 1000;

/** Whether something takes connections at `host:port`; an IPv6 host stands in brackets. Never throws. */
export function answersTcp(address: string, signal: AbortSignal): Promise<boolean> {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/u, "$1");
  const port = Number(address.slice(colon + 1));
  if (signal.aborted || !(port > 0 && port < 65_536)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE, signal });
    const done = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.once("connect", () => done(true));
    socket.once("timeout", () => done(false));
    socket.once("error", () => done(false));
  });
}
