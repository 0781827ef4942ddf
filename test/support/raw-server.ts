import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** A TCP server, for answers that no HTTP server would give. */
export async function rawServer(serve: (socket: Socket) => void): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  return await listen(server, "http", () => sockets.forEach((socket) => socket.destroy()));
}

/** Listens on a free port of loopback; `cut` ends its connections when it is disposed of. */
export async function listen(server: Server, scheme: string, cut: () => void): Promise<Listening> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
