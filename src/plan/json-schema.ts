import type { DriverCatalog } from "./driver-catalog.ts";
import { definitions } from "./json-schema/definitions.ts";
import { listOf, namedMap, ref, strictMap, type Node } from "./json-schema/node.ts";
import { playbookNode } from "./json-schema/playbook-node.ts";
import { messageNode, onNode } from "./json-schema/reaction-node.ts";
import { shapeNodes } from "./json-schema/to-node.ts";
import { aboutShape } from "./schema/about-shape.ts";
import { planSections, planShape, type PlanSection } from "./schema/plan-shape.ts";
import {
  gradualShape,
  rollbackSections,
  verifyLists,
  verifyShape,
} from "./schema/rollback-shape.ts";
import { everyStageLists, everyStageShape, stageLists, stageShape } from "./schema/stage-shape.ts";
import { triggerGroups } from "./schema/trigger-shape.ts";

/**
 * The JSON schema (draft 7) of plan files, for editors: what may be written, before placeholders are filled in. It knows
 * shapes and names; what a plan means is `canary lint`'s to judge.
 */
export function planJsonSchema(catalog: DriverCatalog): Node {
  const { properties, required } = shapeNodes(planShape);
  const sections = sectionNodes();
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "canary plan",
    ...strictMap({ ...properties, ...sections }, [...required, "stages"]),
    definitions: definitions(catalog),
  };
}

function sectionNodes(): Readonly<Record<PlanSection, Node>> {
  const every = { ...shapeNodes(everyStageShape).properties, ...lists(everyStageLists) };
  const about = shapeNodes(aboutShape);
  const groups = Object.entries(triggerGroups).map(
    ([group, does]) => [group, listOf(ref("trigger"), does)] as const,
  );
  return {
    about: described("about", strictMap(about.properties, about.required)),
    params: namedMap(ref("param"), planSections.params),
    connections: namedMap(ref("connection"), planSections.connections),
    metrics: namedMap(ref("metric"), planSections.metrics),
    checks: namedMap(ref("check"), planSections.checks),
    traffic: listOf(ref("traffic"), planSections.traffic),
    preflight: listOf(ref("checkItem"), planSections.preflight),
    everyStage: described("everyStage", strictMap(every)),
    during: listOf(ref("action"), planSections.during),
    stages: { ...listOf(stageNode(), planSections.stages), minItems: 1 },
    finish: listOf({ anyOf: [ref("action"), releaseNode()] }, planSections.finish),
    triggers: described("triggers", strictMap(Object.fromEntries(groups))),
    rollback: described("rollback", rollbackNode()),
    playbooks: namedMap(playbookNode(), planSections.playbooks),
    messages: namedMap(messageNode(), planSections.messages),
    on: described("on", onNode()),
  };
}

function stageNode(): Node {
  const { properties, required } = shapeNodes(stageShape);
  return strictMap({ ...properties, ...lists(stageLists), if: ref("if") }, required);
}

const ITEMS: Readonly<Record<string, Node>> = {
  actions: ref("action"),
  checks: ref("checkItem"),
  gates: ref("condition"),
  evidence: ref("evidence"),
};

function lists(described: Readonly<Record<string, string>>): Readonly<Record<string, Node>> {
  return Object.fromEntries(
    Object.entries(described).map(([key, about]) => [key, listOf(ITEMS[key] ?? {}, about)]),
  );
}

function releaseNode(): Node {
  const release = { description: "hands the router back", const: "release" };
  return strictMap({ traffic: release, if: ref("if") }, ["traffic"]);
}

function rollbackNode(): Node {
  const gradual = shapeNodes(gradualShape);
  const verify = { ...shapeNodes(verifyShape).properties, ...lists(verifyLists) };
  return strictMap({
    actions: listOf(ref("action"), rollbackSections.actions),
    gradual: {
      description: rollbackSections.gradual,
      ...strictMap({ ...gradual.properties, if: ref("if") }, gradual.required),
    },
    verify: { description: rollbackSections.verify, ...strictMap(verify) },
  });
}

function described(section: PlanSection, node: Node): Node {
  return { description: planSections[section], ...node };
}
