// Which tickets are meant? Facets with their counts; each facet counts under all the other filters.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type Bucket } from "../api";
import { afterPicture } from "../focus";
import { useLoad } from "../load";
import { active, filter, query, setFilter, toggle, type SetKey } from "../state";
import { dataVersion, meta, startWindow } from "../store";
import { IconButton, Panel } from "../ui";
import { number, words } from "../words";

/** The server groups by these words where its filter says another. */
const BY: Record<SetKey, string> = { kind: "category", channel: "channel", state: "state", precision: "precision", area: "area", unit: "unit" };

export function FilterPanel({ onHide }: { onHide?: () => void }) {
  const w = words.value.filter;
  const n = active(filter.value);
  return (
    <>
      <header class="panel-head">
        <h2>{w.title}</h2>
        {n > 0 && <button type="button" class="link-button" onClick={() => setFilter({ sets: {}, q: "", ...startWindow() })}>{w.clear}</button>}
        {onHide && <IconButton icon="close" class="hide-filters" label={words.value.app.close} onClick={onHide} />}
      </header>
      <TextFilter />
      <Facet of="kind" name={w.kind} open />
      <Facet of="channel" name={w.channel} open />
      <Facet of="area" name={w.area} />
      <Facet of="state" name={w.state} />
      <Facet of="precision" name={w.precision} />
      <Facet of="unit" name={w.unit} />
    </>
  );
}

function TextFilter() {
  const w = words.value.filter;
  const wait = useRef(0);
  const input = useRef<HTMLInputElement>(null);
  const q = filter.value.q;
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = q;
  }, [q]);
  return (
    <div class="text-filter">
      <input ref={input} type="text" aria-label={w.text} placeholder={`${w.text}…`} defaultValue={q}
        onInput={(e) => {
          const text = e.currentTarget.value;
          clearTimeout(wait.current);
          wait.current = window.setTimeout(() => setFilter({ q: text }, true), 300);
        }} />
    </div>
  );
}

const SHORT = 7;

function Facet({ of, name, open = false }: { of: SetKey; name: string; open?: boolean }) {
  const chosen = filter.value.sets[of] ?? [];
  const shown = useSignal(open || chosen.length > 0);
  return (
    <details class="facet" open={shown.value} onToggle={(e) => (shown.value = e.currentTarget.open)}>
      <summary><h3>{name}</h3>{chosen.length > 0 && <span class="tag on">{chosen.length}</span>}</summary>
      {shown.value && <Values of={of} name={name} />}
    </details>
  );
}

function Values({ of, name }: { of: SetKey; name: string }) {
  const w = words.value.filter;
  const all = useSignal(false);
  const { state, again } = useLoad((signal) => {
    void dataVersion.value;
    const q = query(filter.value, [of]);
    return afterPicture(() => api.counts(BY[of], q, signal));
  });
  const chosen = filter.value.sets[of] ?? [];
  return (
    <Panel state={state.value} again={again}>
      {(counts) => {
        const rows = withChosen(counts.buckets, chosen, of);
        const top = Math.max(1, ...rows.map((b) => b.count));
        const visible = all.value || rows.length <= SHORT + 2 ? rows : rows.filter((b, i) => i < SHORT || chosen.includes(b.key));
        return (
          <fieldset>
            <legend class="sr-only">{name}</legend>
            {rows.length === 0 && <p class="hint">{words.value.app.nothing}</p>}
            {visible.map((b) => (
              <label key={b.key} class={`value ${b.count ? "" : "none"}`}>
                <input type="checkbox" checked={chosen.includes(b.key)} onChange={() => toggle(of, b.key)} />
                <span class="value-name">{nameOf(of, b.key, b.label) || words.value.app.unstated}</span>
                <span class="value-count">{number(b.count)}</span>
                <svg class="value-bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true"><rect width={(b.count / top) * 100} height="3" /></svg>
              </label>
            ))}
            {rows.length > SHORT + 2 && (
              <button type="button" class="link-button" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
                {all.value ? w.less : w.more(rows.length - visible.length)}
              </button>
            )}
          </fieldset>
        );
      }}
    </Panel>
  );
}

/** A chosen value stays visible, even when nothing is left of it. */
function withChosen(buckets: Bucket[], chosen: string[], of: SetKey): Bucket[] {
  const missing = chosen.filter((c) => !buckets.some((b) => b.key === c)).map((key) => ({ key, label: nameOf(of, key), count: 0 }));
  const rows = [...buckets, ...missing];
  // Long lists of the city: what is most comes first. Closed lists keep their own order.
  return of === "kind" || of === "area" || of === "unit" ? rows.sort((a, b) => b.count - a.count) : rows;
}

/** What a code is called: closed lists in the reader's language, the city's own lists as the city names them. */
export function nameOf(of: SetKey, id: string, label?: string): string {
  const own = words.value.codes[of]?.[id];
  if (own) return own;
  if (label) return label;
  const m = meta.value;
  if (!m) return id;
  const lists = { kind: m.categories, channel: m.channels, state: m.states, precision: m.precisions, area: m.areas, unit: m.units };
  return (lists[of] as { id: string; name: string }[]).find((x) => x.id === id)?.name ?? id;
}
