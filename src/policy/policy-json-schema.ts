import type { DriverCatalog } from "../plan/driver-catalog.ts";
import { planJsonSchema } from "../plan/json-schema.ts";
import { listOf, namedMap, ref, strictMap, type Node } from "../plan/json-schema/node.ts";
import { shapeNodes } from "../plan/json-schema/to-node.ts";
import {
  allowShape,
  freezeShape,
  pathShape,
  personShape,
  policySections,
  policyShape,
  taskShape,
  tierShape,
  type PolicySection,
} from "./policy-shape.ts";

/** The JSON schema (draft 7) of policy files, for editors. It knows shapes and names; the rest is `canary lint`'s to judge. */
export function policyJsonSchema(catalog: DriverCatalog): Node {
  const { properties, required } = shapeNodes(policyShape);
  const sections: Readonly<Record<PolicySection, Node>> = {
    people: namedMap(mapOf(personShape), policySections.people),
    tiers: namedMap(mapOf(tierShape), policySections.tiers),
    checks: namedMap(ref("check"), policySections.checks),
    paths: namedMap(mapOf(pathShape), policySections.paths),
    freeze: listOf(mapOf(freezeShape), policySections.freeze),
    allow: { description: policySections.allow, ...mapOf(allowShape) },
    tasks: namedMap(mapOf(taskShape), policySections.tasks),
  };
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "canary policy",
    ...strictMap({ ...properties, ...sections }, [...required, "people", "tiers"]),
    definitions: usedBy(planJsonSchema(catalog)["definitions"] as Definitions),
  };
}

type Definitions = Readonly<Record<string, Node>>;

/** A check as a plan has it, and what it refers to. */
function usedBy(all: Definitions): Definitions {
  const used: Record<string, Node> = {};
  const take = (name: string): void => {
    const node = all[name];
    if (node === undefined || Object.hasOwn(used, name)) return;
    used[name] = node;
    for (const [, next = ""] of JSON.stringify(node).matchAll(/#\/definitions\/([^"]+)/gu))
      take(next);
  };
  take("check");
  return used;
}

function mapOf(shape: Parameters<typeof shapeNodes>[0]): Node {
  const { properties, required } = shapeNodes(shape);
  return strictMap(properties, required);
}
