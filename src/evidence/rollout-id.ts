import { randomBytes } from "node:crypto";

import type { WallTime } from "../core/units.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A lower-case ULID: sorts by time, is a valid name in Kubernetes and in every file system. */
export function createRolloutId(now: WallTime, random: Uint8Array = randomBytes(10)): string {
  let time = "";
  for (let rest = now, digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32))
    time = `${ALPHABET[rest % 32] ?? ""}${time}`;
  let bits = 0n;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let tail = "";
  for (let digit = 0; digit < 16; digit += 1, bits >>= 5n)
    tail = `${ALPHABET[Number(bits & 31n)] ?? ""}${tail}`;
  return time + tail;
}

/** Whether a text can be a rollout's id: nothing else is ever used as a folder name. */
export function isRolloutId(text: string): boolean {
  return /^[0-7][0-9a-hjkmnp-tv-z]{25}$/u.test(text);
}
