// By what are the cells coloured?
import { lazyPage } from "../lazy";
import { go, LENSES, view, type LensId } from "../state";
import { meta } from "../store";
import { addDays } from "../time";
import { words } from "../words";

/** What the colours of a lens mean, its settings and its export; loaded with the first lens. */
export const LensLegend = lazyPage(() => import("./lens_legend").then((m) => m.LensLegend));

/** Chooses a lens; a change needs two periods, so they are given when none was chosen. */
export function choose(lens: LensId | null): void {
  const change: Parameters<typeof go>[0] = { lens, settings: {}, hide: lens === view.peek().lens ? view.peek().hide : [] };
  const span = meta.peek()?.time;
  const v = view.peek();
  if (lens === "change" && span && !(v.filter.from && v.filter.to && v.before.from)) {
    const last = span.to.slice(0, 10);
    const first = span.from.slice(0, 10);
    const from = v.filter.from ?? (addDays(last, -181) > first ? addDays(last, -181) : first);
    const to = v.filter.to ?? last;
    const days = Math.max(1, Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1);
    change.filter = { ...v.filter, from, to };
    change.before = { from: addDays(from, -days), to: addDays(from, -1) };
  }
  go(change, true);
}

export function LensChoice() {
  const w = words.value.hot;
  const lens = view.value.lens;
  return (
    <label class="lens-choice">
      <b>{w.colourBy}</b>
      <select class="small" value={lens ?? ""} onChange={(e) => choose((e.currentTarget.value || null) as LensId | null)}>
        <option value="">{w.plain}</option>
        {LENSES.map((l) => <option key={l} value={l}>{w.lenses[l]}</option>)}
      </select>
    </label>
  );
}
