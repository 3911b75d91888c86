// What do the methods say of one site? The sentence, how sure the rank is, its history, and what lies near.
import type { SiteVerdict } from "../api";
import type { Marks } from "../charts/heat";
import { flyTo } from "../focus";
import { go } from "../state";
import { Panel, type State } from "../ui";
import { lang, number, words } from "../words";

export function Verdict({ state }: { state: State<SiteVerdict> }) {
  const w = words.value.hot;
  return (
    <section>
      <h3>{w.verdicts}</h3>
      <Panel state={state}>
        {(v) => (
          <>
            <p class="why">{v.sentence[lang.value]}</p>
            {v.rank_low !== null && <p class="hint">{w.rankInterval(number(v.rank_low), number(v.rank_high))}</p>}
            {v.history && <History signs={v.history.signs} title={w.classes[v.history.class] ?? v.history.title} />}
          </>
        )}
      </Panel>
    </section>
  );
}

/** One mark a step: full above = loud, full below = quiet, a dot = usual; the same in the label. */
function History({ signs, title }: { signs: number[]; title: string }) {
  const w = words.value.hot;
  const say = (s: number) => (s > 0 ? w.loud : s < 0 ? w.quiet : w.usual);
  const step = 336 / Math.max(signs.length, 1);
  return (
    <figure class="steps">
      <svg viewBox="0 0 336 30" role="img" aria-label={`${w.historyTitle}: ${signs.map(say).join(", ")}`}>
        <line x1="0" x2="336" y1="15" y2="15" class="axis" />
        {signs.map((s, i) => s === 0
          ? <circle key={i} cx={(i + 0.5) * step} cy="15" r="1.8" class="usual"><title>{say(s)}</title></circle>
          : <rect key={i} x={i * step + 1} width={step - 2} y={s > 0 ? 3 : 15} height="12" class={s > 0 ? "loud" : "calm"}><title>{say(s)}</title></rect>)}
      </svg>
      <figcaption class="hint">{w.historyTitle} · <b>{title}</b></figcaption>
    </figure>
  );
}

/** Hours of the day that bells and peaks touch. */
export function marksOf(v: SiteVerdict): Marks {
  const bells = new Set<number>();
  for (const b of v.bells) {
    const m = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(b.span);
    if (m) for (let h = Number(m[1]); h <= Number(m[3]) - (m[4] === "00" ? 1 : 0); h++) bells.add(h);
  }
  const peak = new Set<number>();
  if (v.peak && v.peak.p <= 0.05) for (let b = v.peak.start_bin; b < v.peak.start_bin + v.peak.length; b++) peak.add(Math.floor((b % 48) / 2));
  return { bells, peak };
}

export function Neighbours({ list }: { list: SiteVerdict["neighbours"] }) {
  const w = words.value.hot;
  return (
    <section>
      <h3>{w.neighbours}</h3>
      <ul class="neighbours">
        {list.map((n) => (
          <li key={n.id}>
            <button type="button" class="link-button" onClick={() => { go({ site: n.id, ticket: null }); flyTo(n.point, 16); }}>{n.name}</button>
            <span class="dim">{w.metresAway(number(n.metres))} · {words.value.unit.items(number(n.count))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
