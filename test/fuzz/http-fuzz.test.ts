import { expect, test } from "vitest";

import { fuzzHttp } from "./fuzz-http.ts";

test("whatever a server answers, nobody throws, and nothing is believed that was no whole success", async () => {
  const { kinds, wrong } = await fuzzHttp(1, 30);
  expect(wrong).toEqual([]);
  expect(kinds).toEqual(
    expect.arrayContaining(["value", "error", "delivered", "again", "refused", "pass", "fail"]),
  );
});
