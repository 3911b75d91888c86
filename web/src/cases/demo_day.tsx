// Which day is it in the demo? Moving it on lets looks fall due; real installations have no such switch.
import { useSignal } from "@preact/signals";
import { cases } from "../api_cases";
import { useLoad } from "../load";
import { sentence, tell } from "../store";
import { ActButton } from "../ui";
import { caseWords } from "../words/cases";

export function DemoDay({ after }: { after: () => void }) {
  const w = caseWords.value;
  const wish = useSignal("");
  const { state, again } = useLoad(() => cases.day());
  if (state.value.kind !== "ready" || !state.value.value.may_set) return null;
  const now = state.value.value;
  const set = async (day: string | null) => {
    try {
      await cases.setDay(day);
      await cases.evaluate(false);
      tell(w.running);
      again();
      after();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <div class="demo-day no-print">
      <label>{w.demoDay} <input type="date" value={wish.value || now.today} onInput={(e) => (wish.value = e.currentTarget.value)} /></label>
      <ActButton class="small" act={() => set(wish.value || now.today)}>{w.setDay}</ActButton>
      {now.set && <ActButton class="small" act={() => { wish.value = ""; return set(null); }}>{w.resetDay}</ActButton>}
      <span class="hint">{w.dayNote}</span>
    </div>
  );
}
