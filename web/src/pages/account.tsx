// Who am I here, and how do I change my password?
import { useSignal } from "@preact/signals";
import { api } from "../api";
import { begin, sentence, session, tell } from "../store";
import { Field } from "../ui";
import { roleName, words } from "../words";

const SHORTEST = 10;

export function AccountPage() {
  const w = words.value.account;
  const user = session.value?.user;
  const old = useSignal("");
  const fresh = useSignal("");
  const again = useSignal("");
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  const save = async (e: Event) => {
    e.preventDefault();
    error.value = Array.from(fresh.value).length < SHORTEST ? w.short : fresh.value !== again.value ? w.differ : null;
    if (error.value) return;
    busy.value = true;
    try {
      await api.password(old.value, fresh.value);
      old.value = fresh.value = again.value = "";
      tell(w.done);
      await begin();
    } catch (why) {
      error.value = sentence(why);
    } finally {
      busy.value = false;
    }
  };
  if (!user) return null;
  const secret = (label: string, value: typeof old, kind: string) => (
    <Field label={label}>{(id) => <input id={id} type="password" required autocomplete={kind as "new-password"} value={value} onInput={(e) => (value.value = e.currentTarget.value)} />}</Field>
  );
  return (
    <div class="slim">
      <h1>{w.title}</h1>
      {user.must_change && <p class="secret" role="status">{w.must}</p>}
      <section class="card">
        <dl class="pairs">
          <div><dt>{words.value.users.name}</dt><dd>{user.name}</dd></div>
          <div><dt>{w.role}</dt><dd>{roleName(user.role)}</dd></div>
          <div><dt>{w.unit}</dt><dd>{user.unit ?? w.none}</dd></div>
        </dl>
      </section>
      <section class="card">
        <h2>{w.change}</h2>
        <form class="dialog-body" onSubmit={save}>
          {secret(w.old, old, "current-password")}
          {secret(w.fresh, fresh, "new-password")}
          {secret(w.again, again, "new-password")}
          {error.value && <p class="error" role="alert">{error}</p>}
          <div class="row"><button type="submit" class="button primary" disabled={busy.value} aria-busy={busy.value}>{words.value.app.save}</button></div>
        </form>
      </section>
    </div>
  );
}
