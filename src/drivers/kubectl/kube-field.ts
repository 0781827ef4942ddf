import type { Change, Field } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import type { Mark } from "../driver.ts";
import type { Seen } from "./fence-rule.ts";
import type { ObjectName } from "./fetch-object.ts";
import { nameOf, resourceOf, textAt, type KubeObject } from "./kube-object.ts";
import { markOf } from "./mark.ts";
import { depthOf, indexAt, pathText, type ObjectPath } from "./object-path.ts";

/** The workload that serves what this one does not, and how many replicas it had before the rollout. */
export interface Partner extends ObjectName {
  readonly replicas: number;
}

/** What is needed to find a field again from any process. */
export interface KubeRef extends ObjectName {
  /** Null for an object that did not exist when the changes were found. */
  readonly uid: string | null;
  readonly path: ObjectPath;
  /** How many segments of the path were there before the rollout. */
  readonly had: number;
  /** Where the list element stood that the path ends with, or where it goes. */
  readonly index: number | null;
  /** The mark that another rollout had left there before. */
  readonly before: Mark | null;
  /** For an object that is made as a whole: the manifest, whose places are compared. */
  readonly manifest: Json;
  /** Where requests are shared by the number of replicas. */
  readonly partner?: Partner | undefined;
}

/** A change on its way forward, with what its object looked like before the epoch was checked. An undo has no `seen`. */
export interface ForwardChange extends Change {
  readonly seen?: Seen | null;
}

/**
 * The reference of a field of this driver, also from a bundle that another process wrote.
 * @throws when it is none: a damaged bundle.
 */
export function refOf(field: Field): KubeRef {
  const { ref } = field;
  if (!isKubeRef(ref)) throw new Error(`${field.key} is no field of a Kubernetes object`);
  return ref;
}

// No schema library here: an abort must not wait until one is loaded.
function isKubeRef(ref: unknown): ref is KubeRef {
  if (!isMap(ref) || !isNamed(ref)) return false;
  const { uid, path, had, index, before, manifest, partner } = ref;
  return (
    isTextOrNull(uid) &&
    Array.isArray(path) &&
    path.every(isSegment) &&
    Number.isInteger(had) &&
    (index === null || Number.isInteger(index)) &&
    (before === null ||
      (isMap(before) &&
        typeof before["rollout"] === "string" &&
        Number.isInteger(before["epoch"]))) &&
    manifest !== undefined &&
    (partner === undefined ||
      (isMap(partner) && isNamed(partner) && Number.isInteger(partner["replicas"])))
  );
}

function isSegment(segment: unknown): boolean {
  if (typeof segment === "string") return true;
  return isMap(segment) && (typeof segment["name"] === "string" || isMap(segment["where"]));
}

function isNamed({ type, name, namespace }: Readonly<Record<string, unknown>>): boolean {
  return typeof type === "string" && typeof name === "string" && isTextOrNull(namespace);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectNameOf(ref: KubeRef): ObjectName {
  return { type: ref.type, name: ref.name, namespace: ref.namespace };
}

export interface Owner {
  readonly driver: string;
  readonly connection: string | null;
  readonly rollout: string;
  /** What tells this cluster from others: the UID of its `kube-system` namespace. */
  readonly cluster: string;
}

interface About {
  /** For people: `replicas`. */
  readonly label: string;
  /** Where an element goes that is not in its list yet. */
  readonly position?: number | undefined;
  readonly partner?: Partner | undefined;
}

/** One place in an object that exists: pinned by the object's UID, which is also what is locked. */
export function fieldAt(
  owner: Owner,
  object: KubeObject,
  path: ObjectPath,
  { label, position, partner }: About,
): Field {
  const uid = textAt(object, "metadata", "uid");
  const mark = markOf(object);
  const namespace = textAt(object, "metadata", "namespace");
  const name = textAt(object, "metadata", "name") ?? "";
  const ref: KubeRef = {
    type: resourceOf(object),
    name,
    namespace,
    uid,
    path,
    had: depthOf(object, path),
    index: indexAt(object, path) ?? position ?? null,
    before: mark === null || mark.rollout === owner.rollout ? null : mark,
    manifest: null,
    ...(partner === undefined ? {} : { partner }),
  };
  return {
    key: keyOf(owner, ref),
    target: `kubernetes/${uid ?? ""}`,
    driver: owner.driver,
    connection: owner.connection,
    ref: jsonOf(ref),
    label: `${nameOf(object)} ${label}`,
  };
}

/** An object as a whole, by its name, for one that does not exist yet. `about` tells fields of one object apart. */
export function wholeField(
  owner: Owner,
  object: ObjectName,
  about: { readonly label: string; readonly suffix: string; readonly manifest: Json },
): Field {
  const ref: KubeRef = {
    ...object,
    uid: null,
    path: [],
    had: 0,
    index: null,
    before: null,
    manifest: about.manifest,
  };
  return {
    key: `${keyOf(owner, ref)}${about.suffix}`,
    target: keyOf(owner, ref).replace(/#$/, ""),
    driver: owner.driver,
    connection: owner.connection,
    ref: jsonOf(ref),
    label: about.label,
  };
}

/** An interface is not assignable to an index signature; every member of this one is JSON. */
function jsonOf({ partner, ...ref }: KubeRef): Json {
  return {
    ...ref,
    path: [...ref.path],
    before: ref.before === null ? null : { ...ref.before },
    ...(partner === undefined ? {} : { partner: { ...partner } }),
  };
}

function keyOf({ cluster }: Owner, { namespace, type, name, path }: KubeRef): string {
  const kind = type.replace(/\.v\d\w*(?=\.)/, "").replace(/\.apps$/, "");
  return `kubectl/${cluster}/${namespace ?? "-"}/${kind}/${name}#${pathText(path)}`;
}
