import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { sshPublicKey } from "../../src/evidence/ssh-key.ts";
import { isSignedBy, keyOfSignature, signSsh } from "../../src/evidence/ssh-signature.ts";
import { sshString } from "../../src/evidence/ssh-wire.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const MESSAGE = '{"confirms":"start","by":"ana"}';
const OWN = generateKeyPairSync("ed25519");

test.for([
  ["ed25519", []],
  ["rsa", ["-b", "3072"]],
  ["ecdsa", ["-b", "256"]],
  ["ecdsa", ["-b", "384"]],
  ["ecdsa", ["-b", "521"]],
] as const)(
  "a signature by ssh-keygen with %s %j is good, and one bit less is not",
  async ([type, size]) => {
    await using temporary = await temporaryFolder();
    const folder = temporary.path;
    const key = join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", type, ...size, "-N", "", "-C", "ana", "-f", key]);
    const file = join(folder, "message");
    writeFileSync(file, MESSAGE);
    execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "canary", "-f", key, file]);
    const publicKey = readFileSync(`${key}.pub`, "utf8").trim();
    const signature = readFileSync(`${file}.sig`, "utf8");
    expect(isSignedBy(publicKey, MESSAGE, signature)).toBe(true);
    expect(isSignedBy(publicKey, `${MESSAGE} `, signature)).toBe(false);
    expect(isSignedBy(sshPublicKey(OWN.publicKey), MESSAGE, signature)).toBe(false);
    expect(publicKey).toContain(keyOfSignature(signature) ?? "none");
  },
);

test("a signature for another purpose is none", async () => {
  await using temporary = await temporaryFolder();
  const folder = temporary.path;
  const key = join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const file = join(folder, "message");
  writeFileSync(file, MESSAGE);
  execFileSync("ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", key, file]);
  const publicKey = readFileSync(`${key}.pub`, "utf8");
  expect(isSignedBy(publicKey, MESSAGE, readFileSync(`${file}.sig`, "utf8"))).toBe(false);
});

test("ssh-keygen takes our own signatures, and not for another text", async () => {
  await using temporary = await temporaryFolder();
  const folder = temporary.path;
  const publicKey = sshPublicKey(OWN.publicKey);
  writeFileSync(join(folder, "allowed"), `ana namespaces="canary" ${publicKey}\n`);
  const signature = signSsh(OWN, MESSAGE);
  writeFileSync(join(folder, "sig"), signature);
  const verify = (input: string): string =>
    execFileSync(
      "ssh-keygen",
      ["-Y", "verify", "-f", "allowed", "-I", "ana", "-n", "canary", "-s", "sig"],
      { cwd: folder, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] },
    );
  expect(verify(MESSAGE)).toContain('Good "canary" signature for ana');
  expect(() => verify(`${MESSAGE}x`)).toThrow(/incorrect signature|verification failed/iu);
  expect(isSignedBy(publicKey, MESSAGE, signature)).toBe(true);
});

test("what is no signature, or no key, is not good and throws nothing", () => {
  const publicKey = sshPublicKey(OWN.publicKey);
  const good = signSsh(OWN, MESSAGE);
  const lines = good.split("\n");
  const wrong = [
    "",
    "x",
    good.slice(0, -40),
    lines.toSpliced(1, 1).join("\n"),
    lines.toSpliced(2, 1, "A".repeat(70)).join("\n"),
    "-----BEGIN SSH SIGNATURE-----\n\n-----END SSH SIGNATURE-----\n",
    `${good}${good}`,
  ];
  for (const each of wrong) expect(isSignedBy(publicKey, MESSAGE, each)).toBe(false);
  for (const key of ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-rsa AAAAB3NzaC1yc2EAAAA=", "x y"])
    expect(isSignedBy(key, MESSAGE, good)).toBe(false);
  expect(keyOfSignature("x")).toBeNull();
});

test("every single changed byte of a signature makes it bad", () => {
  const publicKey = sshPublicKey(OWN.publicKey);
  const good = signSsh(OWN, MESSAGE);
  const body = Buffer.from(good.split("\n").slice(1, -2).join(""), "base64");
  for (let at = 0; at < body.length; at += 1) {
    const changed = Buffer.from(body);
    changed[at] = (changed[at] ?? 0) ^ 1;
    const armored = `-----BEGIN SSH SIGNATURE-----\n${changed.toString("base64")}\n-----END SSH SIGNATURE-----\n`;
    expect(isSignedBy(publicKey, MESSAGE, armored), `byte ${at}`).toBe(false);
  }
});

/** A signature as a key in hardware makes it (PROTOCOL.u2f of OpenSSH); `flags` 1 means that it was touched. */
function hardwareSigned(flags: number): { readonly line: string; readonly armored: string } {
  const type = "sk-ssh-ed25519@openssh.com";
  const raw = Buffer.from(String(OWN.publicKey.export({ format: "jwk" }).x), "base64url");
  const key = Buffer.concat([sshString(type), sshString(raw), sshString("ssh:")]);
  const hash = (content: string | Buffer, name = "sha256"): Buffer =>
    createHash(name).update(content).digest();
  const about = [sshString("canary"), sshString(""), sshString("sha512")];
  const data = Buffer.concat([Buffer.from("SSHSIG"), ...about, sshString(hash(MESSAGE, "sha512"))]);
  const touch = Buffer.from([flags, 0, 0, 0, 7]);
  const signature = sign(null, Buffer.concat([hash("ssh:"), touch, hash(data)]), OWN.privateKey);
  const inner = Buffer.concat([sshString(type), sshString(signature), touch]);
  const version = Buffer.from([0, 0, 0, 1]);
  const blob = [Buffer.from("SSHSIG"), version, sshString(key), ...about, sshString(inner)];
  const body = Buffer.concat(blob).toString("base64");
  return {
    line: `${type} ${key.toString("base64")}`,
    armored: `-----BEGIN SSH SIGNATURE-----\n${body}\n-----END SSH SIGNATURE-----\n`,
  };
}

test("a key in hardware signs when it was touched, and not without", () => {
  const touched = hardwareSigned(1);
  expect(isSignedBy(touched.line, MESSAGE, touched.armored)).toBe(true);
  expect(isSignedBy(touched.line, `${MESSAGE}x`, touched.armored)).toBe(false);
  const untouched = hardwareSigned(0);
  expect(isSignedBy(untouched.line, MESSAGE, untouched.armored)).toBe(false);
});
