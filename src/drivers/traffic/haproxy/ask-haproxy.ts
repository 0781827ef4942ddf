import { connect, type Socket } from "node:net";
import { hostname } from "node:os";

import { failed, ok, unknown } from "../../answer.ts";
import type { Answer, DriverContext } from "../../driver.ts";
import { sshExec } from "../../machine/ssh-exec.ts";
import { sshName, sshOf } from "../../machine/ssh-place.ts";
import { askThere } from "./ask-there.ts";
import type { HaproxyPlace } from "./connection.ts";

/** More than any `show servers state` has; a socket that is something else must not fill the memory. */
const MAX_ANSWER = 8 * 1024 * 1024;

/**
 * Sends commands to the Runtime API in one line, which HAProxy carries out one after the other before anything else, and
 * gives back all that it printed. Nothing was sent where the connection was refused; a cut one leaves the outcome open.
 */
export async function askHaproxy(
  place: HaproxyPlace,
  commands: readonly string[],
  context: DriverContext,
): Promise<Answer<string>> {
  const ssh = sshOf(context.connection);
  if (ssh !== null && place.host === sshName(ssh))
    return await askThere(place.socket, commands, sshExec(context.exec, ssh), context.signal);
  if (place.host !== null && place.host !== hostname())
    return failed(
      `${place.socket} is a socket of ${place.host}, and this is ${hostname()}: run this there`,
    );
  if (context.signal.aborted) return failed("interrupted before anything was sent");
  const socket = place.host === null ? connect(addressOf(place.socket)) : connect(place.socket);
  const { promise, resolve } = Promise.withResolvers<Answer<string>>();
  const interrupt = (): void => {
    const why = `${place.socket} did not answer before the call was cut`;
    resolve(socket.connecting ? failed(why) : unknown(why));
  };
  context.signal.addEventListener("abort", interrupt, { once: true });
  listen(socket, place, resolve);
  socket.once("connect", () => socket.end(`${commands.join(";")}\n`));
  try {
    return await promise;
  } finally {
    context.signal.removeEventListener("abort", interrupt);
    socket.destroy();
  }
}

function listen(
  socket: Socket,
  { socket: name }: HaproxyPlace,
  resolve: (answer: Answer<string>) => void,
): void {
  let connected = false;
  let text = "";
  socket.setEncoding("utf8");
  socket.once("connect", () => {
    connected = true;
  });
  socket.on("data", (chunk) => {
    text += String(chunk);
    if (text.length > MAX_ANSWER) resolve(unknown(`${name} answers without an end`));
  });
  socket.once("error", (error) => {
    const why = `${name}: ${wordsOf(error)}`;
    resolve(connected ? unknown(why) : failed(why));
  });
  // Each answer ends with an empty line: without one the process went away in the middle of it.
  socket.once("end", () =>
    resolve(
      text.endsWith("\n") ? ok(text) : unknown(`${name} was closed before its answer was complete`),
    ),
  );
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const at = text.lastIndexOf(":");
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(text.slice(at + 1)) };
}

function wordsOf(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  switch (code) {
    case "ENOENT":
      return "there is no such socket: add `stats socket … level admin` to HAProxy's `global`";
    case "EACCES":
      return "this user may not use the socket: see its `mode` and `group` in HAProxy's `global`";
    case "ECONNREFUSED":
      return "nothing listens there: is HAProxy running?";
  }
  return error.message;
}
