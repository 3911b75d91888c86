// How many people does every gate need on a day, and why so many?
import { useSignal } from "@preact/signals";
import { clock, duty, type SchoolRow } from "../api_duty";
import { useLoad } from "../load";
import { CoverPanel } from "./duty_cover";
import { Field, Panel } from "../ui";
import { number } from "../words";
import { dutyWords } from "../words/duty";

export function PostsPanel({ today }: { today: string }) {
  const w = dutyWords.value;
  const day = useSignal(today);
  const schools = useLoad(() => duty.schools());
  const { state, again } = useLoad((s) => duty.posts(day.value, s));
  const rows: SchoolRow[] = schools.state.value.kind === "ready" ? schools.state.value.value.schools : [];
  const gate = (id: number) => {
    for (const s of rows) {
      const g = s.school.gates.find((x) => x.id === id);
      if (g) return `${s.school.name}${g.name}`;
    }
    return String(id);
  };
  return (
    <section class="card">
      <div class="page-head"><h2>{w.posts.title}</h2><Field label={w.duty.day}>{(id) => <input id={id} type="date" value={day.value} onInput={(e) => e.currentTarget.value && (day.value = e.currentTarget.value)} />}</Field></div>
      <Panel state={state.value} again={again}>
        {(got) => (
          <>
            {got.warnings.map((x) => <p key={x} class="dim">{x}</p>)}
            {!got.school_day && <p class="dim">{w.posts.noSchool}</p>}
            {got.gaps.length > 0 && <details><summary>{w.posts.gaps} {got.gaps.length}</summary><ul class="dots">{got.gaps.map(([id, g]) => <li key={id}>{gate(id)}：{g.sentence ?? w.posts.why[g.why]}</li>)}</ul></details>}
            {got.needs.length > 0 && (
              <details><summary>{w.posts.need} {number(got.needs.length)} · {w.posts.units} {number(got.posts.length)}</summary>
                <div class="scroll" tabIndex={0} role="group" aria-label={w.posts.title}>
                  <table class="plain">
                    <thead><tr><th>{w.posts.gate}</th><th>{w.posts.window}</th><th>{w.posts.points}</th><th>{w.posts.units}</th><th class="num">{w.posts.weight}</th></tr></thead>
                    <tbody>
                      {got.needs.map(([id, peak, need]) => {
                        const mine = got.posts.filter((p) => p.gate === id && p.peak === peak);
                        return <tr key={`${id}${peak}`}><td>{gate(id)}</td><td class="nowrap">{mine[0] ? `${clock(mine[0].start)}–${clock(mine[0].end)}` : ""} <small>{w.peaks[peak]}</small></td><td>{need.reasons.map((r) => w.reasons[r] ?? r).join("、")}{need.overridden ? ` · ${w.posts.override}` : ""}</td><td>{mine.length}{need.class === 0 ? ` · ${w.posts.volunteers}` : ""}</td><td class="num">{mine.map((m) => m.weight).join(" / ")}</td></tr>;
                      })}
                    </tbody>
                  </table>
                </div>
              </details>
            )}
            {got.posts.length > 0 && <CoverPanel day={got.day} peaks={[...new Set(got.posts.map((p) => p.peak))]} />}
          </>
        )}
      </Panel>
    </section>
  );
}
