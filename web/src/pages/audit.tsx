// Who did what? The log, newest first, and the proof that nobody changed it.
import { useSignal, useSignalEffect } from "@preact/signals";
import { api, type AuditRow } from "../api";
import { useLoad } from "../load";
import { may, power, sentence, tell } from "../store";
import { ActButton, Icon, Panel } from "../ui";
import { minute, number, words } from "../words";

export function AuditPage() {
  const w = words.value.audit;
  if (!may("audit")) return <div class="state"><Icon name="warn" /><p>{w.noRight}</p></div>;
  return <Screen />;
}

function Screen() {
  const w = words.value.audit;
  const rows = useSignal<AuditRow[]>([]);
  const next = useSignal<string | null>(null);
  const verdict = useSignal<{ good: boolean; text: string } | null>(null);
  const { state, again } = useLoad(() => api.audit());
  useSignalEffect(() => {
    const s = state.value;
    if (s.kind !== "ready") return;
    rows.value = s.value.audit;
    next.value = s.value.meta.next;
  });
  const more = async () => {
    try {
      const got = await api.audit(next.value);
      rows.value = [...rows.value, ...got.audit];
      next.value = got.meta.next;
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  const verify = async () => {
    try {
      const got = await api.verifyAudit();
      verdict.value = got.broken ? { good: false, text: `${w.bad} ${got.broken.seq} · ${got.broken.why}` } : { good: true, text: w.good(number(got.rows)) };
    } catch (why) {
      verdict.value = { good: false, text: sentence(why) };
    }
  };
  return (
    <div class="narrow">
      <header class="page-head"><div><h1>{w.title}</h1><p class="dim">{w.lead}</p></div>{power("audit") === "verify" && <ActButton act={verify} icon="check">{w.verify}</ActButton>}</header>
      {verdict.value && <p class={`verdict ${verdict.value.good ? "good" : "bad"}`} role="status">{verdict.value.text}</p>}
      <section class="card">
        <Panel state={state.value} again={again} empty={() => (rows.value.length ? null : <p>{w.none}</p>)}>
          {() => (
            <>
              <div class="scroll" tabIndex={0} role="group" aria-label={w.title}>
                <table class="plain">
                  <thead><tr><th scope="col" class="num">#</th><th scope="col">{w.at}</th><th scope="col">{w.user}</th><th scope="col">{w.action}</th><th scope="col">{w.object}</th><th scope="col">{w.detail}</th></tr></thead>
                  <tbody>
                    {rows.value.map((r) => (
                      <tr key={r.seq}>
                        <td class="num dim">{r.seq}</td>
                        <td class="nowrap">{minute(r.at)}</td>
                        <td>{r.user}</td>
                        <td><code>{r.action}</code></td>
                        <td>{r.object}</td>
                        <td class="dim">{detail(r.detail)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {next.value && <div class="list-foot"><ActButton class="small" act={more}>{w.more}</ActButton></div>}
            </>
          )}
        </Panel>
      </section>
    </div>
  );
}

function detail(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  return Object.entries(value as Record<string, unknown>).map(([k, v]) => `${k}: ${typeof v === "object" ? JSON.stringify(v) : String(v)}`).join("；");
}
