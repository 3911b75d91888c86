// Who is at the gates now? The screen on the wall of the duty room.
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, type Duty } from "../api_duty";
import { sentence } from "../store";
import { dutyWords } from "../words/duty";

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
  const at = new Date(x.now);
  const now = Number(at.toLocaleTimeString("en-GB", { timeZone: "Asia/Shanghai", hour: "2-digit" }).slice(0, 2)) * 60 + Number(x.now.slice(14, 16));
  const state = (d: Duty) => (d.signs.some((s) => s.kind === "in") ? "signed" : !d.person ? "empty" : now >= d.start ? "missing" : "later");
  const next = x.duties.find((d) => d.start > now);
  const sum = (s: string) => x.duties.filter((d) => state(d) === s).length;
  return (
    <div class="wall">
      <header><h1>{w.wall.title} {x.today}</h1><p>{next ? w.wall.next(w.peaks[next.peak] ?? "", next.start - now) : ""}</p><p class="sums"><b class="signed">{w.wall.signed} {sum("signed")}</b><b class="missing">{w.wall.missing} {sum("missing")}</b><b class="later">{w.wall.later} {sum("later")}</b><b class="empty">{w.wall.empty} {sum("empty")}</b></p>{failed.value && <p class="bad-text">{failed.value}</p>}</header>
      {x.duties.length === 0 && <p class="state">{w.wall.none}</p>}
      <ul>{x.duties.map((d) => <li key={d.id} class={state(d)}><span>{clock(d.start)}–{clock(d.end)}</span><b>{d.posts.map((p) => p.school_name + p.gate_name).join(" → ")}</b><span>{d.name ?? w.wall.empty}</span></li>)}</ul>
    </div>
  );
}
