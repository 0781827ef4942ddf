import type { CommandSpec } from "./command-spec.ts";
import { evidenceOption, jsonOption, keyOption } from "./option-specs.ts";

/** The commands around evidence, and the tool itself. */
export const evidenceCommands: readonly CommandSpec[] = [
  {
    name: "verify",
    group: "prove",
    args: "[rollout]",
    summary: "check that the evidence of a rollout is complete and unchanged",
    details:
      "By id or by folder; without either the newest. Exits 50 when something is wrong. Signatures have to be by your own " +
      "key, which was made on first use, or by one of --trust; where you have none yet, any key is named and accepted. " +
      "Whoever holds that key can cut the evidence and sign it anew: only a --witness that saw more of it finds that.",
    options: [
      evidenceOption,
      {
        flags: "--trust <fingerprint>",
        about: "accepts signatures of this key beside your own; repeatable",
        many: true,
      },
      {
        flags: "--allowed-signers <file>",
        about:
          "who may sign, as ssh-keygen reads it: trusts the Ed25519 keys in it, and asks that each word of a person is by a key that it lists for their name",
      },
      {
        flags: "--witness <from>",
        about:
          "compares with the heads or lines that a CI log, chat or mail (file, or - for stdin), a copy of the journals (folder) or a shared store (kubernetes://…, postgres://…) saw; repeatable",
        many: true,
      },
      { flags: "--audit [file]", about: "checks the audit trail of `canary serve` instead" },
      jsonOption,
    ],
    examples: [
      "canary verify",
      "canary verify /backup/evidence/ID",
      "canary verify --witness ci.log",
      "canary verify --audit",
    ],
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    name: "key",
    group: "prove",
    args: "",
    summary: "print the public key that your words are signed with",
    details: "One line, for `people` of a policy. canary makes a key of your own on first use.",
    options: [
      keyOption,
      {
        flags: "--allowed <name>",
        about: "prints it as a line of an `allowed_signers` file for this name",
      },
    ],
    examples: [
      "canary key",
      "canary key --allowed ana >> allowed_signers",
      "canary key --key ~/.ssh/id_ed25519",
    ],
    load: async () => (await import("./commands/key.ts")).key,
  },
  {
    name: "report",
    group: "prove",
    args: "[rollout]",
    summary: "print what happened in a rollout, as Markdown",
    details: "",
    options: [evidenceOption],
    examples: ["canary report > report.md"],
    load: async () => (await import("./commands/report.ts")).report,
  },
  {
    name: "sandbox",
    group: "more",
    args: "",
    summary: "run a small real world on loopback to try plans against",
    details: "Endpoints and knobs: docs/sandbox.md. Ctrl-C ends it.",
    options: [
      { flags: "--port <n>", about: "0 takes any free port (default: 7070)" },
      { flags: "--seed <n>", about: "of the generated load: the same seed, the same requests" },
      { flags: "--log-dir <dir>", about: "where app.log is written" },
    ],
    examples: ["canary sandbox --port 7070"],
    load: async () => (await import("./commands/sandbox.ts")).sandbox,
  },
  {
    name: "completion",
    group: "more",
    args: "<shell>",
    summary: "print the completion script for bash, zsh or fish",
    details: "",
    options: [],
    examples: ["source <(canary completion bash)"],
    load: async () => (await import("./commands/completion.ts")).completion,
  },
];
