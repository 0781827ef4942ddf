import type { Random } from "../simulation/random.ts";

type Mutation = (text: Buffer, random: Random) => Buffer;

/** Lines beyond what any reader expects: bytes that are no UTF-8, JSON of another shape, depth, numbers out of range. */
const GARBAGE: readonly [string, ...string[]] = [
  "garbage",
  "{}",
  "[]",
  "null",
  '{"v":1}',
  '{"v":2,"seq":1,"at":"x","mono":"y","epoch":{},"actor":7,"prev":3,"event":null}',
  '{"v":1,"seq":1e308,"at":"2026-01-01T00:00:00.000Z","mono":0,"epoch":1,"actor":"z","prev":null,"event":{"kind":"__proto__"}}',
  '{"__proto__":{"kind":"claimed"},"constructor":1}',
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  '"\\ud800"',
  "<html><body>sign in</body></html>",
  "\u0000\u0000\u0000",
  "-Infinity",
  "9".repeat(400),
];

/** Ways in which a text comes to be another one, by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  cut: (text, random) => text.subarray(0, random.int(0, Math.max(0, text.length - 1))),
  beheaded: (text, random) => text.subarray(random.int(0, Math.max(0, text.length - 1))),
  "bit flips": (text, random) => {
    const flipped = Buffer.from(text);
    for (let n = random.int(1, 4); n > 0 && flipped.length > 0; n -= 1) {
      const at = random.int(0, flipped.length - 1);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(0, 7));
    }
    return flipped;
  },
  "a garbage line": (text, random) =>
    onLines(text, (lines) => lines.toSpliced(place(lines, random), 0, random.pick(GARBAGE))),
  "garbage for a line": (text, random) =>
    onLines(text, (lines) => lines.with(place(lines, random), random.pick(GARBAGE))),
  "a line twice": (text, random) =>
    onLines(text, (lines) => {
      const line = lines[place(lines, random)] ?? "";
      return lines.toSpliced(place(lines, random), 0, line);
    }),
  "a line gone": (text, random) =>
    onLines(text, (lines) => lines.toSpliced(place(lines, random), 1)),
  "two lines swapped": (text, random) =>
    onLines(text, (lines) => {
      const [i, j] = [place(lines, random), place(lines, random)];
      return lines.with(i, lines[j] ?? "").with(j, lines[i] ?? "");
    }),
  "all twice": (text) => Buffer.concat([text, text]),
  "a huge line": (text, random) =>
    onLines(text, (lines) => lines.toSpliced(place(lines, random), 0, "x".repeat(300_000))),
  NULs: (text, random) => {
    const at = random.int(0, text.length);
    return Buffer.concat([
      text.subarray(0, at),
      Buffer.alloc(random.int(1, 4096)),
      text.subarray(at),
    ]);
  },
  "UTF-16": (text) => Buffer.from(`\ufeff${text.toString()}`, "utf16le"),
  "a byte order mark": (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), text]),
  "bytes that are no UTF-8": (text, random) => {
    const at = random.int(0, text.length);
    return Buffer.concat([
      text.subarray(0, at),
      Buffer.from([0xc3, 0x28, 0xff]),
      text.subarray(at),
    ]);
  },
  "line ends of Windows": (text) => Buffer.from(text.toString().replaceAll("\n", "\r\n")),
  emptied: () => Buffer.alloc(0),
  "a value of another type": (text, random) => {
    const values = Array.from(text.toString().matchAll(/:("[^"]*"|\d+|true|false|null)/gu));
    const one = values[random.int(0, Math.max(0, values.length - 1))];
    if (one === undefined) return text;
    const other = random.pick(["null", "-1", "1e999", '""', "{}", "[[]]", "true", '"NaN"']);
    const whole = text.toString();
    return Buffer.from(
      `${whole.slice(0, one.index + 1)}${other}${whole.slice(one.index + one[0].length)}`,
    );
  },
};

const names = Object.keys(MUTATIONS);

/** Changes a text in one to three ways, and says in which. */
export function mutate(
  text: Buffer,
  random: Random,
): { readonly text: Buffer; readonly how: string } {
  let changed = text;
  const how: string[] = [];
  for (let n = random.int(1, 3); n > 0; n -= 1) {
    const name = names[random.int(0, names.length - 1)] ?? "";
    changed = MUTATIONS[name]?.(changed, random) ?? changed;
    how.push(name);
  }
  return { text: changed, how: how.join(", ") };
}

function place(lines: readonly string[], random: Random): number {
  return random.int(0, Math.max(0, lines.length - 1));
}

function onLines(text: Buffer, change: (lines: string[]) => readonly string[]): Buffer {
  return Buffer.from(change(text.toString().split("\n")).join("\n"));
}
