// Which loops do motor units drive past the worst sites?
import { useSignal } from "@preact/signals";
import { duty, type Patrol, type Road } from "../api_duty";
import { boxOf, MiniMap } from "../mini_map";
import { go } from "../state";
import { sentence, tell } from "../store";
import { ActButton, Field } from "../ui";
import { number } from "../words";
import { dutyWords } from "../words/duty";

export function PatrolPanel() {
  const w = dutyWords.value.patrol;
  const form = useSignal({ units: 2, shift_min: 120, sites: 30, dwell_min: 12 });
  const draw = useSignal(false);
  const got = useSignal<Patrol | null>(null);
  const roads = useSignal<Road[]>([]);
  const plan = async () => {
    try {
      const p = await duty.patrol({ ...form.value, draw: draw.value ? Math.floor(Math.random() * 1e9) : null });
      got.value = p;
      const box = boxOf(p.plan.loops.flatMap((l) => l.stops).map((s) => ({ point: p.spots[s.spot]!.point, label: "", title: "" })));
      if (box) roads.value = (await duty.roads(box)).roads;
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const p = got.value;
  const spots = p ? p.plan.loops.flatMap((l, u) => l.stops.map((s, i) => ({ point: p.spots[s.spot]!.point, label: `${u + 1}.${i + 1}`, title: p.spots[s.spot]!.name }))) : [];
  const input = (label: string, key: keyof typeof form.value, min: number, max: number) => <Field label={label}>{(id) => <input id={id} type="number" min={min} max={max} value={form.value[key]} onInput={(e) => (form.value = { ...form.value, [key]: Number(e.currentTarget.value) })} />}</Field>;
  return (
    <section class="card patrol">
      <h2>{w.title}</h2>
      <p class="dim">{w.lead}</p>
      <div class="form-row">
        {input(w.units, "units", 1, 20)}{input(w.shift, "shift_min", 10, 720)}{input(w.sites, "sites", 1, 100)}{input(w.dwell, "dwell_min", 10, 16)}
        <label class="check"><input type="checkbox" checked={draw.value} onChange={(e) => (draw.value = e.currentTarget.checked)} /> {w.draw}</label>
        <ActButton act={plan}>{w.go}</ActButton>
      </div>
      {p && (
        <>
          <p>{w.sum(number(p.plan.prize), number(p.plan.bound), p.plan.travel)}{p.off_network.length > 0 && ` · ${w.off}：${p.off_network.join("、")}`}</p>
          <div class="sheet-two">
            <MiniMap spots={spots} roads={roads.value} ways={p.ways} label={w.title} />
            <div>{p.plan.loops.map((l, u) => <ol key={u} class="dots"><li><b>{w.unit} {u + 1}</b> · {w.back} +{l.back} min</li>{l.stops.map((s) => <li key={s.spot}>+{s.start}–{s.leave} min <button type="button" class="text-button" onClick={() => go({ page: "map", item: null, site: p.spots[s.spot]!.site })}>{p.spots[s.spot]!.name}</button></li>)}</ol>)}</div>
          </div>
        </>
      )}
    </section>
  );
}
