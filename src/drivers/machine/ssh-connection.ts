import { z } from "zod";

const config = z.strictObject({
  host: z
    .string()
    .regex(/^[^\s-]\S*$/, "write a host, user@host or an alias of ~/.ssh/config")
    .describe("host or user@host, or an alias of ~/.ssh/config"),
  port: z.int().min(1).max(65_535).optional().describe("without it as ssh has it"),
  identity: z.string().min(1).optional().describe("the private key file to sign in with"),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe("the file of host keys; a host that is not in it is refused"),
});

export type SshConfig = z.infer<typeof config>;

/** The connection type of another machine. It is never meant by itself: an action says that it is there. */
export const sshConnection = {
  type: "ssh",
  description: "another machine, reached with the ssh and the keys that are there",
  config,
} as const;
