import { z } from "zod";

/** The config of a connection of type `http`: an address and how to sign in there. */
export const httpConnection = z.strictObject({
  url: z.string().min(1).describe("the address that paths are joined to"),
  bearer: z.string().optional().describe("a bearer token, as a reference like ${env:TOKEN}"),
  header: z.record(z.string(), z.string()).optional().describe("headers of every request"),
  basic: z
    .strictObject({ user: z.string(), password: z.string() })
    .optional()
    .describe("user and password; the password as a reference like ${env:PASSWORD}"),
});

export type HttpConnection = z.infer<typeof httpConnection>;
