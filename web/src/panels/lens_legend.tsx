// What does each colour of a lens mean, what was compared, with which settings, and how does it leave the program?
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { address, api, type Catalogue, type LensRecord, type MethodParam } from "../api";
import { afterPicture, hiddenVerdicts, hideOrShow } from "../focus";
import { CLASSES, isQuiet, letterOf } from "../layers/verdict";
import { useLoad } from "../load";
import { go, lensQuery, setFilter, view, type LensId } from "../state";
import { dataVersion, meta, sentence } from "../store";
import { lang, number, words } from "../words";
import { hotWords } from "../words/hot";
import { settingTitle, unitTitle } from "../words/methods";
import { DateField } from "./date_field";
import { choose } from "./lens";

const catalogue = signal<Catalogue | null>(null);

/** The methods with their parameters, asked for once. */
export function useCatalogue(): Catalogue | null {
  useEffect(() => {
    if (!catalogue.peek()) void api.catalogue().then((c) => (catalogue.value = c), () => undefined);
  }, []);
  return catalogue.value;
}

export function LensLegend() {
  const w = hotWords.value;
  const { state } = useLoad((stop) => {
    void dataVersion.value;
    const q = lensQuery.value;
    return q ? afterPicture(() => api.lens(q, stop)) : null;
  }, () => view.value.lens);
  const lens = view.value.lens;
  // A link that names the change but no periods gets those of the view.
  const lacking = lens === "change" && !lensQuery.value && !!meta.value?.time;
  useEffect(() => {
    if (lacking && !(view.peek().before.from && view.peek().before.to)) choose("change");
  }, [lacking]);
  if (!lens) return null;
  const s = state.value;
  return (
    <div class="lens">
      <p class="key">{w.meaning[lens]}</p>
      {lens === "change" && <Periods />}
      {lens === "change" && !lensQuery.value && <p class="error" role="alert">{w.noPeriods}</p>}
      {s.kind === "failed" && <p class="error" role="alert">{sentence(s.why)}</p>}
      {s.kind === "loading" && lensQuery.value && <p class="key dim">{words.value.app.loading}</p>}
      {s.kind === "ready" && <Verdicts lens={lens} record={s.value} />}
      <Settings lens={lens} />
      {s.kind === "ready" && lensQuery.value && (
        <p class="lens-export no-print">
          {words.value.filter.export}{" "}
          {(["geojson", "csv", "xlsx"] as const).map((x) => <a key={x} href={address.lensExport(x, lensQuery.value!)} download>{x.toUpperCase()}</a>)}
        </p>
      )}
    </div>
  );
}

function Verdicts({ lens, record }: { lens: LensId; record: LensRecord }) {
  const w = hotWords.value;
  const own = words.value.hot;
  const drawn = Object.values(record.classes).reduce((a, b) => a + b, 0);
  const shown = CLASSES[lens].filter(([c]) => lens !== "emerging" || record.classes[c] || c === "none");
  const range = (i: number) => {
    const b = record.bounds ?? [];
    const at = 3 - i;
    return b[at] === undefined ? "" : `≥ ${b[at]!.toFixed(1)}`;
  };
  return (
    <>
      <ul class="verdicts">
        {shown.map(([c, colour], i) => {
          const off = hiddenVerdicts.value.has(c);
          const title = lens === "network" ? range(i) : (own.classes[c] ?? c);
          const n = record.classes[c] ?? 0;
          return (
            <li key={c}>
              <button type="button" aria-pressed={!off} title={words.value.map.hide} onClick={() => hideOrShow(c)}>
                <svg viewBox="0 0 22 14" width="22" height="14" aria-hidden="true">
                  <rect x="1" y="1" width="20" height="12" rx="2" fill={off ? "#fff" : colour} stroke={isQuiet(c) ? "#7d888d" : "#4a3b2a"} stroke-dasharray={isQuiet(c) ? "2 2" : undefined} />
                  {lens === "emerging" && !isQuiet(c) && <text x="11" y="11" text-anchor="middle" font-size="9.5" fill="#17252d" stroke="#fff" stroke-width="2" paint-order="stroke">{letterOf(c)}</text>}
                </svg>
                <span>{title}</span>
                <span class="n">{number(n)}</span>
              </button>
            </li>
          );
        })}
      </ul>
      {lens === "network" && <p class="key dim">{own.perKm}</p>}
      {record.n === 0 && <p class="error" role="status">{w.emptyWindow}</p>}
      <p class="key dim">{w.basis(number(record.n), record.compared === undefined ? "" : number(record.compared))}{record.area_words ? ` · ${w.areas[record.area ?? ""] ?? record.area_words}` : ""}{record.compared !== undefined && drawn < record.compared ? ` · ${w.drawn(number(drawn))}` : ""}</p>
      {record.steps && <p class="key dim">{w.steps(record.steps[0], record.steps[1])}</p>}
      {record.notes.filter((n) => n.code !== "NOT_A_TEST" || lens === "network").map((n) => <p key={n.code} class="key dim" title={n.code}>{w.notes[n.code] ?? n.text}</p>)}
    </>
  );
}

