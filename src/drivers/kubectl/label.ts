import { metadataVerb } from "./metadata-verb.ts";

/** Sets labels of an object. */
export const label = metadataVerb("label", "labels");
