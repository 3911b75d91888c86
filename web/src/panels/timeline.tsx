// When were they received? A histogram to choose a window from, by hand, by key, by date, by preset, or played week by week.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Bucket } from "../api";
import { afterPicture, calm } from "../focus";
import { useLoad } from "../load";
import { filter, setFilter, timelessQuery } from "../state";
import { dataVersion, meta } from "../store";
import { addDays, daysBetween, fill, preset, unitFor, type Preset, type Unit } from "../time";
import { Icon, IconButton, Panel } from "../ui";
import { day, number, words } from "../words";
import { DateField } from "./date_field";

const playing = signal(false);
const PRESETS: Preset[] = ["d7", "d30", "d90", "month", "lastYear", "all"];

export function Timeline() {
  const w = words.value.time;
  const span = meta.value?.time;
  if (!span) return null;
  const first = span.from.slice(0, 10);
  const last = span.to.slice(0, 10);
  const unit = unitFor(first, last);
  const { from, to } = filter.value;
  const chosen = PRESETS.find((p) => {
    const r = preset(p, first, last);
    return r.from === from && r.to === to;
  });
  return (
    <section class="timeline" aria-label={w.title}>
      <div class="time-bar">
        <Player first={first} last={last} unit={unit} />
        <div class="presets" role="group" aria-label={w.title}>
          {PRESETS.map((p) => (
            <button key={p} type="button" class="chip" aria-pressed={chosen === p} onClick={() => setFilter(preset(p, first, last))}>{w[p]}</button>
          ))}
        </div>
        <div class="dates">
          <DateField name={w.start} least={first} most={to ?? last} value={from} onPick={(d) => setFilter({ from: d })} />
          <span aria-hidden="true">–</span>
          <DateField name={w.end} least={from ?? first} most={last} value={to} onPick={(d) => setFilter({ to: d })} />
        </div>
      </div>
      <Histogram first={first} last={last} unit={unit} />
    </section>
  );
}

function Histogram({ first, last, unit }: { first: string; last: string; unit: Unit }) {
  const w = words.value.time;
  const { state, again } = useLoad((stop) => {
    void dataVersion.value;
    const q = timelessQuery.value;
    return afterPicture(() => api.counts(unit, q, stop));
  });
  return (
    <Panel state={state.value} again={again} empty={(c) => (c.buckets.length ? null : <p>{w.empty}</p>)}>
      {(counts) => <Bars buckets={fill(counts.buckets, unit, first, last)} unit={unit} last={last} />}
    </Panel>
  );
}

