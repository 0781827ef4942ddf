import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import {
  fingerprint,
  openEnvelope,
  signStatement,
  type Statement,
} from "../../src/evidence/dsse.ts";
import { knownPublicKey, signingKey } from "../../src/evidence/signing-key.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "canary-key-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

const STATEMENT: Statement = {
  _type: "https://in-toto.io/Statement/v1",
  subject: [{ name: "a", digest: { sha256: "00" } }],
  predicateType: "test",
  predicate: { text: "ä" },
};

test("a key is made on first use, for its owner alone, and stays", async () => {
  const state = join(folder(), "deep", "state");
  expect(await knownPublicKey(state)).toBeNull();
  const made = await signingKey(state);
  expect(statSync(join(state, "signing-key.pem")).mode & 0o777).toBe(0o600);
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(readdirSync(state)).toEqual(["signing-key.pem"]);
  const again = await signingKey(state);
  expect(fingerprint(again.publicKey)).toBe(fingerprint(made.publicKey));
  const known = await knownPublicKey(state);
  expect(known !== null && fingerprint(known)).toBe(fingerprint(made.publicKey));
});

test("of many that make the key at once all use one", async () => {
  const state = join(folder(), "state");
  const keys = await Promise.all(Array.from({ length: 20 }, () => signingKey(state)));
  expect(new Set(keys.map(({ publicKey }) => fingerprint(publicKey))).size).toBe(1);
  expect(readdirSync(state)).toEqual(["signing-key.pem"]);
});

test("a key that others could read is closed to them", async () => {
  const state = folder();
  await signingKey(state);
  chmodSync(join(state, "signing-key.pem"), 0o644);
  await signingKey(state);
  expect(statSync(join(state, "signing-key.pem")).mode & 0o777).toBe(0o600);
});

test.each([
  "",
  "nonsense",
  generateKeyPairSync("rsa", { modulusLength: 1024 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString(),
])("a file that holds no such key is named, and not replaced", async (text) => {
  const state = folder();
  writeFileSync(join(state, "signing-key.pem"), text);
  await expect(signingKey(state)).rejects.toThrow(
    /signing-key\.pem is not an Ed25519 key: move it away/u,
  );
});

test("a statement is opened as it was signed, and by nothing that was changed", async () => {
  const key = await signingKey(folder());
  const envelope = signStatement(key, STATEMENT);
  const text = JSON.stringify(envelope);
  expect(openEnvelope(text)).toEqual({ statement: STATEMENT, keyid: fingerprint(key.publicKey) });
  const forged = Buffer.from(JSON.stringify({ ...STATEMENT, predicateType: "forged" }));
  expect(
    openEnvelope(JSON.stringify({ ...envelope, payload: forged.toString("base64") })),
  ).toBeNull();
  expect(openEnvelope(JSON.stringify({ ...envelope, payloadType: "text/plain" }))).toBeNull();
  expect(openEnvelope(JSON.stringify({ ...envelope, signatures: [] }))).toBeNull();
  const other = signStatement(await signingKey(folder()), STATEMENT);
  const [mine, theirs] = [envelope.signatures[0], other.signatures[0]];
  const swapped = [{ ...mine, publicKey: theirs?.publicKey }];
  expect(openEnvelope(JSON.stringify({ ...envelope, signatures: swapped }))).toBeNull();
});

test("a signature of a key of another kind is none, however good it is", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const envelope = signStatement({ privateKey, publicKey }, STATEMENT);
  expect(openEnvelope(JSON.stringify(envelope))).toBeNull();
});

test("the name of a key that an envelope claims is not believed", async () => {
  const key = await signingKey(folder());
  const envelope = signStatement(key, STATEMENT);
  const signatures = envelope.signatures.map((signature) => ({ ...signature, keyid: "trusted" }));
  expect(openEnvelope(JSON.stringify({ ...envelope, signatures }))?.keyid).toBe(
    fingerprint(key.publicKey),
  );
});

test("a signature is over the bytes that DSSE v1 prescribes", async () => {
  const { sign } = await import("node:crypto");
  const key = await signingKey(folder());
  const payload = Buffer.from(JSON.stringify(STATEMENT), "utf8");
  const bytes = Buffer.concat([
    Buffer.from(`DSSEv1 28 application/vnd.in-toto+json ${payload.length} `),
    payload,
  ]);
  expect(signStatement(key, STATEMENT).signatures[0]?.sig).toBe(
    sign(null, bytes, key.privateKey).toString("base64"),
  );
});
