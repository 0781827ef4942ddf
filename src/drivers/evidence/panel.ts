import { z } from "zod";

import type { DriverContext, EvidenceDriver, EvidenceResult } from "../driver.ts";
import { durationInput, durationOf } from "../duration-input.ts";
import { isPng } from "./png.ts";

const size = z.int().min(100).max(5000);

const panelEvidence = z.strictObject({
  panel: z.int().min(0).describe("the id of the panel"),
  dashboard: z.string().min(1).describe("the uid of its dashboard"),
  last: durationInput.optional().describe("how far back it shows; without it 1h"),
  width: size.optional().describe("in pixels; without it 1000"),
  height: size.optional().describe("in pixels; without it 500"),
  theme: z.enum(["light", "dark"]).optional().describe("without it that of the token"),
  vars: z
    .record(z.string(), z.string())
    .optional()
    .describe("values of the dashboard's variables, by name"),
});

type PanelInput = z.infer<typeof panelEvidence>;

const HOUR = "1h";

/** A panel of a Grafana dashboard, drawn by Grafana itself: it needs the image renderer. What is seen cannot be redacted. */
export const panel: EvidenceDriver<PanelInput> = {
  kind: "panel",
  description: "takes a picture of a Grafana panel, through Grafana's image renderer",
  connections: ["grafana"],
  input: panelEvidence,
  preview: ({ panel, dashboard }) =>
    `GET /render/d-solo/${dashboard}/canary?panelId=${panel} from Grafana`,
  take,
};

async function take(input: PanelInput, context: DriverContext): Promise<EvidenceResult> {
  const { url, token } = context.connection as { readonly url: string; readonly token: string };
  const answer = await context.http({
    url: `${url.replace(/\/$/u, "")}/render/d-solo/${queryOf(input, context)}`,
    method: "GET",
    headers: { authorization: `Bearer ${token}`, accept: "image/png" },
    signal: context.signal,
    binary: true,
  });
  if (answer.kind === "noAnswer") return { kind: "missing", why: `Grafana: ${answer.why}` };
  if (answer.status !== 200)
    return { kind: "missing", why: `Grafana answers ${answer.status}${hint(answer.status)}` };
  const bytes = Buffer.from(answer.body, "base64");
  // A page to sign in at, and the renderer's own errors, come with 200 too.
  return isPng(bytes)
    ? { kind: "taken", content: bytes }
    : { kind: "missing", why: "Grafana's answer is no picture: is its image renderer installed?" };
}

function hint(status: number): string {
  return status === 401 || status === 403 ? ": the token may not see the dashboard" : "";
}

function queryOf(input: PanelInput, context: DriverContext): string {
  const { panel, dashboard, last = HOUR, width = 1000, height = 500, theme, vars = {} } = input;
  const to = context.now();
  const query = new URLSearchParams({
    panelId: String(panel),
    from: String(to - durationOf(last)),
    to: String(to),
    width: String(width),
    height: String(height),
    tz: "UTC",
    ...(theme === undefined ? {} : { theme }),
    ...Object.fromEntries(
      Object.entries(vars).map(([name, value]) => [`var-${name}`, context.resolve(value)]),
    ),
  });
  return `${encodeURIComponent(dashboard)}/canary?${query.toString()}`;
}
