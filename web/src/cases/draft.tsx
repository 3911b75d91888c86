// How does a case begin? What the tickets complain of and when, which measures fit, where they go on the map, what they may bring.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api, type SiteVerdict } from "../api";
import { cases, type Catalogue, type Content, type Diagnosis, type Measure, type Point, type Work } from "../api_cases";
import { useLoad } from "../load";
import { go } from "../state";
import { meta, sentence, tell } from "../store";
import { ActButton, IconButton, Panel } from "../ui";
import { lang, number, words } from "../words";
import { caseWords } from "../words/cases";
import { BenefitLine } from "./benefit";
import { Hours, Shares } from "./diagnosis";
import { writeKey } from "../write_key";
import { unitOf } from "./works";
import { nameOf } from "./marks";
import type { SmallMap } from "./small_map";

interface Start { no: string | null; version: number; site: string; siteName: string; point: Point; content: Content; catalogue: Catalogue; diagnosis: Diagnosis; profile: number[][]; verdict: SiteVerdict | null }

const BLANK: Content = { title: "", problem: "", diagnosis: "", owner: "", partners: [], works: [] };

async function begin(site: string | undefined, no: string | undefined): Promise<Start> {
  const one = no ? await cases.one(no) : null;
  const at = site ?? one!.site;
  const [detail, catalogue, diagnosis, verdict] = await Promise.all([api.site(at), cases.catalogue(), cases.diagnosis(at), api.siteVerdict(at).catch(() => null)]);
  const content: Content = one
    ? { title: one.title, problem: one.problem, diagnosis: one.diagnosis, owner: one.owner, partners: one.partners, works: one.works.map(({ n, measure, place, quantity, cost_yuan, decided, works_start, works_end, removed, note, hours }) => ({ n, measure, place, quantity, cost_yuan, decided, works_start, works_end, removed, note, hours: hours ?? [] })) }
    : { ...BLANK, title: detail.name, problem: diagnosis.kind === "mixed" ? "" : diagnosis.kind };
  return { no: no ?? null, version: one?.version ?? 0, site: at, siteName: detail.name, point: { lon: detail.point[0], lat: detail.point[1] }, content, catalogue, diagnosis, profile: detail.profile, verdict };
}

export function DraftPage({ site, no }: { site?: string; no?: string }) {
  const w = caseWords.value;
  const { state, again } = useLoad(() => begin(site, no));
  return (
    <div class="narrow draft">
      <header class="case-head">
        <IconButton icon="back" label={words.value.app.back} onClick={() => history.back()} />
        <h1>{state.value.kind === "ready" ? w.draftAt(state.value.value.siteName) : w.draft}</h1>
      </header>
      <Panel state={state.value} again={again}>{(start) => <Form start={start} />}</Panel>
    </div>
  );
}

/** `7-9;16-18` as full hours; what cannot be read is left out. */
function readHours(text: string): [number, number][] {
  return text.split(/[;；,，、\s]+/).flatMap((part) => {
    const [, a, b] = /^(\d{1,2})(?::00)?[-–至](\d{1,2})(?::00)?$/.exec(part) ?? [];
    const span: [number, number] = [Number(a), Number(b)];
    return a !== undefined && b !== undefined && span[0] < span[1] && span[1] <= 24 ? [span] : [];
  });
}

