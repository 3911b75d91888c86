// Which types of measure reduce tickets, how sure is that, and what does an avoided ticket cost?
import { cases, type TypeLine } from "../api_cases";
import { Interval, ratio } from "../charts/forest";
import { useLoad } from "../load";
import { jobNews, power, sentence, tell } from "../store";
import { ActButton, Panel } from "../ui";
import { decimal, number, percent } from "../words";
import { caseWords } from "../words/cases";
import { Gaps } from "./gaps";
import { nameOf } from "./marks";
import { Placebo } from "./placebo";
import { CaseTabs } from "./tabs";

export function League() {
  const w = caseWords.value;
  const { state, again } = useLoad(() => {
    if (jobNews.value?.kind === "effect") void jobNews.value.state;
    return cases.effects();
  });
  const run = () => cases.evaluate(true).then(() => tell(w.running), (why) => tell(sentence(why), "bad"));
  return (
    <div class="narrow cases">
      <header class="page-head"><div><h1>{w.league}</h1><p class="dim">{w.leagueLead}</p></div><CaseTabs here="league" /></header>
      <Panel state={state.value} again={again} empty={(v) => (v.effects?.league.length ? null : <p>{w.noLeague}</p>)}>
        {({ effects }) => {
          const e = effects!;
          const listed = e.league.filter((l) => l.listed);
          const rest = e.league.filter((l) => !l.listed);
          return (
            <>
              {listed.length > 0 && (
                <div class="table-wrap" tabIndex={0}><table class="plain league">
                  <thead><tr><th scope="col" class="num">{w.rank}</th><th scope="col">{w.measure}</th><th scope="col">{w.ratio}</th><th scope="col" aria-hidden="true" /><th scope="col" class="num">{w.sites}</th><th scope="col" class="num">{w.avoided}</th><th scope="col">{w.netLine}</th><th scope="col" class="num">{w.chance}</th><th scope="col" class="num">{w.perAvoided}</th><th scope="col">{w.evidence}</th></tr></thead>
                  <tbody>{listed.map((l) => <Line key={l.measure} l={l} />)}</tbody>
                </table></div>
              )}
              {rest.length > 0 && (
                <section class="card">
                  <h3>{w.unlisted}</h3>
                  <ul class="unlisted">{rest.map((l) => <li key={l.measure}><b>{nameOf(l)}</b> <span class="dim">{w.sites} {number(l.pooled.sites)} · {w.ifNothing} {decimal(l.pooled.expected)} · {w.came} {number(l.pooled.y)} · {w.ratio} {ratio(l.pooled)}</span></li>)}</ul>
                </section>
              )}
              <section class="card"><h3>{w.placebo}</h3><Placebo p={e.placebo} /></section>
              <Gaps />
              <p class="hint row spread"><span>{w.lastRun(e.data.until)} · {w.today(e.today)} · Zhilu {e.engine}</span>{["edit", "approve", "sign"].includes(power("sites")) && <ActButton class="small" act={run}>{w.run}</ActButton>}</p>
            </>
          );
        }}
      </Panel>
    </div>
  );
}

function Line({ l }: { l: TypeLine }) {
  const w = caseWords.value;
  return (
    <tr>
      <td class="num">{l.place ? l.place.rank : "–"}</td>
      <th scope="row">{nameOf(l)}{l.place && <small class="dim"> {w.shrunk} {ratio({ theta: l.place.shrunk, lo: l.place.lo, hi: l.place.hi })}</small>}</th>
      <td class="num nowrap">{ratio(l.pooled)}</td>
      <td><Interval row={{ name: nameOf(l), ...l.pooled }} colour={l.pooled.hi < 1 ? "#009e73" : l.pooled.lo > 1 ? "#d55e00" : "#12303b"} /></td>
      <td class="num">{number(l.pooled.sites)}</td>
      <td class="num nowrap">{decimal(l.avoided)}{l.avoided_interval ? ` (${decimal(l.avoided_interval[0])}–${decimal(l.avoided_interval[1])})` : ""}</td>
      <td class="nowrap">{l.net ? `${decimal(l.net[0])} (${decimal(l.net[1])}–${decimal(l.net[2])})` : "–"}</td>
      <td class="num">{l.p_reduces === null ? "–" : percent(l.p_reduces)}</td>
      <td class="num nowrap">{l.cost_per_avoided === null ? "–" : `${number(l.cost_per_avoided)}${l.cost_interval && l.cost_per_avoided > 0 ? ` (${number(l.cost_interval[0])}–${l.cost_interval[1] === null ? w.unbounded : number(l.cost_interval[1])})` : ""}`}</td>
      <td><b class="letter">{l.letter}</b></td>
    </tr>
  );
}
