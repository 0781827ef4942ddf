import { z } from "zod";

const pem = z.string().min(1).describe("PEM text, as a reference like ${file:/etc/ssl/ca.pem}");

/** The config of a connection of type `http`: an address and how to sign in there. */
export const httpConnection = z.strictObject({
  url: z.string().min(1).describe("the address that paths are joined to"),
  bearer: z.string().optional().describe("a bearer token, as a reference like ${env:TOKEN}"),
  header: z.record(z.string(), z.string()).optional().describe("headers of every request"),
  basic: z
    .strictObject({
      user: z.string().describe("the user"),
      password: z.string().describe("a reference like ${env:PASSWORD}"),
    })
    .optional()
    .describe("signs in with user and password"),
  tls: z
    .strictObject({ ca: pem.optional(), cert: pem.optional(), key: pem.optional() })
    .refine(
      ({ cert, key }) => (cert === undefined) === (key === undefined),
      "`cert` and `key` belong together",
    )
    .optional()
    .describe("`ca`: the authority to trust; `cert` and `key`: to sign in with a certificate"),
});

export type HttpConnection = z.infer<typeof httpConnection>;
