import { assert, pre, property, string } from "fast-check";
import { expect, test } from "vitest";

import { createRedactor } from "../../src/evidence/redact.ts";

const SECRET = 'p@ss/w0rd+"quoted" <&> ünï it\'s';

function redactorOf(value: string, name = "env:X"): (text: string) => string {
  const redactor = createRedactor();
  redactor.register(name, value);
  return (text) => redactor.redact(text);
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test.each([
  ["as it is", SECRET],
  ["in JSON", JSON.stringify({ a: SECRET })],
  ["in JSON in JSON", JSON.stringify({ a: JSON.stringify({ b: SECRET }) })],
  ["in Go's JSON", '{"a":"p@ss/w0rd+\\"quoted\\" \\u003c\\u0026\\u003e ünï it\'s"}'],
  ["in PHP's JSON", JSON.stringify(SECRET).replaceAll("/", String.raw`\/`)],
  ["in a URL", `https://host/?a=${encodeURIComponent(SECRET)}&b=1`],
  [
    "in a URL in lower case",
    encodeURIComponent(SECRET).replaceAll(/%../gu, (c) => c.toLowerCase()),
  ],
  ["in a form", new URLSearchParams({ a: SECRET }).toString()],
  [
    "in HTML",
    SECRET.replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;"),
  ],
  ["in a shell", `echo '${SECRET.replaceAll("'", String.raw`'\''`)}'`],
  ["in hex", Buffer.from(SECRET).toString("hex")],
  ["in upper-case hex", Buffer.from(SECRET).toString("hex").toUpperCase()],
  ["in base64", base64(SECRET)],
  ["in base64url", Buffer.from(SECRET).toString("base64url")],
])("a secret is unreadable %s", (_, text) => {
  const clean = redactorOf(SECRET)(`before ${text} after`);
  expect(clean).toContain("[redacted env:X]");
  for (const part of ["p@ss", "quoted", "p%40ss", base64(SECRET).slice(4, 16), "7040737"])
    expect(clean.toLowerCase()).not.toContain(part.toLowerCase());
  expect(clean).toMatch(/^before /u);
  expect(clean).toMatch(/ after$/u);
});

test("a secret is unreadable in the middle of something longer that was encoded with base64", () => {
  const secret = "correct-horse-battery";
  for (const user of ["a", "ab", "abc", "admin"]) {
    const header = base64(`${user}:${secret}:tail`);
    const clean = redactorOf(secret)(header);
    const left = Buffer.from(clean.replace("[redacted env:X]", ""), "base64").toString("latin1");
    for (const part of ["correct", "horse", "battery"]) expect(left).not.toContain(part);
  }
});

test("of an address that is a secret, its token and password are unreadable without the host", () => {
  const clean = redactorOf(
    "https://me:pa55-w0rd@hooks.example/services/T01/B02/x9YzAbCdEfGh1234?k=0123456789abcdef",
  );
  for (const part of ["x9YzAbCdEfGh1234", "0123456789abcdef", "pa55-w0rd"])
    expect(clean(`no entry ${part}.`)).toBe("no entry [redacted env:X].");
  expect(clean("GET /services/T01 of hooks.example")).toBe("GET /services/T01 of hooks.example");
});

test("every line of a secret with several lines is unreadable by itself", () => {
  const key =
    "-----BEGIN THING-----\nMIIEvQIBADANBgkq\r\n  hkiG9w0BAQEFAASC\n}\n-----END THING-----\n";
  const clean = redactorOf(key)("x MIIEvQIBADANBgkq y\nhkiG9w0BAQEFAASC } z");
  expect(clean).toBe("x [redacted env:X] y\n[redacted env:X] } z");
});

test("a value that would hide ordinary words is redacted only where it is the whole text", () => {
  const redact = redactorOf("ok1");
  expect(redact(" ok1\n")).toBe("[redacted env:X]");
  expect(redact("book1 is ok1")).toBe("book1 is ok1");
});

test("an empty secret hides nothing", () => {
  expect(redactorOf("")("a b")).toBe("a b");
  expect(redactorOf("")("")).toBe("");
});

test("of two secrets that begin alike the rest of the longer one does not stay", () => {
  const redactor = createRedactor();
  redactor.register("short", "hunter22");
  redactor.register("long", "hunter22-and-more");
  expect(redactor.redact("hunter22-and-more hunter22")).toBe("[redacted long] [redacted short]");
});

test("a secret whose name holds its value, or whose value reads like a pattern, is marked once", () => {
  expect(redactorOf("TOKEN", "env:TOKEN")("is TOKEN here")).toBe("is [redacted env:TOKEN] here");
  expect(redactorOf("$1.*$&(", "n$&")("a $1.*$&( b")).toBe("a [redacted n$&] b");
  expect(redactorOf("redacted", "r")("redacted")).toBe("[redacted r]");
});

test("half a character pair in a secret is no reason to fail", () => {
  expect(redactorOf("abcd\ud800efgh")("x abcd\ud800efgh y")).toBe("x [redacted env:X] y");
});

test.each([
  ["Authorization: Bearer abc.def-123", "Authorization: Bearer [redacted]"],
  ["authorization=Basic dXNlcjpwYXNz, x", "authorization=Basic [redacted], x"],
  ['{"Authorization":"Bearer abcdefgh12"}', '{"Authorization":"Bearer [redacted]"}'],
  ["curl -H 'authorization: token ghp_12345678'", "curl -H 'authorization: token [redacted]'"],
  ["got bearer abcdefgh12345== back", "got bearer [redacted] back"],
  ["DB_PASSWORD=hunter2 x", "DB_PASSWORD=[redacted] x"],
  ['"password": "hunter2"', '"password": "[redacted]"'],
  ["AWS_SECRET_ACCESS_KEY=abc/def", "AWS_SECRET_ACCESS_KEY=[redacted]"],
  ["x-api-key: 12345", "x-api-key: [redacted]"],
  ["?access_token=abc&page=2", "?access_token=[redacted]&page=2"],
  ["postgres://app:s3cret@db:5432/x", "postgres://app:[redacted]@db:5432/x"],
  ["a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b", "a [redacted] b"],
  ["cut -----BEGIN PRIVATE KEY-----\nMII", "cut [redacted]"],
])("a credential that nobody registered is unreadable: %s", (text, clean) => {
  expect(createRedactor().redact(text)).toBe(clean);
});

test.each([
  'password: "${env:DB_PASSWORD}"',
  "secret: true",
  "tokens_total=42",
  "secretName: spark-db",
  "http://127.0.0.1:4001/api/healthz",
  "time 12:30:00 for user@example.org",
  "the token was refused",
])("ordinary text stays as it is: %s", (text) => {
  expect(createRedactor().redact(text)).toBe(text);
});

test("a registered secret in a header keeps its name", () => {
  const redact = redactorOf("abcdefgh12345");
  expect(redact("Authorization: Bearer abcdefgh12345")).toBe(
    "Authorization: Bearer [redacted env:X]",
  );
  expect(redact("password=abcdefgh12345")).toBe("password=[redacted env:X]");
});

test("text made to be slow is not", () => {
  const redactor = createRedactor();
  redactor.register("x", "abcdefgh".repeat(10));
  const hostile = [
    "-----BEGIN PRIVATE KEY-----\n".repeat(40_000),
    "://a".repeat(300_000),
    `authorization${" ".repeat(1_000_000)}`,
    "bearer ".repeat(150_000),
    "password".repeat(120_000),
    "a-".repeat(500_000),
  ];
  // A quadratic search of these takes minutes, and the test's time is over long before.
  for (const text of hostile) expect(redactor.redact(text)).not.toContain("PRIVATE KEY");
});

test("no secret of any text is found again, however it is written", () => {
  assert(
    property(
      string({ minLength: 6, maxLength: 60, unit: "binary" }).filter(
        (value) => value.trim() === value,
      ),
      string({ maxLength: 40 }),
      string({ maxLength: 40 }),
      (secret, before, after) => {
        const redact = redactorOf(secret, "S");
        const writings = [
          secret,
          JSON.stringify(secret).slice(1, -1),
          JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1),
          encodeURIComponent(secret),
          base64(secret),
          Buffer.from(secret).toString("hex"),
        ];
        for (const written of writings) {
          const clean = redact(`${before}${written}${after}`);
          // What is left may hold it only if the text around it held it, or if the mark itself does.
          pre(!`${before}${after}[redacted S]`.includes(written));
          expect(clean.includes(written)).toBe(false);
        }
      },
    ),
    { numRuns: 500 },
  );
});
