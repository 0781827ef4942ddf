import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";

import { readSsh, sshString, type SshReader } from "./ssh-wire.ts";

/** A public SSH key as this module can verify with it. */
export interface SshKey {
  readonly type: string;
  readonly key: KeyObject;
  /** For keys in hardware: what the touch was for, which is a part of what is signed. */
  readonly application: Buffer | null;
  /** The wire form, which a signature repeats. */
  readonly blob: Buffer;
}

const CURVES: Readonly<Record<string, string>> = {
  nistp256: "P-256",
  nistp384: "P-384",
  nistp521: "P-521",
};

/** Reads a line of a `.pub` file; null for what is no public key of a known type. */
export function parseSshKey(line: string): SshKey | null {
  const [type = "", body = ""] = line.trim().split(/\s+/u);
  const blob = Buffer.from(body, "base64");
  const reader = readSsh(blob);
  if (reader.string()?.toString("latin1") !== type) return null;
  const found = keyOf(type, reader);
  if (found === null || !reader.isAtEnd()) return null;
  const { jwk, application } = found;
  try {
    return { type, key: createPublicKey({ key: jwk, format: "jwk" }), application, blob };
  } catch {
    return null;
  }
}

/** The line of a `.pub` file for an Ed25519 key. */
export function sshPublicKey(key: KeyObject): string {
  const raw = Buffer.from(String(key.export({ format: "jwk" }).x), "base64url");
  const blob = Buffer.concat([sshString("ssh-ed25519"), sshString(raw)]);
  return `ssh-ed25519 ${blob.toString("base64")}`;
}

interface Found {
  readonly jwk: JsonWebKey;
  readonly application: Buffer | null;
}

function keyOf(type: string, reader: SshReader): Found | null {
  if (type === "ssh-ed25519") return ed25519(reader.string(), null);
  if (type === "sk-ssh-ed25519@openssh.com") return ed25519(reader.string(), reader.string());
  if (type === "ssh-rsa") {
    const [e, n] = [reader.string(), reader.string()];
    if (e === null || n === null) return null;
    return { jwk: { kty: "RSA", e: text(e), n: text(withoutSign(n)) }, application: null };
  }
  if (!type.startsWith("ecdsa-sha2-")) return null;
  const crv = CURVES[reader.string()?.toString("latin1") ?? ""];
  const point = reader.string();
  // Only the uncompressed form is in use.
  if (crv === undefined || point === null || point[0] !== 4) return null;
  const half = (point.length - 1) / 2;
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)];
  return { jwk: { kty: "EC", crv, x: text(x), y: text(y) }, application: null };
}

function ed25519(raw: Buffer | null, application: Buffer | null): Found | null {
  if (raw?.length !== 32) return null;
  return { jwk: { kty: "OKP", crv: "Ed25519", x: text(raw) }, application };
}

/** A number of the wire format has a zero in front where its first bit is set. */
function withoutSign(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

function text(bytes: Buffer): string {
  return bytes.toString("base64url");
}
