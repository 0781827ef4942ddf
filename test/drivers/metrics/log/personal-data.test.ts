import { expect, test } from "vitest";

import {
  findPersonal,
  PERSONAL_CLASSES,
} from "../../../../src/drivers/metrics/log/personal-data.ts";

function found(line: string): readonly string[] {
  return findPersonal(line, PERSONAL_CLASSES, () => false).map(
    ({ kind, text }) => `${kind} ${text}`,
  );
}

test.each([
  ["to jane.doe+x@mail.example.co.uk.", ["email jane.doe+x@mail.example.co.uk"]],
  ["hello @jane_doe, and (@bob)", ["handle @jane_doe", "handle @bob"]],
  ["from 203.0.113.9:4711 and [198.51.100.7]", ["ip 203.0.113.9", "ip 198.51.100.7"]],
  ["from 2001:db8::8a2e:370:7334 too", ["ip 2001:db8::8a2e:370:7334"]],
  ["from 2001:0db8:85a3:0000:0000:8a2e:0370:7334", ["ip 2001:0db8:85a3:0000:0000:8a2e:0370:7334"]],
  ["card 4111 1111 1111 1111 paid", ["card 4111 1111 1111 1111"]],
  ["jane@example.com@10.1.2.3", ["email jane@example.com", "ip 10.1.2.3"]],
])("%s", (line, expected) => {
  expect(found(line)).toEqual(expected);
});

test.each([
  "v1.2.3.4 and Chrome/120.0.0.0, version=10.2.3.4, version: 1.2.3.4",
  "1.2.3.4.5 and 1.2.3 and 256.1.1.1 and 1.2.3.400",
  "127.0.0.1 and 0.0.0.0",
  "at 12:34:56 and 2026-11-21T08:00:00.123Z",
  "java.lang.Object@1f2e3d and @types/node and git@github",
  "4111 1111 1111 1112 and 1763712000000 and 4111111111111111-0",
  "aa:bb:cc:dd:ee:ff is a machine",
])("nothing in %s", (line) => {
  expect(found(line)).toEqual([]);
});
