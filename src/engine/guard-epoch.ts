/** Epochs of runners begin at 1; the heartbeat under this one is of a guard. */
export const GUARD_EPOCH = 0;
