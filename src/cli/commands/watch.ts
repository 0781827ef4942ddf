import { exitCode } from "../../core/ending.ts";
import { followRollout } from "../../engine/follow-rollout.ts";
import { line } from "../../report/line.ts";
import type { Renderer } from "../../report/renderer.ts";
import { command, type Scene } from "../../report/scene.ts";
import { actingPerson } from "../acting-person.ts";
import { composeEngine } from "../compose.ts";
import { findActive } from "../find-rollout.ts";
import { openRenderer, type OutputOptions } from "../open-renderer.ts";
import { readRolloutAt, sceneOf } from "../read-rollout-at.ts";

interface Options extends OutputOptions {
  readonly evidence?: string;
}

/** Follows a rollout to its end and exits with its code. Only reads. */
export async function watch(args: readonly string[], options: Options): Promise<number> {
  const place = await findActive(args[0], options.evidence, "watch");
  const { plan } = await readRolloutAt(place);
  const scene = sceneOf(place, plan);
  const renderer = await openRenderer(options, scene);
  const engine = await composeEngine({
    evidence: place.evidence,
    by: actingPerson(),
    observe: renderer.entry,
  });
  const followed = await followRollout(engine, place.id);
  switch (followed.kind) {
    case "end":
      await renderer.close();
      return exitCode(followed.end);
    case "silent":
      return nobodyRuns(renderer, scene, "its runner fell silent: nobody watches this rollout");
    case "lost":
      return nobodyRuns(renderer, scene, `it cannot be followed any more: ${followed.why}`);
  }
}

async function nobodyRuns(renderer: Renderer, scene: Scene, why: string): Promise<number> {
  renderer.say(
    line("bad", `${why} (exit 41)`, [
      `to roll back: ${command(scene, "abort", "--reason …")}`,
      `to run it on: ${command(scene, "resume")}`,
    ]),
  );
  await renderer.close();
  return 41;
}
