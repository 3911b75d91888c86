// What does the page ask about schools, posts, rosters and signs?
import { call, type LonLat } from "./api";

export interface Bell { way: "arrive" | "leave"; at: number; until?: number | null; weekdays: number[]; grades: string; from: string; to: string }
export interface Gate {
  id: number; name: string; lon: number; lat: number; side: string; students: number; pupil_crash: boolean; wide_road: boolean;
  no_safe_crossing: boolean; set: { units: number; officers?: number; reason: string; until: string } | null;
}
export interface School {
  name: string; stage: string; address: string; students: number; gates: Gate[]; bells: Bell[]; after_school: string; boarding: boolean; buses: string;
  catchment: string; contact: string; problems: string; measures: string; evaluation_on: string; closed_on_makeup: boolean; squad: string; simulated: boolean;
}
export interface SchoolRow { id: string; version: number; school: School }

export interface Post { gate: number; peak: string; start: number; end: number; unit: number; class: number; accepts: string[]; weight: number; squad: string | null }
export interface Posts {
  day: string; school_day: boolean; posts: Post[]; needs: [number, string, { reasons: string[]; class: number; overridden: boolean }][];
  gaps: [number, { why: string; sentence?: string }][]; warnings: string[];
}
export interface Person { name: string; role: string; squad: string; max_per_day: number; max_per_week: number; history: number; login: string; school: string; simulated: boolean; left: boolean }
export interface PersonRow { id: string; version: number; person: Person; has_phone: boolean; hidden?: boolean }
export interface Leave { id: string; person: string; name: string; squad: string; from: string; to: string; peak: string; cause: string }

export interface DutyPost { gate: string; gate_name: string; school: string; school_name: string; point: LonLat | null; unit: number; class: number; start: number; end: number }
export interface Sign { kind: string; at: string; received_at: string; detail: { distance_m: number | null; near: boolean | null; note: string } }
export interface Duty {
  id: string; roster: string; day: string; peak: string; peak_title: string; start: number; end: number; posts: DutyPost[]; accepts: string[];
  priority: number; squad: string; person: string | null; name: string | null; role: string | null; sequence: number; signs: Sign[];
}
/** One member of a smallest set of requirements that cannot hold together. */
export interface Clash { kind: string; day: string; peak: string; place: string; person: number | null }
export interface RosterHead {
  id: string; from: string; to: string; state: string; version: number; created_by: string; created_at: string; published_by: string | null;
  body: { wish: { squad?: string; must_cover?: string[]; never_empty?: boolean; rotate_weeks?: number }; conflict: Clash[]; status: string; levels: string[]; values: number[]; bounds: (number | null)[]; total_priority: number; notes: string[] };
}
export interface Share { person: number; role: string; history: number; duties: number; load: number; early: number; hard: number }
export interface Roster {
  roster: RosterHead; duties: Duty[]; people: { id: string; name: string; role: string; squad: string; simulated: boolean }[];
  fairness: { shares: Share[]; roles: Record<string, [number, number, number]>; early: Record<string, [number, number]>; hard: Record<string, [number, number]> };
  events: { at: string; kind: string; by: string; detail: Record<string, unknown> }[];
}
export interface Change { duty: number; day: string; from: number | null; to: number | null }
export type Why =
  | { kind: "covered" }
  | { kind: "impossible"; people: [number, { why: string; duty?: number }][]; conflict: string[] }
  | { kind: "unknown"; people: [number, { why: string; duty?: number }][] }
  | { kind: "costs"; loss: number; falls: number[]; person: number; people: [number, { why: string; duty?: number }][] };
export interface OneMore { role: string; squad: string | null; coverage: number; duties: number }
export interface Crewed { role: string; people: number; chains: number[][] }
export interface Cover {
  posts: Post[]; gates: Record<string, string>; warnings: string[];
  plan: { status: string; weight: number; bound: number; total: number; crews: Crewed[]; seen: [number, number][]; open: number[]; twice: [number, number]; one_more: [string, number][] };
}
export interface SiteDuty {
  gates: { gate: string; name: string; school: string; metres: number }[];
  months: { month: string; planned: number; manned: number; signed: number; late: number; afar: number }[];
  incidents: { at: string; gate: string; note: string }[];
  observations: { day: string; peak: string; name: string; minutes: number; vehicles: number; queue_m: number; danger: number }[];
}
export interface Road { name: string; class: string; points: LonLat[] }
export interface SignWish { mark: string; duty: string; kind: "in" | "out" | "incident" | "absent"; at: number; point: LonLat | null; accuracy_m: number | null; note: string }

const V = "/api/v1";
const id = encodeURIComponent;

