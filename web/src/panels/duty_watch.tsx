// What was counted at a school gate at bell time? The form for anybody who stood there, on duty or not.
import { useSignal } from "@preact/signals";
import { duty, type SchoolRow } from "../api_duty";
import { sentence, tell } from "../store";
import { ActButton, Dialog, Field } from "../ui";
import { dutyWords } from "../words/duty";

export function WatchGate({ row, onClose }: { row: SchoolRow; onClose: (kept: boolean) => void }) {
  const w = dutyWords.value;
  const gates = row.school.gates;
  const hour = new Date().getHours();
  const gate = useSignal(String(gates[0]?.id ?? ""));
  const peak = useSignal(hour < 10 ? "morning" : hour < 13 ? "noon_out" : hour < 15 ? "noon_in" : "afternoon");
  const form = useSignal<Record<string, number>>({ minutes: 30, stopped: 0, illegal: 0, queue_m: 0, crossing: 0, conflicts: 0 });
  const save = async () => {
    const at = Date.now();
    try {
      await duty.watch({ mark: `s-${row.id}-${at}-${Math.random().toString(36).slice(2, 8)}`, school: row.id, gate: gate.value, peak: peak.value, at, ...form.value });
      onClose(true);
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <Dialog title={`${w.my.observe} · ${row.school.name}`} onClose={() => onClose(false)}>
      <div class="dialog-body">
        <p class="dim">{w.my.observeLead}</p>
        <div class="two">
          <Field label={w.posts.gate}>{(id) => <select id={id} value={gate.value} onChange={(e) => (gate.value = e.currentTarget.value)}>{gates.map((g) => <option key={g.id} value={String(g.id)}>{g.name}</option>)}</select>}</Field>
          <Field label={w.duty.peak}>{(id) => <select id={id} value={peak.value} onChange={(e) => (peak.value = e.currentTarget.value)}>{Object.entries(w.peaks).map(([k, v]) => <option key={k} value={k}>{v}</option>)}</select>}</Field>
          {Object.entries(w.school.seen).map(([k, label]) => <Field key={k} label={label}>{(id) => <input id={id} type="number" inputMode="numeric" min={0} value={form.value[k]} onInput={(e) => (form.value = { ...form.value, [k]: Number(e.currentTarget.value) })} />}</Field>)}
        </div>
        <ActButton class="primary" act={save} disabled={!gate.value}>{w.my.save}</ActButton>
      </div>
    </Dialog>
  );
}
