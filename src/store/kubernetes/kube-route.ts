import type { ClientRequest, IncomingMessage, RequestOptions } from "node:http";

/** A way on which an API server is asked: by its own address, or through a `kubectl proxy`. */
export interface KubeRoute {
  /** Of every request. Its headers may hold a token: never to be printed. */
  readonly options: RequestOptions;
  /** What stands before every path. */
  readonly prefix: string;
  readonly request: (
    options: RequestOptions,
    answered: (response: IncomingMessage) => void,
  ) => ClientRequest;
  /** Whether there is kubectl's own way, should this one fail. */
  readonly isDirect: boolean;
  isAlive(): boolean;
  stop(): void;
}
