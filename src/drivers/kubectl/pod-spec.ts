import { failed, ok } from "../answer.ts";
import type { Answer } from "../driver.ts";
import { at, listAt, nameOf, textAt, type KubeObject } from "./kube-object.ts";

interface FoundContainer {
  readonly list: "containers" | "initContainers";
  readonly name: string;
}

/** Where an object describes its Pods: a template in a workload, two levels deep in a CronJob, itself in a Pod. */
export function podSpecPath(object: KubeObject): readonly string[] {
  const places = [
    ["spec", "template", "spec"],
    ["spec", "jobTemplate", "spec", "template", "spec"],
  ];
  return places.find((place) => at(object, ...place) !== undefined) ?? ["spec"];
}

/** All containers by name, those that serve first. */
function containersOf(object: KubeObject): readonly FoundContainer[] {
  const spec = podSpecPath(object);
  return (["containers", "initContainers"] as const).flatMap((list) =>
    listAt(object, ...spec, list).map((container) => ({
      list,
      name: textAt(container, "name") ?? "",
    })),
  );
}

/** The container of this name, or the only one that serves. */
export function findContainer(
  live: KubeObject,
  wanted: string | undefined,
): Answer<FoundContainer> {
  const found = containersOf(live);
  const names = found.map(({ name }) => name).join(", ");
  const fitting = found.filter(({ list, name }) =>
    wanted === undefined ? list === "containers" : name === wanted,
  );
  const [first, second] = fitting;
  if (first === undefined)
    return failed(`${nameOf(live)} has no container ${wanted ?? ""}; it has ${names || "none"}`);
  return second === undefined
    ? ok(first)
    : failed(`${nameOf(live)} has several containers (${names}): name one with \`container\``);
}
