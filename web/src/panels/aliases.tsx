// What has the program learned from people? The list of aliases, each with its switch.
import { useEffect } from "preact/hooks";
import { api, type Alias } from "../api";
import { useLoad } from "../load";
import { sentence, tell } from "../store";
import { ActButton, Panel } from "../ui";
import { minute, number, words } from "../words";

export function AliasList({ tick }: { tick: number }) {
  const w = words.value.review;
  const { state, again } = useLoad(() => api.aliases());
  useEffect(() => {
    if (tick) again();
  }, [tick]);
  const flip = (a: Alias) => async () => {
    try {
      await api.switchAlias(a.id, !a.active);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <section class="card aliases" aria-labelledby="alias-title">
      <h2 id="alias-title">{w.aliases}</h2>
      <p class="hint">{w.aliasLead}</p>
      <Panel state={state.value} again={again} empty={({ aliases }) => (aliases.length ? null : <p>{w.noAliases}</p>)}>
        {({ aliases }) => (
          <div class="scroll" tabIndex={0} role="group" aria-label={w.aliases}>
            <table class="plain">
              <thead><tr><th scope="col">{w.surface}</th><th scope="col">{w.meaning}</th><th scope="col" class="num">{words.value.map.tickets}</th><th scope="col">{w.by}</th><th scope="col"><span class="sr-only">{w.on}</span></th></tr></thead>
              <tbody>
                {aliases.map((a) => (
                  <tr key={a.id} class={a.active ? "" : "off"}>
                    <th scope="row">{a.surface}</th>
                    <td>{a.label || a.feature}{a.district ? <span class="dim"> · {a.district}</span> : null}</td>
                    <td class="num">{number(a.tickets)}</td>
                    <td class="dim">{a.created_by} · {minute(a.created_at)}</td>
                    <td><span class={`tag ${a.active ? "good" : ""}`}>{a.active ? w.on : w.off}</span> <ActButton class="small" act={flip(a)}>{a.active ? words.value.users.disable : words.value.users.enable}</ActButton></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </section>
  );
}
