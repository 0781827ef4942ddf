import { ownSigner } from "../policy/own-signer.ts";
import { print } from "../print.ts";

interface Options {
  readonly key?: string;
}

/** Prints the public key that this user's words are signed with. */
export async function key(_args: readonly string[], options: Options): Promise<number> {
  print((await ownSigner(options.key)).line);
  return 0;
}
