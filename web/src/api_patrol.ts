// What does the page ask about patrols of motor units?
import { call, type LonLat } from "./api";

export interface Stop { spot: number; arrive: number; start: number; leave: number }
export interface PatrolSpot { site: string; name: string; point: LonLat; visit: number; open: number; close: number; prize: number }
export interface Patrol {
  id: string; date: string; start_min: number; simulated: boolean; created_by?: string; created_at?: string;
  plan: { status: string; prize: number; bound: number; travel: number; loops: { stops: Stop[]; back: number; travel: number }[] };
  spots: PatrolSpot[]; ways: LonLat[][]; off_network: string[]; in_vain: string[];
  wish: { units: number; shift_min: number; sites: number; dwell_min: number; draw: number | null };
}
export interface PatrolHead { id: string; date: string; start_min: number; created_by: string; created_at: string; status: string; prize: number; bound: number; loops: number; simulated: boolean }

const V = "/api/v1/patrols";
const of = (no: string) => `${V}/${encodeURIComponent(no)}`;

export const patrols = {
  list: () => call<{ patrols: PatrolHead[] }>("GET", V),
  one: (no: string) => call<Patrol>("GET", of(no)),
  make: (wish: Record<string, number | string | null>) => call<Patrol>("POST", V, wish),
  geojson: (no: string) => `${of(no)}/loops.geojson`,
  calendar: (no: string, unit: number) => `${of(no)}/units/${unit}.ics`,
};
