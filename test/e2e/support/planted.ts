import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { DriverCatalog } from "../../../src/plan/driver-catalog.ts";

/** Keys whose value nobody may see: by their name, or since their sink says so. */
const CREDENTIAL = /^(?:bearer|token|password|secret|key)$/u;
/** Maps whose values people put credentials into. */
const MAPS: ReadonlySet<string> = new Set(["header", "env"]);

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
}

/** Every place of a credential in the config of each connection type, as the registry has it: `basic.password`, `header.*`. */
export function credentialsOf({ connections, sinks }: DriverCatalog): ReadonlySet<string> {
  const found = [...connections.values()].flatMap(({ type, config }) => {
    const schema = z.toJSONSchema(config, { io: "input", unrepresentable: "any" }) as Node;
    const secrets = sinks.get(type)?.secrets ?? [];
    return placesIn(schema, []).flatMap((place) => {
      const name = place.at(-1) ?? "";
      if (MAPS.has(name)) return [`${type}: ${place.join(".")}.*`];
      const own = place.length === 1 && secrets.includes(name);
      return own || CREDENTIAL.test(name) ? [`${type}: ${place.join(".")}`] : [];
    });
  });
  return new Set(found);
}

function placesIn(
  { properties, anyOf = [] }: Node,
  path: readonly string[],
): readonly (readonly string[])[] {
  if (properties !== undefined)
    return Object.entries(properties).flatMap(([key, node]) => placesIn(node, [...path, key]));
  const deeper = anyOf.flatMap((node) => placesIn(node, path));
  return deeper.length > 0 ? deeper : [path];
}

/** A secret that was put into an environment variable, and what to look for. */
export interface Planted {
  readonly place: string;
  readonly variable: string;
  /** What the variable holds. */
  readonly value: string;
  /** The part of it that tells: all of it, but for an address. */
  readonly secret: string;
}

/** Plants secrets that nothing else in the world looks like. */
export class Garden {
  readonly planted: Planted[] = [];

  /** A reference to a new secret, for this place. */
  plant(place: string, valueOf: (secret: string) => string = (secret) => secret): string {
    const variable = `PLANTED_${this.planted.length}`;
    const secret = `pLanted-${randomBytes(12).toString("hex")}`;
    this.planted.push({ place, variable, value: valueOf(secret), secret });
    return `\${env:${variable}}`;
  }

  get env(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.planted.map(({ variable, value }) => [variable, value]));
  }

  /** The secrets that stand in a text, as themselves or as headers, addresses and logs write them. */
  foundIn(text: string): readonly Planted[] {
    return this.planted.filter(({ secret, value }) =>
      [secret, value].some((each) => formsOf(each).some((form) => text.includes(form))),
    );
  }
}

function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  // Base64 of something longer holds it at one of three offsets.
  const inside = [0, 1, 2].map((offset) => {
    const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
    return shifted.slice(Math.ceil((offset * 4) / 3), -4);
  });
  return [text, encodeURIComponent(text), bytes.toString("hex"), ...inside];
}
