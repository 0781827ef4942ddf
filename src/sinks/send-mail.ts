import { createHash } from "node:crypto";
import { Socket } from "node:net";

import { createTransport } from "nodemailer";

import type { EmailConfig } from "./email.ts";
import { mailText } from "./mail-text.ts";
import type { Delivery, Notice, SinkContext } from "./sink.ts";

/** Bounds of each step of a conversation with a server, in milliseconds. */
const STEP = 10_000;
const WRAPPED = 465;
const SUBMISSION = 587;

/** Sends one mail. Its id comes from the notice's key, so that a mail that arrives twice is known as one. */
export async function sendMail(
  notice: Notice,
  { config, signal }: SinkContext<EmailConfig>,
): Promise<Delivery> {
  // A socket of our own: the library would leave one that says nothing open for as long as its own bounds last.
  const socket = new Socket();
  // Until the library listens: an error that nobody hears ends the process.
  socket.on("error", () => undefined);
  const stop = (): void => void socket.destroy(new Error("interrupted"));
  signal.addEventListener("abort", stop, { once: true });
  const transport = createTransport({
    ...settings(config),
    getSocket: (_, connected) => openSocket(socket, config, connected),
  });
  try {
    signal.throwIfAborted();
    const { from, to } = config;
    const domain = from.slice(from.indexOf("@") + 1);
    const sent = await transport.sendMail({
      from,
      to: [...to],
      subject: notice.subject,
      text: mailText(notice),
      messageId: idOf(notice.key, domain),
      references: idOf(notice.rollout, domain),
      headers: { "Auto-Submitted": "auto-generated", "X-Canary-Rollout": notice.rollout },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    // Those who were reached must not be told again.
    return {
      kind: "delivered",
      receipt: sent.rejected.length === 0 ? {} : { refused: sent.rejected.join(" ") },
    };
  } catch (error) {
    return judge(error);
  } finally {
    signal.removeEventListener("abort", stop);
    transport.close();
    socket.destroy();
  }
}

function openSocket(
  socket: Socket,
  { host, port = SUBMISSION }: EmailConfig,
  connected: (error: Error | null, made: false | { readonly connection: Socket }) => void,
): void {
  const failed = (error: Error): void => connected(error, false);
  const slow = setTimeout(() => socket.destroy(new Error("no connection in time")), STEP);
  socket.once("error", failed);
  socket.once("close", () => clearTimeout(slow));
  socket.connect({ host, port }, () => {
    clearTimeout(slow);
    socket.removeListener("error", failed);
    connected(null, { connection: socket });
  });
}

function settings(config: EmailConfig) {
  const { host, port = SUBMISSION, user, password, ca } = config;
  const tls = config.tls ?? (port === WRAPPED ? "wrapped" : "required");
  return {
    host,
    port,
    secure: tls === "wrapped",
    requireTLS: tls === "required",
    ignoreTLS: tls === "none",
    connectionTimeout: STEP,
    greetingTimeout: STEP,
    socketTimeout: STEP,
    dnsTimeout: STEP,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}

function idOf(key: string, domain: string): string {
  return `<${createHash("sha256").update(key).digest("hex").slice(0, 32)}@${domain}>`;
}

/** A server says 4xx to what it may take later and 5xx to what it never takes. */
function judge(error: unknown): Delivery {
  const { code, responseCode } = error as {
    readonly code?: string;
    readonly responseCode?: number;
  };
  const why = error instanceof Error ? error.message : String(error);
  const never =
    responseCode === undefined
      ? code !== undefined && NEVER.has(code)
      : responseCode >= 500 && responseCode < 600;
  return never ? { kind: "refused", why } : { kind: "again", why, after: null };
}

/** No sign-in, no TLS where it is required, a certificate nobody trusts, no address. */
const NEVER = new Set(["EAUTH", "ENOAUTH", "ETLS", "EENVELOPE", "EMESSAGE"]);
