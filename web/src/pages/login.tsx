// Who are you? The demo names its ready accounts and says that it is a demo.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, Problem, type Demo } from "../api";
import { begin, sentence } from "../store";
import { Field, Mark } from "../ui";
import { roleName, words } from "../words";
import { LanguageSwitch } from "../shell";

export function LoginPage() {
  const w = words.value;
  const name = useSignal("");
  const password = useSignal("");
  const error = useSignal<string | null>(null);
  const busy = useSignal(false);
  const demo = useSignal<Demo | null>(null);

  useEffect(() => {
    api.demo().then((d) => (demo.value = d), () => undefined);
  }, []);

  const enter = async (user: string, secret: string) => {
    if (busy.value) return;
    busy.value = true;
    error.value = null;
    try {
      await api.login(user, secret);
      await begin();
    } catch (why) {
      error.value =
        why instanceof Problem && why.status === 401 ? w.login.wrong : why instanceof Problem && why.status === 429 ? why.detail || w.login.wait : sentence(why);
    } finally {
      busy.value = false;
    }
  };

  return (
    <div class="login">
      <main class="login-card" id="main">
        <header>
          <Mark />
          <div>
            <h1>{w.app.name}</h1>
            <p>{w.app.tagline}</p>
          </div>
          <LanguageSwitch />
        </header>
        <form
          onSubmit={(e) => {
            e.preventDefault();
            void enter(name.value.trim(), password.value);
          }}
        >
          <Field label={w.login.name}>
            {(id) => <input id={id} name="username" autocomplete="username" required value={name} onInput={(e) => (name.value = e.currentTarget.value)} />}
          </Field>
          <Field label={w.login.password}>
            {(id) => <input id={id} name="password" type="password" autocomplete="current-password" required value={password} onInput={(e) => (password.value = e.currentTarget.value)} />}
          </Field>
          {error.value && <p class="error" role="alert">{error}</p>}
          <button class="button primary wide" type="submit" disabled={busy.value} aria-busy={busy.value}>{w.login.enter}</button>
          {demo.value && !demo.value.demo && <p class="hint">{w.login.firstRun}</p>}
        </form>
        {demo.value?.demo && (
          <section class="login-demo" aria-labelledby="demo-title">
            <h2 id="demo-title"><span class="tag warn">DEMO</span> {w.login.demo}</h2>
            <p>{w.login.demoLead}</p>
            <ul>
              {demo.value.accounts.map((a) => (
                <li key={a.name}>
                  <button type="button" disabled={busy.value} onClick={() => void enter(a.name, a.password)}>
                    <b>{roleName(a.role)}</b>
                    <code>{a.name} / {a.password}</code>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
      </main>
    </div>
  );
}
