import { ownSigner } from "../policy/own-signer.ts";
import { print } from "../print.ts";

interface Options {
  readonly key?: string;
  readonly allowed?: string;
}

/** Prints the public key that this user's words are signed with. */
export async function key(_args: readonly string[], options: Options): Promise<number> {
  const { line } = await ownSigner(options.key);
  print(options.allowed === undefined ? line : `${options.allowed} namespaces="canary" ${line}`);
  return 0;
}
