import { z } from "zod";

/** The keys of `about`. */
export const aboutShape = {
  owner: z.string().optional().describe("who answers for this plan"),
  tier: z.string().optional().describe("how much care it claims to need"),
  links: z.record(z.string(), z.string()).optional().describe("addresses by name, for people"),
};
