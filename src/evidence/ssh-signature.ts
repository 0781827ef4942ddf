import { createHash, sign, verify } from "node:crypto";

import type { SigningKey } from "./signing-key.ts";
import { parseSshKey, sshPublicKey, type SshKey } from "./ssh-key.ts";
import { readSsh, sshString } from "./ssh-wire.ts";

/** What signatures of canary are for: one made for git or a login is none for canary. */
export const SSH_NAMESPACE = "canary";

const MAGIC = "SSHSIG";
const HASHES: ReadonlySet<string> = new Set(["sha256", "sha512"]);
/** A touch of the key in hardware. */
const PRESENT = 1;

/**
 * Signs as `ssh-keygen -Y sign -n canary` does (PROTOCOL.sshsig of OpenSSH), with an Ed25519 key. Gives the armored text,
 * which `ssh-keygen -Y verify` takes too.
 */
export function signSsh({ privateKey, publicKey }: SigningKey, message: string): string {
  const signature = sign(null, signedData(message, SSH_NAMESPACE, "sha512"), privateKey);
  const [, body = ""] = sshPublicKey(publicKey).split(" ");
  const version = Buffer.from([0, 0, 0, 1]);
  const blob = Buffer.concat([
    Buffer.from(MAGIC),
    version,
    sshString(Buffer.from(body, "base64")),
    sshString(SSH_NAMESPACE),
    sshString(""),
    sshString("sha512"),
    sshString(Buffer.concat([sshString("ssh-ed25519"), sshString(signature)])),
  ]);
  const lines = blob.toString("base64").match(/.{1,70}/gu) ?? [];
  return ["-----BEGIN SSH SIGNATURE-----", ...lines, "-----END SSH SIGNATURE-----", ""].join("\n");
}

/** Whether an armored SSH signature of a message is by this public key (a line of a `.pub` file). Never throws. */
export function isSignedBy(publicKey: string, message: string, armored: string): boolean {
  const key = parseSshKey(publicKey);
  const parsed = parseSignature(armored);
  if (key === null || parsed === null || !parsed.key.equals(key.blob)) return false;
  if (parsed.namespace !== SSH_NAMESPACE || !HASHES.has(parsed.hash)) return false;
  const data = signedData(message, parsed.namespace, parsed.hash);
  try {
    return isGood(key, data, parsed.signature);
  } catch {
    return false;
  }
}

/** The public key that a signature names, as a line of a `.pub` file; null for what is no signature. */
export function keyOfSignature(armored: string): string | null {
  const blob = parseSignature(armored)?.key;
  const type = blob === undefined ? null : readSsh(blob).string();
  return blob == null || type === null ? null : `${type.toString()} ${blob.toString("base64")}`;
}

function signedData(message: string, namespace: string, hash: string): Buffer {
  const digest = createHash(hash).update(message).digest();
  const parts = [sshString(namespace), sshString(""), sshString(hash), sshString(digest)];
  return Buffer.concat([Buffer.from(MAGIC), ...parts]);
}

interface Parsed {
  readonly key: Buffer;
  readonly namespace: string;
  readonly hash: string;
  readonly signature: Buffer;
}

function parseSignature(armored: string): Parsed | null {
  const [, body] =
    /^-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)-----END SSH SIGNATURE-----\s*$/u.exec(
      armored.replaceAll("\r\n", "\n"),
    ) ?? [];
  if (body === undefined) return null;
  const reader = readSsh(Buffer.from(body, "base64"));
  if (reader.bytes(MAGIC.length)?.toString("latin1") !== MAGIC || reader.uint32() !== 1)
    return null;
  const [key, namespace, reserved, hash, signature] = [
    reader.string(),
    reader.string(),
    reader.string(),
    reader.string(),
    reader.string(),
  ];
  if (key === null || namespace === null || reserved === null) return null;
  if (hash === null || signature === null || !reader.isAtEnd()) return null;
  return { key, namespace: namespace.toString(), hash: hash.toString("latin1"), signature };
}

function isGood({ type, key, application }: SshKey, data: Buffer, blob: Buffer): boolean {
  const reader = readSsh(blob);
  const algorithm = reader.string()?.toString("latin1") ?? "";
  const signature = reader.string();
  if (signature === null) return false;
  if (application !== null) {
    const [flags, counter] = [reader.bytes(1), reader.bytes(4)];
    if (algorithm !== type || flags === null || counter === null) return false;
    if (((flags[0] ?? 0) & PRESENT) === 0) return false;
    const parts = [sha256(application), flags, counter, sha256(data)];
    return verify(null, Buffer.concat(parts), key, signature);
  }
  if (algorithm === "rsa-sha2-512" || algorithm === "rsa-sha2-256")
    return (
      type === "ssh-rsa" &&
      verify(algorithm.endsWith("512") ? "sha512" : "sha256", data, key, signature)
    );
  if (algorithm !== type) return false;
  if (type === "ssh-ed25519") return verify(null, data, key, signature);
  if (!type.startsWith("ecdsa-sha2-nistp")) return false;
  return isGoodEcdsa(type.slice(-3), key, data, signature);
}

const EC: Readonly<Record<string, { readonly hash: string; readonly bytes: number }>> = {
  "256": { hash: "sha256", bytes: 32 },
  "384": { hash: "sha384", bytes: 48 },
  "521": { hash: "sha512", bytes: 66 },
};

function isGoodEcdsa(bits: string, key: SshKey["key"], data: Buffer, signature: Buffer): boolean {
  const curve = EC[bits];
  const reader = readSsh(signature);
  const [r, s] = [reader.string(), reader.string()];
  if (curve === undefined || r === null || s === null) return false;
  const numbers = [r, s].map((number) => fixed(number, curve.bytes));
  const raw = Buffer.concat(numbers);
  return verify(curve.hash, data, { key, dsaEncoding: "ieee-p1363" }, raw);
}

/** A number of the wire format in so many bytes. */
function fixed(number: Buffer, bytes: number): Buffer {
  const bare = number[0] === 0 ? number.subarray(1) : number;
  return Buffer.concat([Buffer.alloc(Math.max(0, bytes - bare.length)), bare]);
}

function sha256(content: Buffer): Buffer {
  return createHash("sha256").update(content).digest();
}
