import type { ConditionCode } from "./condition/condition-problem.ts";

/** Every code that reading a plan can give, and what it asks for, in one sentence. Codes are stable. */
export const loadCodes = {
  yaml: "The file is one document of valid YAML 1.2.",
  "too-large":
    "A plan has at most 512 KiB, 20,000 values and 60 levels; aliases count as what they stand for.",
  "duplicate-key": "A key stands once in a map.",
  "unquoted-placeholder": "Inside { } and [ ] a text with `${…}` stands in quotes.",
  "unquoted-comma": "Inside { } and [ ] a text with a comma stands in quotes, like a query.",
  "unknown-key": "Every key is one that the plan language or the driver knows.",
  "missing-key": "What is required is there.",
  "wrong-type": "A value is of the kind that is asked for: text, number, list, map.",
  "wrong-value": "A value is one that is possible at its place.",
  "not-supported": "Elements of later versions of the plan language are not in use yet.",
  "two-kinds": "An item of a list does one thing.",
  "bad-name":
    "Names have letters, digits, `-` and `_`, begin with a letter and are no word of the language.",
  duplicate: "A name or an item stands once.",
  placeholder: "Every `${…}` stands for something; a literal one is written `$${…}`.",
  "unknown-param": "A parameter that is used or set is defined under `params`.",
  "param-required":
    "A required parameter is given by `--set`, or has an `example` to check the plan with.",
  "param-value": "A parameter's value is of its type, among its choices and within its bounds.",
  "number-as-text":
    "A version like 1.10 stands in quotes, because YAML reads it as the number 1.1.",
  "unknown-output": "`${outputs.x}` names an output of some action, check or step.",
  "no-outputs": "Outputs belong to what gets an answer: a request or a command.",
  "no-sandbox": "A plan with `${sandbox.url}` is started with `--sandbox`.",
  "if-syntax": "`if` compares a parameter with a value: `params.by == flag`.",
  "if-choice": "`if` compares a parameter with one of its choices.",
  "unknown-type": "A connection's `type` is one that exists.",
  "unknown-connection": "A connection that is named is defined under `connections`.",
  "which-connection": "A thing goes through one connection, of a type that its driver works on.",
  "unknown-metric": "A metric that is named is defined under `metrics`.",
  "unknown-check": "A check that is named is defined under `checks`.",
  "unknown-playbook": "A playbook that is named is defined under `playbooks`.",
  "unknown-event": "What stands under `on` is an event of a rollout.",
  "unknown-message": "A message that is named is defined under `messages`.",
  "message-unused": "Every message is used by a line of `on`.",
  "unless-word": "`unless` asks for a person's word: `NAME confirmed`.",
  "check-off": "A condition on a check that an `if` leaves out is left out by the same `if`.",
  query: "A metric's query is valid in the language of its source.",
  unit: "A metric's unit is known, so that its limits can be read.",
  "condition-shape": "A condition that is a map has one of `when`, `any` and `all`.",
  "no-previous": "`previous` stands in a stage after one that has gates.",
  "not-traffic": "What stands under `traffic` can shift a share.",
  "no-traffic": "A stage that states a share belongs to a plan that says what shifts it.",
  release: "Traffic is handed back by `traffic: release`, in `finish`.",
} as const;

/** What each code of a condition's text asks for. */
export const conditionCodes: Readonly<Record<ConditionCode, string>> = {
  "condition-syntax":
    "A condition reads `metric < limit`, `check passes`, `check fails` or `confirmation confirmed`.",
  "condition-compound": "Conditions are joined by `all:` and `any:`, not in their text.",
  "condition-name": "A condition names a metric or check that is defined.",
  "condition-verb": "Metrics are compared; checks pass or fail; confirmations are confirmed.",
  "condition-limit": "A limit has the unit of its metric.",
  "condition-duration": "`over` and `for` take durations like 5m, and checks have neither.",
};

export type LoadCode = keyof typeof loadCodes | ConditionCode;
