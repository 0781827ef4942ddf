import type { ClockForm } from "../report/line-clock.ts";
import type { Renderer } from "../report/renderer.ts";
import type { Scene } from "../report/scene.ts";
import { openSink } from "../report/sink.ts";
import { UsageError } from "./usage-error.ts";

export interface OutputOptions {
  readonly output?: string;
  readonly json?: boolean;
}

/** Opens what shows the rollout on stdout, in the form that was asked for; imports only what that form needs. */
export async function openRenderer(
  options: OutputOptions,
  scene: Scene,
  clock: ClockForm = "wall",
): Promise<Renderer> {
  const sink = openSink(1);
  switch (outputForm(options, sink.isTerminal)) {
    case "ndjson":
      return (await import("../report/ndjson.ts")).ndjsonRenderer(sink);
    case "plain":
      return (await import("../report/plain.ts")).plainRenderer(sink, scene, clock);
    case "human": {
      const [{ humanRenderer }, { colorsFor }, { createSpinner }] = await Promise.all([
        import("../report/human.ts"),
        import("../report/color.ts"),
        import("../report/spinner.ts"),
      ]);
      const moves = sink.isTerminal && process.env["TERM"] !== "dumb" && clock === "wall";
      return humanRenderer(sink, scene, {
        colors: colorsFor({ isTerminal: sink.isTerminal, env: process.env }),
        spinner: moves ? createSpinner(sink, () => process.stdout.columns) : null,
        clock,
      });
    }
  }
}

function outputForm(options: OutputOptions, isTerminal: boolean): "human" | "plain" | "ndjson" {
  const { output } = options;
  if (options.json === true && output !== undefined && output !== "ndjson")
    throw new UsageError(`--json and --output ${output} contradict each other`, "keep one");
  if (options.json === true || output === "ndjson") return "ndjson";
  if (output === "human" || output === "plain") return output;
  return isTerminal ? "human" : "plain";
}
