/** The list of every file in the folder of a rollout, written when it ended. */
export const MANIFEST = "manifest.json";
/** The signature over the list. */
export const MANIFEST_SIGNATURE = "manifest.dsse.json";
