import { expect, test } from "vitest";

import { fillWindow, plainQuery, prefillWindow } from "../../../src/drivers/metrics/fill-window.ts";
import { fillSqlWindow } from "../../../src/drivers/metrics/sql-text.ts";

test("a window is filled in as its source writes it", () => {
  expect(fillWindow("rate(x[${window}])", 90_000)).toBe("rate(x[90s])");
  expect(fillWindow("rate(x[${window}])", 1500)).toBe("rate(x[1500ms])");
  expect(fillSqlWindow("'${window} seconds'", 1500)).toBe("'1.5 seconds'");
});

test("the last filling makes plain text, and the one before it does not", () => {
  expect(fillWindow("$${window} ${window}", 1000)).toBe("${window} 1s");
  expect(fillSqlWindow("$${window} ${window}", 1000)).toBe("${window} 1");
  expect(prefillWindow("$${env:X} ${window} ${env:Y}", 1000)).toBe("$${env:X} 1s ${env:Y}");
  expect(plainQuery({ a: "$${x}", b: ["${x}", 1] })).toEqual({ a: "${x}", b: ["${x}", 1] });
});
