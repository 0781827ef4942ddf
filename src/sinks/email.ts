import { z } from "zod";

import type { SinkDriver } from "./sink.ts";

const address = z.string().regex(/^[^@\s<>]+@[^@\s<>]+$/u, {
  error: ({ input }) => `"${String(input)}" is no address, write name@example.com`,
});

const config = z.strictObject({
  host: z.string().min(1).describe("the SMTP server"),
  port: z.int().min(1).max(65_535).optional().describe("without it 587"),
  from: address.describe("who writes"),
  to: z.array(address).min(1, "nobody is told").describe("who is told"),
  user: z.string().min(1).optional().describe("signs in to the server"),
  password: z.string().min(1).optional().describe("as a reference like ${env:SMTP_PASSWORD}"),
  tls: z
    .enum(["wrapped", "required", "none"])
    .optional()
    .describe(
      "`wrapped`: TLS from the first byte, as on port 465; `required`: STARTTLS or nothing; `none`: only for a server on this machine; without it `wrapped` on port 465, else `required`",
    ),
  ca: z.string().min(1).optional().describe("the authority to trust: PEM text, as a reference"),
});

export type EmailConfig = z.infer<typeof config>;

/** A mail for each event; those of one rollout are one conversation. The library is loaded at the first mail. */
export const email: SinkDriver<EmailConfig> = {
  type: "email",
  description: "sends a mail for each event through an SMTP server",
  config: config
    .refine(({ user, password }) => (user === undefined) === (password === undefined), {
      message: "`user` and `password` belong together",
      path: ["password"],
    })
    .refine(({ host, tls }) => tls !== "none" || isHere(host), {
      message: "`tls: none` is for a server on this machine only: others could read along",
      path: ["tls"],
    }),
  secrets: ["password"],
  options: null,
  closes: null,
  async deliver(notice, context) {
    const { sendMail } = await import("./send-mail.ts");
    return sendMail(notice, context);
  },
};

function isHere(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