function Form({ start }: { start: Start }) {
  const w = caseWords.value;
  const content = useSignal<Content>(start.content);
  const drawing = useSignal<{ at: number; kind: "point" | "line"; corners: Point[] } | null>(null);
  // What the server holds already: a save whose second half was refused goes on from there instead of beginning another case.
  const held = useRef({ no: start.no, version: start.version, key: writeKey() });
  const map = useRef<SmallMap | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const change = (part: Partial<Content>) => (content.value = { ...content.value, ...part });
  const setWork = (at: number, part: Partial<Work>) => change({ works: content.value.works.map((k, i) => (i === at ? { ...k, ...part } : k)) });
  const city = meta.value?.city;

  useEffect(() => {
    let gone = false;
    if (!city) return;
    import("./small_map").then((m) => {
      if (gone || !box.current) return;
      map.current = m.startSmallMap(box.current, { city, language: lang.peek(), label: w.place });
      show();
    }, () => undefined);
    return () => {
      gone = true;
      map.current?.stop();
      map.current = null;
    };
  }, []);
  const show = () => map.current?.show({ core: start.point, works: content.peek().works.map((k, i) => ({ n: i + 1, place: drawing.peek()?.at === i && drawing.peek()?.kind === "line" ? drawing.peek()!.corners : k.place })) });
  useEffect(show, [content.value.works, drawing.value]);

  const draw = (at: number, kind: "point" | "line") => {
    drawing.value = { at, kind, corners: [] };
    map.current?.draw(kind, (place, done) => {
      if (done) {
        setWork(at, { place });
        drawing.value = null;
      } else drawing.value = { at, kind, corners: place };
    });
    box.current?.scrollIntoView({ block: "nearest" });
  };
  const finish = () => {
    const d = drawing.value;
    if (d && d.corners.length > 0) setWork(d.at, { place: d.corners });
    drawing.value = null;
    map.current?.rest();
  };
  const add = (m: Measure) => change({ works: [...content.value.works, { n: 0, measure: m.id, place: [], quantity: m.typical_quantity, cost_yuan: null, decided: null, works_start: null, works_end: null, removed: null, note: "" }] });

  const save = async (propose: boolean) => {
    try {
      const at = held.current;
      if (at.no) at.version = (await cases.act(at.no, at.version, { action: "edit", content: content.value })).version;
      else {
        at.no = (await cases.create(start.site, content.value, at.key)).id;
        at.version = 1;
      }
      if (propose) at.version = (await cases.act(at.no, at.version, { action: "propose" })).version;
      tell(w.done);
      go({ page: "cases", item: at.no, site: null });
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const c = content.value;
  const measureOf = (code: string) => start.catalogue.measures.find((m) => m.id === code);
  return (
    <div class="draft-grid">
      <section class="card">
        <h2>{w.shares}</h2>
        <Shares d={start.diagnosis} />
        <details><summary><b>{w.hoursTitle}</b></summary><Hours profile={start.profile} verdict={start.verdict} d={start.diagnosis} /></details>
        <label class="field"><span class="label">{w.titleField}</span><input value={c.title} maxLength={60} onInput={(e) => change({ title: e.currentTarget.value })} /></label>
        <label class="field"><span class="label">{w.problem}</span>
          <select value={c.problem} onChange={(e) => change({ problem: e.currentTarget.value })}><option value="">–</option>{start.catalogue.kinds.map((k) => <option key={k.id} value={k.id}>{nameOf(k)}</option>)}</select>
        </label>
        <label class="field"><span class="label">{w.diagnosis}</span><textarea rows={3} value={c.diagnosis} maxLength={4000} onInput={(e) => change({ diagnosis: e.currentTarget.value })} /></label>
        <div class="two">
          <label class="field"><span class="label">{w.owner}</span><input value={c.owner} maxLength={60} onInput={(e) => change({ owner: e.currentTarget.value })} /></label>
          <label class="field"><span class="label">{w.partners}</span><input value={c.partners.join("、")} onChange={(e) => change({ partners: e.currentTarget.value.split(/[、,，;；]/).map((p) => p.trim()).filter(Boolean) })} /></label>
        </div>
      </section>
      <section class="card">
        <h2>{w.place}</h2>
        <div ref={box} class="small-map tall" />
        {drawing.value && (
          <p class="row"><span class="tag on">{drawing.value.at + 1} · {drawing.value.kind === "point" ? w.pointHint : w.lineHint}</span>{drawing.value.kind === "line" && <button type="button" class="button small" onClick={finish}>{w.finish}</button>}</p>
        )}
        <ol class="chosen">
          {c.works.map((k, i) => {
            const m = measureOf(k.measure);
            return (
              <li key={i}>
                <b>{i + 1}. {m ? nameOf(m) : k.measure}</b>
                <span class="dim">{w.placed(k.place.length)}</span>
                <span class="row">
                  <label class="qty">{w.quantity} <input type="number" min="0.1" step="any" value={k.quantity} onInput={(e) => setWork(i, { quantity: Number(e.currentTarget.value) })} /> {m ? unitOf(m.unit) : ""}</label>
                  {m?.sort === "patrol" && <label class="qty">{w.hoursField} <input class="hours" placeholder="7-9;16-18" aria-describedby={`hours-${i}`} value={(k.hours ?? []).map((h) => h.join("-")).join(";")} onChange={(e) => setWork(i, { hours: readHours(e.currentTarget.value) })} /><small id={`hours-${i}`} class="dim">{w.hoursHint}</small></label>}
                  <button type="button" class="button small" onClick={() => draw(i, "point")}>{w.point}</button>
                  <button type="button" class="button small" onClick={() => draw(i, "line")}>{w.line}</button>
                  <button type="button" class="button small" onClick={() => setWork(i, { place: [start.point] })}>{w.useSite}</button>
                  {!k.decided && <IconButton icon="close" label={w.remove} onClick={() => change({ works: c.works.filter((_, at) => at !== i) })} />}
                </span>
              </li>
            );
          })}
        </ol>
        <div class="row">
          <ActButton act={() => save(false)}>{w.save}</ActButton>
          <ActButton class="primary" act={() => save(true)} disabled={!c.works.length}>{w.propose}</ActButton>
        </div>
        <p class="hint">{w.proposeNote}</p>
      </section>
      <section class="card wide">
        <h2>{w.offers}</h2>
        <Offers start={start} chosen={c.works.map((k) => k.measure)} add={add} />
      </section>
    </div>
  );
}

function Offers({ start, chosen, add }: { start: Start; chosen: string[]; add: (m: Measure) => void }) {
  const w = caseWords.value;
  const offers = start.diagnosis.offers.slice(0, 12);
  const all = start.catalogue.measures;
  const rest = all.filter((m) => !offers.some((o) => o.id === m.id));
  const more = useSignal("");
  const { state } = useLoad(() => (offers.length ? cases.benefits(start.site, offers.map((o) => o.id)) : Promise.resolve({ refused: null, benefits: [] })));
  const got = state.value.kind === "ready" ? state.value.value : null;
  const nameBy = (id: string) => { const m = all.find((x) => x.id === id); return m ? nameOf(m) : id; };
  return (
    <>
      <p class="hint">{got?.refused ?? w.benefitNote}{got?.benefits[0] ? ` · ${w.expectedYear(number(got.benefits[0].expected))}` : ""}</p>
      <ul class="offers">
        {offers.map((o) => {
          const m = all.find((x) => x.id === o.id);
          if (!m) return null;
          const b = got?.benefits.find((x) => x.measure === o.id);
          const [low, high] = m.unit_cost;
          return (
            <li key={o.id}>
              <div>
                <b>{nameOf(m)}</b> <span class="dim">{w.yuan(`${number(low)}–${number(high)}`)}/{w.units[m.unit] ?? m.unit} · {lang.value === "zh" ? m.source_title : m.source_title_en} · {w.grade} {m.evidence}</span>
                {b && <BenefitLine b={b} />}
                {o.excluded_by && <p class="error">{w.excluded} {nameBy(o.excluded_by)}</p>}
                {o.needs.length > 0 && <p class="hint">{w.needs} {o.needs.map(nameBy).join("、")}</p>}
              </div>
              <button type="button" class="button small" disabled={chosen.includes(o.id)} onClick={() => add(m)}>{w.add}</button>
            </li>
          );
        })}
      </ul>
      <label class="field more-measures"><span class="label">{w.catalogue}</span>
        <select value={more.value} onChange={(e) => { const m = all.find((x) => x.id === e.currentTarget.value); if (m) add(m); more.value = ""; e.currentTarget.value = ""; }}>
          <option value="">{w.add}…</option>{rest.map((m) => <option key={m.id} value={m.id}>{nameOf(m)}</option>)}
        </select>
      </label>
      {start.diagnosis.installed.length > 0 && <p class="hint">{w.installed}: {start.diagnosis.installed.map(nameBy).join("、")}</p>}
    </>
  );
}
