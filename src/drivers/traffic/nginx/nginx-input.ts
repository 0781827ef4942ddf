import { z } from "zod";

import { argvInput } from "../../argv-input.ts";
import { reloadInput } from "../../env/reload-input.ts";

const word = z
  .string()
  .regex(/^[^\s;{}"'#\\]+$/, "this is one word, without spaces, quotes and ; { } #");
const words = z.union([word.transform((each) => [each]), z.array(word).min(1)]);
const variable = z
  .string()
  .regex(/^\$\w+$/, "a variable of nginx begins with $, like $shop: write it in quotes");

/** What `nginx:` takes in a plan. */
export const nginxInput = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .describe(
        "the configuration file with the block, on this machine, or with `connection` on that one",
      ),
    upstream: word.optional().describe("the `upstream` block whose servers are weighed"),
    split: variable
      .optional()
      .describe("instead of `upstream`: the variable that a `split_clients` block sets"),
    canary: words.describe(
      "the new version: servers of the upstream as they are written there, or the value that `split` takes",
    ),
    stable: words.optional().describe("the old version: the other servers of the upstream"),
    routes: z
      .array(
        z.strictObject({
          map: variable.describe("the variable that a `map` block of the file sets"),
          key: word.describe("what it maps: the value of a header, a cookie, a segment"),
          to: word.describe("the value that sends to the new version"),
        }),
      )
      .min(1)
      .optional()
      .describe(
        "entries of a `map`, there while the share is above 0: a header's, cookie's or segment's own route",
      ),
    test: argvInput
      .optional()
      .describe("tests the configuration before the reload; without it nginx -t"),
    reload: reloadInput.optional().describe("tells nginx; without it nginx -s reload"),
    pid: z
      .string()
      .min(1)
      .optional()
      .describe("nginx's pid file, to see its workers change; without it /run/nginx.pid"),
  })
  .superRefine((input, context) => {
    const problem = problemOf(input);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  });

export type NginxInput = z.infer<typeof nginxInput>;

function problemOf(input: {
  readonly upstream?: string | undefined;
  readonly split?: string | undefined;
  readonly canary: readonly string[];
  readonly stable?: readonly string[] | undefined;
}): string | null {
  if ((input.upstream === undefined) === (input.split === undefined))
    return "write `upstream` with servers to weigh, or `split` with the variable of a split_clients block";
  if (input.upstream !== undefined && input.stable === undefined)
    return "the servers of the old version are not named: add `stable`";
  if (input.split !== undefined && (input.canary.length > 1 || input.stable !== undefined))
    return "split_clients has one value for the new version and the rest for the old: keep one `canary`, and remove `stable`";
  const both = input.canary.filter((each) => input.stable?.includes(each));
  return both.length === 0
    ? null
    : `${both.join(", ")} is under both \`canary\` and \`stable\`: keep one`;
}
