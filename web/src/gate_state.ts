// How is a gate manned on a day: by officers or auxiliaries, by supporters only, or not?
import type { Duty } from "./api_duty";

/** Whether a post asks for officers or auxiliaries; the others support. */
export const isCore = (d: Pick<Duty, "accepts">) => d.accepts.length === 0 || d.accepts.includes("police") || d.accepts.includes("auxiliary");

export type GateState = "covered" | "support" | "open";
const WORST: GateState[] = ["open", "support", "covered"];

/** The worst peak of the day counts: open where an officer's post or all posts are empty, support where nobody but supporters stands. */
export function gateState(duties: Pick<Duty, "peak" | "person" | "accepts">[]): GateState {
  const peaks = new Set(duties.map((d) => d.peak));
  const states = [...peaks].map((peak): GateState => {
    const of = duties.filter((d) => d.peak === peak);
    if (of.some((d) => isCore(d) && !d.person) || of.every((d) => !d.person)) return "open";
    return of.some((d) => isCore(d)) ? "covered" : "support";
  });
  return WORST.find((s) => states.includes(s)) ?? "open";
}
