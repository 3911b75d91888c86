// Which loops do motor units drive past the worst sites, and which were planned before?
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clock, duty, minuteOf, type Road } from "../api_duty";
import { patrols, type Patrol, type PatrolHead } from "../api_patrol";
import { atLeast } from "../duty_rights";
import { boxOf, MiniMap } from "../mini_map";
import { go } from "../state";
import { sentence, tell } from "../store";
import { ActButton, Field } from "../ui";
import { decimal } from "../words";
import { patrolWords } from "../words/patrol";

/** Millionths of a ticket, as tickets of a hundred such stays or shifts: one stay prevents far less than one ticket. */
const tickets = (prize: number) => decimal(prize / 10_000);
/** Time of day of a minute of a shift. */
const at = (p: Patrol, minute: number) => clock((p.start_min + minute) % 1440);

/** Prints the loops without the other panels of the page. */
function printOnly() {
  document.body.classList.add("print-patrol");
  window.addEventListener("afterprint", () => document.body.classList.remove("print-patrol"), { once: true });
  window.print();
}

function Loops({ p, roads }: { p: Patrol; roads: Road[] }) {
  const w = patrolWords.value;
  const spots = p.plan.loops.flatMap((l, u) => l.stops.map((s, i) => ({ point: p.spots[s.spot]!.point, label: `${u + 1}.${i + 1}`, title: p.spots[s.spot]!.name })));
  return (
    <>
      <p><b>{p.date} {clock(p.start_min)}</b> · {p.plan.status === "optimal" ? w.proved : w.gap} · {w.sum(tickets(p.plan.prize), tickets(p.plan.bound), p.plan.travel)}{p.simulated && <> <span class="tag warn">{w.simulated}</span></>}</p>
      {p.off_network.length > 0 && <p class="dim">{w.off}：{p.off_network.join("、")}</p>}
      {p.in_vain.length > 0 && <p class="dim">{w.vain}：{p.in_vain.join("、")}</p>}
      {!spots.length && <p class="dim">{w.none}</p>}
      <div class="sheet-two">
        <MiniMap spots={spots} roads={roads} ways={p.ways} label={w.title} />
        <div>{p.plan.loops.map((l, u) => (
          <ol key={u} class="dots"><li><b>{w.unit} {u + 1}</b> · {w.back} {at(p, l.back)} · <a class="no-print" href={patrols.calendar(p.id, u + 1)}>{w.calendar}</a></li>
            {l.stops.map((s) => {
              const spot = p.spots[s.spot]!;
              return <li key={s.spot}>{at(p, s.start)}–{at(p, s.leave)} <button type="button" class="text-button" onClick={() => go({ page: "map", item: null, site: spot.site })}>{spot.name}</button> <small class="dim">{w.worth(tickets(spot.prize))} · {w.window(at(p, spot.open), at(p, spot.close))}{spot.visit > 1 && ` · ${w.again(spot.visit)}`}</small></li>;
            })}
          </ol>))}
        </div>
      </div>
      <p class="dim">{w.note}</p>
      <div class="row no-print"><a class="button" href={patrols.geojson(p.id)} download={`patrol-${p.id}.geojson`}>{w.map}</a><button type="button" class="button" onClick={printOnly}>{w.print}</button></div>
    </>
  );
}

export function PatrolPanel() {
  const w = patrolWords.value;
  const form = useSignal({ units: 2, shift_min: 120, sites: 30, dwell_min: 12 });
  const day = useSignal("");
  const begin = useSignal("");
  const draw = useSignal(false);
  const got = useSignal<Patrol | null>(null);
  const roads = useSignal<Road[]>([]);
  const before = useSignal<PatrolHead[]>([]);
  const refresh = async () => {
    before.value = (await patrols.list()).patrols;
  };
  useEffect(() => {
    refresh().catch(() => { before.value = []; });
  }, []);
  const show = async (p: Patrol) => {
    got.value = p;
    const box = boxOf(p.plan.loops.flatMap((l) => l.stops).map((s) => ({ point: p.spots[s.spot]!.point, label: "", title: "" })));
    roads.value = box ? (await duty.roads(box)).roads : [];
  };
  const guarded = (work: () => Promise<void>) => async () => {
    try {
      await work();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const plan = guarded(async () => {
    const wish = { ...form.value, draw: draw.value ? Math.floor(Math.random() * 1e9) : null, date: day.value || null, start_min: minuteOf(begin.value) };
    await show(await patrols.make(wish));
    await refresh();
  });
  const input = (label: string, key: keyof typeof form.value, min: number, max: number) => <Field label={label}>{(id) => <input id={id} type="number" min={min} max={max} value={form.value[key]} onInput={(e) => (form.value = { ...form.value, [key]: Number(e.currentTarget.value) })} />}</Field>;
  // Planning writes: who may not draft rosters sees what was planned before, and nothing where there is none.
  if (!atLeast("propose") && !before.value.length) return null;
  return (
    <section class="card patrol">
      <h2>{w.title}</h2>
      <p class="dim no-print">{w.lead}</p>
      {atLeast("propose") && <div class="form-row no-print">
        <Field label={w.date}>{(id) => <input id={id} type="date" value={day.value} onInput={(e) => (day.value = e.currentTarget.value)} />}</Field>
        <Field label={w.start}>{(id) => <input id={id} type="time" value={begin.value} onInput={(e) => (begin.value = e.currentTarget.value)} />}</Field>
        {input(w.units, "units", 1, 20)}{input(w.shift, "shift_min", 10, 720)}{input(w.sites, "sites", 1, 100)}{input(w.dwell, "dwell_min", 10, 16)}
        <label class="check"><input type="checkbox" checked={draw.value} onChange={(e) => (draw.value = e.currentTarget.checked)} /> {w.draw}</label>
        <ActButton act={plan}>{w.go}</ActButton>
      </div>}
      {got.value && <Loops p={got.value} roads={roads.value} />}
      {before.value.length > 0 && (
        <details class="no-print"><summary>{w.before} <small class="dim">{before.value.length}</small></summary>
          <ul class="plain-list">{before.value.map((h) => (
            <li key={h.id}>{h.date} {clock(h.start_min)} · {w.unit} {h.loops} · {w.worth(tickets(h.prize))} <small class="dim">{w.by(h.created_by)}</small> <ActButton class="small" act={guarded(async () => show(await patrols.one(h.id)))}>{w.open}</ActButton></li>))}
          </ul>
        </details>)}
    </section>
  );
}
