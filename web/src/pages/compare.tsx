// What changed between two periods? Two maps under one handle, the same classes on both, a map of the difference, and the sites that changed most.
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { address, api } from "../api";
import type { CompareMap } from "../compare_map";
import { hiddenClasses, hiddenVerdicts } from "../focus";
import { colours } from "../layers/hex";
import type { Look } from "../layers/kind";
import { CLASSES, isQuiet } from "../layers/verdict";
import { useLoad } from "../load";
import { choose } from "../panels/lens";
import { Periods } from "../panels/lens_legend";
import { cityLine, explained, filterLine, save } from "../picture";
import { addDays, daysBetween } from "../time";
import { go, lensQueryOf, query, view } from "../state";
import { dataVersion, may, meta, sentence, tell } from "../store";
import { Icon, Panel } from "../ui";
import { decimal, lang, number, words } from "../words";
import { hotWords } from "../words/hot";

const bounds = signal<number[]>([]);

/** The filter with other days. */
const side = (from: string | null, to: string | null): string => query({ ...view.value.filter, from, to });

export function ComparePage() {
  const w = words.value;
  useEffect(() => {
    const v = view.peek();
    if (meta.value && !(v.filter.from && v.filter.to && v.before.from && v.before.to)) choose("change");
    // The difference is a lens of its own; any other lens of the map has no place here.
    if (meta.value && v.lens !== "change") go({ lens: null }, true);
  }, [!!meta.value]);
  if (!may("tickets")) return <div class="state"><Icon name="warn" /><p>{w.app.noRight}</p></div>;
  if (!meta.value?.city) return <Panel state={{ kind: "loading" }}>{() => null}</Panel>;
  // Without tickets there is nothing to compare, and no day to begin with.
  if (!meta.value.time) return <div class="state"><h3>{w.sites.noTickets}</h3><p>{w.sites.importFirst}</p>{may("import") && <a class="button primary" href="#/import">{w.sites.toImport}</a>}</div>;
  return <Screen />;
}

function Screen() {
  const w = hotWords.value;
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
    const look: Look = { metric: now.metric, classes: 0, breaks: bounds.value, hidden: hiddenClasses.value, site: null, ticket: null, pointed: null, cells: true, lens: now.lens, hiddenVerdicts: hiddenVerdicts.value };
    const lens = now.lens === "change" ? lensQueryOf(now) : null;
    map.value?.look(look);
    if (now.filter.from && now.before.from) map.value?.show(side(now.before.from, now.before.to), side(now.filter.from, now.filter.to), [`from2=${now.before.from}`, `to2=${now.before.to}`, query(now.filter)].join("&"), lens, dataVersion.value);
  });

  const set = (n: number) => go({ swipe: Math.max(0, Math.min(100, Math.round(n))) }, true);
  const drag = (e: PointerEvent & { currentTarget: HTMLElement }) => {
    const frame = e.currentTarget.parentElement!.getBoundingClientRect();
    set(((e.clientX - frame.left) / frame.width) * 100);
  };
  const picture = async () => {
    const sources = await map.value?.picture();
    if (!sources) return;
    const labels = [`${w.before} ${v.before.from} – ${v.before.to}`, `${w.after} ${v.filter.from} – ${v.filter.to}`];
    const title = cityLine(v.lens === "change" ? `${w.compare} · ${w.difference}` : w.compare);
    const lines = v.lens === "change" ? [labels.join(" → ")] : [];
    save(await explained(title, [...lines, filterLine()], sources.map((source, i) => ({ source, label: v.lens === "change" ? undefined : labels[i] }))), `${title}.png`);
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
        <Presets />
        <div class="compare-acts">
          {!difference && <button type="button" class="icon-button" aria-label={w.swipeLeft} title={w.swipeLeft} onClick={() => set(v.swipe - 10)}>◂</button>}
          {!difference && <button type="button" class="icon-button" aria-label={w.swipeRight} title={w.swipeRight} onClick={() => set(v.swipe + 10)}>▸</button>}
          <label class="inline"><input type="checkbox" checked={difference} onChange={(e) => go({ lens: e.currentTarget.checked ? "change" : null }, true)} /> {w.difference}</label>
        </div>
        <Forms picture={() => void picture()} />
        <Changed fly={(p, name) => map.value?.fly(p, name)} />
      </aside>
    </div>
  );
}