export const duty = {
  schools: () => call<{ schools: SchoolRow[]; today: string }>("GET", `${V}/schools`),
  saveSchool: (row: { id?: string; version?: number; school: School }) =>
    row.id ? call<{ id: string }>("PUT", `${V}/schools/${id(row.id)}`, { version: row.version, school: row.school }) : call<{ id: string }>("POST", `${V}/schools`, { school: row.school }),
  takeSchools: () => call<{ taken: number }>("POST", `${V}/schools/take`, {}),
  observations: (school: string) => call<{ observations: { day: string; at: string; by: string; seen: Record<string, number | string> }[] }>("GET", `${V}/schools/${id(school)}/observations`),
  posts: (day: string, signal?: AbortSignal) => call<Posts>("GET", `${V}/posts?date=${id(day)}`, undefined, signal),
  people: () => call<{ people: PersonRow[] }>("GET", `${V}/duty/people`),
  savePerson: (row: { id?: string; version?: number; person: Person; phone: string | null }) =>
    row.id ? call<{ id: string }>("PUT", `${V}/duty/people/${id(row.id)}`, { version: row.version, person: row.person, phone: row.phone }) : call<{ id: string }>("POST", `${V}/duty/people`, { person: row.person, phone: row.phone }),
  phones: (squad: string, reason: string) => call<{ phones: { name: string; role: string; phone: string }[] }>("POST", `${V}/duty/phones`, { squad, reason }),
  leaves: (from: string, to: string) => call<{ leaves: Leave[] }>("GET", `${V}/duty/leave?from=${id(from)}&to=${id(to)}`),
  addLeave: (wish: { person: string; from: string; to: string; peak: string; cause: string }) => call<{ id: string }>("POST", `${V}/duty/leave`, wish),
  removeLeave: (leave: string) => call<void>("DELETE", `${V}/duty/leave/${id(leave)}`),
  rosters: () => call<{ rosters: RosterHead[]; today: string }>("GET", `${V}/rosters`),
  make: (wish: Record<string, unknown>) => call<{ id: string }>("POST", `${V}/rosters`, wish),
  job: (job: string) => call<{ state: string; stage: string; message: string; done: number; total: number }>("GET", `${V}/jobs/${id(job)}`),
  stop: (job: string) => call<void>("DELETE", `${V}/jobs/${id(job)}`),
  roster: (roster: string) => call<Roster>("GET", `${V}/rosters/${id(roster)}`),
  publish: (roster: string, version: number, publish: boolean) => call<void>("POST", `${V}/rosters/${id(roster)}/publish`, { version, publish }),
  absence: (roster: string, wish: Record<string, string>) => call<{ changes: Change[]; levels: string[]; values: number[]; status: string }>("POST", `${V}/rosters/${id(roster)}/absence`, wish),
  swap: (roster: string, changes: Record<string, string | null>, reason: string) => call<{ changes: Change[] }>("POST", `${V}/rosters/${id(roster)}/swap`, { changes, reason }),
  explain: (roster: string, which: string) => call<Why>("GET", `${V}/rosters/${id(roster)}/explain?duty=${id(which)}`),
  more: (roster: string) => call<{ more: OneMore[] }>("GET", `${V}/rosters/${id(roster)}/more`),
  cover: (wish: { date: string; peak: string; squad: string; people: Record<string, number>; together_m: number }) => call<Cover>("POST", `${V}/posts/cover`, wish),
  calendarDays: () => call<{ csv: string; warnings: string[] }>("GET", `${V}/duty/calendar`),
  saveCalendar: (csv: string) => call<void>("PUT", `${V}/duty/calendar`, { csv }),
  atSite: (site: string, signal?: AbortSignal) => call<SiteDuty>("GET", `${V}/sites/${id(site)}/duty`, undefined, signal),
  mine: () => call<{ today: string; now: string; early_min: number; duties: Duty[] }>("GET", `${V}/duty/mine`),
  day: (date?: string) => call<{ today: string; now: string; duties: Duty[] }>("GET", `${V}/duty/day${date ? `?date=${id(date)}` : ""}`),
  sign: (signs: SignWish[]) => call<{ signs: { mark: string; state: string; distance_m: number | null; why: string }[] }>("POST", `${V}/duty/signs`, { signs }),
  watch: (wish: Record<string, string | number>) => call<{ written: boolean }>("POST", `${V}/duty/observations`, wish),
  roads: (bbox: number[]) => call<{ roads: Road[] }>("GET", `${V}/duty/roads?bbox=${bbox.map((n) => n.toFixed(5)).join(",")}`),
  workbook: (roster: string) => `${V}/rosters/${id(roster)}/month.xlsx`,
  calendar: (roster: string, person: string) => `${V}/rosters/${id(roster)}/people/${id(person)}.ics`,
};

/** `07:05` of a minute of the day. */
export const clock = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
/** The minute of `07:05`, or null. */
export const minuteOf = (text: string): number | null => {
  const m = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  return m && Number(m[1]) < 24 && Number(m[2]) < 60 ? Number(m[1]) * 60 + Number(m[2]) : null;
};
/** A civil day moved by days. */
export const shift = (day: string, by: number): string => new Date(Date.parse(`${day}T00:00:00Z`) + by * 86_400_000).toISOString().slice(0, 10);
/** Monday 0 to Sunday 6. */
export const weekday = (day: string): number => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
