import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";

/** How long a pipe may take to give a secret, and the pause between looks, in milliseconds. */
const PATIENCE = 2000;
const PAUSE = 10;

/** Resolves `env:NAME` and `file:/path`; an Error says which is missing. A file's last newline is not part of the secret. */
export function readSecret(reference: string): string | Error {
  const colon = reference.indexOf(":");
  const name = reference.slice(colon + 1);
  if (reference.startsWith("env:")) {
    const value = process.env[name];
    return value ?? new Error(`the environment variable ${name} is not set`);
  }
  try {
    return readBounded(name).replace(/\r?\n$/u, "");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return new Error(`the file ${name} cannot be read: ${why}`);
  }
}

/** A secret may come through a pipe, and one that nobody writes to must not keep an abort: opening it does not wait. */
function readBounded(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return fstatSync(file).isFIFO() ? readPipe(file) : readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function readPipe(file: number): string {
  const chunk = Buffer.alloc(64 * 1024);
  const got: Buffer[] = [];
  for (const until = performance.now() + PATIENCE; performance.now() < until;) {
    const size = readSome(file, chunk);
    if (size > 0) got.push(Buffer.from(chunk.subarray(0, size)));
    // Nobody writes any more; before the first byte nobody has begun yet.
    else if (size === 0 && got.length > 0) return Buffer.concat(got).toString("utf8");
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
  }
  throw new Error(`it is a pipe, and nobody wrote all of it within ${PATIENCE / 1000} s`);
}

/** Bytes read; 0 where nobody writes, -1 where there is nothing yet. */
function readSome(file: number, chunk: Buffer): number {
  try {
    return readSync(file, chunk);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return -1;
    throw error;
  }
}
