import { z } from "zod";

const pem = z.string().min(1).describe("PEM text, as a reference like ${file:/etc/ssl/ca.pem}");

/** The config of a connection of type `unleash`. */
const config = z.strictObject({
  url: z.string().min(1).describe("the server's address, without /api"),
  token: z
    .string()
    .min(1)
    .describe(
      "a personal, service account or admin token, as a reference like ${env:UNLEASH_TOKEN}",
    ),
  project: z.string().min(1).default("default").describe("the project of the flags"),
  environment: z.string().min(1).describe("the one environment that is changed, as `production`"),
  tls: z.strictObject({ ca: pem.optional() }).optional().describe("the authority to trust"),
});

export const unleashConnection = {
  type: "unleash",
  description: "an Unleash server: one project and one environment of it",
  config,
};
