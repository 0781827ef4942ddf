import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { inflateSync } from "node:zlib";

import { describe, expect, test } from "vitest";

import { picture } from "../../../src/drivers/evidence/picture.ts";
import { driverContext } from "../../support/driver-context.ts";
import { startLoopbackServer } from "../../support/loopback-server.ts";

const hasChromium = spawnSync("chromium", ["--version"]).status === 0;
/** Turns from red to green when 1.5 s of the page's own time have passed. */
const PAGE = `<body style="background:#ff0000;margin:0"><script>
setTimeout(() => { document.body.style.background = "#00ff00"; }, 1500)</script></body>`;
const page = () =>
  startLoopbackServer(() => ({
    status: 200,
    body: PAGE,
    headers: { "content-type": "text/html" },
  }));

/** Width, height and the colour at the top left of a PNG without transparency. */
function look(png: Uint8Array): readonly [number, number, string] {
  const view = new DataView(png.buffer, png.byteOffset);
  const data: Uint8Array[] = [];
  for (let at = 8; at < png.length; at += 12 + view.getUint32(at)) {
    const kind = Buffer.from(png.subarray(at + 4, at + 8)).toString();
    if (kind === "IDAT") data.push(png.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const first = inflateSync(Buffer.concat(data)).subarray(1, 4);
  return [view.getUint32(16), view.getUint32(20), first.toString("hex")];
}

function leftBehind(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("canary-picture-"));
}

describe.skipIf(!hasChromium)("through the real Chromium", () => {
  test("the picture is of the page, in the size that was asked for, and after its wait", async () => {
    await using server = await page();
    const before = leftBehind();
    const input = { picture: server.url, width: 400, height: 300 };
    const red = await picture.take({ ...input, wait: "200ms" }, driverContext());
    const green = await picture.take({ ...input, wait: "3s" }, driverContext());
    if (red.kind === "missing" || green.kind === "missing")
      throw new Error(JSON.stringify([red, green]));
    expect(look(red.content as Uint8Array)).toEqual([400, 300, "ff0000"]);
    expect(look(green.content as Uint8Array)).toEqual([400, 300, "00ff00"]);
    expect(leftBehind()).toEqual(before);
  });

  test("a page that hangs while it is drawn is left at the bound, and nothing of the browser stays", async () => {
    const before = leftBehind();
    let asked = 0;
    await using server = await startLoopbackServer(() => {
      asked += 1;
      // The first request is the look whether the page is there; the browser's is never answered.
      return asked === 1 ? { status: 200, body: PAGE } : null;
    });
    const leave = new AbortController();
    const context = driverContext({ signal: leave.signal });
    const taking = picture.take({ picture: server.url }, context);
    await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(1);
    leave.abort();
    expect(await taking).toMatchObject({ kind: "missing" });
    expect(leftBehind()).toEqual(before);
  });
});

test.each([
  [404, "answers 404"],
  [503, "answers 503"],
])("a page that answers %i is no picture of it", async (status, why) => {
  await using server = await startLoopbackServer(() => ({ status, body: "<h1>no</h1>" }));
  expect(await picture.take({ picture: server.url }, driverContext())).toEqual({
    kind: "missing",
    why: `${server.url} ${why}`,
  });
});

test("nobody there, and no browser, are told as what they are", async () => {
  const gone = await page();
  await gone[Symbol.asyncDispose]();
  expect(await picture.take({ picture: gone.url }, driverContext())).toMatchObject({
    why: `${gone.url}: connection refused`,
  });
  await using server = await page();
  const input = { picture: server.url, browser: "/nowhere/chromium" };
  expect(await picture.take(input, driverContext())).toMatchObject({
    kind: "missing",
    why: expect.stringContaining("no browser is installed"),
  });
});

test("a browser that ends well without a picture is not believed", async () => {
  await using server = await page();
  const input = { picture: server.url, browser: "true" };
  const context = driverContext();
  expect(await picture.take(input, context)).toMatchObject({
    kind: "missing",
    why: expect.stringContaining("took no picture"),
  });
  expect(await picture.take({ ...input, browser: "false" }, context)).toMatchObject({
    why: "false: exit code 1",
  });
});

test.each([["file:///etc/passwd"], ["javascript:alert(1)"], ["http://x/?t=${env:TOKEN}"]])(
  "the address %s is refused when the plan is read",
  (url) => {
    expect(picture.input.safeParse({ picture: url }).success).toBe(false);
  },
);

test("an address that only becomes one of another kind later is refused too", async () => {
  const context = { ...driverContext(), resolve: () => "file:///etc/passwd" };
  expect(await picture.take({ picture: "${outputs.page}" }, context)).toMatchObject({
    kind: "missing",
    why: "file:///etc/passwd is no http or https address",
  });
});
