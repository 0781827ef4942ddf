import { z } from "zod";

import { failed, ok } from "../answer.ts";
import type { ActionDriver } from "../driver.ts";

const text = z.string().trim().min(1, "write what makes this share, for people");

const statedInput = z
  .union([text, z.strictObject({ text: text.describe("what makes this share, for people") })], {
    error: "write what makes this share, as text: stated: by invitation, 50 testers of 1000",
  })
  .transform((input) => (typeof input === "string" ? { text: input } : input));

export type StatedInput = z.infer<typeof statedInput>;

/**
 * A share that nothing can shift: who is invited, which region ships first. The stages' shares are stated and believed;
 * they are in the report and decide what a lost runner does, and nothing is written or read back.
 */
export const stated: ActionDriver<StatedInput> = {
  kind: "stated",
  description: "states a share that nothing can shift, and changes nothing",
  connections: [],
  traffic: true,
  input: statedInput,
  style: () => "fields",
  preview: ({ input, share }) => [
    {
      does: `nothing: ${share === null ? "the share" : `${share} %`} is as stated, ${input.text}`,
      undo: "nothing: the share is no longer stated",
    },
  ],
  changes: () => Promise.resolve(ok([])),
  read: () => Promise.resolve(ok([])),
  write: () => Promise.resolve(ok(null)),
  settle: () => Promise.resolve(ok(null)),
  call: () => Promise.resolve(failed("a stated share is not called")),
  permissions: () => Promise.resolve([]),
};
