import type { Json } from "../../core/units.ts";
import type { Mark } from "../driver.ts";
import { isList, isObject, textAt, type KubeObject } from "./kube-object.ts";
import { MADE_BY, MARK, markToWrite } from "./mark.ts";

/** The rollout that made this object, when one did. */
export function madeBy(object: KubeObject): string | null {
  return textAt(object, "metadata", "annotations", MADE_BY);
}

/** The manifest with the annotations that say whose it is. */
export function markedManifest(manifest: KubeObject, mark: Mark): KubeObject {
  const metadata = isObject(manifest["metadata"]) ? manifest["metadata"] : {};
  const annotations = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
  const marked = { ...annotations, [MARK]: markToWrite({}, mark), [MADE_BY]: mark.rollout };
  return { ...manifest, metadata: { ...metadata, annotations: marked } };
}

/** What a live object holds at the places that the shape names; the server adds defaults beside them. */
export function projectOn(live: Json, shape: Json): Json {
  if (isObject(shape) && isObject(live)) {
    const entries = Object.entries(shape).flatMap(([key, inner]): [string, Json][] => {
      const value = Object.hasOwn(live, key) ? live[key] : undefined;
      return value === undefined ? [] : [[key, projectOn(value, inner)]];
    });
    return Object.fromEntries(entries);
  }
  if (isList(shape) && isList(live) && shape.length === live.length)
    return live.map((each, index) => projectOn(each, shape[index] ?? null));
  return live;
}
