// Who has an account, with which role? Accounts are made, switched off and given new passwords here; nobody edits their own rights.
import { useSignal } from "@preact/signals";
import { api, type Made } from "../api";
import { useLoad } from "../load";
import { may, meta, sentence, session, tell } from "../store";
import { ActButton, Dialog, Field, Icon, Panel } from "../ui";
import { roleName, words } from "../words";

const ROLES = ["clerk", "officer", "squad_leader", "deputy_leader", "principal_leader", "planner", "auditor", "admin", "liaison", "publicist", "public"] as const;

export function UsersPage() {
  const w = words.value.users;
  if (!may("settings")) return <div class="state"><Icon name="warn" /><p>{w.noRight}</p></div>;
  return <Screen />;
}

function Screen() {
  const w = words.value.users;
  const { state, again } = useLoad(() => api.users());
  const adding = useSignal(false);
  const secret = useSignal<string | null>(null);
  const act = (what: () => Promise<Made | void>, said: string) => async () => {
    try {
      const got = await what();
      if (got?.password) secret.value = got.password;
      else tell(said);
      again();
    } catch (why) {
      tell(sentence(why), "bad");
    }
  };
  return (
    <div class="narrow">
      <header class="page-head"><h1>{w.title}</h1><button type="button" class="button primary" onClick={() => (adding.value = true)}><Icon name="plus" /> {w.add}</button></header>
      {secret.value && <p class="secret" role="status">{w.oneTime(secret.value)}</p>}
      <section class="card">
        <Panel state={state.value} again={again}>
          {({ users }) => (
            <div class="scroll" tabIndex={0} role="group" aria-label={w.title}>
              <table class="plain">
                <thead><tr><th scope="col">{w.name}</th><th scope="col">{w.person}</th><th scope="col">{w.role}</th><th scope="col">{w.unit}</th><th scope="col">{w.state}</th><th scope="col">{w.actions}</th></tr></thead>
                <tbody>
                  {users.map((u) => {
                    const self = u.name === session.value?.user.name;
                    return (
                      <tr key={u.id}>
                        <th scope="row">{u.name}</th>
                        <td>{u.title}</td>
                        <td>{roleName(u.role)}</td>
                        <td>{u.unit ?? <span class="dim">{w.noUnit}</span>}</td>
                        <td><span class={`tag ${u.active ? "good" : ""}`}>{u.active ? w.active : w.inactive}</span>{u.must_change && <> <span class="tag warn">{w.mustChange}</span></>}</td>
                        <td>
                          {self ? <span class="dim">{w.self}</span> : (
                            <div class="row">
                              <ActButton class="small" act={act(() => api.changeUser(u.id, { version: u.version, active: !u.active }), w.saved)}>{u.active ? w.disable : w.enable}</ActButton>
                              <ActButton class="small" act={act(() => api.changeUser(u.id, { reset_password: true }), w.saved)}>{w.reset}</ActButton>
                              <ActButton class="small" act={act(() => api.revoke(u.id), w.revoked)}>{w.revoke}</ActButton>
                            </div>
                          )}
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          )}
        </Panel>
      </section>
      {adding.value && <AddUser onClose={() => (adding.value = false)} onAdd={async (user) => { await act(() => api.addUser(user), w.saved)(); adding.value = false; }} />}
    </div>
  );
}

function AddUser({ onClose, onAdd }: { onClose: () => void; onAdd: (user: { name: string; title: string; role: string; unit: string | null }) => Promise<void> }) {
  const w = words.value.users;
  const name = useSignal("");
  const title = useSignal("");
  const role = useSignal<string>("clerk");
  const unit = useSignal("");
  return (
    <Dialog title={w.add} onClose={onClose}>
      <form class="dialog-body" onSubmit={(e) => { e.preventDefault(); void onAdd({ name: name.value.trim(), title: title.value.trim(), role: role.value, unit: unit.value.trim() || null }); }}>
        <Field label={w.name}>{(id) => <input id={id} required autocomplete="off" value={name} onInput={(e) => (name.value = e.currentTarget.value)} />}</Field>
        <Field label={w.person}>{(id) => <input id={id} required autocomplete="off" value={title} onInput={(e) => (title.value = e.currentTarget.value)} />}</Field>
        <Field label={w.role}>{(id) => <select id={id} value={role} onChange={(e) => (role.value = e.currentTarget.value)}>{ROLES.map((r) => <option key={r} value={r}>{words.value.roles[r]}</option>)}</select>}</Field>
        <Field label={w.unit}>
          {(id) => <><input id={id} list="units" value={unit} onInput={(e) => (unit.value = e.currentTarget.value)} /><datalist id="units">{meta.value?.units.map((u) => <option key={u.id} value={u.name} />)}</datalist></>}
        </Field>
        <div class="row"><button type="submit" class="button primary">{w.add}</button><button type="button" class="button" onClick={onClose}>{words.value.app.cancel}</button></div>
      </form>
    </Dialog>
  );
}
