import type { AddressInfo } from "node:net";

import { SMTPServer } from "smtp-server";

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  readonly secure: boolean;
  readonly user: string | null;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface SmtpRules {
  readonly certificate?: Certificate;
  /** TLS from the first byte. */
  readonly wrapped?: boolean;
  /** Repeats the password of every sign-in in its answer, and tells it here. */
  readonly spills?: (password: string) => void;
  readonly login?: { readonly user: string; readonly password: string };
  /** What it says to a recipient: an SMTP answer, or null for yes. */
  readonly recipient?: (address: string) => { readonly code: number; readonly text: string } | null;
}

export interface SmtpWorld extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly Mail[];
}

/** A real SMTP server on a free port. */
export async function startSmtpServer(rules: SmtpRules = {}): Promise<SmtpWorld> {
  const mails: Mail[] = [];
  const { certificate, wrapped = false, login, recipient, spills } = rules;
  const server = new SMTPServer({
    logger: false,
    secure: wrapped,
    ...certificate,
    authOptional: login === undefined,
    disabledCommands: [
      ...(certificate === undefined ? ["STARTTLS"] : []),
      ...(login === undefined && spills === undefined ? ["AUTH"] : []),
    ],
    closeTimeout: 500,
    onAuth({ username, password }, _session, done) {
      if (login !== undefined && username === login.user && password === login.password)
        return done(null, { user: username });
      spills?.(password ?? "");
      const words = spills === undefined ? "" : ` with ${password ?? ""}`;
      return done(Object.assign(new Error(`authentication failed${words}`), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, done) {
      const no = recipient?.(address) ?? null;
      return done(
        no === null ? null : Object.assign(new Error(no.text), { responseCode: no.code }),
      );
    },
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        mails.push({
          from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString("utf8"),
          secure,
          user: typeof user === "string" ? user : null,
        });
        done();
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
