import { createHash, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

import { publicPem, type SigningKey } from "./signing-key.ts";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";

/** An in-toto statement: what is said about files named by their digest. */
export interface Statement {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly subject: readonly {
    readonly name: string;
    readonly digest: { readonly sha256: string };
  }[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

/** A DSSE envelope, with the public key beside the signature so that a stranger can check it against a fingerprint. */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly {
    readonly keyid: string;
    readonly sig: string;
    readonly publicKey: string;
  }[];
}

/** Signs a statement (DSSE v1 over Ed25519, https://github.com/secure-systems-lab/dsse). */
export function signStatement(key: SigningKey, statement: Statement): Envelope {
  const payload = Buffer.from(JSON.stringify(statement), "utf8");
  const sig = sign(null, preAuthentication(payload), key.privateKey).toString("base64");
  return {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString("base64"),
    signatures: [{ keyid: fingerprint(key.publicKey), sig, publicKey: publicPem(key.publicKey) }],
  };
}

/** The statement and who signed it; null when the envelope is damaged or no signature in it is good. */
export function openEnvelope(
  text: string,
): { readonly statement: Statement; readonly keyid: string } | null {
  try {
    const envelope = JSON.parse(text) as Envelope;
    const payload = Buffer.from(envelope.payload, "base64");
    if (envelope.payloadType !== PAYLOAD_TYPE) return null;
    for (const { sig, publicKey } of envelope.signatures) {
      const key = createPublicKey(publicKey);
      if (key.asymmetricKeyType !== "ed25519") continue;
      if (!verify(null, preAuthentication(payload), key, Buffer.from(sig, "base64"))) continue;
      const statement = JSON.parse(payload.toString("utf8")) as Statement;
      return { statement, keyid: fingerprint(key) };
    }
    return null;
  } catch {
    return null;
  }
}

/** SHA-256 over the DER form of a public key, in hex. */
export function fingerprint(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex");
}

function preAuthentication(payload: Buffer): Buffer {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return Buffer.concat([Buffer.from(head, "utf8"), payload]);
}
