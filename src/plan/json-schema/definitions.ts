import type { DriverCatalog } from "../driver-catalog.ts";
import { announcedShape } from "../schema/announced-shape.ts";
import { checkShape } from "../schema/check-shape.ts";
import { confirmShape } from "../schema/confirm-shape.ts";
import { drillShape } from "../schema/drill-shape.ts";
import { evidenceShape } from "../schema/evidence-shape.ts";
import { metricShape } from "../schema/metric-shape.ts";
import { paramShape } from "../schema/param-shape.ts";
import { diagnosisShape } from "../schema/playbook-shape.ts";
import { duration, nameText } from "../schema/scalars.ts";
import { readyShape, serviceShape } from "../schema/service-shape.ts";
import { stepShape, waitStepShape } from "../schema/step-shape.ts";
import { triggerShape } from "../schema/trigger-shape.ts";
import { actionNode } from "./action-node.ts";
import { drivenNode } from "./driven-node.ts";
import { listOf, namedMap, ref, strictMap, type Node } from "./node.ts";
import { reactionNode } from "./reaction-node.ts";
import { shapeNodes, toNode } from "./to-node.ts";

/** The things that stand in several places of a plan. */
export function definitions(catalog: DriverCatalog): Readonly<Record<string, Node>> {
  const param = shapeNodes(paramShape);
  return {
    if: {
      description: "leaves the item out unless it holds: params.by == flag",
      type: "string",
      pattern: "^\\s*params\\.[A-Za-z_][A-Za-z0-9_-]*\\s*(==|!=)\\s*\\S",
    },
    condition: conditionNode({}),
    trigger: conditionNode(shapeNodes(triggerShape).properties),
    action: actionNode(catalog, false),
    traffic: actionNode(catalog, true),
    check: checkNode(catalog, {}),
    checkItem: {
      anyOf: [
        { description: "the name of a check", type: "string" },
        checkNode(catalog, { name: toNode(nameText) }),
      ],
    },
    step: stepNode(catalog),
    evidence: evidenceNode(catalog, evidenceShape),
    diagnosis: evidenceNode(catalog, diagnosisShape),
    connection: connectionNode(catalog),
    metric: metricNode(catalog),
    reaction: reactionNode(catalog),
    param: strictMap(param.properties, param.required),
  };
}

/** A condition: text, or a map around one or several. `more` are the keys of what it belongs to. */
function conditionNode(more: Readonly<Record<string, Node>>): Node {
  const lasting = { description: "how long it must have held", ...toNode(duration) };
  const beside = { for: lasting, if: ref("if"), ...more };
  return {
    anyOf: [
      { description: "like p95 < 200ms, db passes, go confirmed", type: "string" },
      strictMap({ when: ref("condition"), ...beside }, ["when"]),
      strictMap({ any: listOf(ref("condition")), ...beside }, ["any"]),
      strictMap({ all: listOf(ref("condition")), ...beside }, ["all"]),
    ],
  };
}

function checkNode(catalog: DriverCatalog, more: Readonly<Record<string, Node>>): Node {
  const services = namedMap(serviceNode(), "processes that live as long as the check, by name");
  const shared = shapeNodes(checkShape).properties;
  const beside: Readonly<Record<string, Node>> = { ...shared, services, if: ref("if"), ...more };
  const confirm = shapeNodes(confirmShape);
  const word = {
    description: "a person's word, given by `canary confirm`",
    ...strictMap({ ...confirm.properties, if: ref("if"), ...more }, confirm.required),
  };
  const told = shapeNodes(announcedShape);
  const { as } = shared;
  const announced = {
    description: "that `canary announce` told people in time",
    ...strictMap(
      { ...told.properties, ...(as === undefined ? {} : { as }), if: ref("if"), ...more },
      told.required,
    ),
  };
  const drill = shapeNodes(drillShape);
  const drilled = {
    description: "that `canary drill` went this way back, and not too long ago",
    ...strictMap(
      { ...drill.properties, ...(as === undefined ? {} : { as }), if: ref("if"), ...more },
      drill.required,
    ),
  };
  // Each step has its own connection and outputs.
  const { connection: _connection, outputs: _outputs, ...whole } = beside;
  const several = {
    description: "several tests, one after another, as one check",
    ...strictMap({ steps: listOf(ref("step"), "in their order"), ...whole }, ["steps"]),
  };
  const kinds = [...catalog.checks.values()].map(({ input: schema, description }) =>
    drivenNode({ schema, description, beside, required: [] }),
  );
  return { anyOf: [...kinds, several, word, announced, drilled] };
}

function stepNode(catalog: DriverCatalog): Node {
  const beside = { ...shapeNodes(stepShape).properties, if: ref("if") };
  const kinds = [...catalog.checks.values()].map(({ input: schema, description }) =>
    drivenNode({ schema, description, beside, required: [] }),
  );
  const wait = shapeNodes(waitStepShape);
  return { anyOf: [...kinds, strictMap({ ...wait.properties, if: ref("if") }, wait.required)] };
}

function serviceNode(): Node {
  const service = shapeNodes(serviceShape);
  const ready = { description: "when it is up", ...strictMap(shapeNodes(readyShape).properties) };
  return strictMap({ ...service.properties, ready }, [...service.required, "ready"]);
}

function evidenceNode(
  catalog: DriverCatalog,
  shape: typeof evidenceShape | typeof diagnosisShape,
): Node {
  const { properties, required } = shapeNodes(shape);
  const beside = { ...properties, if: ref("if") };
  const kinds = [...catalog.evidence.values()].map(({ input: schema, description }) =>
    drivenNode({ schema, description, beside, required }),
  );
  const metric = { description: "the name of a metric", type: "string" };
  const value = strictMap({ metric, ...beside }, ["metric", ...required]);
  const table = listOf({ type: "string" }, "the metrics that are its columns");
  const rows = strictMap({ table: { ...table, minItems: 1 }, ...beside }, ["table", ...required]);
  return {
    anyOf: [
      ...kinds,
      { description: "the value of a metric", ...value },
      { description: "a Markdown table of metrics, one row `every` so often", ...rows },
    ],
  };
}

function connectionNode(catalog: DriverCatalog): Node {
  const kinds = [...catalog.connections.values()].map(({ type, description, config: schema }) =>
    drivenNode({ schema, description, beside: { type: { const: type } }, required: ["type"] }),
  );
  return { anyOf: kinds };
}

function metricNode(catalog: DriverCatalog): Node {
  const beside = shapeNodes(metricShape).properties;
  const kinds = [...catalog.metrics.values()].map(({ query: schema, description }) =>
    drivenNode({ schema, description, beside, required: [] }),
  );
  return { anyOf: kinds };
}
