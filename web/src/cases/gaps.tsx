// Which days count on neither side of an evaluation, and who may register more: data outage, road closure, epidemic?
import { useSignal } from "@preact/signals";
import { cases, type Gap } from "../api_cases";
import { useLoad } from "../load";
import { power, sentence, tell } from "../store";
import { ActButton, IconButton, Panel } from "../ui";
import { caseWords } from "../words/cases";

const KINDS: Gap["kind"][] = ["data_outage", "road_closure", "epidemic", "other"];

export function Gaps() {
  const w = caseWords.value;
  const { state, again } = useLoad(() => cases.gaps());
  return <section class="card"><h3>{w.gaps}</h3><p class="hint">{w.gapsNote}</p><Panel state={state.value} again={again}>{({ gaps }) => <List gaps={gaps} again={again} />}</Panel></section>;
}

function List({ gaps, again }: { gaps: Gap[]; again: () => void }) {
  const w = caseWords.value;
  const may = ["edit", "approve", "sign"].includes(power("sites"));
  const fresh = useSignal<Gap>({ from: "", to: "", kind: "data_outage", note: "" });
  const keep = async (list: Gap[]) => {
    try {
      await cases.setGaps(list);
      tell(w.done);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const change = (part: Partial<Gap>) => (fresh.value = { ...fresh.value, ...part });
  const f = fresh.value;
  const whole = f.from !== "" && f.to !== "" && (f.kind !== "other" || f.note.trim() !== "");
  return (
    <>
      {gaps.length === 0 ? <p class="dim">{w.gapsNone}</p> : (
        <ul class="history">{gaps.map((g, i) => <li key={`${g.from}${g.to}${g.kind}`}><time>{g.from} – {g.to}</time> <b>{w.gapKinds[g.kind]}</b> {g.note}{may && <IconButton icon="close" label={`${w.remove} ${g.from}`} onClick={() => void keep(gaps.filter((_, at) => at !== i))} />}</li>)}</ul>
      )}
      {may && (
        <details class="act">
          <summary>{w.gapAdd}</summary>
          <div class="four">
            <label class="field"><span class="label">{w.gapFrom}</span><input type="date" value={f.from} onInput={(e) => change({ from: e.currentTarget.value })} /></label>
            <label class="field"><span class="label">{w.gapTo}</span><input type="date" value={f.to} onInput={(e) => change({ to: e.currentTarget.value })} /></label>
            <label class="field"><span class="label">{w.gapKind}</span><select value={f.kind} onChange={(e) => change({ kind: e.currentTarget.value as Gap["kind"] })}>{KINDS.map((k) => <option key={k} value={k}>{w.gapKinds[k]}</option>)}</select></label>
            <label class="field"><span class="label">{w.note}</span><input value={f.note} maxLength={200} onInput={(e) => change({ note: e.currentTarget.value })} /></label>
          </div>
          <ActButton act={() => keep([...gaps, f])} disabled={!whole}>{w.gapAdd}</ActButton>
        </details>
      )}
    </>
  );
}
