import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { findCommand } from "../find-command.ts";
import { isPng } from "./png.ts";

const size = z.int().min(100).max(5000);

const pictureEvidence = z.strictObject({
  picture: z
    .string()
    .regex(/^(?:https?:\/\/|\$\{)/u, "write an http or https address")
    .refine((url) => !/\$\{(?:env|file):/u.test(url), {
      message:
        "a secret in this address could be read by everyone on the machine; for Grafana take `panel`",
    })
    .describe("the address of a page, which a browser opens and takes a picture of"),
  width: size.optional().describe("in pixels; without it 1280"),
  height: size.optional().describe("in pixels; without it 800"),
  wait: durationInput
    .optional()
    .describe("how much of the page's own time passes before the picture; without it 3s"),
  browser: z
    .string()
    .min(1)
    .optional()
    .describe("Chromium or Chrome, by name or path; without it the first that is installed"),
});

type PictureInput = z.infer<typeof pictureEvidence>;

const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const WAIT = "3s";

/** A picture of any page, by a browser without a window. What is seen on it cannot be redacted. */
export const picture: EvidenceDriver<PictureInput> = {
  kind: "picture",
  description: "takes a picture of a page with Chromium",
  connections: [],
  input: pictureEvidence,
  preview: ({ picture }) => `chromium --headless --screenshot ${picture}`,
  take,
};

async function take(input: PictureInput, context: DriverContext): Promise<EvidenceResult> {
  const url = context.resolve(input.picture);
  const problem = (await pageProblem(url, context)) ?? null;
  if (problem !== null) return { kind: "missing", why: problem };
  const browser = await findBrowser(input, context);
  if (browser === null)
    return { kind: "missing", why: `no browser is installed: ${BROWSERS.join(", ")}` };
  // Its own folder: a browser that runs already, and what it remembers, have no part in this.
  const folder = await mkdtemp(join(tmpdir(), "canary-picture-"));
  try {
    return await shoot(browser, url, input, folder, context);
  } finally {
    // A browser that was just killed may still be writing.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
  }
}

/** A browser takes a picture of its own error page and says that all went well: the page is asked for first. */
async function pageProblem(url: string, { http, signal }: DriverContext): Promise<string | null> {
  if (!/^https?:\/\//u.test(url)) return `${url} is no http or https address`;
  const answer = await http({ url, method: "GET", signal });
  if (answer.kind === "noAnswer") return `${url}: ${answer.why}`;
  return answer.status < 400 ? null : `${url} answers ${answer.status}`;
}

async function findBrowser(input: PictureInput, context: DriverContext): Promise<string | null> {
  for (const name of input.browser === undefined ? BROWSERS : [input.browser])
    if ((await findCommand({ argv: [name] }, context)) === null) return name;
  return null;
}

async function shoot(
  browser: string,
  url: string,
  { width = 1280, height = 800, wait = WAIT }: PictureInput,
  folder: string,
  { exec, signal }: DriverContext,
): Promise<EvidenceResult> {
  const file = join(folder, "picture.png");
  const argv = [
    browser,
    "--headless=new",
    // Chromium refuses to run as root with its sandbox, as it would in a container.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--no-first-run",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--hide-scrollbars",
    `--user-data-dir=${join(folder, "profile")}`,
    `--window-size=${width},${height}`,
    `--virtual-time-budget=${durationOf(wait)}`,
    `--screenshot=${file}`,
    url,
  ];
  const done = await exec(argv, { signal, env: { HOME: folder } });
  if (done.exitCode !== 0)
    return { kind: "missing", why: `${browser}: ${done.why ?? `exit code ${done.exitCode}`}` };
  const bytes = await readFile(file).catch(() => null);
  return bytes === null || !isPng(bytes)
    ? { kind: "missing", why: `${browser} took no picture of ${url}` }
    : { kind: "taken", content: bytes };
}