/** The later period against the days before it, or the same days a year ago. */
function Presets() {
  const w = hotWords.value;
  const { from, to } = view.value.filter;
  if (!from || !to) return null;
  const days = daysBetween(from, to) + 1;
  const year = (d: string) => `${Number(d.slice(0, 4)) - 1}${d.slice(4)}`.replace(/-02-29$/, "-02-28");
  const pairs = [[w.versusBefore, addDays(from, -days), addDays(from, -1)], [w.versusYear, year(from), year(to)]] as const;
  const { before } = view.value;
  return (
    <div class="presets" role="group" aria-label={w.before}>
      {pairs.map(([name, a, b]) => <button key={name} type="button" class="chip" aria-pressed={before.from === a && before.to === b} onClick={() => go({ before: { from: a, to: b } }, true)}>{name}</button>)}
    </div>
  );
}

/** The sites as tables and points, the difference as cells, the maps as a picture. */
function Forms({ picture }: { picture: () => void }) {
  const v = view.value;
  const q = [`from2=${v.before.from}`, `to2=${v.before.to}`, query(v.filter)].filter(Boolean).join("&");
  const lens = lensQueryOf({ ...v, lens: "change" });
  const forms = ["xlsx", "csv", "geojson"] as const;
  return (
    <div class="export-forms no-print">
      <div><b>{words.value.map.sites}</b> {forms.map((f) => <a key={f} href={address.compareExport(f, q)} download>{f.toUpperCase()}</a>)}</div>
      {lens && <div><b>{hotWords.value.difference}</b> {forms.map((f) => <a key={f} href={address.lensExport(f, lens)} download>{f.toUpperCase()}</a>)}</div>}
      <div><b>{hotWords.value.picture}</b> <button type="button" class="link-button" onClick={picture}>PNG</button></div>
    </div>
  );
}

function Key() {
  const w = words.value;
  const ramp = colours(bounds.value.length + 1);
  const range = (i: number): string => {
    const [from, below] = [i === 0 ? 1 : bounds.value[i - 1]!, bounds.value[i]];
    return below === undefined ? `≥ ${number(from)}` : below - 1 === from ? number(from) : `${number(from)}${w.map.to}${number(below - 1)}`;
  };
  if (view.value.lens === "change")
    return (
      <ul class="compare-key">
        {CLASSES.change.map(([c, colour]) => <li key={c}><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill={colour} stroke={isQuiet(c) ? "#7d888d" : "#4a3b2a"} stroke-dasharray={isQuiet(c) ? "2 2" : undefined} /></svg> <span>{w.hot.classes[c]}</span></li>)}
      </ul>
    );
  return (
    <ul class="compare-key" aria-label={hotWords.value.key}>
      <li class="dim">{hotWords.value.key}</li>
      {ramp.map((colour, i) => <li key={colour}><svg width="16" height="12" aria-hidden="true"><rect x="1" y="1" width="14" height="10" fill={colour} stroke="#6b6b6b" /></svg> <span>{range(i)}</span></li>)}
    </ul>
  );
}

function Changed({ fly }: { fly: (point: [number, number], name: string) => void }) {
  const w = hotWords.value;
  const own = words.value.hot;
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
    <Panel state={state.value} again={again} empty={(c) => (c.before + c.after ? null : <p>{w.emptyWindow}</p>)}>
      {(c) => (
        <>
          <p class="compare-total"><b>{number(c.before)}</b> → <b>{number(c.after)}</b> {words.value.sites.count}{c.ratio !== null && ` · ${w.ratio(decimal(c.ratio))}`}</p>
          <h2>{w.changed}</h2>
          <p class="hint">{w.changedLead}</p>
          {c.sites.length === 0 && <p class="dim">{w.none}</p>}
          {c.sites.length > 0 && <div class="scroll" tabIndex={0} role="group" aria-label={w.changed}><table class="plain compact">
            <thead><tr><th scope="col">{words.value.map.sites}</th><th scope="col" class="num">{w.before}</th><th scope="col" class="num">{w.after}</th><th scope="col" class="num">{w.times}</th><th scope="col">{w.judged}</th></tr></thead>
            <tbody>
              {c.sites.slice(0, 60).map((s) => (
                <tr key={s.id}>
                  <th scope="row"><button type="button" class="link-button" onClick={() => fly(s.point, s.name)}>{s.name}</button></th>
                  <td class="num">{number(s.before)}</td>
                  <td class="num">{number(s.after)}</td>
                  <td class="num">{s.ratio === null ? "–" : decimal(s.ratio)}</td>
                  <td class="nowrap">{own.classes[s.bin > 0 ? `up${s.bin}` : s.bin < 0 ? `down${-s.bin}` : "none"]}</td>
                </tr>
              ))}
            </tbody>
          </table></div>}
          <p class="list-foot dim">{words.value.sites.firstOf(number(Math.min(60, c.sites.length)), number(c.meta.total))}</p>
        </>
      )}
    </Panel>
  );
}
