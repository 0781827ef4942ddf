import { z } from "zod";

import type { Change, Field } from "../../core/field.ts";
import { failed, ok } from "../answer.ts";
import type { ActionDriver, Answer, DriverContext, Request } from "../driver.ts";
import { machineOf } from "../machine/machine.ts";
import { sshConnection } from "../machine/ssh-connection.ts";
import { placeholders, prefillText } from "../template.ts";
import { textProblem } from "../text-problem.ts";
import { envRefOf, reloadsOf, valueOf, type EnvRef } from "./env-field.ts";
import { envKeyProblem } from "./env-text.ts";
import { readEnv } from "./read-env.ts";
import { reloadInput } from "./reload-input.ts";
import { describeReload, reloadProblems, settleReload } from "./reload.ts";
import { releaseCopies, writeEnv } from "./write-env.ts";

const key = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a key is letters, digits and _, like WEBHOOK_TIMEOUT");

const value = z
  .string({ error: ({ input }) => textProblem("a value", input) })
  .regex(/^[^\r\n\0]*$/, "a value is one line");

const envFileInput = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .describe("the file of KEY=VALUE lines, on this machine, or with `connection` on that one"),
    set: z
      .record(key, value)
      .refine((set) => Object.keys(set).length > 0, "name at least one key")
      .optional()
      .describe("values by key, as they will stand after the `=`, quotes included"),
    key: key.optional().describe("under `traffic`: the key that holds the share"),
    reload: reloadInput.optional().describe("tells the service, after the edit and after its undo"),
  })
  .superRefine((input, context) => {
    if ((input.set === undefined) === (input.key === undefined))
      context.addIssue({
        code: "custom",
        message: "write `set` with values, or under `traffic` the `key` that holds the share",
      });
  });

export type EnvFileInput = z.infer<typeof envFileInput>;

/** References that are secret: what is set through them is never stored, only its hash. */
const SECRET = /^(?:env:|file:|outputs\.)/;

/**
 * Edits KEY=VALUE lines of a file and tells its service: edit and reload are one action, so that the undo edits first and
 * reloads then, too. Everything else in the file stays to the byte. A key that was absent is removed again.
 */
export const envFile: ActionDriver<EnvFileInput> = {
  kind: "env-file",
  description:
    "sets KEY=VALUE lines of a file, here or through ssh, and reloads the service that reads it",
  connections: [sshConnection.type],
  traffic: true,
  input: envFileInput,
  style: () => "fields",
  preview(request) {
    const { connectionName, input } = request;
    const { file, reload } = input;
    const place = connectionName === null ? "" : ` on ${connectionName}`;
    const pairs = wantedOf(request).map(([name, text]) => `${name}=${text}`);
    const then = reload === undefined ? "" : `, then ${describeReload(reload)}`;
    return [
      {
        does: `set ${pairs.join(" ")} in ${file}${place}${then}`,
        undo: `the values before${then}`,
      },
    ];
  },
  changes: changesOf,
  read: readEnv,
  write: writeEnv,
  settle,
  call: () => Promise.resolve(failed("an env file is not called, it is edited")),
  release: releaseCopies,
  permissions,
};

async function changesOf(
  request: Request<EnvFileInput>,
  context: DriverContext,
): Promise<Answer<readonly Change[]>> {
  const { input, connectionName } = request;
  if (input.key !== undefined && request.share === null)
    return failed(
      `\`key: ${input.key}\` holds a share: put the action under \`traffic\`, or use \`set\``,
    );
  const machine = machineOf(context);
  const pinned = await machine.pinFile(input.file);
  if (pinned.kind !== "ok") return pinned;
  const target = `env-file/${machine.name}${pinned.value}`;
  const changes: Change[] = [];
  for (const [name, text] of wantedOf(request)) {
    const ref: EnvRef = {
      host: machine.name,
      file: pinned.value,
      key: name,
      reload: input.reload ?? null,
      secret: placeholders(text).some((name) => SECRET.test(name)) ? text : null,
      copy: `${pinned.value}.canary-${context.rollout}`,
    };
    const raw = resolved(text, context);
    if (raw.kind !== "ok") return raw;
    const field: Field = {
      key: `${target}#${name}`,
      target,
      driver: "env-file",
      connection: connectionName,
      ref,
      label: `${input.file} ${name}`,
    };
    changes.push({ field, value: valueOf(raw.value, ref) });
  }
  return ok(changes);
}

async function settle(changes: readonly Change[], context: DriverContext): Promise<Answer<null>> {
  for (const reload of reloadsOf(changes.map(({ field }) => envRefOf(field)))) {
    const answer = await settleReload(reload, machineOf(context).context);
    if (answer.kind !== "ok") return answer;
  }
  return ok(null);
}

async function permissions(
  request: Request<EnvFileInput>,
  context: DriverContext,
): Promise<readonly string[]> {
  const { file, reload } = request.input;
  const found: string[] = [];
  const machine = machineOf(context);
  const pinned = await machine.pinFile(file);
  if (pinned.kind !== "ok") return [pinned.why];
  const problem = await machine.editProblem(pinned.value);
  if (problem !== null) found.push(problem);
  const text = await machine.readText(pinned.value);
  if (text.kind !== "ok") found.push(text.why);
  else {
    for (const [name] of wantedOf(request)) {
      const wrong = envKeyProblem(text.value, name);
      if (wrong !== null) found.push(`${file}: ${wrong}`);
    }
  }
  return reload === undefined ? found : [...found, ...(await reloadProblems(reload, machine))];
}

/** The keys and texts to set, with the share filled in. */
function wantedOf({ input, share }: Request<EnvFileInput>): readonly (readonly [string, string])[] {
  if (input.key !== undefined) return [[input.key, String(share ?? "${traffic}")]];
  return Object.entries(input.set ?? {}).map(([name, text]) => [
    name,
    prefillText(text, (placeholder) =>
      placeholder === "traffic" && share !== null ? share : undefined,
    ),
  ]);
}

function resolved(text: string, context: DriverContext): Answer<string> {
  try {
    const raw = context.resolve(text);
    return /[\r\n\0]/.test(raw) ? failed(`${text} is more than one line`) : ok(raw);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
