// With so many people, which posts of a peak are covered best, and what does the rest cost?
import { useSignal, useSignalEffect } from "@preact/signals";
import { clock, duty, type Cover } from "../api_duty";
import { meta, sentence, tell } from "../store";
import { ActButton, Field } from "../ui";
import { decimal, number } from "../words";
import { dutyWords } from "../words/duty";

const ROLES = ["police", "auxiliary", "volunteer", "school_staff", "parent"];

export function CoverPanel({ day, peaks }: { day: string; peaks: string[] }) {
  const w = dutyWords.value;
  const c = w.cover;
  const form = useSignal({ peak: peaks[0] ?? "morning", squad: "", together_m: 0 });
  const people = useSignal<Record<string, number>>({});
  const got = useSignal<Cover | null>(null);
  useSignalEffect(() => {
    const squad = form.value.squad;
    duty.people().then((all) => {
      const of = (role: string) => all.people.filter((p) => !p.person.left && p.person.role === role && (!squad || p.person.squad === squad)).length;
      people.value = Object.fromEntries(ROLES.map((r) => [r, of(r)]));
    }, () => undefined);
  });
  const set = (change: Partial<typeof form.value>) => (form.value = { ...form.value, ...change });
  const go = async () => {
    try {
      got.value = await duty.cover({ date: day, ...form.value, people: people.value });
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const x = got.value;
  const post = (i: number) => {
    const p = x!.posts[i]!;
    return `${clock(p.start)}–${clock(p.end)} ${x!.gates[String(p.gate)] ?? p.gate}${p.unit > 1 ? `（${p.unit}）` : ""}`;
  };
  const lost = x ? x.plan.open.reduce((n, i) => n + x.posts[i]!.weight, 0) : 0;
  return (
    <details class="cover">
      <summary>{c.title}</summary>
      <p class="dim">{c.lead}</p>
      <div class="cover-crews">
        <Field label={w.duty.peak}>{(id) => <select id={id} value={form.value.peak} onChange={(e) => set({ peak: e.currentTarget.value })}>{peaks.map((p) => <option key={p} value={p}>{w.peaks[p]}</option>)}</select>}</Field>
        <Field label={w.duty.squad}>{(id) => <select id={id} value={form.value.squad} onChange={(e) => set({ squad: e.currentTarget.value })}><option value="">{w.duty.all}</option>{meta.value?.units.map((u) => <option key={u.id} value={u.name}>{u.name}</option>)}</select>}</Field>
        {ROLES.map((r) => <Field key={r} label={w.roles[r]!}>{(id) => <input id={id} type="number" min={0} max={2000} value={people.value[r] ?? 0} onInput={(e) => (people.value = { ...people.value, [r]: Math.max(0, Number(e.currentTarget.value)) })} />}</Field>)}
        <Field label={c.together}>{(id) => <input id={id} type="number" min={0} max={500} step={50} value={form.value.together_m} onInput={(e) => set({ together_m: Number(e.currentTarget.value) })} />}</Field>
        <ActButton class="primary" act={go}>{c.go}</ActButton>
      </div>
      {x && (
        <>
          <p><b>{c.sum(number(x.plan.weight), number(x.plan.total), decimal(Math.floor((1000 * x.plan.weight) / Math.max(1, x.plan.total)) / 10))}</b> · {x.plan.status === "optimal" ? c.proved : c.gap(number(x.plan.bound))}{x.plan.twice[1] > 0 && ` · ${c.twice(x.plan.twice[0], x.plan.twice[1])}`}</p>
          {x.warnings.length > 0 && <details><summary>{w.duty.notes} {x.warnings.length}</summary><ul class="dots">{x.warnings.map((t) => <li key={t}>{t}</li>)}</ul></details>}
          {x.plan.one_more.length > 0 && <p>{c.more}：{x.plan.one_more.map(([r, n]) => `${w.roles[r] ?? r} +${number(n)}`).join("、")}</p>}
          {x.plan.open.length > 0 && <><h3>{c.open(x.plan.open.length, number(lost))}</h3><ul class="dots">{x.plan.open.slice(0, 20).map((i) => <li key={i}>{post(i)} · {x.posts[i]!.accepts.map((a) => w.roles[a] ?? a).join("/")} · {c.cost} {number(x.posts[i]!.weight)}</li>)}</ul></>}
          <h3>{c.who}</h3>
          {x.plan.crews.filter((k) => k.chains.length > 0).map((k) => <details key={k.role}><summary>{w.roles[k.role] ?? k.role} {k.chains.length} / {k.people}</summary><ol class="dots">{k.chains.map((ch, i) => <li key={i}>{ch.map(post).join(" → ")}</li>)}</ol></details>)}
          {x.plan.seen.length > 0 && <details><summary>{c.seen} {x.plan.seen.length}</summary><ul class="dots">{x.plan.seen.map(([s, t]) => <li key={s}>{post(s)} ← {post(t)}</li>)}</ul></details>}
        </>
      )}
    </details>
  );
}
