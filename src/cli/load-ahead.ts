/**
 * Loads what the way back, the messages and the end of a rollout will need. A rollout may outlive the files it was started
 * from (an upgrade of canary, a cache that is cleaned, a CI workspace that is removed): what is missing then can not be
 * loaded any more. Never throws: what cannot be loaded now may not be needed.
 */
export async function loadAhead(): Promise<void> {
  await Promise.allSettled([
    import("../engine/abort-bundle.ts"),
    import("../engine/kill-without-baseline.ts"),
    import("../engine/outbox/outbox.ts"),
    import("../evidence/journal-head.ts"),
    import("../evidence/list-heads.ts"),
    import("../evidence/signing-key.ts"),
    import("../drivers/direct-request.ts"),
    import("./in-cluster/kept-files.ts"),
    import("./seal-rollout.ts"),
    import("./stores/shared-stores.ts"),
  ]);
}