/** Bars with a window over them; both ends are sliders for the keyboard. */
function Bars({ buckets, unit, last }: { buckets: Bucket[]; unit: Unit; last: string }) {
  const w = words.value.time;
  const box = useRef<HTMLDivElement>(null);
  const wide = useSignal(600);
  const drag = useSignal<{ a: number; b: number } | null>(null);
  useEffect(() => {
    const el = box.current!;
    const watch = new ResizeObserver(() => (wide.value = Math.max(200, el.clientWidth)));
    watch.observe(el);
    return () => watch.disconnect();
  }, []);
  const n = buckets.length;
  const tall = 46;
  const step = wide.value / n;
  const top = Math.max(1, ...buckets.map((b) => b.count));
  const { from, to } = filter.value;
  const end = (i: number) => (i + 1 < n ? addDays(buckets[i + 1]!.key, -1) : last);
  const at = (d: string, fallback: number) => {
    let i = buckets.findIndex((b) => b.key > d) - 1;
    if (i === -2) i = n - 1;
    return d ? Math.max(0, i) : fallback;
  };
  const a = drag.value ? Math.min(drag.value.a, drag.value.b) : from ? at(from, 0) : 0;
  const b = drag.value ? Math.max(drag.value.a, drag.value.b) : to ? at(to, n - 1) : n - 1;
  const set = (i: number, j: number) => setFilter(i <= 0 && j >= n - 1 ? { from: null, to: null } : { from: buckets[i]!.key, to: end(j) });
  const index = (e: PointerEvent) => Math.max(0, Math.min(n - 1, Math.floor((e.clientX - box.current!.getBoundingClientRect().left) / step)));
  const key = (which: "a" | "b") => (e: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 4, PageDown: -4, Home: -n, End: n }[e.key];
    if (move === undefined) return;
    e.preventDefault();
    if (which === "a") set(Math.max(0, Math.min(b, a + move)), b);
    else set(a, Math.max(a, Math.min(n - 1, b + move)));
  };
  const handle = (which: "a" | "b", x: number, value: number, name: string, date: string) => (
    <rect class="handle" x={x - 5} y="0" width="10" height={tall} rx="3" tabindex={0} role="slider" aria-label={name} aria-valuemin={0} aria-valuemax={n - 1} aria-valuenow={value} aria-valuetext={day(date)} onKeyDown={key(which)} />
  );
  const every = Math.max(1, Math.ceil(n / Math.max(2, Math.floor(wide.value / 86))));
  return (
    <div ref={box} class="bars">
      <svg width={wide.value} height={tall + 18} role="group" aria-label={w.window(day(buckets[a]!.key), day(end(b)))}
        onPointerDown={(e) => {
          if (e.button !== 0) return;
          const i = index(e);
          const x = e.clientX - box.current!.getBoundingClientRect().left;
          const near = Math.abs(x - a * step) < 8 ? b : Math.abs(x - (b + 1) * step) < 8 ? a : i;
          e.currentTarget.setPointerCapture(e.pointerId);
          drag.value = { a: near, b: i };
        }}
        onPointerMove={(e) => { if (drag.value) drag.value = { a: drag.value.a, b: index(e) }; }}
        onPointerUp={() => { if (drag.value) { const d = drag.value; drag.value = null; set(Math.min(d.a, d.b), Math.max(d.a, d.b)); } }}
        onPointerCancel={() => (drag.value = null)}>
        <rect class="under" width={wide.value} height={tall} />
        {buckets.map((k, i) => {
          const h = k.count ? Math.max(1.5, (k.count / top) * (tall - 4)) : 0;
          return <rect key={k.key} class={i >= a && i <= b ? "bar in" : "bar"} x={i * step + (step > 4 ? 0.75 : 0)} y={tall - h} width={Math.max(0.6, step - (step > 4 ? 1.5 : 0))} height={h}><title>{`${day(k.key)} · ${number(k.count)}`}</title></rect>;
        })}
        <rect class="window" x={a * step} width={(b + 1 - a) * step} height={tall} />
        {handle("a", a * step + 3, a, w.start, buckets[a]!.key)}
        {handle("b", (b + 1) * step - 3, b, w.end, end(b))}
        {buckets.map((k, i) => (i % every === 0 && i * step < wide.value - 60 ? <text key={`t${k.key}`} x={i * step} y={tall + 14}>{k.key.slice(0, unit === "month" ? 7 : 10)}</text> : null))}
      </svg>
    </div>
  );
}

function Player({ first, last, unit }: { first: string; last: string; unit: Unit }) {
  const w = words.value.time;
  const next = () => {
    const { from, to } = filter.peek();
    const width = from && to ? daysBetween(from, to) + 1 : 28;
    const start = from && to ? addDays(from, unit === "day" ? 1 : 7) : first;
    return { start, width, over: addDays(start, width - 1) > last };
  };
  const step = () => {
    const { start, width, over } = next();
    if (over && playing.peek()) playing.value = false;
    const from = over ? first : start;
    setFilter({ from, to: addDays(from, width - 1) }, true);
  };
  // A window at the end of the data, as the page opens with, plays from the beginning.
  const toggle = () => {
    if (!playing.peek() && next().over) step();
    playing.value = !playing.peek();
  };
  useEffect(() => {
    if (!playing.value) return;
    const t = window.setInterval(step, 1100);
    return () => clearInterval(t);
  }, [playing.value]);
  useEffect(() => () => void (playing.value = false), []);
  return (
    <div class="row tight">
      {!calm() && <IconButton icon={playing.value ? "pause" : "play"} label={playing.value ? w.pause : w.play} pressed={playing.value} onClick={toggle} />}
      <button type="button" class="icon-button" aria-label={w.step} title={w.step} onClick={step}><Icon name="next" /></button>
    </div>
  );
}
