import { z } from "zod";

type Schema = z.core.$ZodType;

/** The keys that a map may have at a path inside a schema; those of all alternatives where there are several. */
export function schemaKeys(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const reached = path.reduce<readonly Schema[]>(
    (schemas, step) => schemas.flatMap(unwrap).flatMap((each) => below(each, step)),
    [schema],
  );
  const keys = reached
    .flatMap(unwrap)
    .flatMap((each) => (each instanceof z.ZodObject ? Object.keys(each.shape) : []));
  return [...new Set(keys)];
}

function below(schema: Schema, step: PropertyKey): readonly Schema[] {
  if (schema instanceof z.ZodObject) {
    const shape: z.core.$ZodShape = schema.shape;
    const child = typeof step === "string" ? shape[step] : undefined;
    return child === undefined ? [] : [child];
  }
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  return schema instanceof z.ZodArray ? [schema.element] : [];
}

/** The schemas behind optional, default, pipe and union, which all accept the same value. */
function unwrap(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodLazy
  )
    return unwrap(schema.unwrap());
  return [schema];
}
