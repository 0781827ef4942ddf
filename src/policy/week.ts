import type { WallTime } from "../core/units.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_OF_DAY = 24 * 60;

/** A part of the week, in minutes since Monday 00:00; it goes over the end of the week where `to` is not after `from`. */
export interface Week {
  readonly from: number;
  readonly to: number;
}

/** Reads `Fri 16:00 - Mon 08:00`; null for what is no part of a week. */
export function parseWeek(text: string): Week | null {
  const ends = text.split(/\s*[-–]\s*/u);
  const [from, to] = ends.map(minuteOf);
  if (ends.length !== 2 || from == null || to == null || from === to) return null;
  return { from, to };
}

/** Whether a time lies in a part of the week, by the clocks of a time zone. */
export function isInWeek(at: WallTime, { from, to }: Week, zone: string): boolean {
  const minute = minuteInZone(at, zone);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

function minuteOf(text: string): number | null {
  const [, name = "", hour, minute] = /^([a-z]+)\s+(\d{1,2}):(\d\d)$/iu.exec(text.trim()) ?? [];
  const day = DAYS.indexOf(name.slice(0, 3).toLowerCase());
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (day === -1 || !(hours <= 24 && minutes < 60)) return null;
  return (day * MINUTES_OF_DAY + hours * 60 + minutes) % (7 * MINUTES_OF_DAY);
}

function minuteInZone(at: WallTime, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  const day = DAYS.indexOf(part("weekday").toLowerCase());
  return day * MINUTES_OF_DAY + Number(part("hour")) * 60 + Number(part("minute"));
}
