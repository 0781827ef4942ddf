import { expect, test } from "vitest";

import { logFile } from "../../src/drivers/log-place.ts";
import { driverContext } from "../support/driver-context.ts";

test.each([
  ["./x.log", {}, { kind: "ok", value: "./x.log" }],
  ["app-log", { file: "/var/log/app.log" }, { kind: "ok", value: "/var/log/app.log" }],
  [
    "app-log",
    { file: "/var/log/app.log", host: "web-1" },
    { kind: "failed", why: expect.stringContaining("another machine") },
  ],
  [
    "app-log",
    { workload: "deployment/app" },
    { kind: "failed", why: expect.stringContaining("of a workload") },
  ],
  ["app-log", {}, { kind: "failed", why: expect.stringContaining("write ./app-log") }],
])("%s through %j", (log, connection, expected) => {
  expect(logFile(log, driverContext({ connection }))).toMatchObject(expected);
});