/** The two periods of a comparison as dates. */
export function Periods() {
  const w = hotWords.value;
  const v = view.value;
  const span = meta.value?.time;
  if (!span) return null;
  const [first, last] = [span.from.slice(0, 10), span.to.slice(0, 10)];
  const t = words.value.time;
  return (
    <div class="periods">
      <span>{w.before}</span>
      <DateField name={`${w.before} ${t.start}`} least={first} most={v.before.to ?? last} value={v.before.from} onPick={(from) => go({ before: { ...v.before, from } }, true)} />
      <DateField name={`${w.before} ${t.end}`} least={v.before.from ?? first} most={last} value={v.before.to} onPick={(to) => go({ before: { ...v.before, to } }, true)} />
      <span>{w.after}</span>
      <DateField name={`${w.after} ${t.start}`} least={first} most={v.filter.to ?? last} value={v.filter.from} onPick={(from) => setFilter({ from }, true)} />
      <DateField name={`${w.after} ${t.end}`} least={v.filter.from ?? first} most={last} value={v.filter.to} onPick={(to) => setFilter({ to }, true)} />
    </div>
  );
}

function Settings({ lens }: { lens: LensId }) {
  const w = hotWords.value;
  const c = useCatalogue();
  const spec = c?.views.find((v) => v.view === lens);
  const method = c?.methods.find((m) => m.name === spec?.method);
  if (!method || !spec) return null;
  const given = view.value.settings;
  const set = (name: string, value: string | null) => {
    const next = { ...given };
    if (value === null || value === "") delete next[name];
    else next[name] = value;
    go({ settings: next }, true);
  };
  const params = method.params.filter((p) => !spec.own.includes(p.name));
  return (
    <details class="lens-settings no-print">
      <summary>{w.settings}{Object.keys(given).length ? ` · ${Object.keys(given).length}` : ""}</summary>
      <div>
        {params.map((p) => <ParamField key={p.name} param={p} value={given[p.name] ?? null} set={(value) => set(p.name, value)} />)}
        {lens === "change" && <ParamField param={RES} value={given.res ?? null} set={(value) => set("res", value)} />}
        {(lens === "gi" || lens === "moran") && (
          <label class="param check"><input type="checkbox" checked={given.mask !== "off"} onChange={(e) => set("mask", e.currentTarget.checked ? null : "off")} /> {w.mask}</label>
        )}
        {Object.keys(given).length > 0 && <button type="button" class="link-button" onClick={() => go({ settings: {} }, true)}>{w.defaults}</button>}
      </div>
    </details>
  );
}

const RES: MethodParam = { name: "res", title: "H3 分辨率", unit: "", kind: { kind: "integer", default: 9, min: 5, max: 11 }, doc: "Cells that are compared." };

/** One parameter of a method as a form field; what is left at its default is not sent. */
export function ParamField({ param, value, set }: { param: MethodParam; value: string | null; set: (value: string | null) => void }) {
  const w = hotWords.value;
  const k = param.kind;
  const label = `${settingTitle(param)}${param.unit ? (lang.value === "zh" ? `（${unitTitle(param.unit)}）` : ` (${param.unit})`) : ""}`;
  if (k.kind === "flag")
    return <label class="param check" title={param.doc}><input type="checkbox" checked={value === null ? k.default : value === "true"} onChange={(e) => set(e.currentTarget.checked === k.default ? null : String(e.currentTarget.checked))} /> {label}</label>;
  if (k.kind === "choice")
    return (
      <label class="param" title={param.doc}><span>{label}</span>
        <select class="small" value={value ?? k.default} onChange={(e) => set(e.currentTarget.value === k.default ? null : e.currentTarget.value)}>
          {k.among.map((a) => <option key={a} value={a}>{w.options[a] ?? a}</option>)}
        </select>
      </label>
    );
  if (k.kind === "numbers")
    return <label class="param" title={param.doc}><span>{label}</span><input type="text" inputMode="decimal" value={value ?? k.default.join(",")} onChange={(e) => set(e.currentTarget.value === k.default.join(",") ? null : e.currentTarget.value)} /></label>;
  const small = k.kind === "integer" ? Math.max(k.min, -1e9) : k.min;
  return (
    <label class="param" title={param.doc}><span>{label}</span>
      <input type="number" min={small} max={Math.min(k.max, 1e9)} step={k.kind === "integer" ? 1 : "any"} value={value ?? String(k.default)} onChange={(e) => set(e.currentTarget.value === String(k.default) ? null : e.currentTarget.value)} />
    </label>
  );
}
