import type { FieldValue } from "../../core/field.ts";
import type { Percent } from "../../core/units.ts";

/** What a percentage flag does: whether it is on at all, and the share it is set to when it is. */
export interface ShareState {
  readonly on: boolean;
  readonly share: Percent;
}

const TEXT = /^(off, )?(0|[1-9]\d{0,2}(?:\.\d+)?|0\.\d+)$/;

/**
 * The state as the value of a field: `25`, or `off, 25` where the flag is switched off and keeps its share. One value
 * rather than two fields, so that a flag that is on already and only gets another share is not taken for one that is
 * live; plain text, so that a gradual way back can write `10`.
 */
export function shareText({ on, share }: ShareState): string {
  return on ? String(share) : `off, ${share}`;
}

/** The state that a field's value stands for; null when it is no such value. */
export function parseShareText(value: FieldValue): ShareState | null {
  if (!value.present || typeof value.value !== "string") return null;
  const [, off, digits] = TEXT.exec(value.value) ?? [];
  const share = Number(digits);
  return digits === undefined || share > 100 ? null : { on: off === undefined, share };
}
