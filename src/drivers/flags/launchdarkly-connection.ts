import { z } from "zod";

/** The config of a connection of type `launchdarkly`. */
const config = z.strictObject({
  url: z
    .string()
    .min(1)
    .default("https://app.launchdarkly.com")
    .describe("the service's address; https://app.eu.launchdarkly.com in the EU"),
  token: z
    .string()
    .min(1)
    .describe("an access token of the REST API, as a reference like ${env:LD_TOKEN}"),
  project: z.string().min(1).describe("the key of the project"),
  environment: z.string().min(1).describe("the key of the one environment that is changed"),
  approvals: z
    .literal("bypassed")
    .optional()
    .describe("says that the token may change flags without the approval the environment asks for"),
});

export const launchdarklyConnection = {
  type: "launchdarkly",
  description: "LaunchDarkly: one project and one environment of it",
  config,
};
