// How is a gate manned on a day: by officers or auxiliaries, by supporters only, or not?
import type { Duty } from "./api_duty";

/** Whether a post asks for officers or auxiliaries; the others support. */
export const isCore = (d: Pick<Duty, "accepts">) => d.accepts.length === 0 || d.accepts.includes("police") || d.accepts.includes("auxiliary");

export type GateState = "covered" | "support" | "open";

/** Open where an officer's post is empty or nobody comes all day, support where nobody but supporters comes; vacant support posts beside others are told by the list. */
export function gateState(duties: Pick<Duty, "person" | "accepts">[]): GateState {
  const core = duties.filter(isCore);
  if (core.some((d) => !d.person) || duties.every((d) => !d.person)) return "open";
  return core.length ? "covered" : "support";
}
