import type { Field, FieldValue } from "../../core/field.ts";
import type { Json } from "../../core/units.ts";
import { failed, ok, unknown } from "../answer.ts";
import type { Answer, DriverContext, Reading } from "../driver.ts";
import { readJsonPath } from "../json-path.ts";
import { asType, refOf, type RestRef } from "./rest-field.ts";
import type { RestRequest } from "./rest-request.ts";
import { sendRequest } from "./send-request.ts";

/** Reads fields behind an HTTP API, each address once. 404 and 410 read as absent; an answer without the path is a failure. */
export async function readRestFields(
  fields: readonly Field[],
  context: DriverContext,
): Promise<Answer<readonly Reading[]>> {
  const documents = new Map<string, Answer<Document>>();
  const readings: Reading[] = [];
  for (const field of fields) {
    const ref = refOf(field);
    const id = JSON.stringify(ref.read);
    const document = documents.get(id) ?? (await fetchDocument(ref.read, context));
    documents.set(id, document);
    if (document.kind !== "ok") return document;
    const value = valueIn(document.value, ref);
    if (value.kind !== "ok") return value;
    readings.push({ field, value: value.value, mark: null });
  }
  return ok(readings);
}

type Document = { readonly there: true; readonly json: Json } | { readonly there: false };

async function fetchDocument(
  request: RestRequest,
  context: DriverContext,
): Promise<Answer<Document>> {
  const answer = await sendRequest(request, context, {
    expect: [200, 201, 202, 203, 206, 404, 410],
  });
  if (answer.kind !== "ok") return answer;
  const { status, body } = answer.value;
  if (status === 404 || status === 410) return ok({ there: false });
  try {
    return ok({ there: true, json: JSON.parse(body) as Json });
  } catch {
    // A 200 with a login page or a proxy's error text says nothing about the value.
    return unknown(
      `${request.method} ${request.url} did not answer JSON: ${body.trim().slice(0, 80)}`,
    );
  }
}

function valueIn(document: Document, ref: RestRef): Answer<FieldValue> {
  if (!document.there) return ok({ present: false });
  const found = readJsonPath(document.json, ref.path);
  // Not absent: a typing error in the path would otherwise make rollback delete the whole thing.
  if (!found.found) return failed(`${ref.read.method} ${ref.read.url} answered ${found.why}`);
  return ok({ present: true, value: asType(found.value, ref.type) });
}
