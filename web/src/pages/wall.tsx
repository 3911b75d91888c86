// Who is at the gates now? The screen on the wall of the duty room: the peak that runs or comes next first, the others below.
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, type Duty } from "../api_duty";
import { minuteNow } from "../duty_rights";
import { isCore } from "../gate_state";
import { sentence } from "../store";
import { dutyWords, personName } from "../words/duty";

type State = "signed" | "missing" | "later" | "empty" | "vacant" | "absent";

export function WallPage() {
  const w = dutyWords.value;
  const got = useSignal<{ today: string; now: string; duties: Duty[] } | null>(null);
  const failed = useSignal("");
  useSignalEffect(() => {
    const ask = () => void duty.day().then((x) => { got.value = x; failed.value = ""; }, (why) => (failed.value = sentence(why)));
    ask();
    const timer = setInterval(ask, 30_000);
    return () => clearInterval(timer);
  });
  const x = got.value;
  if (!x) return <div class="wall"><p class="dim">{failed.value}</p></div>;
  const now = minuteNow(x.now);
  const state = (d: Duty): State => {
    if (d.signs.some((s) => s.kind === "in")) return "signed";
    if (!d.person) return isCore(d) ? "empty" : "vacant";
    return now < d.start ? "later" : now <= d.end ? "missing" : "absent";
  };
  const peaks = [...new Set(x.duties.map((d) => d.peak))].map((peak) => {
    const list = x.duties.filter((d) => d.peak === peak);
    return { peak, list, start: Math.min(...list.map((d) => d.start)), end: Math.max(...list.map((d) => d.end)) };
  });
  const next = peaks.find((p) => now < p.start);
  // What runs or comes next stands first; when the day is over, its last peak.
  const first = peaks.find((p) => now <= p.end) ?? peaks[peaks.length - 1];
  const order = first ? [first, ...peaks.filter((p) => p !== first)] : [];
  return (
    <div class="wall">
      <header><h1>{w.wall.title} {x.today} {clock(now)}</h1><p>{next ? w.wall.next(w.peaks[next.peak] ?? "", next.start - now) : ""}</p>{failed.value && <p class="bad-text">{failed.value}</p>}</header>
      {x.duties.length === 0 && <p class="state">{w.wall.none}</p>}
      {order.map((p) => <Peak key={p.peak} title={`${w.peaks[p.peak]} ${clock(p.start)}–${clock(p.end)}`} list={p.list} state={state} open={p === first} />)}
    </div>
  );
}

const SHOWN: State[] = ["signed", "missing", "later", "absent", "empty", "vacant"];
const ORDER: State[] = ["missing", "empty", "absent", "later", "signed", "vacant"];

function Peak({ title, list, state, open }: { title: string; list: Duty[]; state: (d: Duty) => State; open: boolean }) {
  const w = dutyWords.value;
  const sum = (s: State) => list.filter((d) => state(d) === s).length;
  const named = list.filter((d) => state(d) !== "vacant").sort((a, b) => ORDER.indexOf(state(a)) - ORDER.indexOf(state(b)) || a.start - b.start);
  return (
    <details class="wall-peak" open={open}>
      <summary><h2>{title}</h2><span class="sums">{SHOWN.filter((s) => sum(s) > 0).map((s) => <b key={s} class={s}>{w.wall[s]} {sum(s)}</b>)}</span></summary>
      <ul>{named.map((d) => <li key={d.id} class={state(d)}><span>{clock(d.start)}–{clock(d.end)} <small>{w.wall[state(d)]}</small></span><b>{d.posts.map((p) => p.school_name + p.gate_name).join(" → ")}</b><span>{d.name ? personName(d.name) : w.wall.empty}</span></li>)}</ul>
    </details>
  );
}
