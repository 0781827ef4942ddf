import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";
import { chmod, link, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { readDisk } from "./reach-disk.ts";
import { readPlainFile } from "./read-plain-file.ts";
import { makeFolder, writeFileAtomic } from "./write-file.ts";

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const NAME = "signing-key.pem";

/** The Ed25519 key of this user, made on first use (mode 0600). Of two processes that make one, both use the first. */
export async function signingKey(stateDir: string): Promise<SigningKey> {
  const path = join(stateDir, NAME);
  const existing = await readKey(path);
  if (existing !== null) return existing;
  await makeFolder(stateDir, 0o700);
  const { privateKey } = generateKeyPairSync("ed25519");
  const fresh = `${path}.${randomBytes(8).toString("hex")}`;
  await writeFileAtomic(fresh, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), {
    mode: 0o600,
  });
  try {
    await link(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  const made = await readKey(path);
  if (made === null) throw new Error(`${path} was removed while it was made`);
  return made;
}

/** A public key as PEM text. */
export function publicPem(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}

/** Reads the public half of this user's key; null when there is none yet. */
export async function knownPublicKey(stateDir: string): Promise<KeyObject | null> {
  return (await readKey(join(stateDir, NAME)))?.publicKey ?? null;
}

async function readKey(path: string): Promise<SigningKey | null> {
  let pem: string;
  try {
    // A copy or a restored backup may have let others read it; from now on they cannot.
    const { mode } = await readDisk(dirname(path), () => stat(path));
    if ((mode & 0o077) !== 0) await chmod(path, 0o600);
    pem = await readPlainFile(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  const privateKey = parseKey(pem);
  if (privateKey === null)
    throw new Error(`${path} is not an Ed25519 key: move it away, and a new one is made`);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function parseKey(pem: string): KeyObject | null {
  try {
    const key = createPrivateKey(pem);
    return key.asymmetricKeyType === "ed25519" ? key : null;
  } catch {
    return null;
  }
}
