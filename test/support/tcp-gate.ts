import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A gate in front of a server that can be shut while connections are open. */
export interface TcpGate extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly address: string;
  /** `open`; `mute`: takes connections and bytes and passes nothing on; `deaf`: passes on what comes in, and no answer. */
  state: "open" | "mute" | "deaf";
  /** Closes every connection in the middle, and the gate for new ones. */
  cut(): Promise<void>;
}

/** Starts a gate on a free port in front of `host:port`. */
export async function startTcpGate(behind: string): Promise<TcpGate> {
  const [host = "127.0.0.1", port = ""] = behind.split(":");
  const sockets = new Set<Socket>();
  const gate = { state: "open" as TcpGate["state"] };
  const server = createServer((client) => {
    const target = connect(Number(port), host);
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (gate.state !== "mute") target.write(bytes);
    });
    target.on("data", (bytes) => {
      if (gate.state === "open") client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get state() {
      return gate.state;
    },
    set state(state) {
      gate.state = state;
    },
    cut,
    async [Symbol.asyncDispose]() {
      if (server.listening) await cut();
    },
  };
}
