import type { Governance, Person, Role } from "../core/governance.ts";

/** A person with the name under which the policy knows them. */
export interface NamedPerson extends Person {
  readonly name: string;
}

type People = Governance["people"];

/** Whether a person holds one of the roles. */
export function holdsOneOf(person: Person, roles: readonly Role[]): boolean {
  return person.roles.some((role) => roles.includes(role));
}

/**
 * Whether this person may stop a rollout by the policy. A command on the line aborts whoever gives it, and says afterwards
 * that it was not by one of these; what comes over the network is refused.
 */
export function mayStop(governance: Pick<Governance, "stop">, person: Person): boolean {
  return holdsOneOf(person, governance.stop);
}

/** The person of this name, also as `@name`; null when the policy knows none. */
export function personNamed(people: People, name: string): NamedPerson | null {
  const bare = name.replace(/^@/u, "");
  const person = Object.hasOwn(people, bare) ? people[bare] : undefined;
  return person === undefined ? null : { name: bare, ...person };
}

/** The person to whom a public SSH key belongs; its comment does not count. */
export function personOfKey(people: People, key: string): NamedPerson | null {
  const wanted = withoutComment(key);
  const found = Object.entries(people).find(([, { keys }]) =>
    keys.some((each) => withoutComment(each) === wanted),
  );
  return found === undefined ? null : { name: found[0], ...found[1] };
}

/** Type and body of a public key. */
export function withoutComment(key: string): string {
  return key.trim().split(/\s+/u).slice(0, 2).join(" ");
}
