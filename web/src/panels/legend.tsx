// What do the colours and marks mean, and which layers are shown? Switches and legend in one card.
import { useSignal } from "@preact/signals";
import { breaks, cellsInClass, hiddenClasses, hideOrShow } from "../focus";
import { colours } from "../layers/hex";
import { go, view, type LayerId } from "../state";
import { may } from "../store";
import { Icon } from "../ui";
import { number, words } from "../words";
import { LensChoice, LensLegend } from "./lens";
import { caseWords } from "../words/cases";
import { VerdictMark } from "../cases/marks";

const small = (): boolean => typeof matchMedia !== "undefined" && matchMedia("(max-width: 760px), (max-height: 560px)").matches;

export function Legend() {
  const w = words.value.map;
  const open = useSignal(!small());
  const shown = view.value.layers;
  const flip = (id: LayerId) => go({ layers: shown.includes(id) ? shown.filter((l) => l !== id) : [...shown, id] }, true);
  const row = (id: LayerId, name: string) => (
    <label class="layer">
      <input type="checkbox" checked={shown.includes(id)} onChange={() => flip(id)} />
      <b>{name}</b>
    </label>
  );
  return (
    <section class={`legend ${open.value ? "open" : ""}`} aria-label={w.legend}>
      <button type="button" class="legend-head" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
        <Icon name="layers" /> {w.layers} · {w.legend}
      </button>
      {open.value && (
        <div class="legend-body">
          {row("sites", w.sites)}
          {shown.includes("sites") && <p class="key"><svg width="22" height="22" aria-hidden="true"><circle cx="11" cy="11" r="9" fill="#12303b" stroke="#fff" /><text x="11" y="15" text-anchor="middle" font-size="10.5" fill="#fff">1</text></svg> {w.site}</p>}
          {may("tickets") && <LensChoice />}
          {view.value.lens ? <LensLegend /> : null}
          {!view.value.lens && row("hex", w.hex)}
          {!view.value.lens && shown.includes("hex") && <Classes />}
          {row("cases", caseWords.value.layer)}
          {shown.includes("cases") && <CaseKey />}
          {may("tickets") && row("tickets", w.tickets)}
          {may("tickets") && shown.includes("tickets") && (
            <>
              <p class="key"><svg width="22" height="22" aria-hidden="true"><circle cx="11" cy="11" r="9" fill="#fff" stroke="#0072b2" stroke-width="1.6" /><text x="11" y="15" text-anchor="middle" font-size="9.5" fill="#004a75">12</text></svg> {w.cluster}</p>
              <p class="key">
                <svg width="22" height="22" aria-hidden="true"><circle cx="11" cy="11" r="5.5" fill="#0072b2" stroke="#fff" stroke-width="1.4" /></svg> {w.open}
                <svg width="22" height="22" aria-hidden="true"><circle cx="11" cy="11" r="4.5" fill="#fff" stroke="#0072b2" stroke-width="1.6" /></svg> {w.closed}
              </p>
              <p class="key dim">{shown.includes("hex") ? w.nearNote : w.pointNote}</p>
            </>
          )}
        </div>
      )}
    </section>
  );
}

function Classes() {
  const w = words.value.map;
  const bounds = breaks.value;
  const ramp = colours(bounds.length + 1);
  const metric = view.value.metric;
  const range = (i: number): string => {
    const from = i === 0 ? 1 : bounds[i - 1]!;
    const below = bounds[i];
    return below === undefined ? (bounds.length ? `≥ ${number(from)}` : "≥ 1") : below - 1 === from ? number(from) : `${number(from)}${w.to}${number(below - 1)}`;
  };
  return (
    <>
      <div class="metric" role="radiogroup" aria-label={w.metric}>
        {(["count", "petitioners"] as const).map((m) => (
          <label key={m}><input type="radio" name="metric" checked={metric === m} onChange={() => go({ metric: m }, true)} /> {w[m]}</label>
        ))}
      </div>
      <ul class="classes">
        {cellsInClass.value.some(Boolean) && ramp.map((colour, i) => (
          <li key={colour}>
            <button type="button" aria-pressed={!hiddenClasses.value.has(i)} title={w.hide} aria-label={`${range(i)}, ${number(cellsInClass.value[i] ?? 0)} ${w.drawn}`} onClick={() => hideOrShow(`c${i}`)}>
              <svg viewBox="0 0 40 12" preserveAspectRatio="none" aria-hidden="true"><rect x="0.5" y="0.5" width="39" height="11" fill={hiddenClasses.value.has(i) ? "#fff" : colour} stroke="#6b6b6b" vector-effect="non-scaling-stroke" /></svg>
              <span>{range(i)}</span>
            </button>
          </li>
        ))}
      </ul>
      {cellsInClass.value.length > 0 && !cellsInClass.value.some(Boolean) && <p class="key dim">{w.noCells}</p>}
    </>
  );
}

function CaseKey() {
  const w = caseWords.value;
  return <p class="key verdict-key">{["works", "worse", "no_change", "no_evidence", "too_early"].map((v) => <span key={v}><VerdictMark verdict={v} /> {w.verdicts[v]}</span>)}<span><VerdictMark verdict={null} /> {w.unjudged}</span></p>;
}
