import { z } from "zod";

const name = z
  .string()
  .regex(/^[\w.:-]+$/, "a name has letters, digits and . _ : -, as in HAProxy's configuration");
const names = z.union([name.transform((each) => [each]), z.array(name).min(1)]);

const word = z.string().regex(/^[^\s;\\]+$/, "this is one word, without spaces, ; and \\");

/** What `haproxy:` takes in a plan. */
export const haproxyInput = z
  .strictObject({
    backend: name.describe("the backend that has the servers of both versions"),
    canary: names.describe("the server of the new version, or a list of them"),
    stable: names.describe("the server of the old version, or a list of them"),
    routes: z
      .array(
        z.strictObject({
          map: word.describe("the map file, as HAProxy's configuration names it"),
          key: word.describe("the entry: a header's or cookie's value, a network, a name"),
          to: word.describe(
            "the value that sends to the new version, as the configuration reads it",
          ),
        }),
      )
      .min(1)
      .optional()
      .describe(
        "entries of a map that `use_backend` or `use-server` looks at, there while the share is above 0: a header's, cookie's or segment's own route",
      ),
  })
  .superRefine(({ canary, stable }, context) => {
    const both = canary.filter((each) => stable.includes(each));
    if (both.length > 0)
      context.addIssue({
        code: "custom",
        message: `${both.join(", ")} is under both \`canary\` and \`stable\`: keep one`,
      });
  });

export type HaproxyInput = z.infer<typeof haproxyInput>;
