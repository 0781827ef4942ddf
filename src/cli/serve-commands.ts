import type { CommandSpec } from "./command-spec.ts";
import { byOption, evidenceOption, jsonOption, policyOption } from "./option-specs.ts";

const tokensOption = {
  flags: "--tokens <file>",
  about: "the file of the tokens' hashes (default: serve/tokens.json in the state folder)",
};

/** The kill switch over HTTP, and who may use it. */
export const serveCommands: readonly CommandSpec[] = [
  {
    name: "serve",
    group: "roll out",
    args: "",
    summary: "serve the kill switch over HTTP",
    details:
      "POST /ops/canary/abort, GET /ops/canary/status, GET /ops/canary/metrics: see docs/serve.md. Every refusal and every " +
      "abort goes into an audit trail. An abort runs as a process of its own, and goes on when the server is stopped. With a shared " +
      "store it serves the rollouts of that, and keeps copies of their rollback bundles for when the store is gone.",
    options: [
      { flags: "--port <n>", about: "0 takes any free port (default: 7071)" },
      {
        flags: "--host <address>",
        about:
          "where to listen (default: 127.0.0.1); beyond this machine it takes --cert and --key",
      },
      { flags: "--cert <file>", about: "the certificate of TLS, as PEM" },
      { flags: "--key <file>", about: "its key, as PEM" },
      { flags: "--roles <list>", about: "who may abort (default: council,steward,ops)" },
      policyOption,
      tokensOption,
      {
        flags: "--tokens-env <name>",
        about: "the environment variable that holds the text of such a file instead",
      },
      {
        flags: "--audit <file>",
        about: "the audit trail (default: serve/audit.ndjson in the state folder)",
      },
      { flags: "--open-reads", about: "status and metrics need no token" },
      evidenceOption,
      byOption,
    ],
    examples: [
      "canary serve",
      "canary serve --store kubernetes://prod/canary",
      "canary serve --host 0.0.0.0 --cert tls.crt --key tls.key",
    ],
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "token",
    group: "roll out",
    args: "",
    summary: "issue, revoke and list the tokens of `canary serve`",
    details:
      "A new one is printed once, and only its hash is kept. Each stops one rollout. Without options: lists them.",
    options: [
      { flags: "--for <name>", about: "issues a token for this person" },
      { flags: "--roles <list>", about: "the roles of the new token, as council,steward" },
      { flags: "--expires <duration>", about: "how long it lasts, at most 90d (default: 12h)" },
      { flags: "--revoke <id>", about: "revokes the token of this id" },
      tokensOption,
      jsonOption,
    ],
    examples: [
      "canary token --for jermaineMerritt --roles council",
      "canary token --revoke 3fa81c22",
    ],
    load: async () => (await import("./commands/token.ts")).token,
  },
];
