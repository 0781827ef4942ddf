import { metadataVerb } from "./metadata-verb.ts";

/** Sets annotations of an object. */
export const annotate = metadataVerb("annotate", "annotations");
