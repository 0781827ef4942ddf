import type { SourcePath } from "../diagnostic.ts";
import type { LocatedPlan, Rule } from "../located-plan.ts";
import { findPlaceholders } from "../placeholders.ts";
import { actionMoment, checkMoments } from "./check-moments.ts";
import { placedActions, type PlacedAction } from "./placed-actions.ts";
import { planTexts, type PlanText } from "./plan-texts.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";

/** Who makes an output, and where that stands. */
type Maker = { readonly name: string; readonly path: SourcePath } & (
  | { readonly kind: "action"; readonly order: number; readonly stage: number }
  | { readonly kind: "check"; readonly check: string; readonly step: number | null }
);

/** An output is made by one thing, which runs before whoever uses it. */
export const outputs: Rule = (located) => {
  const actions = placedActions(located);
  const makers = new Map<string, Maker>();
  const found: Found[] = [];
  for (const maker of [...checkMakers(located), ...actions.flatMap(actionMakers)]) {
    const other = makers.get(maker.name);
    if (other === undefined) makers.set(maker.name, maker);
    // A traffic action is written once and runs in every stage.
    else if (String(other.path) !== String(maker.path))
      found.push({
        code: "output-twice",
        path: [...maker.path, "outputs", maker.name],
        atKey: true,
        message: `the output ${maker.name} is made by something earlier already`,
        fix: "give one of them another name",
      });
  }
  const moments = checkMoments(located.plan);
  for (const user of planTexts(located)) {
    for (const { kind, name, offset, length } of findPlaceholders(user.text).found) {
      const maker = kind === "outputs" ? makers.get(name) : undefined;
      if (maker === undefined || !isEarly(user, maker, { actions, moments })) continue;
      found.push({
        code: "output-early",
        path: user.path,
        part: { offset, length },
        message: `\${outputs.${name}} is used before it is made`,
        fix: `put what makes ${name} before this`,
      });
    }
  }
  return problemsAt(located, found);
};

function actionMakers({ action, path, stage }: PlacedAction, order: number): readonly Maker[] {
  const names = Object.keys(action.outputs);
  return names.map((name) => ({ kind: "action", name, path, order, stage }));
}

function checkMakers(located: LocatedPlan): readonly Maker[] {
  return Object.values(located.plan.checks).flatMap((check): readonly Maker[] => {
    const of = (names: object | undefined, thing: string, step: number | null): Maker[] =>
      Object.keys(names ?? {}).map((name) => ({
        kind: "check",
        name,
        path: sourcePath(located, thing),
        check: check.name,
        step,
      }));
    const steps = check.steps ?? [];
    return [
      ...of(check.outputs, `check:${check.name}`, null),
      ...steps.flatMap((step, index) =>
        step.kind === "test" ? of(step.outputs, `step:${check.name}/${index}`, index) : [],
      ),
    ];
  });
}

interface Order {
  readonly actions: readonly PlacedAction[];
  readonly moments: ReadonlyMap<string, number>;
}

function isEarly(user: PlanText, maker: Maker, { actions, moments }: Order): boolean {
  const { action, check } = user;
  if (action !== null) {
    // An undo may use what its own action made.
    if (maker.kind === "action")
      return maker.order >= actions.findIndex((other) => other.action === action.action);
    const made = moments.get(maker.check) ?? Number.POSITIVE_INFINITY;
    return made > actionMoment(action.stage);
  }
  if (check === null) return false;
  if (maker.kind === "check" && maker.check === check.name)
    return maker.step === null || check.step === null || maker.step >= check.step;
  const used = moments.get(check.name);
  if (used === undefined) return false;
  const made = maker.kind === "action" ? actionMoment(maker.stage) : moments.get(maker.check);
  return made === undefined || made > used;
}
