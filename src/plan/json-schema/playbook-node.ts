import { paramShape } from "../schema/param-shape.ts";
import { playbookSections, playbookShape } from "../schema/playbook-shape.ts";
import { listOf, namedMap, ref, strictMap, type Node } from "./node.ts";
import { shapeNodes } from "./to-node.ts";

/** A playbook: texts for people, a diagnosis, and actions that a person runs. */
export function playbookNode(): Node {
  const param = shapeNodes(paramShape);
  const value = strictMap(param.properties, param.required);
  return strictMap({
    ...shapeNodes(playbookShape).properties,
    diagnose: listOf(ref("diagnosis"), playbookSections.diagnose),
    actions: listOf(ref("action"), playbookSections.actions),
    params: namedMap(value, playbookSections.params),
  });
}
