// What changed between two periods? Two maps under one handle, the same classes on both, a map of the difference, and the sites that changed most.
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api";
import type { CompareMap } from "../compare_map";
import { hiddenClasses, hiddenVerdicts } from "../focus";
import { colours } from "../layers/hex";
import type { Look } from "../layers/kind";
import { CLASSES, isQuiet } from "../layers/verdict";
import { useLoad } from "../load";
import { choose, Periods } from "../panels/lens";
import { go, lensQueryOf, query, view } from "../state";
import { dataVersion, may, meta, sentence, tell } from "../store";
import { Icon, IconButton, Panel } from "../ui";
import { decimal, lang, number, words } from "../words";

const bounds = signal<number[]>([]);

/** The filter with other days. */
const side = (from: string | null, to: string | null): string => query({ ...view.value.filter, from, to });

export function ComparePage() {
  const w = words.value;
  useEffect(() => {
    const v = view.peek();
    if (meta.value && !(v.filter.from && v.filter.to && v.before.from && v.before.to)) choose("change");
    if (meta.value) go({ lens: null }, true);
  }, [!!meta.value]);
  if (!may("tickets")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  if (!meta.value?.city) return <Panel state={{ kind: "loading" }}>{() => null}</Panel>;
  return <Screen />;
}

function Screen() {
  const w = words.value.hot;
  const boxes = [useRef<HTMLDivElement>(null), useRef<HTMLDivElement>(null)] as const;
  const map = useSignal<CompareMap | null>(null);
  const tip = useSignal<{ text: string; x: number; y: number } | null>(null);
  const failed = useSignal(false);
  const v = view.value;
  const city = meta.value!.city!;

  useEffect(() => {
    let stop: (() => void) | undefined;
    let gone = false;
    import("../compare_map").then(
      (m) => {
        if (gone || !boxes[0].current || !boxes[1].current) return;
        const { center, zoom } = view.peek();
        const at = center && zoom !== null ? { center, zoom } : null;
        try {
          map.value = m.startCompare([boxes[0].current, boxes[1].current], city, lang.peek(), at, {
            breaks: (b) => (bounds.value = b),
            moved: (z, c) => go({ zoom: z, center: c }, true),
            tip: (text, x, y) => (tip.value = text ? { text, x, y } : null),
          });
          stop = map.value.stop;
        } catch {
          failed.value = true;
        }
      },
      () => (failed.value = true),
    );
    return () => {
      gone = true;
      stop?.();
    };
  }, [city.bbox.join()]);

  useSignalEffect(() => {
    const now = view.value;
    const look: Look = { metric: now.metric, breaks: bounds.value, hidden: hiddenClasses.value, site: null, ticket: null, pointed: null, cells: true, lens: now.lens, hiddenVerdicts: hiddenVerdicts.value };
    const lens = now.lens === "change" ? lensQueryOf(now) : null;
    map.value?.look(look);
    if (now.filter.from && now.before.from) map.value?.show(side(now.before.from, now.before.to), side(now.filter.from, now.filter.to), lens, dataVersion.value);
  });

  const set = (n: number) => go({ swipe: Math.max(0, Math.min(100, Math.round(n))) }, true);
  const drag = (e: PointerEvent & { currentTarget: HTMLElement }) => {
    const frame = e.currentTarget.parentElement!.getBoundingClientRect();
    set(((e.clientX - frame.left) / frame.width) * 100);
  };
  const save = async () => {
    const url = await map.value?.picture();
    if (!url) return;
    const a = document.createElement("a");
    a.href = url;
    a.download = `${w.compare}.png`;
    a.click();
  };
  const difference = v.lens === "change";
  return (
    <div class="compare">
      <section class="compare-maps" aria-label={w.compare}>
        <div ref={boxes[0]} class="compare-map" />
        <div ref={boxes[1]} class="compare-map" style={difference ? undefined : { clipPath: `inset(0 0 0 ${v.swipe}%)` }} />
        {failed.value && <div class="map-note" role="alert"><Icon name="warn" /> {words.value.map.failed}</div>}
        {tip.value && <div class="map-tip" style={{ transform: `translate(${tip.value.x + 14}px, ${tip.value.y + 16}px)` }}>{tip.value.text}</div>}
        {!difference && (
          <>
            <span class="side-name left">{w.before} {v.before.from} – {v.before.to}</span>
            <span class="side-name right">{w.after} {v.filter.from} – {v.filter.to}</span>
            <div class="swipe" style={{ left: `${v.swipe}%` }} role="slider" tabIndex={0} aria-label={w.swipe} aria-valuemin={0} aria-valuemax={100} aria-valuenow={v.swipe} aria-valuetext={`${v.swipe} %`}
              onKeyDown={(e) => {
                const move = { ArrowLeft: -5, ArrowRight: 5, PageDown: -20, PageUp: 20, Home: -100, End: 100 }[e.key];
                if (move === undefined) return;
                e.preventDefault();
                set(v.swipe + move);
              }}
              onPointerDown={(e) => e.currentTarget.setPointerCapture(e.pointerId)} onPointerMove={(e) => { if (e.currentTarget.hasPointerCapture(e.pointerId)) drag(e); }}><span /></div>
          </>
        )}
        <Key />
        <p class="attribution">{city.attribution.join(" · ")}{city.approval_no && ` · ${words.value.app.approval} ${city.approval_no}`}</p>
      </section>
      <aside class="compare-side" aria-label={w.changed}>
        <h1>{w.compare}</h1>
        <Periods />
        <div class="compare-acts">
          {!difference && <IconButton icon="minus" label={w.swipeLeft} onClick={() => set(v.swipe - 10)} />}
          {!difference && <IconButton icon="plus" label={w.swipeRight} onClick={() => set(v.swipe + 10)} />}
          <label class="inline"><input type="checkbox" checked={difference} onChange={(e) => go({ lens: e.currentTarget.checked ? "change" : null }, true)} /> {w.difference}</label>
          <button type="button" class="button small" onClick={() => void save()}><Icon name="download" /> PNG</button>
        </div>
        <Changed fly={(p) => map.value?.fly(p)} />
      </aside>
    </div>
  );
}

function Key() {
  const w = words.value;
  const ramp = colours(bounds.value.length + 1);
  if (view.value.lens === "change")
    return (
      <ul class="compare-key">
        {CLASSES.change.map(([c, colour]) => <li key={c}><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill={colour} stroke={isQuiet(c) ? "#7d888d" : "#4a3b2a"} stroke-dasharray={isQuiet(c) ? "2 2" : undefined} /></svg> {w.hot.classes[c]}</li>)}
      </ul>
    );
  return (
    <ul class="compare-key">
      {ramp.map((colour, i) => <li key={colour}><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill={colour} stroke="#6b6b6b" /></svg> ≥ {number(i === 0 ? 1 : bounds.value[i - 1]!)}</li>)}
    </ul>
  );
}

function Changed({ fly }: { fly: (point: [number, number]) => void }) {
  const w = words.value.hot;
  const { state, again } = useLoad((stop) => {
    void dataVersion.value;
    const v = view.value;
    if (!v.filter.from || !v.filter.to || !v.before.from || !v.before.to) return null;
    return api.compare([`from2=${v.before.from}`, `to2=${v.before.to}`, query(v.filter)].filter(Boolean).join("&"), stop);
  });
  useEffect(() => {
    if (state.value.kind === "failed") tell(sentence(state.value.why), "bad");
  }, [state.value]);
  return (
    <Panel state={state.value} again={again}>
      {(c) => (
        <>
          <p class="compare-total"><b>{number(c.before)}</b> → <b>{number(c.after)}</b> {words.value.sites.count}{c.ratio !== null && ` · ${w.ratio(decimal(c.ratio))}`}</p>
          <h2>{w.changed}</h2>
          <p class="hint">{w.changedLead}</p>
          <table class="plain compact">
            <thead><tr><th scope="col">{words.value.map.sites}</th><th scope="col" class="num">{w.before}</th><th scope="col" class="num">{w.after}</th><th scope="col" class="num">{w.times}</th><th scope="col">{w.judged}</th></tr></thead>
            <tbody>
              {c.sites.slice(0, 60).map((s) => (
                <tr key={s.id}>
                  <th scope="row"><button type="button" class="link-button" onClick={() => fly(s.point)}>{s.name}</button></th>
                  <td class="num">{number(s.before)}</td>
                  <td class="num">{number(s.after)}</td>
                  <td class="num">{s.ratio === null ? "–" : decimal(s.ratio)}</td>
                  <td>{w.classes[s.bin > 0 ? `up${s.bin}` : s.bin < 0 ? `down${-s.bin}` : "none"]}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="list-foot dim">{words.value.sites.firstOf(number(Math.min(60, c.sites.length)), number(c.meta.total))}</p>
        </>
      )}
    </Panel>
  );
}
