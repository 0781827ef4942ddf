import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { UsageError } from "../usage-error.ts";

/** Somebody's key, and how to sign with it. */
export interface Signer {
  /** The public key, as a line of a `.pub` file. */
  readonly line: string;
  /** Gives an armored SSH signature. */
  readonly sign: (text: string) => Promise<string>;
}

/**
 * The key of `--key` or `CANARY_KEY`, by ssh-keygen, which also knows agents and keys in hardware; else the key of this
 * user, which canary makes on first use.
 */
export async function ownSigner(
  option: string | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Signer> {
  const path = option ?? env["CANARY_KEY"];
  if (path !== undefined && path !== "") return sshSigner(path);
  const [{ signingKey }, { stateDir }, { sshPublicKey }, { signSsh }] = await Promise.all([
    import("../../evidence/signing-key.ts"),
    import("../../store/state-dir.ts"),
    import("../../evidence/ssh-key.ts"),
    import("../../evidence/ssh-signature.ts"),
  ]);
  const key = await signingKey(stateDir());
  return {
    line: sshPublicKey(key.publicKey),
    sign: (text) => Promise.resolve(signSsh(key, text)),
  };
}

async function sshSigner(path: string): Promise<Signer> {
  if (!existsSync(path))
    throw new UsageError(
      `there is no key ${path}`,
      "name a private SSH key, or a .pub of an agent's",
    );
  return {
    line: await publicLine(path),
    sign: (text) => sshKeygen(["-Y", "sign", "-q", "-n", "canary", "-f", path], text),
  };
}

async function publicLine(path: string): Promise<string> {
  const beside = path.endsWith(".pub") ? path : `${path}.pub`;
  if (existsSync(beside)) return (await readFile(beside, "utf8")).trim();
  return (await sshKeygen(["-y", "-f", path], "")).trim();
}

function sshKeygen(args: readonly string[], input: string): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn("ssh-keygen", args, { stdio: ["pipe", "pipe", "inherit"] });
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stdin.on("error", () => undefined).end(input);
    child.on("error", (error) => {
      const fix = "install OpenSSH, or leave --key out to use canary's own key";
      fail(new UsageError(`ssh-keygen cannot be run: ${error.message}`, fix));
    });
    child.on("close", (code) => {
      if (code === 0) done(out);
      else fail(new UsageError(`ssh-keygen could not use the key (exit ${code ?? "by a signal"})`));
    });
  });
}
