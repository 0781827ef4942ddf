import type { Action } from "../../core/plan.ts";
import type { Rule } from "../located-plan.ts";
import { problemsAt, type Found } from "./problems-at.ts";
import { sourcePath } from "./source-path.ts";
import { textsIn } from "./texts-in.ts";

const RELOAD = /^(reload|restart|try-restart|reload-or-restart|-HUP|-SIGHUP|reloaded|restarted)$/i;

/**
 * Undo runs in reverse order: a reload of its own would run before the file is back, and the new value would stay in
 * force. As part of the edit it runs after it, both ways.
 */
export const reloadApart: Rule = (located) => {
  const lists = [...located.plan.stages.map(({ actions }) => actions), located.plan.finish];
  const found = lists.flatMap((actions): readonly Found[] => {
    const edit = actions.findIndex(({ driver }) => driver === "env-file");
    if (edit === -1) return [];
    return actions.slice(edit + 1).flatMap((action) =>
      isReload(action)
        ? [
            {
              code: "reload-apart" as const,
              path: sourcePath(located, `action:${action.id}`),
              message: `the action ${action.title} reloads what ${actions[edit]?.title ?? "an edit"} has edited: undone in reverse, it would reload before the file is back`,
              fix: "put it into the edit, like env-file: { …, reload: { systemd: my-service } }",
            },
          ]
        : [],
    );
  });
  return problemsAt(located, found);
};

function isReload({ driver, input }: Action): boolean {
  if (driver !== "run" && driver !== "service") return false;
  return textsIn(input).some(({ text }) => RELOAD.test(text));
}
