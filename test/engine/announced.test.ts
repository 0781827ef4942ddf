import { expect, test } from "vitest";

import { announcementOf, type AnnouncementRecord } from "../../src/engine/announcement.ts";
import { announcementProblem } from "../../src/engine/attempt-announced.ts";
import { check } from "../support/plan-builder.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-25T10:00:00Z");

const noticed = check("noticed", {
  driver: "announced",
  input: {
    announced: "maintenance",
    ahead: 24 * HOUR,
    valid: 14 * 24 * HOUR,
    subject: "Scheduled maintenance",
    text: "Nothing to do.",
    to: ["mail", "app"],
  },
});
const found = announcementOf(noticed);
if (found === null) throw new Error("no announcement");
const asked = found;

function told(hours: Readonly<Record<string, number>>, hash = asked.hash): AnnouncementRecord {
  const times = Object.entries(hours).map(([to, ago]) => [
    to,
    new Date(NOW - ago * HOUR).toISOString(),
  ]);
  const about = { plan: "p", message: "maintenance", by: "ana" };
  return { v: 1, ...about, hash, told: Object.fromEntries(times) as AnnouncementRecord["told"] };
}

test("what was told to all, early enough and not too long ago, counts", () => {
  expect(announcementProblem(asked, told({ mail: 24, app: 30 }), NOW)).toBeNull();
  expect(announcementProblem(asked, told({ mail: 14 * 24, app: 24 }), NOW)).toBeNull();
});

test.for([
  ["nothing", null, "was not announced"],
  ["one place only", told({ mail: 24 }), "did not reach app"],
  ["too late", told({ mail: 24, app: 23.9 }), "early enough from 2026-11-25T10:06:00.000Z on"],
  ["too long ago", told({ mail: 14 * 24 + 1, app: 24 }), "too long ago"],
  ["another text", told({ mail: 24, app: 24 }, "0".repeat(64)), "another text"],
  ["a time that is none", { ...told({ app: 24 }), told: { mail: "x" } }, "did not reach mail"],
] as const)("%s does not, and says why", ([, record, why]) => {
  expect(announcementProblem(asked, record, NOW)).toContain(why);
});

test("another subject or text is another announcement; other checks are none", () => {
  const other = announcementOf({ ...noticed, input: { ...noticed.input, subject: "Other" } });
  expect(other?.hash).not.toBe(asked.hash);
  expect(announcementOf(check("x"))).toBeNull();
});
