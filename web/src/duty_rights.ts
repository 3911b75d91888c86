// How far may this person go with posts and rosters? The server checks again.
import type { Duty, Roster } from "./api_duty";
import { minuteOf } from "./offline/queue";
import { power, session } from "./store";

const STRENGTH = ["none", "read", "verify", "comment", "propose", "draft", "edit", "approve", "sign"];

/** The day and minute the server counts with; a roster offers nothing for what has begun. */
export interface Now { today: string; minute: number }

export const minuteNow = (now: string): number => minuteOf(Date.parse(now));

export const begun = (d: { day: string; start: number }, now: Now): boolean => d.day < now.today || (d.day === now.today && d.start <= now.minute);

export const atLeast = (least: string): boolean => STRENGTH.indexOf(power("sites")) >= STRENGTH.indexOf(least);

/** Below the power to edit one touches people and duties of the own squad only. */
export const ownSquad = (squad: string): boolean => atLeast("edit") || (!!session.value?.user.unit && session.value.user.unit === squad);

/** What may be done about one duty: given to another before it begins, noted as missed after, by who leads its squad. */
export function offered(r: Pick<Roster, "people"> & { roster: { state: string } }, d: Duty, now: Now | null): { swap: boolean; missed: boolean } {
  const squad = r.people.find((p) => p.id === d.person)?.squad ?? d.squad;
  if (!now || !atLeast("propose") || !ownSquad(squad)) return { swap: false, missed: false };
  return {
    swap: r.roster.state !== "withdrawn" && !begun(d, now),
    missed: d.person !== null && r.roster.state === "published" && begun(d, now) && d.signs.every((s) => s.kind === "incident"),
  };
}
